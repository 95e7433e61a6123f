//! What is kept from being done: plans whose file was edited, removals that look like a mistake, what is locked.

use super::environments::{asked, text, up};
use super::*;

fn site(apps: &[(&str, u32)]) -> Desired {
    asked(&text(apps, &["www", "shop"]), "b1")
}

#[test]
fn a_kept_plan_whose_steps_were_edited_is_not_carried_out() {
    let (variables, desired, nothing) = (BTreeMap::new(), site(&[("web", 1)]), Observed::default());
    let known = Known { observed: &nothing, variables: &variables };
    let basis = Basis::new("x", &desired, known);
    let plan = make(&basis);
    let fresh = saved(&plan, &basis);
    let read = |file: Value| serde_json::from_str::<Saved>(&file.to_string()).unwrap();
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut file = file(&plan, &basis);
        edit(&mut file);
        stale(&read(file), &fresh)
    };
    assert_eq!(edited(&|_| {}), None);
    assert_eq!(edited(&|file| file["steps"][0]["because"] = json!("another word")), None);
    let edits: [&dyn Fn(&mut Value); 4] = [
        &|file| drop(file["steps"].as_array_mut().unwrap().pop()),
        &|file| file["steps"][0]["action"]["spec"]["cidrBlocks"] = json!(["10.99.0.0/16"]),
        &|file| file["steps"][1]["address"] = json!("nat_gateway.other"),
        &|file| file["steps"][1]["needs"] = json!([]),
    ];
    for edit in edits {
        let why = edited(edit);
        assert_eq!(why.as_deref(), Some("its steps are not those that would be taken now"));
    }
}

#[test]
fn instances_of_an_app_that_is_not_declared_any_more_need_the_users_word_and_a_rollout_none() {
    let world = up(&site(&[("web", 1), ("shop", 9)]));
    let without = plan(&site(&[("web", 1)]), &world);
    let refusal = checked(&without, None).unwrap_err();
    assert!(matches!(refusal, Refusal::TooMuch { count: 9, limit: 5, .. }), "{refusal:?}");
    assert_eq!(checked(&without, Some(9)), Ok(()));
    let next = asked(&text(&[("web", 1), ("shop", 9)], &["www", "shop"]), "b2");
    assert_eq!(checked(&plan(&next, &world), None), Ok(()));
}

#[test]
fn a_load_balancer_with_delete_protection_is_not_deleted_and_may_be_changed() {
    let mut world = up(&site(&[("web", 1)]));
    let down = plan(&Desired::new(), &world);
    assert_eq!(guard::locked(&down, &world), Ok(()));
    let balancer = world.resources.get_mut(&address("load_balancer.main")).unwrap();
    balancer.spec["isDeleteProtectionEnabled"] = json!(true);
    let address = "load_balancer.main".to_owned();
    assert_eq!(guard::locked(&down, &world), Err(Refusal::Locked { address }));
    assert_eq!(guard::locked(&plan(&site(&[("web", 1)]), &world), &world), Ok(()));
}
