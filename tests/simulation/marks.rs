//! What becomes of an environment whose things lose their marks.

use deployer::failure::Kind;
use http::Method;
use serde_json::{Value, json};

use crate::environments::SMALL;
use crate::invariants::rests;
use crate::meddling::ours;
use crate::operator::{Ended, Operator, Wish};
use crate::wire::Script;
use crate::world::{Clouds, simulate};

#[test]
fn a_network_that_lost_its_mark_is_refused_and_not_made_twice() {
    simulate(async {
        let clouds = Clouds::open(1, |_| {});
        let operator = Operator::new("ada", &clouds);
        operator.calmly(&clouds, Wish::up(SMALL)).await.unwrap();
        let id = ours(&clouds, "/20160918/vcns", "sim-small").await.remove(0);
        let path = format!("/20160918/vcns/{id}");
        let tags = clouds.by_hand(Method::GET, &path, &Value::Null).await["freeformTags"].take();
        clouds.by_hand(Method::PUT, &path, &json!({ "freeformTags": {} })).await;

        let script = std::sync::Arc::<Script>::default();
        let refused = operator.run(&clouds, Wish::up(SMALL), &script).await;
        let Ended::Failed(failure) = refused else { panic!("{refused:?}") };
        assert_eq!(failure.kind, Kind::Refused);
        assert!(failure.to_string().contains("freeform tags"), "{failure}");
        assert!(!script.trace().iter().any(crate::wire::Call::is_mutation));

        clouds.by_hand(Method::PUT, &path, &json!({ "freeformTags": tags })).await;
        rests(&clouds, &operator, Wish::up(SMALL)).await.unwrap();
    });
}
