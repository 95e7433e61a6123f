//! What somebody changed by hand of what serves a site: all of it is seen and set back.

use super::environments::{asked, text, up};
use super::*;

/// A site as it is, with one field changed by hand; the field lies in the one resource of this kind, or in the first.
fn meddled(desired: &Desired, kind: Kind, pointer: &str, value: Value) -> Observed {
    let mut observed = up(desired);
    let mut of_kind = observed.resources.iter_mut().filter(|(address, _)| address.kind == kind);
    let (_, found) = of_kind.next().unwrap();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    if found.spec.pointer(parent).is_none() {
        found.spec[parent.trim_start_matches('/')] = json!({});
    }
    found.spec.pointer_mut(parent).unwrap()[field] = value;
    observed
}

#[test]
fn whatever_is_changed_by_hand_on_the_way_to_an_app_is_set_back() {
    let desired = asked(&text(&[("web", 1)], &["www"]), "b1");
    let policy = json!({ "name": "p", "rules": [] });
    let cookie = json!({ "cookieName": "*" });
    for (kind, pointer, value) in [
        (Kind::ContainerInstance, "/vnics/0/nsgIds", json!([])),
        (Kind::LoadBalancer, "/displayName", json!("by hand")),
        (Kind::LoadBalancer, "/isDeleteProtectionEnabled", json!(true)),
        (Kind::LoadBalancer, "/backendSets/web/sslConfiguration", json!({ "verifyDepth": 1 })),
        (Kind::LoadBalancer, "/backendSets/web/sessionPersistenceConfiguration", cookie.clone()),
        (Kind::LoadBalancer, "/backendSets/web/lbCookieSessionPersistenceConfiguration", cookie),
        (Kind::LoadBalancer, "/backendSets/web/backendMaxConnections", json!(256)),
        (Kind::LoadBalancer, "/backendSets/web/backends/0/maxConnections", json!(256)),
        (Kind::LoadBalancer, "/listeners/https/routingPolicyName", json!("p")),
        (Kind::LoadBalancer, "/routingPolicies/p", policy),
    ] {
        let observed = meddled(&desired, kind, pointer, value);
        let plan = plan(&desired, &observed);
        let touched: Vec<Kind> = plan.steps.iter().map(|step| step.address.kind).collect();
        assert_eq!(touched, [kind], "{pointer}");
        assert_eq!(checked(&plan, None), Ok(()), "{pointer}");
        let after = applied(&plan, &observed);
        assert!(make(&Basis::new("x", &desired, known(&after))).is_empty(), "{pointer}");
    }
}

#[test]
fn an_instance_in_other_groups_is_told_as_somebodys_change() {
    let desired = asked(&text(&[("web", 1)], &["www"]), "b1");
    let observed = meddled(&desired, Kind::ContainerInstance, "/vnics/0/nsgIds", json!([]));
    let digests = digests(&desired, known(&observed));
    let basis = Basis { applied: &digests, ..Basis::new("x", &desired, known(&observed)) };
    let step = &make(&basis).steps[0];
    assert!(step.drift);
    assert_eq!(step.because, "was changed by somebody: vnics");
}

fn known(observed: &Observed) -> Known<'_> {
    static NONE: BTreeMap<String, String> = BTreeMap::new();
    Known { observed, variables: &NONE }
}
