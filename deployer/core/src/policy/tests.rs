//! The statements of whole environments.

use expect_test::{Expect, expect};

use super::{Scope, statements};
use crate::environment::parse;

const SCOPE: Scope<'_> = Scope {
    group: "Operators",
    compartment: "ocid1.compartment.oc1..shop",
    network_compartment: "ocid1.compartment.oc1..shop",
};

const EXISTING: &str = r#"
uid = "shop-81c2e7"
lease = false
[oci]
region = "uk-london-1"
compartment = "ocid1.compartment.oc1..shop"
[network]
load_balancer_subnet = "ocid1.subnet.oc1..a"
app_subnet = "ocid1.subnet.oc1..b"
load_balancer_nsg = "ocid1.networksecuritygroup.oc1..a"
app_nsg = "ocid1.networksecuritygroup.oc1..b"
[apps.web]
image = "docker.io/library/caddy:2"
[hosts."www.example.net"]
"/" = "web"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
"#;

#[track_caller]
fn shown(name: &str, text: &str, scope: &Scope<'_>, expected: &Expect) {
    let environment = parse(&format!("{name}.toml"), name, text).unwrap();
    let lines = statements(&environment, scope).into_iter().map(|statement| {
        let mark = if statement.is_optional { "? " } else { "" };
        format!("{mark}{}\n", statement.text)
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn an_environment_with_a_network_of_its_own_makes_every_part_of_it() {
    let network = EXISTING.find("load_balancer_subnet").unwrap()..EXISTING.find("[apps").unwrap();
    let text = EXISTING
        .replace("image = \"docker.io/library/caddy:2\"", "build = \"site\"")
        .replace(&EXISTING[network], "cidr = \"10.20.0.0/16\"\n")
        .replace("lease = false\n", "");
    shown(
        "shop",
        &text,
        &SCOPE,
        &expect![[r#"
        Allow group Operators to inspect compartments in compartment id ocid1.compartment.oc1..shop
        ? Allow group Operators to read resource-availability in compartment id ocid1.compartment.oc1..shop
        ? Allow group Operators to inspect tenancies in tenancy
        Allow group Operators to manage vcns in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage subnets in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage route-tables in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage security-lists in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage internet-gateways in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage nat-gateways in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage network-security-groups in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage dhcp-options in compartment id ocid1.compartment.oc1..shop where any {request.permission = 'DHCP_ATTACH', request.permission = 'DHCP_DETACH'}
        Allow group Operators to use vnics in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage load-balancers in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage compute-container-family in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect repos in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage repos in compartment id ocid1.compartment.oc1..shop where target.repo.name = 'shop/site'
        Allow group Operators to manage object-family in compartment id ocid1.compartment.oc1..shop where target.bucket.name = 'deployer-shop-81c2e7'
    "#]],
    );
}

#[test]
fn an_environment_in_an_existing_network_changes_only_rules_and_does_without_what_it_does_not_have()
{
    shown(
        "shop",
        EXISTING,
        &SCOPE,
        &expect![[r#"
        Allow group Operators to inspect compartments in compartment id ocid1.compartment.oc1..shop
        ? Allow group Operators to read resource-availability in compartment id ocid1.compartment.oc1..shop
        ? Allow group Operators to inspect tenancies in tenancy
        Allow group Operators to inspect vcns in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect route-tables in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect security-lists in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect internet-gateways in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to read nat-gateways in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to use subnets in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage network-security-groups in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to use vnics in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage load-balancers in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage compute-container-family in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect repos in compartment id ocid1.compartment.oc1..shop
    "#]],
    );
}

#[test]
fn a_network_in_another_compartment_is_allowed_there_and_listed_here() {
    let scope = Scope { network_compartment: "ocid1.compartment.oc1..network", ..SCOPE };
    shown(
        "shop",
        EXISTING,
        &scope,
        &expect![[r#"
        Allow group Operators to inspect compartments in compartment id ocid1.compartment.oc1..shop
        ? Allow group Operators to read resource-availability in compartment id ocid1.compartment.oc1..shop
        ? Allow group Operators to inspect tenancies in tenancy
        Allow group Operators to inspect vcns in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect subnets in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect route-tables in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect security-lists in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect internet-gateways in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to read nat-gateways in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to read network-security-groups in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to use subnets in compartment id ocid1.compartment.oc1..network
        Allow group Operators to manage network-security-groups in compartment id ocid1.compartment.oc1..network
        Allow group Operators to use vnics in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage load-balancers in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to manage compute-container-family in compartment id ocid1.compartment.oc1..shop
        Allow group Operators to inspect repos in compartment id ocid1.compartment.oc1..shop
    "#]],
    );
}

#[test]
fn the_tenancy_is_a_compartment_too() {
    let environment = parse("shop.toml", "shop", EXISTING).unwrap();
    let scope = Scope { compartment: "ocid1.tenancy.oc1..t", ..SCOPE };
    let all = statements(&environment, &scope);
    assert!(all.iter().any(|s| s.text == "Allow group Operators to use vnics in tenancy"));
}

#[test]
fn several_repositories_are_named_in_one_statement() {
    let apps = "[apps.web]\nbuild = \"site\"\n[apps.files]\nbuild = \"store\"\n";
    let text = EXISTING.replace("[apps.web]\nimage = \"docker.io/library/caddy:2\"\n", apps);
    let environment = parse("shop.toml", "shop", &text).unwrap();
    let all = statements(&environment, &SCOPE);
    let expected = "where any {target.repo.name = 'shop/site', target.repo.name = 'shop/store'}";
    assert!(all.iter().any(|statement| statement.text.ends_with(expected)), "{all:?}");
}
