use expect_test::expect;
use serde_json::json;

use super::*;

fn wish() -> Wish {
    Wish {
        name: "shop".to_owned(),
        uid: "shop-81c2e7".to_owned(),
        region: "uk-london-1".to_owned(),
        compartment: "ocid1.compartment.oc1..a".to_owned(),
        zone: "x.net".to_owned(),
        issuer: "letsencrypt".to_owned(),
        contact: None,
        local: None,
    }
}

fn instance(name: &str, ip: &str, variables: &[(&str, &str)]) -> Instance {
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let image = "lhr.ocir.io/ns/shop:v1".to_owned();
    Instance {
        id: format!("ocid1.computecontainerinstance.{name}"),
        name: name.to_owned(),
        shape: "CI.Standard.E4.Flex".to_owned(),
        ocpus: 1.0,
        memory_gb: 1.5,
        private_ip: ip.to_owned(),
        vnic: format!("vnic-{name}"),
        subnet: "subnet-private".to_owned(),
        groups: vec!["nsg-apps".to_owned()],
        containers: vec![Container { image, variables, unusual: Vec::new() }],
        owner: None,
    }
}

fn record(id: &str, name: &str, content: &str) -> Record {
    let kind = "A".to_owned();
    Record {
        id: id.to_owned(),
        kind,
        name: name.to_owned(),
        content: content.to_owned(),
        owner: None,
    }
}

fn set(ips: &[&str]) -> Value {
    let backends: Vec<Value> =
        ips.iter().map(|ip| json!({ "ipAddress": ip, "port": 8000 })).collect();
    json!({
        "policy": "ROUND_ROBIN", "backends": backends,
        "healthChecker": { "protocol": "HTTP", "urlPath": "/health", "port": 8000, "returnCode": 200 },
    })
}

/// One HTTPS listener for any host, a listener with a host name and paths, a redirect.
fn inventory() -> Inventory {
    let ssl = json!({ "certificateName": "theirs", "protocols": ["TLSv1.2", "TLSv1.3"] });
    let balancer = json!({
        "id": "ocid1.loadbalancer.a", "shapeName": "flexible", "isPrivate": false,
        "shapeDetails": { "minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 100 },
        "subnetIds": ["subnet-public"], "networkSecurityGroupIds": ["nsg-lb"],
        "ipAddresses": [{ "ipAddress": "192.0.2.7", "isPublic": true }],
        "backendSets": { "BS_web": set(&["10.0.1.2", "10.0.1.3"]), "tools": set(&["10.0.1.4"]), "empty": set(&[]) },
        "hostnames": { "h1": { "hostname": "tools.x.net" } },
        "pathRouteSets": { "p1": { "pathRoutes": [{
            "path": "/shop/", "backendSetName": "BS_web", "pathMatchType": { "matchType": "PREFIX_MATCH" },
        }] } },
        "ruleSets": { "r1": { "items": [{ "action": "REDIRECT" }] } },
        "listeners": {
            "l1": { "port": 443, "protocol": "HTTP", "defaultBackendSetName": "BS_web", "sslConfiguration": ssl },
            "l2": { "port": 443, "protocol": "HTTP", "defaultBackendSetName": "tools", "sslConfiguration": ssl,
                "hostnameNames": ["h1"], "pathRouteSetName": "p1" },
            "l80": { "port": 80, "protocol": "HTTP", "defaultBackendSetName": "empty", "ruleSetNames": ["r1"] },
        },
    });
    Inventory {
        load_balancer: balancer,
        instances: vec![
            instance(
                "web-b",
                "10.0.1.3",
                &[("PORT", "8000"), ("API_TOKEN", "hunter2"), ("TITLE", "Shop")],
            ),
            instance(
                "web-a",
                "10.0.1.2",
                &[("PORT", "8000"), ("API_TOKEN", "hunter2"), ("TITLE", "Shop")],
            ),
            instance("tools", "10.0.1.4", &[("API_TOKEN", "hunter3")]),
            instance("of-somebody-else", "10.0.1.9", &[]),
        ],
        records: vec![
            record("r1", "x.net", "192.0.2.7"),
            record("r2", "www.x.net", "192.0.2.7"),
            record("r3", "mail.x.net", "192.0.2.99"),
        ],
        settings: BTreeMap::from([
            ("ssl".to_owned(), "full".to_owned()),
            ("min_tls_version".to_owned(), "1.0".to_owned()),
            ("always_use_https".to_owned(), "off".to_owned()),
        ]),
    }
}

fn obstacles(change: impl FnOnce(&mut Inventory)) -> Vec<String> {
    let mut inventory = inventory();
    change(&mut inventory);
    let obstacles = derive(&wish(), &inventory).expect_err("there is an obstacle");
    assert!(obstacles.iter().all(|obstacle| !obstacle.hint.is_empty()), "{obstacles:?}");
    obstacles.into_iter().map(|obstacle| obstacle.what).collect()
}

#[test]
fn a_site_made_by_hand_becomes_an_environment_file() {
    let adoption = derive(&wish(), &inventory()).unwrap();
    expect![[r##"
        # Written by `deployer adopt` from what was there; docs/environment.md lists every key. Change it as you like:
        # `deployer plan` shows what a change means.

        # Marks what belongs to this environment. Never change it.
        uid = "shop-81c2e7"

        [oci]
        region = "uk-london-1"
        compartment = "ocid1.compartment.oc1..a"

        # What was there. Subnets are used as they are; in the groups only deployer's own rules change.
        [network]
        load_balancer_subnet = "subnet-public"
        app_subnet = "subnet-private"
        load_balancer_nsg = "nsg-lb"
        app_nsg = "nsg-apps"

        [load_balancer]
        minimum_mbps = 10
        maximum_mbps = 100

        # The backend set `BS_web`.
        # What a tag leads to can change unnoticed: better write the digest, …@sha256:….
        [apps.bs-web]
        image = "lhr.ocir.io/ns/shop:v1"
        port = 8000
        health = "/health"
        replicas = 2
        shape = "CI.Standard.E4.Flex"
        ocpus = 1
        memory_gb = 1.5
        variables = { API_TOKEN = "${API_TOKEN}", TITLE = "Shop" }

        # The backend set `tools`.
        # What a tag leads to can change unnoticed: better write the digest, …@sha256:….
        [apps.tools]
        image = "lhr.ocir.io/ns/shop:v1"
        port = 8000
        health = "/health"
        replicas = 1
        shape = "CI.Standard.E4.Flex"
        ocpus = 1
        memory_gb = 1.5
        variables = { API_TOKEN = "${TOOLS_API_TOKEN}" }

        [hosts."tools.x.net"]
        "/" = "tools"
        "/shop/" = "bs-web"

        [hosts."www.x.net"]
        "/" = "bs-web"

        [hosts."x.net"]
        "/" = "bs-web"

        [certificates]
        issuer = "letsencrypt"

        [cloudflare]
        zone = "x.net"
        settings = { ssl = "strict", always_use_https = "off" }
    "##]].assert_eq(&adoption.text);
}

#[test]
fn what_is_taken_over_is_what_the_file_asks_for_and_nothing_else() {
    let adoption = derive(&wish(), &inventory()).unwrap();
    let id = |name: &str| format!("ocid1.computecontainerinstance.{name}");
    assert_eq!(adoption.instances["bs-web"], [id("web-a"), id("web-b")]);
    assert_eq!(adoption.instances["tools"], [id("tools")]);
    assert_eq!(adoption.instances.len(), 2);
    assert_eq!(adoption.records, ["r2", "r1"]);
}

#[test]
fn a_secret_of_a_container_is_named_in_the_file_and_never_written() {
    let adoption = derive(&wish(), &inventory()).unwrap();
    assert!(!adoption.text.contains("hunter"), "{}", adoption.text);
    assert!(!format!("{adoption:?} {:?}", inventory()).contains("hunter"));
    assert_eq!(adoption.secrets["API_TOKEN"], "hunter2");
    assert_eq!(adoption.secrets["TOOLS_API_TOKEN"], "hunter3");
}

#[test]
fn a_port_for_each_app_is_kept() {
    let mut inventory = inventory();
    inventory.load_balancer["listeners"]["l2"]["port"] = json!(8443);
    inventory.load_balancer["listeners"]["l2"]["pathRouteSetName"] = Value::Null;
    let adoption = derive(&wish(), &inventory).unwrap();
    let environment = environment::parse("shop.toml", "shop", &adoption.text).unwrap();
    assert_eq!(environment.load_balancer.layout, environment::Layout::PortPerApp);
    assert_eq!((environment.host_port("x.net"), environment.host_port("tools.x.net")), (443, 8443));
}

#[test]
fn everything_that_cannot_be_expressed_is_told_at_once() {
    let told = obstacles(|inventory| {
        let balancer = &mut inventory.load_balancer;
        balancer["networkSecurityGroupIds"] = json!([]);
        balancer["backendSets"]["tools"]["policy"] = json!("LEAST_CONNECTIONS");
        balancer["backendSets"]["tools"]["backends"][0]["ipAddress"] = json!("10.9.9.9");
        balancer["pathRouteSets"]["p1"]["pathRoutes"][0]["pathMatchType"]["matchType"] =
            json!("EXACT_MATCH");
        inventory.instances[0].groups.clear();
        inventory.instances[0].owner = Some("other-1".to_owned());
        inventory.records.push(record("r9", "tools.x.net", "192.0.2.50"));
    });
    expect![[r#"
        the load balancer is in 0 network security groups instead of one
        web-b belongs to the environment with uid other-1 already
        backend set `tools` does not share requests by ROUND_ROBIN
        backend 10.9.9.9 of `tools` is no container instance that runs in this compartment
        the route /shop/ of tools.x.net is chosen by EXACT_MATCH
        tools.x.net/ leads to the backend set `tools`, which has no instance
        tools.x.net has a record of type A with 192.0.2.50 beside the load balancer's
        web-b is in 0 network security groups instead of one"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn instances_of_one_set_must_be_alike() {
    let told = obstacles(|inventory| inventory.instances[0].ocpus = 2.0);
    assert_eq!(told, ["web-a and web-b behind `BS_web` differ in size, image or variables"]);
}

#[test]
fn an_edge_that_does_not_speak_tls_with_the_origin_is_not_taken_over() {
    let told = obstacles(|inventory| {
        drop(inventory.settings.insert("ssl".to_owned(), "flexible".to_owned()));
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("flexible"));
}

#[test]
fn what_the_file_may_not_say_is_an_obstacle_too() {
    let told = obstacles(|inventory| {
        inventory.load_balancer["hostnames"]["h1"]["hostname"] = json!("tools.elsewhere.org");
    });
    assert_eq!(told, ["hosts.\"tools.elsewhere.org\": lies outside the zone x.net"]);
}
