//! What belongs to others, and looks much like ours. I3: nobody touches it.

use http::Method;
use serde_json::{Value, json};

use crate::environments::{COMPARTMENT, ZONE};
use crate::world::Clouds;

/// A network like ours without a mark, one with another environment's mark, and records of all kinds.
pub(crate) async fn plant(clouds: &Clouds) {
    let marked = |uid: &str| {
        json!({ "deployer": "1", "deployer-environment": uid, "deployer-address": "vcn.main",
            "deployer-generation": "00000000", "deployer-epoch": "0" })
    };
    for (name, tags) in [("sim", json!({})), ("other", marked("sim-other"))] {
        let vcn = json!({ "compartmentId": COMPARTMENT, "displayName": name,
            "cidrBlocks": ["10.99.0.0/16"], "freeformTags": tags });
        clouds.by_hand(Method::POST, "/20160918/vcns", &vcn).await;
    }
    let zones = clouds.by_hand(Method::GET, "/client/v4/zones", &Value::Null).await;
    let zone = zones["result"][0]["id"].as_str().unwrap_or_default().to_owned();
    for (kind, name, content, comment) in [
        ("A", "mail", "192.0.2.7", "by hand"),
        ("TXT", "@", "\"v=spf1 -all\"", ""),
        ("TXT", "_acme-challenge.mail", "\"theirs\"", "deployer/1 other/acme sim-other x=1"),
        ("CNAME", "docs", "docs.example.org", "deployer/1 sim-other host g=00000000 e=0"),
    ] {
        let name = if name == "@" { ZONE.to_owned() } else { format!("{name}.{ZONE}") };
        let record = json!({ "type": kind, "name": name, "content": content, "ttl": 300,
            "proxied": false, "comment": comment });
        clouds
            .by_hand(Method::POST, &format!("/client/v4/zones/{zone}/dns_records"), &record)
            .await;
    }
}
