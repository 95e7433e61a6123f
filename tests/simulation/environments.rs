//! Environment files, written down or made up.

use std::fmt::Write as _;

use deployer_core::environment::{self, Environment};

use crate::seed::Seed;

/// Zone of all environments here.
pub(crate) const ZONE: &str = "example.net";
/// Compartment of all environments here.
pub(crate) const COMPARTMENT: &str = "ocid1.compartment.oc1..simulated";

/// One app on one host.
pub(crate) const SMALL: &str = r#"
uid = "sim-small"
[oci]
region = "uk-london-1"
compartment = "ocid1.compartment.oc1..simulated"
[network]
cidr = "10.20.0.0/16"
[apps.web]
build = "site"
[hosts."www.example.net"]
"/" = "web"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
settings = { ssl = "strict" }
"#;

/// Two apps on two hosts, with a path and two replicas.
pub(crate) const LARGE: &str = r#"
uid = "sim-large"
[oci]
region = "uk-london-1"
compartment = "ocid1.compartment.oc1..simulated"
[network]
cidr = "10.20.0.0/16"
[apps.web]
build = "site"
replicas = 2
variables = { TITLE = "one" }
[apps.files]
build = "site"
[hosts."www.example.net"]
"/" = "web"
"/files/" = "files"
[hosts."files.example.net"]
"/" = "files"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
settings = { ssl = "strict", always_use_https = "on" }
"#;

/// [`LARGE`] after a morning's work: a host and an app more, another route, another setting, an app's health path.
pub(crate) const CHANGED: &str = r#"
uid = "sim-large"
[oci]
region = "uk-london-1"
compartment = "ocid1.compartment.oc1..simulated"
[network]
cidr = "10.20.0.0/16"
[apps.web]
build = "site"
replicas = 1
variables = { TITLE = "two" }
[apps.files]
build = "site"
health = "/healthy"
[apps.shop]
build = "site"
[hosts."www.example.net"]
"/" = "web"
"/shop/" = "shop"
[hosts."shop.example.net"]
"/" = "shop"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
settings = { ssl = "strict", always_use_https = "off" }
"#;

/// An environment as `deployer` reads it.
pub(crate) fn read(name: &str, text: &str) -> Environment {
    environment::parse(&format!("{name}.toml"), name, text)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

/// What an environment's file says, so that it can be written in any order.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    cidr: &'static str,
    layout: &'static str,
    apps: Vec<(String, String)>,
    hosts: Vec<(String, Vec<(String, String)>)>,
    settings: String,
}

impl Draft {
    /// Anything that a file may say, within reason.
    pub(crate) fn random(seed: &mut Seed) -> Self {
        let names = ["web", "files", "shop", "api"];
        let count = 1 + usize::try_from(seed.below(3)).unwrap();
        let port_per_app = seed.once_in(4);
        let apps: Vec<(String, String)> = names[..count]
            .iter()
            .zip([443, 2053, 2083, 2087])
            .map(|(name, port)| ((*name).to_owned(), app(seed, port_per_app.then_some(port))))
            .collect();
        let mut hosts = Vec::new();
        for host in ["www", "files", "shop", "*", "a"] {
            if hosts.is_empty() || seed.once_in(3) {
                hosts.push((
                    format!("{}.{ZONE}", host.replace('*', "b")),
                    routes(seed, &names[..count], port_per_app),
                ));
            }
        }
        let https = if port_per_app { "off" } else { *seed.pick(&["on", "off"]) };
        let other = *seed.pick(&[
            "automatic_https_rewrites = \"on\"",
            "min_tls_version = \"1.2\"",
            "tls_1_3 = \"on\"",
        ]);
        Self {
            cidr: "10.20.0.0/16",
            layout: if port_per_app { "port-per-app" } else { "shared" },
            apps,
            hosts,
            settings: format!("ssl = \"strict\", always_use_https = \"{https}\", {other}"),
        }
    }

    /// The same, its entries in another order.
    pub(crate) fn shuffled(&self, seed: &mut Seed) -> Self {
        let mut other = self.clone();
        shuffle(&mut other.apps, seed);
        shuffle(&mut other.hosts, seed);
        for (_, paths) in &mut other.hosts {
            shuffle(paths, seed);
        }
        other
    }

    pub(crate) fn text(&self) -> String {
        let Self { cidr, layout, apps, hosts, settings } = self;
        let mut text = format!(
            "uid = \"sim-random\"\n[oci]\nregion = \"uk-london-1\"\ncompartment = \"{COMPARTMENT}\"\n[network]\ncidr = \"{cidr}\"\n\
             [load_balancer]\nlayout = \"{layout}\"\n"
        );
        for (name, keys) in apps {
            let _infallible = writeln!(text, "[apps.{name}]\nbuild = \"site\"\n{keys}");
        }
        for (host, paths) in hosts {
            let _infallible = writeln!(text, "[hosts.\"{host}\"]");
            for (path, app) in paths {
                let _infallible = writeln!(text, "\"{path}\" = \"{app}\"");
            }
        }
        let _infallible = writeln!(
            text,
            "[certificates]\nissuer = \"letsencrypt\"\n[cloudflare]\nzone = \"{ZONE}\"\nsettings = {{ {settings} }}"
        );
        text
    }
}

fn app(seed: &mut Seed, port: Option<u16>) -> String {
    let mut keys = String::new();
    if let Some(port) = port {
        let _infallible = writeln!(keys, "listener_port = {port}");
    }
    if seed.once_in(3) {
        keys.push_str("replicas = 2\n");
    }
    if seed.once_in(3) {
        keys.push_str("health = \"/healthy\"\n");
    }
    if seed.once_in(2) {
        let _infallible = writeln!(keys, "variables = {{ TITLE = \"{}\" }}", seed.below(3));
    }
    keys
}

fn routes(seed: &mut Seed, apps: &[&str], port_per_app: bool) -> Vec<(String, String)> {
    let mut routes = vec![("/".to_owned(), (*seed.pick(apps)).to_owned())];
    if !port_per_app && seed.once_in(2) {
        routes.push(("/more/".to_owned(), (*seed.pick(apps)).to_owned()));
    }
    routes
}

fn shuffle<T>(items: &mut [T], seed: &mut Seed) {
    for position in (1..items.len()).rev() {
        items.swap(position, usize::try_from(seed.below(position as u64 + 1)).unwrap());
    }
}
