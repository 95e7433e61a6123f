//! A target with everything resolved: the load balancer that it asks for, and what each URL means.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use deployer_core::address::{Address, Kind};
use deployer_core::desired::{self, Facts};
use deployer_core::digest;
use deployer_core::value::{self, Lookup};
use serde_json::{Value, json};

use crate::environments::Target;

/// A certificate and its key; whom it is for is in its name on the load balancer.
static PAIR: LazyLock<(String, String)> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(["x.net".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
});

pub(crate) struct Site<'a> {
    target: &'a Target,
    /// The load balancer, without references.
    pub(crate) desired: Value,
}

struct Outputs {
    certificate: String,
}

impl Lookup for Outputs {
    fn output(&self, address: &Address, output: &str) -> Option<String> {
        Some(match (address.kind, output) {
            (Kind::ContainerInstance, "privateIp") => ip(&address.to_string()),
            (Kind::Certificate, "name") => self.certificate.clone(),
            (Kind::Certificate, "chain") => PAIR.0.clone(),
            (Kind::Certificate, "privateKey") => PAIR.1.clone(),
            _ => format!("{address} {output}"),
        })
    }

    fn variable(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }
}

fn ip(instance: &str) -> String {
    let digits = digest::short(instance.as_bytes(), 6);
    let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex digits");
    format!("10.{}.{}.{}", octet(0), octet(2), octet(4))
}

impl<'a> Site<'a> {
    pub(crate) fn new(target: &'a Target) -> Self {
        let builds = target.builds.iter().map(|(app, build)| (app.clone(), build.to_string()));
        let facts = Facts { source_tags: builds.collect(), ..Facts::default() };
        let asked = desired::build(&target.environment, &facts);
        let spec = &asked[&Address::new(Kind::LoadBalancer, "main")].spec;
        let hosts: Vec<&str> = target.environment.hosts.keys().map(String::as_str).collect();
        let certificate =
            format!("crt-{}-{}", target.certificate, digest::short(hosts.join(" ").as_bytes(), 8));
        let desired = value::resolve(spec, &Outputs { certificate }).expect("all is known");
        Self { target, desired }
    }

    /// As a `CreateLoadBalancer` would bring it.
    pub(crate) fn details(&self) -> Value {
        let mut details = self.desired.clone();
        let certificate = details["certificate"].take();
        details["certificates"] = json!({ self.certificate(): certificate });
        details
    }

    pub(crate) fn certificate(&self) -> &str {
        self.desired["certificate"]["certificateName"].as_str().expect("a name")
    }

    pub(crate) fn hosts(&self) -> &BTreeMap<String, BTreeMap<String, String>> {
        &self.target.environment.hosts
    }

    pub(crate) fn port(&self, host: &str) -> u16 {
        self.target.environment.host_port(host)
    }

    /// The app that a path of a host leads to.
    pub(crate) fn app(&self, host: &str, path: &str) -> &str {
        let path = path.to_lowercase();
        let fitting = self.hosts()[host]
            .iter()
            .filter(|(prefix, _)| path.starts_with(&prefix.to_lowercase()));
        fitting.max_by_key(|(prefix, _)| prefix.len()).map_or("", |(_, app)| app)
    }
}
