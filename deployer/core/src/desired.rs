//! What an environment asks for, as resources whose specs have the vendors' field names.

mod app;
mod balancer;
mod edge;
mod network;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::address::{Address, Kind};
use crate::environment::{Environment, Text};
use crate::value;

pub use balancer::{NOBODY, slug};

/// What must be known from outside before anything can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Object storage namespace; the first part of image names.
    pub namespace: String,
    /// Host of the registry, for example `lhr.ocir.io`.
    pub registry: String,
    pub availability_domain: String,
    /// IPv4 ranges that the edge connects from.
    pub edge_ranges: Vec<String>,
    /// Content hash of what each package is built from.
    pub source_tags: BTreeMap<String, String>,
    /// Values of the variables that the file refers to.
    pub variables: BTreeMap<String, String>,
    /// URL of the ACME directory.
    pub directory: String,
}

/// One resource as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What the resource should be; may hold references (see [`crate::value`]).
    pub spec: Value,
    /// Resources that must be in place first although the spec does not refer to them.
    pub after: BTreeSet<Address>,
}

/// Everything that an environment asks for.
pub type Desired = BTreeMap<Address, Resource>;

/// Builds the resources of an environment.
pub fn build(environment: &Environment, facts: &Facts) -> Desired {
    let mut desired = Desired::new();
    network::add(&mut desired, environment, facts);
    app::add(&mut desired, environment, facts);
    balancer::add(&mut desired, environment, facts);
    edge::add(&mut desired, environment, facts);
    desired
}

/// What [`build`] needs tags of: the packages that apps are built from.
pub fn packages(environment: &Environment) -> BTreeSet<&str> {
    environment.apps.values().filter_map(crate::environment::App::package).collect()
}

/// The word that marks a build: what the app answers at `/version`.
pub fn build_id(facts: &Facts, package: &str) -> String {
    facts.source_tags.get(package).cloned().unwrap_or_default()
}

/// Names of an app's instances; none when there is no such app.
pub fn instances(environment: &Environment, facts: &Facts, app: &str) -> Vec<String> {
    let found = environment.apps.get(app);
    found.map(|found| app::instances(environment, facts, app, found)).unwrap_or_default()
}

fn insert(desired: &mut Desired, kind: Kind, name: &str, spec: Value) {
    desired.insert(Address::new(kind, name), Resource { spec, after: BTreeSet::new() });
}

fn text(text: &Text) -> Value {
    match text {
        Text::Literal(literal) => Value::String(literal.clone()),
        Text::Reference(name) => value::secret(name),
    }
}

#[cfg(test)]
mod tests;
