//! Changes and deletes meet what the plan saw, or nothing is written.

use std::sync::{Arc, Mutex};

use deployer_core::plan::{Action, Removal};
use serde_json::{Value, json};

use super::super::listing;
use super::script::{header, line, versioned};
use super::{Found, act, clouds, vcn};
use crate::event::{Event, Listener};
use crate::failure::Kind;
use crate::stop::Stop;

const ONE: &str = "GET iaas.uk-london-1/20160918/vcns/v1";
const ALL: &str = "GET iaas.uk-london-1/20160918/vcns";

fn seen() -> Option<Found> {
    Some(listing::found(vcn("old")))
}

fn update() -> Action {
    let spec = json!({ "displayName": "new" });
    Action::Update { id: "v1".to_owned(), spec, changes: Vec::new(), calls: Vec::new() }
}

fn delete() -> Action {
    Action::Delete { id: "v1".to_owned(), why: Removal::Unasked }
}

fn missing() -> Value {
    json!({ "code": "NotAuthorizedOrNotFound", "message": "no" })
}

#[tokio::test]
async fn a_change_is_written_to_the_version_that_looks_as_planned() {
    let mut now = vcn("old");
    now["lifecycleState"] = json!("UPDATING");
    let put = line("PUT iaas.uk-london-1/20160918/vcns/v1", 200, &vcn("new"));
    let (clouds, script) = clouds(vec![versioned(ONE, "e7", &now), put]);
    act(&clouds, "vcn.main", update(), seen()).await.unwrap();
    let writes = script.writes();
    assert_eq!(header(&writes[0], "if-match"), "e7");
}

#[tokio::test]
async fn nothing_is_written_over_or_removed_that_somebody_else_has_changed() {
    for action in [update(), delete()] {
        let mut now = vcn("old");
        now["freeformTags"]["team"] = json!("theirs");
        let (clouds, script) = clouds(vec![versioned(ONE, "e7", &now)]);
        let failure = act(&clouds, "vcn.main", action, seen()).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Conflict);
        assert!(failure.message.contains("freeformTags"), "{}", failure.message);
        assert_eq!(script.writes().len(), 0);
    }
}

#[tokio::test]
async fn a_version_that_changed_in_the_last_moment_is_a_conflict() {
    let put = line("PUT iaas.uk-london-1/20160918/vcns/v1", 412, &json!({ "code": "NoEtagMatch" }));
    let (clouds, _) = clouds(vec![versioned(ONE, "e7", &vcn("old")), put]);
    let failure = act(&clouds, "vcn.main", update(), seen()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Conflict);
}

#[tokio::test]
async fn what_is_kept_is_told_and_waited_for_until_somebody_wants_to_stop() {
    let kept = json!({ "code": "Conflict", "message": "is in use" });
    let refused = line("DELETE iaas.uk-london-1/20160918/vcns/v1", 409, &kept);
    let (mut clouds, script) = clouds(vec![versioned(ONE, "e7", &vcn("old")), refused]);
    let told = Arc::new(Notes::default());
    clouds.listener = told.clone();
    clouds.stop = Stop::at_hand();
    let failure = act(&clouds, "vcn.main", delete(), seen()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Cancelled);
    assert!(failure.message.contains("is in use"), "{}", failure.message);
    assert!(told.0.lock().unwrap()[0].contains("is in use"));
    assert_eq!(script.writes().len(), 1);
}

#[tokio::test]
async fn what_is_kept_for_a_moment_goes_at_the_next_try() {
    let kept = json!({ "code": "IncorrectState", "message": "is in use" });
    let delete_one = "DELETE iaas.uk-london-1/20160918/vcns/v1";
    let (clouds, script) = clouds(vec![
        versioned(ONE, "e7", &vcn("old")),
        line(delete_one, 409, &kept),
        versioned(ONE, "e7", &vcn("old")),
        line(delete_one, 204, &json!({})),
    ]);
    act(&clouds, "vcn.main", delete(), seen()).await.unwrap();
    assert_eq!(script.writes().len(), 2);
}

/// Hears what steps tell.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Listener for Notes {
    fn event(&self, event: Event) {
        if let Event::StepNote { note, .. } = event {
            self.0.lock().unwrap().push(note);
        }
    }
}

#[tokio::test]
async fn what_is_not_found_is_gone_when_the_list_works_without_it() {
    for list in
        [json!([]), json!([{ "id": "v1", "compartmentId": "c", "lifecycleState": "TERMINATED" }])]
    {
        let (clouds, _) = clouds(vec![line(ONE, 404, &missing()), line(ALL, 200, &list)]);
        assert_eq!(act(&clouds, "vcn.main", delete(), seen()).await, Ok(None));
    }
}

#[tokio::test]
async fn what_is_not_found_and_still_listed_or_not_listable_is_not_gone() {
    for list in [line(ALL, 200, &json!([vcn("old")])), line(ALL, 404, &missing())] {
        let (clouds, _) = clouds(vec![line(ONE, 404, &missing()), list]);
        let failure = act(&clouds, "vcn.main", delete(), seen()).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Denied);
        assert!(failure.message.contains("absent or not allowed"), "{}", failure.message);
    }
}
