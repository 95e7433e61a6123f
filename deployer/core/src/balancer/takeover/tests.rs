//! Every state of a load balancer that somebody made by hand, on its way to what deployer asks for.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::{Value, json};

use crate::balancer::{Call, Child, calls};

const HOSTS: [(&str, &str); 2] = [("x.net", "web"), ("files.x.net", "files")];

fn backends(app: &str) -> Value {
    json!([{ "ipAddress": if app == "web" { "10.0.0.1" } else { "10.0.0.2" }, "port": 8080 }])
}

fn ssl(certificate: &str, protocols: &[&str]) -> Value {
    json!({ "certificateName": certificate, "protocols": protocols })
}

fn listener(port: u16, set: &str, hosts: &[&str], rules: &[&str], ssl: &Value) -> Value {
    json!({
        "port": port, "protocol": "HTTP", "defaultBackendSetName": set, "hostnameNames": hosts,
        "ruleSetNames": rules, "pathRouteSetName": null, "sslConfiguration": ssl,
    })
}

fn desired() -> Value {
    let ours = ssl("ours", &["TLSv1.2", "TLSv1.3"]);
    json!({
        "certificate": { "certificateName": "ours" },
        "backendSets": {
            "web": { "backends": backends("web") }, "files": { "backends": backends("files") },
            "nobody": { "backends": [] },
        },
        "hostnames": {
            "x_net": { "hostname": "x.net" }, "files_x_net": { "hostname": "files.x.net" },
        },
        "ruleSets": { "to_https_443": {} },
        "pathRouteSets": {},
        "listeners": {
            "http": listener(80, "nobody", &[], &["to_https_443"], &Value::Null),
            "https": listener(443, "nobody", &[], &[], &ours),
            "x_net": listener(443, "web", &["x_net"], &[], &ours),
            "files_x_net": listener(443, "files", &["files_x_net"], &[], &ours),
        },
    })
}

/// A load balancer of somebody's, with these listeners.
fn by_hand(listeners: &Value) -> Value {
    json!({
        "certificates": { "theirs": {} },
        "backendSets": {
            "bs_web": { "backends": backends("web") }, "bs_files": { "backends": backends("files") },
            "bs_none": { "backends": [] },
        },
        "hostnames": { "h1": { "hostname": "x.net" }, "h2": { "hostname": "files.x.net" } },
        "ruleSets": { "redirect": {} },
        "pathRouteSets": {},
        "listeners": listeners,
    })
}

fn worlds() -> Vec<Value> {
    let (old, new) = (ssl("theirs", &["TLSv1.2"]), ssl("theirs", &["TLSv1.2", "TLSv1.3"]));
    let redirect = || listener(80, "bs_none", &[], &["redirect"], &Value::Null);
    [
        json!({ "l1": listener(443, "bs_web", &["h1"], &[], &new), "l2": listener(443, "bs_files", &["h2"], &[], &new), "l80": redirect() }),
        json!({ "l1": listener(443, "bs_web", &["h1", "h2"], &[], &old), "l80": redirect() }),
        json!({ "l1": listener(443, "bs_web", &[], &[], &old), "l80": redirect() }),
        json!({ "l1": listener(443, "bs_web", &[], &[], &new), "l2": listener(443, "bs_files", &["h2"], &[], &new), "http": redirect() }),
        json!({ "https": listener(443, "bs_web", &[], &[], &old), "http": redirect() }),
        json!({ "https": listener(443, "bs_web", &["h1"], &[], &new), "l2": listener(443, "bs_files", &["h2"], &[], &new),
            "http": listener(80, "bs_none", &["h1", "h2"], &["redirect"], &Value::Null) }),
        json!({ "https": listener(443, "bs_web", &["h1"], &[], &new), "other": listener(443, "bs_files", &[], &[], &new),
            "l80": redirect(), "m80": listener(80, "bs_none", &["h1"], &["redirect"], &Value::Null) }),
    ]
    .iter()
    .map(by_hand)
    .collect()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn carry_out(call: &Call, state: &mut Value) {
    match call {
        Call::Create { child, name, body } => {
            let children = state[child.field()].as_object_mut().unwrap();
            let before = children.insert(name.as_str().unwrap().to_owned(), body.clone());
            assert_eq!(before, None, "{call:?}");
        }
        Call::Update { child, name, body } => {
            assert!(!state[child.field()][name].is_null(), "{call:?}");
            state[child.field()][name] = body.clone();
        }
        Call::Delete { child, name } => {
            state[child.field()].as_object_mut().unwrap().remove(name).unwrap();
        }
        Call::AwaitHealthy { .. } => {}
        other => panic!("nothing asks for {other:?}"),
    }
}

/// What the vendor refuses: one host twice on a port, two versions of TLS on a port, a name that nothing has.
fn assert_accepted(state: &Value, call: &Call) {
    let mut owners = BTreeMap::new();
    let mut protocols = BTreeMap::new();
    for (name, listener) in state["listeners"].as_object().unwrap() {
        let port = listener["port"].as_u64().unwrap();
        let mut hosts: Vec<&str> = names(&listener["hostnameNames"])
            .into_iter()
            .map(|host| state["hostnames"][host]["hostname"].as_str().unwrap())
            .collect();
        if hosts.is_empty() {
            hosts.push("all others");
        }
        for host in hosts {
            assert_eq!(owners.insert((port, host), name), None, "{host} twice after {call:?}");
        }
        let spoken = &listener["sslConfiguration"]["protocols"];
        assert_eq!(protocols.entry(port).or_insert(spoken), &spoken, "TLS after {call:?}");
        assert!(
            !state["backendSets"][listener["defaultBackendSetName"].as_str().unwrap()].is_null()
        );
        for rule in names(&listener["ruleSetNames"]) {
            assert!(!state["ruleSets"][rule].is_null(), "{rule} after {call:?}");
        }
    }
}

/// The listener that answers for a host on a port.
fn answers<'a>(state: &'a Value, port: u16, host: &str) -> Option<&'a Value> {
    let here = || state["listeners"].as_object().unwrap().values().filter(|l| l["port"] == port);
    let own = |l: &&Value| {
        names(&l["hostnameNames"]).iter().any(|name| state["hostnames"][name]["hostname"] == host)
    };
    here().find(own).or_else(|| here().find(|l| names(&l["hostnameNames"]).is_empty()))
}

/// Where a host leads to, and whether it is redirected there.
fn served(state: &Value) -> Vec<(Value, bool)> {
    let serves = |host| {
        let listener = answers(state, 443, host)?;
        let set = &state["backendSets"][listener["defaultBackendSetName"].as_str()?];
        let is_redirected =
            answers(state, 80, host).is_some_and(|l| !names(&l["ruleSetNames"]).is_empty());
        Some((set["backends"].clone(), is_redirected))
    };
    HOSTS.map(|(host, _)| serves(host).unwrap_or_default()).into()
}

fn finish(desired: &Value, state: &mut Value, visited: &mut usize) {
    let as_found = served(state);
    for call in calls(desired, state) {
        let was = served(state);
        carry_out(&call, state);
        assert_accepted(state, &call);
        for (((now, redirected), was), ours) in served(state).iter().zip(was).zip(HOSTS) {
            // A host may only move from where it led to where it shall lead.
            assert!(*now == was.0 || *now == backends(ours.1), "{} after {call:?}", ours.0);
            assert!(*redirected, "{} after {call:?}", ours.0);
        }
        *visited += 1;
    }
    assert_eq!(calls(desired, state), [], "from {as_found:?}");
    let ours = HOSTS.map(|(_, app)| (backends(app), true));
    assert_eq!(served(state), ours);
}

#[test]
fn hosts_are_served_and_redirected_in_every_state_between_theirs_and_ours() {
    let mut visited = 0;
    for world in worlds() {
        finish(&desired(), &mut world.clone(), &mut visited);
    }
    assert!(visited > 50, "{visited}");
}

#[test]
fn a_takeover_that_is_killed_after_any_call_is_finished_by_the_next_without_a_gap() {
    let mut visited = 0;
    for world in worlds() {
        let all = calls(&desired(), &world);
        for killed_at in 1..all.len() {
            let mut state = world.clone();
            all[..killed_at].iter().for_each(|call| carry_out(call, &mut state));
            finish(&desired(), &mut state, &mut visited);
        }
    }
    assert!(visited > 500, "{visited}");
}

/// Calls on listeners, each with the backend set that the listener then leads to.
fn told(desired: &Value, found: &Value) -> Vec<String> {
    calls(desired, found)
        .iter()
        .filter_map(|call| match call {
            Call::Create { child: Child::Listener, name, body } => {
                Some(format!("+{} {}", name.as_str()?, body["defaultBackendSetName"]))
            }
            Call::Update { child: Child::Listener, name, body } => {
                Some(format!("~{name} {}", body["defaultBackendSetName"]))
            }
            Call::Delete { child: Child::Listener, name } => Some(format!("-{name}")),
            _ => None,
        })
        .collect()
}

#[test]
fn what_is_put_in_place_before_its_certificate_is_issued_is_not_sent_twice() {
    let mut not_issued = desired();
    let name = json!({ "$ref": ["certificate.main", "name"] });
    not_issued["certificate"]["certificateName"] = name.clone();
    for listener in ["https", "x_net", "files_x_net"] {
        not_issued["listeners"][listener]["sslConfiguration"]["certificateName"] = name.clone();
    }
    for world in worlds() {
        assert_eq!(told(&not_issued, &world), told(&desired(), &world));
    }
}

#[test]
fn a_listener_of_others_gives_its_hosts_to_the_one_for_all_until_ours_is_there() {
    let told = told(&desired(), &worlds()[0]);
    expect![[r#"
        +https "bs_web"
        -l1
        +x_net "web"
        ~https "bs_files"
        -l2
        +files_x_net "files"
        +meanwhile-80 "nobody"
        -l80
        +http "nobody"
        ~https "nobody"
        -meanwhile-80"#]]
    .assert_eq(&told.join("\n"));
}
