//! Apps from backend sets: the instances behind one set are one app, and must be alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Container, Instance, Inventory, Obstacles, Wish, children, text};
use crate::desired::NOBODY;

/// What belongs to deployer in containers of images that are not built.
const OURS: &str = "PORT";

/// An app that was found.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) name: String,
    pub(super) instances: Vec<&'a Instance>,
    pub(super) container: &'a Container,
    pub(super) port: u16,
    pub(super) health: String,
    /// Filled when hosts are known.
    pub(super) listener_ports: BTreeSet<u16>,
}

impl Found<'_> {
    /// The container's variables without what deployer sets by itself.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let all =
            self.container.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| *name != OURS)
    }
}

/// The apps by the name of their backend set. A set without backends serves nobody and is no app.
pub(super) fn find<'a>(
    wish: &Wish,
    inventory: &'a Inventory,
    obstacles: &mut Obstacles,
) -> BTreeMap<&'a str, Found<'a>> {
    let mut apps: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    let mut names = BTreeSet::from([NOBODY.to_owned()]);
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (set, body) in children(&inventory.load_balancer, "backendSets") {
        let backends = body["backends"].as_array().map_or(&[][..], Vec::as_slice);
        if backends.is_empty() {
            continue;
        }
        unusual(set, body, obstacles);
        let instances = instances(set, backends, inventory, obstacles);
        for instance in &instances {
            if let Some(first) = owners.insert(&instance.id, set) {
                obstacles.add(
                    format!("{} is a backend of `{first}` and of `{set}`", instance.name),
                    "an instance belongs to one app: take it out of one of the sets",
                );
            }
        }
        let Some(container) = alike(wish, set, &instances, obstacles) else { continue };
        let port = port(set, backends, obstacles);
        if let Some(other) = container.variables.get(OURS).filter(|p| **p != port.to_string()) {
            obstacles.add(
                format!(
                    "containers behind `{set}` have PORT={other}, and its backends have port {port}"
                ),
                "PORT is the backends' port: make them the same",
            );
        }
        let name = free(&valid(set), &mut names);
        let health = text(&body["healthChecker"], "urlPath").to_owned();
        let found =
            Found { name, instances, container, port, health, listener_ports: BTreeSet::new() };
        apps.insert(set, found);
    }
    apps
}

/// What of a set no environment file has a place for.
fn unusual(set: &str, body: &Value, obstacles: &mut Obstacles) {
    let mut add =
        |what: &str, hint: &str| obstacles.add(format!("backend set `{set}` {what}"), hint);
    if text(body, "policy") != "ROUND_ROBIN" {
        add("does not share requests by ROUND_ROBIN", "change its policy");
    }
    if !body["sslConfiguration"].is_null() {
        add(
            "speaks TLS with its backends",
            "TLS ends at the load balancer: let the apps listen on plain HTTP",
        );
    }
    let sticky = ["sessionPersistenceConfiguration", "lbCookieSessionPersistenceConfiguration"];
    if sticky.iter().any(|field| !body[*field].is_null()) {
        add("keeps sessions at one backend", "turn session persistence off");
    }
    let checker = &body["healthChecker"];
    if text(checker, "protocol") != "HTTP" || !text(checker, "urlPath").starts_with('/') {
        add("has no HTTP health check", "check a path that answers 200 when the app is well");
    } else if checker["returnCode"].as_u64().is_some_and(|code| code != 200 && code != 0) {
        add(
            "takes another status than 200 for health",
            "let the app answer 200 there, and the check expect it",
        );
    }
}

fn instances<'a>(
    set: &str,
    backends: &[Value],
    inventory: &'a Inventory,
    obstacles: &mut Obstacles,
) -> Vec<&'a Instance> {
    let mut found = Vec::new();
    for backend in backends {
        let ip = text(backend, "ipAddress");
        if ["drain", "offline", "backup"].iter().any(|field| backend[*field] == true) {
            obstacles.add(
                format!("backend {ip} of `{set}` is drained, offline or a backup"),
                "each backend gets its share of requests: put it back, or take it out of the set",
            );
        }
        match inventory.instances.iter().find(|instance| instance.private_ip == ip) {
            Some(instance) => found.push(instance),
            None => obstacles.add(
                format!(
                    "backend {ip} of `{set}` is no container instance that runs in this compartment"
                ),
                "take it out of the set, or give the compartment that its instance is in",
            ),
        }
    }
    found
}

fn port(set: &str, backends: &[Value], obstacles: &mut Obstacles) -> u16 {
    let ports: BTreeSet<u64> = backends.iter().filter_map(|b| b["port"].as_u64()).collect();
    if ports.len() > 1 {
        obstacles.add(
            format!("backends of `{set}` have different ports"),
            "one app listens on one port: split the set",
        );
    }
    ports.first().and_then(|port| u16::try_from(*port).ok()).unwrap_or_default()
}

/// The container that all instances of a set run.
fn alike<'a>(
    wish: &Wish,
    set: &str,
    instances: &[&'a Instance],
    obstacles: &mut Obstacles,
) -> Option<&'a Container> {
    for instance in instances {
        let name = &instance.name;
        if let Some(owner) = instance.owner.as_ref().filter(|owner| **owner != wish.uid) {
            obstacles.add(
                format!("{name} belongs to the environment with uid {owner} already"),
                "use that environment's file; one thing is never in two",
            );
        }
        match &instance.containers[..] {
            [only] if only.unusual.is_empty() => {}
            [only] => obstacles.add(
                format!("the container of {name} has {}", only.unusual.join(", ")),
                "an environment file has no place for it: put it into the image",
            ),
            all => obstacles.add(
                format!("{name} runs {} containers", all.len()),
                "one container an instance can be expressed",
            ),
        }
    }
    let first = instances.first()?;
    let size = |i: &Instance| (i.shape.clone(), i.ocpus.to_string(), i.memory_gb.to_string());
    for other in instances {
        if size(other) != size(first) || other.containers != first.containers {
            obstacles.add(
                format!(
                    "{} and {} behind `{set}` differ in size, image or variables",
                    first.name, other.name
                ),
                "instances of one app are alike: replace one, or take it out of the set",
            );
        }
    }
    first.containers.first()
}

/// A name that an app may have, near the one that a set has.
fn valid(set: &str) -> String {
    let lower = set.to_ascii_lowercase();
    let plain: String =
        lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    let begins = plain.starts_with(|c: char| c.is_ascii_lowercase()) && plain.len() > 1;
    let mut name = if begins { plain.to_owned() } else { format!("app-{plain}") };
    name.truncate(17);
    name.trim_end_matches('-').to_owned()
}

fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut numbered = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}-{n}")));
    let name = numbered.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
}
