//! What visitors meet first: names, and the edge in front of those that are proxied.

use std::net::IpAddr;

use super::Sight;
use super::balancers::rules_id;
use super::graph::{Column, Graph, Mood, Node};
use crate::model::load_balancer::LoadBalancer;
use crate::model::zone::{Record, Zone};
use crate::services::cloudflare;

/// Aliases that are followed to find out where a name leads.
const MOST_ALIASES: usize = 8;

pub(super) fn name_id(name: &str) -> String {
    format!("name {name}")
}

pub(super) fn edge_id(zone: &Zone) -> String {
    format!("edge {}", zone.name)
}

/// Adds the names of all zones that lead somewhere, and the edge.
pub(super) fn draw(sight: &Sight<'_>, graph: &mut Graph) {
    for zone in sight.zones.zones.values() {
        let mut records: Vec<&Record> = zone.records.values().filter(|r| leads(r)).collect();
        records.sort_by(|a, b| (&a.name, &a.kind, &a.content).cmp(&(&b.name, &b.kind, &b.content)));
        if records.iter().any(|record| record.proxied) {
            graph.node(edge(zone));
        }
        for record in records {
            draw_record(sight, zone, record, graph);
        }
    }
}

fn leads(record: &Record) -> bool {
    matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME")
}

fn edge(zone: &Zone) -> Node {
    let setting = |name| cloudflare::setting(zone, name);
    let encryption = match setting("ssl").as_str() {
        "strict" => "Full (strict) TLS to the origin".to_owned(),
        mode => format!("TLS to the origin: {mode}"),
    };
    let https = match setting("always_use_https").as_str() {
        "on" => "HTTP goes to HTTPS",
        _ => "HTTP is passed on",
    };
    Node {
        id: edge_id(zone),
        column: Column::Edge,
        title: zone.name.clone(),
        notes: vec![encryption, https.to_owned()],
        mood: if zone.status == "active" { Mood::Good } else { Mood::Waiting },
    }
}

fn draw_record(sight: &Sight<'_>, zone: &Zone, record: &Record, graph: &mut Graph) {
    let found = balancer(sight, zone, record);
    let reach = if record.proxied { "proxied" } else { "DNS only" };
    let mut notes = vec![format!("{} {}", record.kind, record.content), reach.to_owned()];
    if found.is_none() {
        notes.push("leads to nobody here".to_owned());
    }
    let id = name_id(&record.name);
    graph.node(Node {
        id: id.clone(),
        column: Column::Names,
        title: record.name.clone(),
        notes,
        mood: if found.is_some() { Mood::Plain } else { Mood::Waiting },
    });
    if record.proxied {
        graph.link(&id, &edge_id(zone), "");
    }
    if let Some(balancer) = found {
        let from = if record.proxied { edge_id(zone) } else { id };
        graph.link(&from, &rules_id(balancer), "");
    }
}

/// The load balancer that a record leads to.
fn balancer<'a>(sight: &Sight<'a>, zone: &Zone, record: &Record) -> Option<&'a LoadBalancer> {
    let mut record = record;
    for _ in 0..MOST_ALIASES {
        if record.kind != "CNAME" {
            break;
        }
        record = zone.records_of(&record.content).find(|found| leads(found))?;
    }
    let address: IpAddr = record.content.parse().ok()?;
    let has = |lb: &&LoadBalancer| {
        lb.ip_addresses.iter().any(|own| own.ip_address.parse() == Ok(address))
    };
    sight.balancers.load_balancers.values().filter(|lb| lb.lifecycle_state != "DELETED").find(has)
}
