//! What somebody changes by hand of what is ours, in a console: `up` sets it back.

use http::Method;
use serde_json::{Value, json};

use crate::environments::COMPARTMENT;
use crate::seed::Seed;
use crate::world::Clouds;

/// Things that can be renamed.
const NETWORK: [&str; 6] =
    ["vcns", "internetGateways", "natGateways", "routeTables", "securityLists", "subnets"];

/// Changes a few of the things of an environment that are there.
pub(crate) async fn meddle(clouds: &Clouds, uid: &str, random: &mut Seed) {
    for _ in 0..4 {
        match random.below(24) {
            0..=1 => delete_listener(clouds, uid, random).await,
            2..=5 => point_elsewhere(clouds, uid, random).await,
            6 => weaken_tls(clouds).await,
            7 => open_group(clouds, uid).await,
            8..=9 => leave_groups(clouds, uid).await,
            10..=15 => spoil_balancer(clouds, uid, random).await,
            _ => rename(clouds, uid, random).await,
        }
    }
}

async fn rename(clouds: &Clouds, uid: &str, random: &mut Seed) {
    let kind = *random.pick(&NETWORK);
    for id in ours(clouds, &format!("/20160918/{kind}"), uid).await {
        let name = json!({ "displayName": "by hand" });
        clouds.by_hand(Method::PUT, &format!("/20160918/{kind}/{id}"), &name).await;
    }
}

async fn delete_listener(clouds: &Clouds, uid: &str, random: &mut Seed) {
    for id in ours(clouds, "/20170115/loadBalancers", uid).await {
        let path = format!("/20170115/loadBalancers/{id}");
        let balancer = clouds.by_hand(Method::GET, &path, &Value::Null).await;
        let listeners = balancer["listeners"].as_object().into_iter().flatten();
        let names: Vec<&String> = listeners.map(|(name, _)| name).collect();
        if !names.is_empty() {
            let path = format!("{path}/listeners/{}", random.pick(&names));
            // Refused while the load balancer changes.
            clouds.asked(Method::DELETE, &path, &Value::Null).await;
        }
    }
}

/// Takes every instance out of its security groups.
async fn leave_groups(clouds: &Clouds, uid: &str) {
    for id in ours(clouds, "/20210415/containerInstances", uid).await {
        let path = format!("/20210415/containerInstances/{id}");
        let instance = clouds.by_hand(Method::GET, &path, &Value::Null).await;
        if let Some(vnic) = instance["vnics"][0]["vnicId"].as_str() {
            let path = format!("/20160918/vnics/{vnic}");
            clouds.by_hand(Method::PUT, &path, &json!({ "nsgIds": [] })).await;
        }
    }
}

/// Changes what keeps a load balancer from going, or from leading anywhere; refused while it changes.
async fn spoil_balancer(clouds: &Clouds, uid: &str, random: &mut Seed) {
    for id in ours(clouds, "/20170115/loadBalancers", uid).await {
        let path = format!("/20170115/loadBalancers/{id}");
        if random.below(2) == 0 {
            let name = json!({ "displayName": "by hand" });
            clouds.asked(Method::PUT, &path, &name).await;
            continue;
        }
        let policy = json!({ "name": "theirs", "conditionLanguageVersion": "V1", "rules": [{
            "name": "all", "condition": "any(http.request.url.path sw '/')",
            "actions": [{ "name": "FORWARD_TO_BACKENDSET", "backendSetName": "nobody" }],
        }] });
        clouds.asked(Method::POST, &format!("{path}/routingPolicies"), &policy).await;
    }
}

async fn point_elsewhere(clouds: &Clouds, uid: &str, random: &mut Seed) {
    let path = format!("/client/v4/zones/{}/dns_records", zone(clouds).await);
    let records = clouds.by_hand(Method::GET, &path, &Value::Null).await;
    let ours = |record: &&Value| {
        record["type"] == "A"
            && record["comment"].as_str().is_some_and(|text| text.contains(&format!(" {uid} ")))
    };
    let ids = records["result"].as_array().into_iter().flatten().filter(ours);
    let ids: Vec<&str> = ids.filter_map(|record| record["id"].as_str()).collect();
    if !ids.is_empty() {
        let path = format!("{path}/{}", random.pick(&ids));
        clouds.by_hand(Method::PATCH, &path, &json!({ "content": "192.0.2.9" })).await;
    }
}

/// Lets everybody in.
async fn open_group(clouds: &Clouds, uid: &str) {
    let everybody = json!({ "direction": "INGRESS", "protocol": "all", "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK", "isStateless": false });
    for id in ours(clouds, "/20160918/networkSecurityGroups", uid).await {
        let path = format!("/20160918/networkSecurityGroups/{id}/actions/addSecurityRules");
        clouds.by_hand(Method::POST, &path, &json!({ "securityRules": [everybody] })).await;
    }
}

async fn weaken_tls(clouds: &Clouds) {
    let path = format!("/client/v4/zones/{}/settings/ssl", zone(clouds).await);
    clouds.by_hand(Method::PATCH, &path, &json!({ "value": "flexible" })).await;
}

async fn zone(clouds: &Clouds) -> String {
    let zones = clouds.by_hand(Method::GET, "/client/v4/zones", &Value::Null).await;
    zones["result"][0]["id"].as_str().unwrap_or_default().to_owned()
}

/// Ids of what there is of a kind and of an environment.
pub(crate) async fn ours(clouds: &Clouds, path: &str, uid: &str) -> Vec<String> {
    let path = format!("{path}?compartmentId={COMPARTMENT}");
    let list = clouds.by_hand(Method::GET, &path, &Value::Null).await;
    let works = |thing: &&Value| {
        thing["lifecycleState"] == "AVAILABLE" || thing["lifecycleState"] == "ACTIVE"
    };
    // Some services wrap their lists.
    let list = list.get("items").unwrap_or(&list);
    let ours = list.as_array().into_iter().flatten().filter(works);
    let ours = ours.filter(|thing| thing["freeformTags"]["deployer-environment"] == uid);
    ours.filter_map(|thing| thing["id"].as_str().map(str::to_owned)).collect()
}
