//! What visitors meet first: the certificate, the zone's settings and a proxied record for each host.

use serde_json::json;

use super::{Desired, Facts, insert};
use crate::address::{Address, Kind};
use crate::environment::Environment;
use crate::value::reference;

pub(super) fn add(desired: &mut Desired, environment: &Environment, facts: &Facts) {
    let hosts: Vec<&String> = environment.hosts.keys().collect();
    insert(
        desired,
        Kind::Certificate,
        "main",
        json!({ "names": hosts, "issuer": facts.directory, "key": "p256" }),
    );
    for (name, value) in &environment.cloudflare.settings {
        insert(desired, Kind::ZoneSetting, name, json!({ "value": value }));
    }
    // A zone that becomes strict before the load balancer shows our certificate would shut everybody out.
    if let Some(resource) = desired.get_mut(&Address::new(Kind::ZoneSetting, "ssl")) {
        resource.after.insert(Address::new(Kind::LoadBalancer, "main"));
    }
    for host in hosts {
        let record = json!({
            "type": "A",
            "name": host,
            "content": reference(Kind::LoadBalancer, "main", "address"),
            "proxied": true,
            "ttl": 1,
        });
        insert(desired, Kind::DnsRecord, host, record);
        // A record that is proxied before the zone is strict would let the edge talk to the origin unverified.
        if let Some(resource) = desired.get_mut(&Address::new(Kind::DnsRecord, host.as_str())) {
            resource.after.insert(Address::new(Kind::ZoneSetting, "ssl"));
        }
    }
}
