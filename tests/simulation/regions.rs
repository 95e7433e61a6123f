//! An environment whose file names another region than it was made in.

use std::time::Duration;

use deployer::failure::Kind;
use tokio::time::sleep;

use crate::environments::SMALL;
use crate::invariants::{differences, shown};
use crate::operator::{Ended, Operator, Wish};
use crate::world::{Clouds, simulate};

const FRANKFURT: &str = "eu-frankfurt-1";
/// Longer than any removal takes.
const QUIET: Duration = Duration::from_secs(60);

#[test]
fn what_was_left_in_another_region_is_refused_by_up_and_removed_by_down() {
    let moved = SMALL.replacen("uk-london-1", FRANKFURT, 1);
    simulate(async {
        let clouds = Clouds::open_two(FRANKFURT);
        let operator = Operator::new("ada", &clouds);
        let nothing = shown(&clouds.abroad(FRANKFURT).export());
        operator.calmly(&clouds, Wish::up(&moved)).await.unwrap();
        assert_ne!(shown(&clouds.abroad(FRANKFURT).export()), nothing);

        let refused = operator.calmly(&clouds, Wish::up(SMALL)).await;
        let Ended::Failed(failure) = refused else { panic!("{refused:?}") };
        assert_eq!(failure.kind, Kind::Refused);
        assert!(failure.message.contains(FRANKFURT), "{failure}");

        operator.calmly(&clouds, Wish::up(SMALL).down()).await.unwrap();
        sleep(QUIET).await;
        let left = shown(&clouds.abroad(FRANKFURT).export());
        assert_eq!(differences(&nothing, &left), "");
        operator.calmly(&clouds, Wish::up(SMALL)).await.unwrap();
    });
}
