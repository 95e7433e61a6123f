//! Random environments, and random changes that make another of one.

use std::collections::BTreeMap;

use deployer_core::environment::{
    App, Certificates, Cloudflare, Environment, Layout, LoadBalancer, Network, Oci, Source, Text,
};

use crate::dice::Dice;

/// Four: with a port for each and all ports changed that is what a load balancer has room for.
const HOSTS: [&str; 4] =
    ["x.net", "www.x.net", "files.x.net", "a-name-that-is-too-long-for-a-child.x.net"];
const APPS: [&str; 5] = ["api", "files", "tools", "web", "web-two"];
const PATHS: [&str; 5] = ["/a/", "/a/b/", "/files/", "/Tools", "/z"];
const PORTS: [u16; 6] = [443, 2053, 2083, 2087, 2096, 8443];

/// An environment with what its file does not hold.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) environment: Environment,
    /// Build of each app.
    pub(crate) builds: BTreeMap<String, usize>,
    /// Which of the certificates for the same hosts.
    pub(crate) certificate: usize,
}

/// One environment and what some changes made of it.
pub(crate) fn pair(dice: &mut Dice) -> (Target, Target) {
    let mut from = empty();
    for _ in 0..4 + dice.roll(12) {
        change(dice, &mut from);
    }
    settle(dice, &mut from);
    let mut to = from.clone();
    for _ in 0..1 + dice.roll(10) {
        change(dice, &mut to);
    }
    settle(dice, &mut to);
    (from, to)
}

fn empty() -> Target {
    let environment = Environment {
        name: "walk".to_owned(),
        uid: "walk-1".to_owned(),
        lease: true,
        moved: Vec::new(),
        protect: Vec::new(),
        oci: Oci { region: "uk-london-1".to_owned(), compartment: Text::Literal("c".to_owned()) },
        network: Network::Created { cidr: "10.0.0.0/16".to_owned() },
        load_balancer: LoadBalancer::default(),
        apps: BTreeMap::new(),
        hosts: BTreeMap::new(),
        certificates: Certificates::default(),
        cloudflare: Cloudflare { zone: "x.net".to_owned(), ..Cloudflare::default() },
        local: None,
    };
    Target { environment, builds: BTreeMap::new(), certificate: 0 }
}

fn app(name: &str) -> App {
    App {
        source: Source::Package(name.to_owned()),
        port: 8080,
        health: "/health".to_owned(),
        shape: "CI.Standard.E4.Flex".to_owned(),
        ocpus: 1.0,
        memory_gb: 2.0,
        replicas: 1,
        variables: BTreeMap::new(),
        listener_port: None,
    }
}

fn change(dice: &mut Dice, target: &mut Target) {
    let environment = &mut target.environment;
    let name = dice.of(&APPS);
    let known = environment.apps.contains_key(name);
    let host = dice.of(&HOSTS);
    match dice.roll(16) {
        0 | 1 if known => *target.builds.entry(name.to_owned()).or_default() += 1,
        2 if known => drop(environment.apps.remove(name)),
        0..=2 => drop(environment.apps.insert(name.to_owned(), app(name))),
        3 => on(environment, name, |app| app.replicas = app.replicas % 3 + 1),
        4 => {
            let health = dice.of(&["/health", "/ready", "/"]);
            on(environment, name, |app| health.clone_into(&mut app.health));
        }
        5 => on(environment, name, |app| app.port = 17_170 - app.port),
        6..=8 => {
            let paths = environment.hosts.entry(host.to_owned()).or_default();
            let path = if paths.is_empty() { "/" } else { dice.of(&PATHS) };
            paths.insert(path.to_owned(), name.to_owned());
        }
        9 => {
            let paths = environment.hosts.entry(host.to_owned()).or_default();
            paths.insert("/".to_owned(), name.to_owned());
        }
        10 => {
            let path = dice.of(&PATHS);
            environment.hosts.get_mut(host).map(|paths| paths.remove(path));
        }
        // A part of a host becomes its home.
        14 | 15 => {
            let paths = environment.hosts.get_mut(host);
            if let Some((paths, (_, app))) = paths.and_then(|p| p.pop_last().map(|last| (p, last)))
            {
                paths.insert("/".to_owned(), app);
                paths.insert("/y/".to_owned(), name.to_owned());
            }
        }
        11 if environment.hosts.len() > 1 => drop(environment.hosts.remove(host)),
        12 => {
            let layout = &mut environment.load_balancer.layout;
            *layout = dice.of(&[Layout::Shared, Layout::PortPerApp]);
            environment.apps.values_mut().for_each(|app| app.listener_port = None);
        }
        13 => environment.load_balancer.maximum_mbps = dice.of(&[10, 20]),
        _ => target.certificate += 1,
    }
}

fn on(environment: &mut Environment, name: &str, change: impl FnOnce(&mut App)) {
    if let Some(app) = environment.apps.get_mut(name) {
        change(app);
    }
}

/// Makes a file of it that would be read without a complaint.
fn settle(dice: &mut Dice, target: &mut Target) {
    let Environment { apps, hosts, load_balancer, .. } = &mut target.environment;
    if apps.is_empty() {
        apps.insert("web".to_owned(), app("web"));
    }
    if hosts.is_empty() {
        hosts.insert("x.net".to_owned(), BTreeMap::from([("/".to_owned(), "web".to_owned())]));
    }
    let names: Vec<String> = apps.keys().cloned().collect();
    for name in hosts.values_mut().flat_map(BTreeMap::values_mut) {
        if !apps.contains_key(name) {
            name.clone_from(&names[dice.roll(names.len())]);
        }
    }
    if load_balancer.layout == Layout::Shared {
        return;
    }
    hosts.values_mut().for_each(|paths| paths.retain(|path, _| path == "/"));
    let mut free: Vec<u16> = PORTS.to_vec();
    free.retain(|port| apps.values().all(|app| app.listener_port != Some(*port)));
    for app in apps.values_mut() {
        app.listener_port.get_or_insert_with(|| free.swap_remove(dice.roll(free.len())));
    }
}
