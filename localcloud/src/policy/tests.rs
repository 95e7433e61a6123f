//! What statements allow, and which texts are none.

use std::collections::BTreeMap;

use super::{Policies, Request};

/// Whether `statement` allows a permission in compartment `inner`, which is in compartment `outer`.
fn allows(statement: &str, permission: &str, variables: &[(&'static str, &str)]) -> bool {
    let policies = Policies::new(&[statement.to_owned()]).unwrap();
    let compartment = |name: &str| (format!("ocid1.compartment.oc1..{name}"), name.to_owned());
    let variables: BTreeMap<_, _> =
        variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    policies.allow(&Request {
        permission,
        operation: "AnOperation",
        compartments: &[compartment("inner"), compartment("outer")],
        variables: &variables,
    })
}

fn reason(statement: &str) -> String {
    Policies::new(&[statement.to_owned()]).unwrap_err().reason
}

#[test]
fn a_verb_allows_what_it_says_and_what_lesser_verbs_do() {
    let statement = |verb: &str| format!("Allow group Ops to {verb} subnets in tenancy");
    let table = [
        ("inspect", [true, false, false]),
        ("read", [true, false, false]),
        ("use", [true, true, false]),
        ("manage", [true, true, true]),
    ];
    for (verb, expected) in table {
        let found = ["SUBNET_READ", "SUBNET_ATTACH", "SUBNET_CREATE"]
            .map(|permission| allows(&statement(verb), permission, &[]));
        assert_eq!(found, expected, "{verb}");
    }
}

#[test]
fn a_family_stands_for_its_members_and_no_others() {
    let statement = "allow GROUP id ocid1.group.oc1..g to manage virtual-network-family in tenancy";
    assert!(allows(statement, "NAT_GATEWAY_CREATE", &[]));
    assert!(!allows(statement, "LOAD_BALANCER_CREATE", &[]));
    let everything = "Allow any-user to manage all-resources in tenancy";
    assert!(allows(everything, "LOAD_BALANCER_CREATE", &[]));
}

#[test]
fn a_compartment_is_named_or_numbered_and_stands_for_those_in_it() {
    let within = |place: &str| {
        allows(&format!("Allow group Ops to read vcns in compartment {place}"), "VCN_READ", &[])
    };
    assert!(within("Inner") && within("outer") && within("id ocid1.compartment.oc1..outer"));
    assert!(!within("other") && !within("id ocid1.compartment.oc1..other"));
}

#[test]
fn only_statements_about_users_allow_a_user_anything() {
    let about =
        |whom: &str| allows(&format!("Allow {whom} to read vcns in tenancy"), "VCN_READ", &[]);
    assert!(
        about("any-user") && about("group Ops") && about("group 'Default'/'Ops', group Others")
    );
    assert!(!about("dynamic-group Machines") && !about("service FaaS"));
}

#[test]
fn conditions_narrow_a_statement() {
    let on = |condition: &str, permission: &str, name: &str| {
        let statement = format!("Allow group Ops to manage repos in tenancy where {condition}");
        allows(&statement, permission, &[("target.repo.name", name)])
    };
    assert!(on("target.repo.name = 'Shop/Web'", "REPOSITORY_CREATE", "shop/web"));
    assert!(!on("target.repo.name = 'shop/web'", "REPOSITORY_CREATE", "shop/api"));
    assert!(on("target.repo.name=/shop/*/", "REPOSITORY_READ", "Shop/web"));
    assert!(!on("target.repo.name=/shop/*/", "REPOSITORY_READ", "shopping"));
    let both = "all {target.repo.name = /sh*/, any {request.permission = 'REPOSITORY_READ', request.permission = 'REPOSITORY_UPDATE'}}";
    assert!(on(both, "REPOSITORY_UPDATE", "shop"));
    assert!(!on(both, "REPOSITORY_DELETE", "shop") && !on(both, "REPOSITORY_READ", "web"));
    assert!(on("request.permission != 'REPOSITORY_DELETE'", "REPOSITORY_CREATE", "web"));
    assert!(!on("request.permission != 'REPOSITORY_DELETE'", "REPOSITORY_DELETE", "web"));
}

#[test]
fn a_condition_on_what_the_request_does_not_have_is_false() {
    let statement = "Allow group Ops to manage repos in tenancy where target.repo.name != 'web'";
    assert!(!allows(statement, "REPOSITORY_INSPECT", &[]));
}

#[test]
fn permissions_can_be_listed_instead_of_a_verb() {
    let statement = "Allow any-user to {SUBNET_READ, SUBNET_ATTACH} in compartment inner";
    assert!(allows(statement, "SUBNET_ATTACH", &[]) && !allows(statement, "SUBNET_DETACH", &[]));
}

#[test]
fn a_text_that_is_no_statement_is_refused_with_the_reason() {
    let table = [
        ("", "`allow` is missing"),
        ("Deny group A to read vcns in tenancy", "`allow` is expected, not `Deny`"),
        ("Allow somebody to read vcns in tenancy", "`somebody` is none of"),
        ("Allow group to read vcns in tenancy", "`group` is none of"),
        ("Allow group A to eat vcns in tenancy", "`eat` is none of"),
        ("Allow group A to read cakes in tenancy", "the resource-type cakes is not known"),
        ("Allow group A to read vcns in kitchen", "`kitchen` is neither"),
        ("Allow group A to read vcns in compartment", "a compartment's name is missing"),
        ("Allow group A to read vcns in tenancy today", "`today` is not expected"),
        (
            "Allow group A to read vcns in tenancy where sun.shines = 'yes'",
            "sun.shines is not known",
        ),
        ("Allow group A to read vcns in tenancy where request.permission > 'A'", "comes = or !="),
        (
            "Allow group A to read vcns in tenancy where request.permission = 'A",
            "a ' is not closed",
        ),
        ("Allow group A to read vcns in tenancy where any {request.permission = 'A'", "end with }"),
        (
            "Allow group A to read vcns in tenancy where request.permission = 'A' or",
            "after the end",
        ),
    ];
    for (statement, expected) in table {
        let reason = reason(statement);
        assert!(reason.contains(expected), "{statement}: {reason}");
    }
}

#[test]
fn statements_are_exchanged_whole_or_not_at_all() {
    let policies = Policies::default();
    assert!(policies.are_silent());
    policies.replace(&["Allow any-user to read vcns in tenancy".to_owned()]).unwrap();
    let half = ["Allow any-user to read subnets in tenancy".to_owned(), "nonsense".to_owned()];
    assert_eq!(policies.replace(&half).unwrap_err().statement, "nonsense");
    let request = Request {
        permission: "VCN_READ",
        operation: "ListVcns",
        compartments: &[],
        variables: &BTreeMap::new(),
    };
    assert!(policies.allow(&request) && !policies.are_silent());
    assert!(!policies.allow(&Request { permission: "SUBNET_READ", ..request }));
}
