//! Taking over what somebody made by hand: what is there, and which place each thing gets.

mod look;

use std::collections::BTreeMap;

use deployer_core::address::{Address, Kind as AddressKind};
use deployer_core::adopt::{Adoption, Obstacle};
use deployer_core::desired;
use deployer_core::environment::Environment;

use crate::failure::{Failure, Kind};
use crate::providers::adopted::Taken;
use crate::session::Session;
pub use look::{Seen, look};

/// Why nothing can be taken over: everything at once.
pub fn cannot(obstacles: &[Obstacle]) -> Failure {
    let list: Vec<String> = obstacles.iter().map(|obstacle| format!("\n{obstacle}")).collect();
    let count = match obstacles.len() {
        1 => "1 thing is".to_owned(),
        count => format!("{count} things are"),
    };
    let message = format!("{count} in the way of taking this over{}", list.concat());
    Failure::new(Kind::Refused, message).hint("nothing was changed; mend them, then run it again")
}

/// Whether an environment file that is there asks for what would be taken over.
pub fn is_same(file: &Environment, derived: &Environment) -> bool {
    let apps = |environment: &Environment| -> BTreeMap<String, _> {
        let app = |(name, app): (&String, &deployer_core::environment::App)| {
            (name.clone(), (app.source.clone(), app.port, app.replicas))
        };
        environment.apps.iter().map(app).collect()
    };
    file.network == derived.network && apps(file) == apps(derived) && file.hosts == derived.hosts
}

/// The place of each thing among what the environment asks for.
///
/// # Errors
/// When what was seen is not what was derived from it: a mistake of ours.
pub fn placed(session: &Session, adoption: &Adoption, seen: Seen) -> Result<Taken, Failure> {
    let environment = &session.clouds.environment;
    let mut instances = Vec::new();
    for (app, ids) in &adoption.instances {
        let names = desired::instances(environment, &session.facts, app);
        if names.len() != ids.len() {
            let message = format!("{app}: {} places for {} instances", names.len(), ids.len());
            return Err(Failure::new(Kind::Bug, message));
        }
        for (name, id) in names.into_iter().zip(ids) {
            let found = seen.instances.iter().find(|(instance, _)| instance.id == *id);
            let (instance, ip) = found
                .ok_or_else(|| Failure::new(Kind::Bug, format!("{app}: {id} was not seen")))?;
            let address = Address::new(AddressKind::ContainerInstance, name);
            instances.push((address, instance.clone(), ip.clone()));
        }
    }
    let records = seen.records.into_iter().filter(|r| adoption.records.contains(&r.id)).collect();
    Ok(Taken { instances, balancer: seen.balancer, records })
}

/// Insists that each secret that the file names has the value that the containers have: the instances stay as they
/// are, so another value would be a claim that is not true.
///
/// # Errors
/// The names of those that differ.
pub fn check_secrets(session: &Session, adoption: &Adoption) -> Result<(), Failure> {
    let variables = &session.clouds.variables;
    let differ: Vec<&str> = adoption
        .secrets
        .iter()
        .filter(|(name, value)| variables.get(*name) != Some(value))
        .map(|(name, _)| name.as_str())
        .collect();
    if differ.is_empty() {
        return Ok(());
    }
    let message = format!("not what the running containers have: {}", differ.join(", "));
    Err(Failure::new(Kind::Usage, message).hint(
        "put the containers' values into .env first; change them with `up` once this is taken over",
    ))
}
