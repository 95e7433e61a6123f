//! The text of the environment file, with comments for whoever reads it first.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, InlineTable, Item, Table, Value, value};

use super::apps::Found;
use super::hosts::Sites;
use super::network::{Network, Place};
use super::{Inventory, Wish};

/// Words in names of variables whose values do not belong in a file.
const SECRET: [&str; 8] =
    ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL", "AUTH", "DSN"];

/// Zone settings that an environment may hold, with the values that it may hold them at.
const SETTINGS: [(&str, [&str; 2]); 4] = [
    ("always_use_https", ["on", "off"]),
    ("automatic_https_rewrites", ["on", "off"]),
    ("min_tls_version", ["1.2", "1.3"]),
    ("tls_1_3", ["on", "off"]),
];

pub(super) struct File<'a> {
    pub(super) wish: &'a Wish,
    pub(super) inventory: &'a Inventory,
    pub(super) network: &'a Network,
    pub(super) place: &'a Place,
    pub(super) apps: &'a BTreeMap<&'a str, Found<'a>>,
    pub(super) sites: &'a Sites,
}

impl File<'_> {
    /// The file; `secrets` gets the variables that it only names.
    pub(super) fn text(&self, secrets: &mut BTreeMap<String, String>) -> String {
        let mut file = DocumentMut::new();
        file["uid"] = value(&self.wish.uid);
        file["oci"] = table(
            "\n",
            [("region", value(&self.wish.region)), ("compartment", value(&self.wish.compartment))],
        );
        file["network"] = table(
            "\n# What was there. Subnets are used as they are; in the groups only deployer's own rules change.\n",
            [
                ("load_balancer_subnet", value(&self.network.subnet)),
                ("app_subnet", value(&self.place.subnet)),
                ("load_balancer_nsg", value(&self.network.group)),
                ("app_nsg", value(&self.place.group)),
            ],
        );
        file["load_balancer"] = self.load_balancer();
        file["apps"] = parent(
            self.apps.iter().map(|(set, app)| (app.name.as_str(), self.app(set, app, secrets))),
        );
        file["hosts"] = parent(self.sites.hosts.iter().map(|(host, paths)| {
            let paths = paths.iter().map(|(path, app)| (path.as_str(), value(app)));
            (host.as_str(), table("\n", paths))
        }));
        file["certificates"] = self.certificates();
        file["cloudflare"] = self.cloudflare();
        if let Some(local) = self.wish.local {
            file["local"] = table(
                "\n",
                [
                    ("https_port", value(i64::from(local.https_port))),
                    ("http_port", value(i64::from(local.http_port))),
                ],
            );
        }
        let head = "# Written by `deployer adopt` from what was there; docs/environment.md lists every key. Change it as you like:\n\
            # `deployer plan` shows what a change means.\n\n\
            # Marks what belongs to this environment. Never change it.\n";
        format!("{head}{file}")
    }

    fn load_balancer(&self) -> Item {
        let mut keys = vec![
            ("minimum_mbps", value(self.network.minimum_mbps)),
            ("maximum_mbps", value(self.network.maximum_mbps)),
        ];
        if self.sites.port_per_app {
            keys.push(("layout", value("port-per-app")));
        }
        table("\n", keys)
    }

    fn app(&self, set: &str, app: &Found<'_>, secrets: &mut BTreeMap<String, String>) -> Item {
        let image = &app.container.image;
        let told = if image.contains("@sha256:") {
            ""
        } else {
            "# What a tag leads to can change unnoticed: better write the digest, …@sha256:….\n"
        };
        let mut keys = vec![
            ("image", value(image)),
            ("port", value(i64::from(app.port))),
            ("health", value(&app.health)),
            ("replicas", value(i64::try_from(app.instances.len()).unwrap_or(i64::MAX))),
        ];
        if let Some(instance) = app.instances.first() {
            keys.push(("shape", value(&instance.shape)));
            keys.push(("ocpus", number(instance.ocpus)));
            keys.push(("memory_gb", number(instance.memory_gb)));
        }
        if let Some(port) = app.listener_ports.first().filter(|_| self.sites.port_per_app) {
            keys.push(("listener_port", value(i64::from(*port))));
        }
        let mut variables = InlineTable::new();
        for (name, text) in app.variables() {
            let written = if is_secret(name, text) {
                reference(name, text, &app.name, secrets)
            } else {
                text.to_owned()
            };
            variables.insert(name, Value::from(written));
        }
        if !variables.is_empty() {
            keys.push(("variables", value(variables)));
        }
        table(&format!("\n# The backend set `{set}`.\n{told}"), keys)
    }

    fn certificates(&self) -> Item {
        let mut keys = vec![("issuer", value(&self.wish.issuer))];
        keys.extend(self.wish.contact.as_ref().map(|contact| ("contact", value(contact))));
        table("\n", keys)
    }

    fn cloudflare(&self) -> Item {
        let mut settings = InlineTable::from_iter([("ssl", "strict")]);
        for (name, possible) in SETTINGS {
            let found = self.inventory.settings.get(name).map(String::as_str);
            if let Some(found) = found.filter(|found| possible.contains(found)) {
                settings.insert(name, Value::from(found));
            }
        }
        table("\n", [("zone", value(&self.wish.zone)), ("settings", value(settings))])
    }
}

fn table<'a>(prefix: &str, keys: impl IntoIterator<Item = (&'a str, Item)>) -> Item {
    let mut table = Table::from_iter(keys);
    table.decor_mut().set_prefix(prefix);
    Item::Table(table)
}

fn parent<'a>(tables: impl Iterator<Item = (&'a str, Item)>) -> Item {
    let mut parent = Table::from_iter(tables);
    parent.set_implicit(true);
    Item::Table(parent)
}

fn number(number: f64) -> Item {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and a count of processors or gigabytes"
    )]
    let whole = number as i64;
    if number.fract() == 0.0 { value(whole) } else { value(number) }
}

/// Whether a value looks like a secret: by its name, by being a URL with a password, or because the file would read it
/// as something else.
fn is_secret(name: &str, text: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let signs_in = text.split_once("://").is_some_and(|(_, rest)| {
        rest.split('/').next().is_some_and(|authority| authority.contains('@'))
    });
    signs_in
        || text.contains("${")
        || (!text.is_empty() && SECRET.iter().any(|word| name.contains(word)))
}

/// The reference that stands for a secret; apps share a name only when they share the value.
fn reference(name: &str, text: &str, app: &str, secrets: &mut BTreeMap<String, String>) -> String {
    let capitals = |text: &str| -> String {
        let upper = text.to_ascii_uppercase();
        upper.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    };
    let own = capitals(name);
    let begins_well = own.starts_with(|c: char| !c.is_ascii_digit());
    let is_free = secrets.get(&own).is_none_or(|taken| taken == text);
    let name = if begins_well && is_free { own } else { format!("{}_{own}", capitals(app)) };
    secrets.insert(name.clone(), text.to_owned());
    format!("${{{name}}}")
}
