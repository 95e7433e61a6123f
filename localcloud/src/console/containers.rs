//! Container instances, and the backends that they are.

use serde_json::Value;

use super::Sight;
use super::graph::{Column, Graph, Mood, Node};
use crate::health::CheckResult;
use crate::model::load_balancer::Backend;
use crate::model::network::Vnic;

pub(super) fn backend_id(backend: &str) -> String {
    format!("backend {backend}")
}

/// Adds the instances that no load balancer passes anything to.
pub(super) fn draw(sight: &Sight<'_>, graph: &mut Graph) {
    for instance in sight.instances {
        let id = text(&instance["id"]);
        let own: Vec<&Vnic> =
            sight.network.vnics.values().filter(|vnic| vnic.owner_id == id).collect();
        let is_drawn = graph.nodes.iter().any(|node| {
            let address = node.id.strip_prefix("backend ").and_then(|name| name.rsplit_once(':'));
            address.is_some_and(|(address, _)| own.iter().any(|v| v.private_ip == address))
        });
        if !is_drawn {
            let addresses = own.iter().map(|vnic| vnic.private_ip.clone());
            graph.node(Node {
                id: format!("instance {id}"),
                column: Column::Containers,
                title: text(&instance["displayName"]).to_owned(),
                notes: addresses.chain(containers(instance)).chain([state(instance)]).collect(),
                mood: if instance["lifecycleState"] == "ACTIVE" {
                    Mood::Plain
                } else {
                    Mood::Waiting
                },
            });
        }
    }
}

/// A backend, by the name of the instance that has its address.
pub(super) fn backend(sight: &Sight<'_>, backend: &Backend, status: CheckResult) -> Node {
    let owner = sight.network.vnics.values().find(|vnic| vnic.private_ip == backend.ip_address);
    let instance = owner.and_then(|vnic| {
        sight.instances.iter().find(|instance| text(&instance["id"]) == vnic.owner_id)
    });
    let mut notes = vec![backend.name.clone()];
    notes.extend(instance.into_iter().flat_map(containers));
    let (mood, word) = match status {
        CheckResult::Ok => (Mood::Good, "healthy"),
        CheckResult::Unknown => (Mood::Waiting, "not checked yet"),
        CheckResult::Offline => (Mood::Waiting, "offline"),
        CheckResult::InvalidStatusCode => (Mood::Bad, "answers the check with another status"),
        CheckResult::TimedOut => (Mood::Bad, "does not answer the check in time"),
        CheckResult::RegexMismatch => (Mood::Bad, "answers the check with another text"),
        CheckResult::ConnectFailed => (Mood::Bad, "cannot be connected to"),
        CheckResult::IoError => (Mood::Bad, "breaks the connection of the check"),
    };
    notes.push(word.to_owned());
    let named = instance.map(|instance| text(&instance["displayName"]).to_owned());
    Node {
        id: backend_id(&backend.name),
        column: Column::Containers,
        title: named.unwrap_or_else(|| "nobody has this address".to_owned()),
        notes,
        mood,
    }
}

/// The images that an instance runs, without the registry that they came from.
fn containers(instance: &Value) -> Vec<String> {
    let image = |container: &Value| {
        let url = text(&container["imageUrl"]);
        let image = url.rsplit('/').next().unwrap_or(url);
        match image.split_once("@sha256:") {
            Some((name, digest)) => format!("{name} {}", digest.get(..12).unwrap_or(digest)),
            None => image.to_owned(),
        }
    };
    instance["containers"].as_array().into_iter().flatten().map(image).collect()
}

fn state(instance: &Value) -> String {
    text(&instance["lifecycleState"]).to_lowercase()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
