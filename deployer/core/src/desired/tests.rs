use serde_json::json;

use super::*;
use crate::environment::parse;
use crate::value::references;

const FILE: &str = r#"
uid = "test-1"
[oci]
region = "uk-london-1"
compartment = "ocid1.compartment.oc1..a"
[network]
cidr = "10.20.0.0/16"
[apps.web]
build = "webapp"
replicas = 2
[apps.files]
build = "webapp"
variables = { TOKEN = "${FILES_TOKEN}" }
[hosts."example.net"]
"/" = "web"
"/files/" = "files"
[hosts."files.example.net"]
"/" = "files"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
"#;

fn facts() -> Facts {
    Facts {
        namespace: "ns".to_owned(),
        registry: "lhr.ocir.io".to_owned(),
        availability_domain: "AD-1".to_owned(),
        edge_ranges: vec!["173.245.48.0/20".to_owned(), "104.16.0.0/13".to_owned()],
        source_tags: BTreeMap::from([("webapp".to_owned(), "0123456789abcdef".to_owned())]),
        variables: BTreeMap::from([("FILES_TOKEN".to_owned(), "hunter2".to_owned())]),
        directory: "https://acme.example/dir".to_owned(),
    }
}

fn desired(facts: &Facts) -> Desired {
    build(&parse("test.toml", "test", FILE).unwrap(), facts)
}

fn spec(desired: &Desired, address: &str) -> Value {
    desired[&address.parse().unwrap()].spec.clone()
}

#[test]
fn every_reference_leads_to_a_resource_that_is_asked_for() {
    let desired = desired(&facts());
    for (address, resource) in &desired {
        for leaned_on in references(&resource.spec).iter().chain(&resource.after) {
            assert!(desired.contains_key(leaned_on), "{address} refers to {leaned_on}");
            assert_ne!(leaned_on, address);
        }
    }
}

#[test]
fn only_the_edges_ranges_may_enter_on_the_public_ports() {
    let rules = spec(&desired(&facts()), "network_security_group.load_balancer")["rules"].clone();
    let ingress: Vec<(String, u64)> = rules
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["direction"] == "INGRESS")
        .map(|rule| {
            let port = rule["tcpOptions"]["destinationPortRange"]["min"].as_u64().unwrap();
            (rule["source"].as_str().unwrap().to_owned(), port)
        })
        .collect();
    let expected = [
        ("173.245.48.0/20", 80),
        ("173.245.48.0/20", 443),
        ("104.16.0.0/13", 80),
        ("104.16.0.0/13", 443),
    ];
    assert_eq!(ingress, expected.map(|(range, port)| (range.to_owned(), port)));
}

#[test]
fn the_security_list_allows_nothing_so_that_the_groups_decide() {
    let list = spec(&desired(&facts()), "security_list.closed");
    assert_eq!(
        (&list["ingressSecurityRules"], &list["egressSecurityRules"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn another_image_or_another_secret_is_another_instance() {
    let instances = |facts: &Facts| -> Vec<String> {
        desired(facts)
            .into_keys()
            .filter(|a| a.kind == Kind::ContainerInstance)
            .map(|a| a.name)
            .collect()
    };
    let before = instances(&facts());
    let mut other_secret = facts();
    other_secret.variables.insert("FILES_TOKEN".to_owned(), "hunter3".to_owned());
    let after = instances(&other_secret);
    assert_eq!(before.len(), 3);
    let changed: Vec<&String> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(changed.len(), 1);
    assert!(changed[0].starts_with("files-"));
    let mut other_image = facts();
    other_image.source_tags.insert("webapp".to_owned(), "fedcba9876543210".to_owned());
    assert!(instances(&other_image).iter().all(|name| !before.contains(name)));
}

#[test]
fn no_secret_stands_in_a_spec_or_a_name() {
    let desired = desired(&facts());
    assert!(!format!("{desired:?}").contains("hunter2"));
}

#[test]
fn hosts_have_listeners_of_their_own_and_strangers_reach_nobody() {
    let balancer = spec(&desired(&facts()), "load_balancer.main");
    let listeners = balancer["listeners"].as_object().unwrap();
    let names: Vec<&String> = listeners.keys().collect();
    assert_eq!(names, ["example_net", "files_example_net", "http", "https"]);
    assert_eq!(listeners["https"]["defaultBackendSetName"], NOBODY);
    assert_eq!(balancer["backendSets"][NOBODY]["backends"], json!([]));
    assert_eq!(listeners["example_net"]["pathRouteSetName"], "example_net");
    assert_eq!(listeners["files_example_net"]["pathRouteSetName"], Value::Null);
    assert_eq!(
        balancer["pathRouteSets"]["example_net"]["pathRoutes"][1]["backendSetName"],
        "files"
    );
}

#[test]
fn the_redirect_names_its_port_because_browsers_would_be_sent_to_port_80() {
    let balancer = spec(&desired(&facts()), "load_balancer.main");
    let rule = &balancer["ruleSets"]["to_https_443"]["items"][0];
    assert_eq!((&rule["redirectUri"]["port"], &rule["responseCode"]), (&json!(443), &json!(301)));
}

#[test]
fn records_wait_until_the_zone_is_strict() {
    let desired = desired(&facts());
    let record = &desired[&"dns_record.example.net".parse().unwrap()];
    assert!(record.after.contains(&"zone_setting.ssl".parse().unwrap()));
}

#[test]
fn names_of_long_hosts_fit_the_load_balancer_and_stay_apart() {
    let long = "a-rather-long-subdomain-of.codeharmony.example";
    let other = "a-rather-long-subdomain-of.codeharmony.test";
    assert!(slug(long).len() <= 32);
    assert_ne!(slug(long), slug(other));
}

#[test]
fn an_image_that_is_there_is_neither_built_nor_given_a_build_id_and_names_the_instance() {
    let instance = |image: &str| {
        let file = FILE.replace("build = \"webapp\"", &format!("image = \"{image}\""));
        let desired = build(&parse("test.toml", "test", &file).unwrap(), &facts());
        let made = |kind| desired.keys().any(|address| address.kind == kind);
        assert!(!made(Kind::Repository) && !made(Kind::Image));
        let (address, resource) =
            desired.into_iter().find(|(a, _)| a.kind == Kind::ContainerInstance).unwrap();
        (address.name, resource.spec["containers"][0].clone())
    };
    let (name, container) = instance("lhr.ocir.io/ns/shop:v1");
    assert_eq!(container["imageUrl"], "lhr.ocir.io/ns/shop:v1");
    assert_eq!(container["environmentVariables"]["PORT"], "8080");
    assert_eq!(container["environmentVariables"]["BUILD_ID"], Value::Null);
    assert_ne!(instance("lhr.ocir.io/ns/shop:v2").0, name);
}
