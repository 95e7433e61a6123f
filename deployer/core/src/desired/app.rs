//! Apps: a repository and an image for each package, container instances for each replica.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Desired, Facts, build_id, network, packages, text};
use crate::address::Kind;
use crate::digest;
use crate::environment::{App, Environment, Source, Text};
use crate::value::reference;

pub(super) fn add(desired: &mut Desired, environment: &Environment, facts: &Facts) {
    for package in packages(environment) {
        let repository = format!("{}/{package}", environment.name);
        let spec = json!({ "displayName": repository, "isPublic": false });
        super::insert(desired, Kind::Repository, package, spec);
        let port = environment
            .apps
            .values()
            .find(|app| app.package() == Some(package))
            .map_or(8080, |app| app.port);
        let spec = json!({
            "repository": reference(Kind::Repository, package, "displayName"),
            "package": package,
            "port": port,
            "tag": build_id(facts, package),
        });
        super::insert(desired, Kind::Image, package, spec);
    }
    for (name, app) in &environment.apps {
        for instance in instances(environment, facts, name, app) {
            add_instance(desired, environment, facts, (name, app), &instance);
        }
    }
}

/// Names of an app's instances: `web-1f2e3d4c-0`, the middle being the generation.
///
/// Instances cannot be changed, so whatever one is made of is hashed into its name: another image or another
/// variable is another instance.
pub(super) fn instances(
    environment: &Environment,
    facts: &Facts,
    name: &str,
    app: &App,
) -> Vec<String> {
    let generation = generation(environment, facts, app);
    (0..app.replicas).map(|replica| format!("{name}-{generation}-{replica}")).collect()
}

fn generation(environment: &Environment, facts: &Facts, app: &App) -> String {
    let App {
        source,
        port,
        health: _,
        shape,
        ocpus,
        memory_gb,
        replicas: _,
        variables,
        listener_port: _,
    } = app;
    let values: BTreeMap<&str, Option<&str>> = variables
        .iter()
        .map(|(key, value)| {
            let value = match value {
                Text::Literal(literal) => Some(literal.as_str()),
                Text::Reference(name) => facts.variables.get(name).map(String::as_str),
            };
            (key.as_str(), value)
        })
        .collect();
    let made_from = match source {
        Source::Package(package) => build_id(facts, package),
        Source::Image(url) => url.clone(),
    };
    // The environment's uid salts the hash, so that a secret cannot be guessed from a name.
    let made_of = json!([
        environment.uid,
        made_from,
        port,
        shape,
        ocpus,
        memory_gb,
        values,
        network::subnet(environment, "app"),
        facts.availability_domain,
    ]);
    digest::short(made_of.to_string().as_bytes(), 8)
}

fn add_instance(
    desired: &mut Desired,
    environment: &Environment,
    facts: &Facts,
    (name, app): (&str, &App),
    instance: &str,
) {
    let mut variables: serde_json::Map<String, Value> =
        app.variables.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    variables.insert("PORT".to_owned(), json!(app.port.to_string()));
    let image = match &app.source {
        Source::Package(package) => {
            variables.insert("APP_NAME".to_owned(), json!(name));
            variables.insert("BUILD_ID".to_owned(), json!(build_id(facts, package)));
            reference(Kind::Image, package, "url")
        }
        Source::Image(url) => json!(url),
    };
    let spec = json!({
        "availabilityDomain": facts.availability_domain,
        "displayName": format!("{}-{instance}", environment.name),
        "shape": app.shape,
        "shapeConfig": { "ocpus": app.ocpus, "memoryInGBs": app.memory_gb },
        "containerRestartPolicy": "ALWAYS",
        "gracefulShutdownTimeoutInSeconds": 30,
        "containers": [{
            "displayName": name,
            "imageUrl": image,
            "environmentVariables": variables,
        }],
        "vnics": [{
            "subnetId": network::subnet(environment, "app"),
            "nsgIds": [reference(Kind::NetworkSecurityGroup, "app", "id")],
            "isPublicIpAssigned": false,
        }],
    });
    super::insert(desired, Kind::ContainerInstance, instance, spec);
}
