//! From what somebody made by hand to the environment file that asks for it.
//!
//! [`derive`] finds every reason at once for which a load balancer with its instances and records cannot be expressed;
//! a text that it gives is an environment file without problems.

mod apps;
mod hosts;
mod network;
mod write;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::environment::{self, Local};

/// What a person says beside what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The file's name without `.toml`.
    pub name: String,
    pub uid: String,
    pub region: String,
    /// An OCID or `${NAME}`.
    pub compartment: String,
    pub zone: String,
    pub issuer: String,
    pub contact: Option<String>,
    pub local: Option<Local>,
}

/// What is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// As the API shows it.
    pub load_balancer: Value,
    /// Every instance of the compartment that runs.
    pub instances: Vec<Instance>,
    /// Every record of the zone.
    pub records: Vec<Record>,
    /// The zone's settings by the vendor's name.
    pub settings: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    pub id: String,
    pub name: String,
    pub shape: String,
    pub ocpus: f64,
    pub memory_gb: f64,
    pub private_ip: String,
    pub vnic: String,
    pub subnet: String,
    pub groups: Vec<String>,
    pub containers: Vec<Container>,
    /// Uid of the environment that it belongs to, when it has a mark.
    pub owner: Option<String>,
}

#[derive(Clone, Default, PartialEq)]
pub struct Container {
    pub image: String,
    pub variables: BTreeMap<String, String>,
    /// Fields that are set and that no environment file has a place for.
    pub unusual: Vec<String>,
}

impl fmt::Debug for Container {
    /// Leaves the values of variables out: they often are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container")
            .field("image", &self.image)
            .field("variables", &self.variables.keys())
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub content: String,
    /// Uid of the environment that it belongs to, when it has a mark.
    pub owner: Option<String>,
}

/// What is taken over, and the file that asks for it.
#[derive(Clone, PartialEq)]
pub struct Adoption {
    pub text: String,
    /// App to the ids of its instances, in the order of their numbers.
    pub instances: BTreeMap<String, Vec<String>>,
    /// Ids of the records.
    pub records: Vec<String>,
    /// Variables that the file only names, with the values that the containers have.
    pub secrets: BTreeMap<String, String>,
}

impl fmt::Debug for Adoption {
    /// Leaves the secrets' values out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adoption")
            .field("text", &self.text)
            .field("instances", &self.instances)
            .field("records", &self.records)
            .field("secrets", &self.secrets.keys())
            .finish()
    }
}

/// Why something cannot be expressed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    pub what: String,
    pub hint: String,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  hint: {}", self.what, self.hint)
    }
}

/// Obstacles, as they are met.
#[derive(Debug, Default)]
struct Obstacles(Vec<Obstacle>);

impl Obstacles {
    fn add(&mut self, what: impl Into<String>, hint: impl Into<String>) {
        let obstacle = Obstacle { what: what.into(), hint: hint.into() };
        if !self.0.contains(&obstacle) {
            self.0.push(obstacle);
        }
    }
}

/// The environment file for what is there.
///
/// # Errors
/// Everything that such a file has no place for.
pub fn derive(wish: &Wish, inventory: &Inventory) -> Result<Adoption, Vec<Obstacle>> {
    let mut obstacles = Obstacles::default();
    let network = network::find(wish, inventory, &mut obstacles);
    let mut apps = apps::find(wish, inventory, &mut obstacles);
    let sites = hosts::find(wish, inventory, &mut apps, &mut obstacles);
    let used: Vec<&Instance> =
        apps.values().flat_map(|app| app.instances.iter().copied()).collect();
    let place = network::of_apps(&used, &network, &mut obstacles);
    if !obstacles.0.is_empty() {
        return Err(obstacles.0);
    }
    let mut secrets = BTreeMap::new();
    let file = write::File {
        wish,
        inventory,
        network: &network,
        place: &place,
        apps: &apps,
        sites: &sites,
    };
    let text = file.text(&mut secrets);
    // The last word on what an environment may be has the one that reads it.
    let shown = format!("environments/{}.toml", wish.name);
    if let Err(problems) = environment::parse(&shown, &wish.name, &text) {
        for problem in problems {
            obstacles.add(format!("{}: {}", problem.key, problem.message), problem.hint);
        }
        return Err(obstacles.0);
    }
    let ids = |app: &apps::Found<'_>| {
        let mut ids: Vec<String> = app.instances.iter().map(|i| i.id.clone()).collect();
        ids.sort();
        ids
    };
    Ok(Adoption {
        text,
        instances: apps.values().map(|app| (app.name.clone(), ids(app))).collect(),
        records: sites.records,
        secrets,
    })
}

/// Text of a field; nothing when it is absent.
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    value[field].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Children of a load balancer by name.
fn children<'a>(balancer: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    balancer[field].as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests;
