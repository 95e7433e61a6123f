mod environments;
mod frontier;
mod guards;
mod meddled;

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::address::Kind;
use crate::desired::Resource;
use crate::environment::Protected;
use crate::guard::{self, Purpose, Refusal, Terms};
use crate::observed::Found;
use crate::render;
use crate::value::{Lookup, reference, resolve};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn resource(spec: Value) -> Resource {
    Resource { spec, after: BTreeSet::new() }
}

fn plan(desired: &Desired, observed: &Observed) -> Plan {
    make(&Basis::new("test", desired, Known { observed, variables: &BTreeMap::new() }))
}

/// Carries a plan out on a world that does as it is told: specs become real, ids are the addresses.
fn applied(plan: &Plan, observed: &Observed) -> Observed {
    let mut world = observed.clone();
    for step in &plan.steps {
        match &step.action {
            Action::Create { spec } | Action::Update { spec, .. } => {
                let variables = BTreeMap::new();
                let spec = resolve(
                    spec,
                    &Known { observed: &world, variables: &variables } as &dyn Lookup,
                )
                .unwrap();
                let found = real(&step.address, spec);
                world.resources.insert(step.address.clone(), found);
            }
            Action::Delete { .. } => {
                world.twins.retain(|(address, _)| *address != step.address);
                if !plan
                    .steps
                    .iter()
                    .any(|s| s.address == step.address && matches!(s.action, Action::Create { .. }))
                {
                    world.resources.remove(&step.address);
                }
            }
            Action::Remark { from, .. } => {
                let found = world.resources.remove(from).unwrap();
                world.resources.insert(step.address.clone(), found);
            }
            Action::Impossible { .. } => {}
        }
    }
    world
}

/// A resource as a provider shows it that did as it was told.
fn real(address: &Address, mut spec: Value) -> Found {
    let mut outputs = BTreeMap::from([("id".to_owned(), format!("id-of-{address}-{spec}"))]);
    for output in ["privateIp", "address", "url", "displayName", "name", "chain", "privateKey"] {
        outputs.insert(output.to_owned(), format!("{output}-of-{address}"));
    }
    if address.kind == Kind::LoadBalancer {
        let name = spec["certificate"]["certificateName"].as_str().unwrap_or_default();
        spec["certificates"] = json!({ name: {} });
    }
    Found { id: address.to_string(), spec, outputs, ..Found::default() }
}

/// The guard of `up`, with nothing protected.
fn checked(plan: &Plan, prune: Option<usize>) -> Result<(), Refusal> {
    let purpose = Purpose::Up { prune };
    guard::check(plan, &Terms { purpose, protected: &[], refuse_drift: false })
}

fn network() -> Desired {
    let vcn = reference(Kind::Vcn, "main", "id");
    Desired::from([
        (address("vcn.main"), resource(json!({ "displayName": "a" }))),
        (
            address("subnet.app"),
            resource(
                json!({ "vcnId": vcn, "routeTableId": reference(Kind::RouteTable, "private", "id") }),
            ),
        ),
        (address("route_table.private"), resource(json!({ "vcnId": vcn }))),
    ])
}

#[test]
fn a_plan_from_nothing_creates_what_is_leaned_on_first() {
    let plan = plan(&network(), &Observed::default());
    expect![[r#"
        test · plan ecc668c5

          1 + create vcn.main              2 s  absent
          2 + create route_table.private   2 s  absent; after 1
          3 + create subnet.app            7 s  absent; after 1-2

        Plan: 3 to add · 0 to change · 0 to remove · 0 unchanged
        Time: about 11 s, longest: vcn.main > route_table.private > subnet.app
    "#]]
    .assert_eq(&render::text(&plan));
    assert_eq!(plan.steps[2].needs.ranges(), [(0, 1)]);
}

#[test]
fn what_was_applied_needs_no_second_plan() {
    let desired = network();
    let world = applied(&plan(&desired, &Observed::default()), &Observed::default());
    assert!(plan(&desired, &world).is_empty());
}

#[test]
fn deletes_come_last_and_in_the_opposite_order() {
    let world = applied(&plan(&network(), &Observed::default()), &Observed::default());
    let plan = plan(&Desired::new(), &world);
    let order: Vec<String> = plan.steps.iter().map(|step| step.address.to_string()).collect();
    assert_eq!(order, ["subnet.app", "route_table.private", "vcn.main"]);
    assert_eq!(plan.steps[2].needs.ranges(), [(0, 1)]);
}

#[test]
fn a_change_by_hand_is_shown_field_by_field_and_set_back() {
    let desired = network();
    let mut world = applied(&plan(&desired, &Observed::default()), &Observed::default());
    world.resources.get_mut(&address("vcn.main")).unwrap().spec["displayName"] = json!("b");
    expect![[r#"
        test · plan e5d240b4

          1 ~ update vcn.main   2 s  differs in displayName
              displayName  b -> a

        Plan: 0 to add · 1 to change · 0 to remove · 2 unchanged
        Time: about 2 s, longest: vcn.main
    "#]]
    .assert_eq(&render::text(&plan(&desired, &world)));
}

#[test]
fn what_cannot_be_changed_in_place_is_refused() {
    let mut desired = network();
    let world = applied(&plan(&desired, &Observed::default()), &Observed::default());
    desired.get_mut(&address("subnet.app")).unwrap().spec["vcnId"] = json!("another");
    let refusal = checked(&plan(&desired, &world), None).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::Impossible { address: "subnet.app".to_owned(), fields: "vcnId".to_owned() }
    );
}

#[test]
fn a_failed_resource_is_made_anew_and_the_failed_one_removed() {
    let desired = network();
    let mut world = applied(&plan(&desired, &Observed::default()), &Observed::default());
    world.resources.get_mut(&address("vcn.main")).unwrap().broken = Some("has failed".to_owned());
    let plan = plan(&desired, &world);
    let of_vcn: Vec<&Action> =
        plan.steps.iter().filter(|s| s.address == address("vcn.main")).map(|s| &s.action).collect();
    assert!(matches!(&of_vcn[..], [Action::Create { .. }, Action::Delete { .. }]));
}

#[test]
fn a_twin_that_a_killed_run_left_is_removed() {
    let desired = network();
    let mut world = applied(&plan(&desired, &Observed::default()), &Observed::default());
    world.insert(address("vcn.main"), Found { id: "zzz".to_owned(), ..Found::default() });
    let plan = plan(&desired, &world);
    assert!(
        matches!(&plan.steps[..], [Step { action: Action::Delete { id, .. }, .. }] if id == "zzz")
    );
}

#[test]
fn many_removals_need_the_users_word() {
    let records = (0..6).map(|n| (address(&format!("dns_record.h{n}")), Found::default()));
    let world = Observed { resources: records.collect(), ..Observed::default() };
    let plan = plan(&Desired::new(), &world);
    assert_eq!(checked(&plan, None), Err(Refusal::TooMuch { count: 6, there: 6, limit: 1 }));
    assert_eq!(checked(&plan, Some(6)), Ok(()));
}

#[test]
fn one_removal_of_few_things_passes_and_a_third_of_many_does_not() {
    let world = |count: usize| {
        let names = (0..count).map(|n| address(&format!("dns_record.h{n}")));
        let records = names.map(|name| (name, Found { spec: json!({}), ..Found::default() }));
        Observed { resources: records.collect(), ..Observed::default() }
    };
    let keeping = |kept: usize, count: usize| {
        let desired = world(kept).resources.into_keys().map(|name| (name, resource(json!({}))));
        checked(&plan(&desired.collect(), &world(count)), None)
    };
    assert_eq!(keeping(1, 2), Ok(()));
    assert_eq!(keeping(7, 10), Ok(()));
    assert_eq!(keeping(6, 10), Err(Refusal::TooMuch { count: 4, there: 10, limit: 3 }));
    assert_eq!(keeping(95, 100), Ok(()));
    assert_eq!(keeping(94, 100), Err(Refusal::TooMuch { count: 6, there: 100, limit: 5 }));
}

#[test]
fn what_is_protected_is_neither_deleted_nor_replaced() {
    let desired = network();
    let world = applied(&plan(&desired, &Observed::default()), &Observed::default());
    let down = plan(&Desired::new(), &world);
    let mut failed = world.clone();
    failed.resources.get_mut(&address("vcn.main")).unwrap().broken = Some("failed".to_owned());
    let anew = plan(&desired, &failed);
    let refused = |plan: &Plan, purpose, protected: Protected| {
        let protected = &[protected];
        guard::check(plan, &Terms { purpose, protected, refuse_drift: false }).err()
    };
    let refusal = |verb| Some(Refusal::Protected { address: "vcn.main".to_owned(), verb });
    let main = || Protected::Address(address("vcn.main"));
    assert_eq!(refused(&down, Purpose::Down, Protected::Kind(Kind::Vcn)), refusal("delete"));
    assert_eq!(refused(&down, Purpose::Down, main()), refusal("delete"));
    assert_eq!(refused(&anew, Purpose::Up { prune: None }, main()), refusal("replace"));
    assert_eq!(refused(&down, Purpose::Down, Protected::Kind(Kind::DnsRecord)), None);
}

/// Resources of random kinds and values, each leaning on some of lower kinds.
fn graphs() -> impl Strategy<Value = Desired> {
    let member = (0_usize..12, 0_u8..3, 0_u8..3, any::<u16>());
    proptest::collection::vec(member, 0..20).prop_map(|members| {
        let mut desired = Desired::new();
        for (kind, name, value, leaning) in members {
            // The load balancer's children have a planner and tests of their own.
            let kinds: Vec<Kind> = Kind::ALL
                .into_iter()
                .filter(|k| {
                    !matches!(
                        k,
                        Kind::LoadBalancer
                            | Kind::ContainerInstance
                            | Kind::ZoneSetting
                            | Kind::Certificate
                            | Kind::Image
                    )
                })
                .collect();
            let kind = kinds[kind % kinds.len()];
            let mut spec = json!({ "value": value });
            for (bit, other) in desired.keys().cloned().collect::<Vec<Address>>().iter().enumerate()
            {
                if order::users(other.kind).contains(&kind)
                    && other.kind < kind
                    && bit < 16
                    && leaning & (1 << bit) != 0
                {
                    spec[format!("on{bit}")] = reference(other.kind, &other.name, "id");
                }
            }
            desired.insert(Address::new(kind, format!("n{name}")), resource(spec));
        }
        desired
    })
}

proptest! {
    #[test]
    fn any_environment_converges_to_any_other(a in graphs(), b in graphs()) {
        let world = applied(&plan(&a, &Observed::default()), &Observed::default());
        prop_assert!(plan(&a, &world).is_empty());
        let mut world = world;
        // A changed output changes what leans on it, a kind further at each look.
        for _ in 0..Kind::ALL.len() {
            world = applied(&plan(&b, &world), &world);
        }
        prop_assert!(plan(&b, &world).is_empty());
        prop_assert!(world.resources.keys().all(|address| b.contains_key(address)));
    }

    #[test]
    fn no_step_comes_before_one_that_it_needs(a in graphs(), b in graphs()) {
        let world = applied(&plan(&a, &Observed::default()), &Observed::default());
        let plan = plan(&b, &world);
        for (position, step) in plan.steps.iter().enumerate() {
            prop_assert!(step.needs.iter().all(|need| need < position));
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_delete_waits_for_every_step_on_what_leans_on_it(a in graphs(), b in graphs()) {
        let world = applied(&plan(&a, &Observed::default()), &Observed::default());
        let plan = plan(&b, &world);
        for delete in plan.steps.iter().filter(|s| matches!(s.action, Action::Delete { .. })) {
            for (position, step) in plan.steps.iter().enumerate() {
                let leans = a.get(&step.address).is_some_and(|old| {
                    crate::value::references(&old.spec).contains(&delete.address)
                });
                prop_assert!(!leans || delete.needs.contains(position));
            }
        }
    }

    #[test]
    fn a_change_waits_for_what_it_leans_on_at_any_distance(a in graphs(), b in graphs()) {
        let world = applied(&plan(&a, &Observed::default()), &Observed::default());
        let plan = plan(&b, &world);
        let changes = || plan.steps.iter().filter(|s| !matches!(s.action, Action::Delete { .. }));
        let mut waits: BTreeMap<&Address, BTreeSet<&Address>> = BTreeMap::new();
        for step in changes() {
            let needs: Vec<&Address> = step.needs.iter().map(|n| &plan.steps[n].address).collect();
            let mut all: BTreeSet<&Address> = needs.iter().copied().collect();
            all.extend(needs.iter().flat_map(|need| waits[need].clone()));
            waits.insert(&step.address, all);
        }
        for step in changes() {
            let mut open = vec![step.address.clone()];
            while let Some(address) = open.pop() {
                for other in crate::value::references(&b[&address].spec) {
                    let is_changed = waits.contains_key(&other);
                    prop_assert!(!is_changed || waits[&step.address].contains(&other));
                    open.push(other);
                }
            }
        }
    }
}
