//! `deployer policy`: what the operators' group must be allowed, for whoever administers the tenancy.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use deployer_core::environment::{Environment, Network, Text};
use deployer_core::policy::{self, Scope, Statement};
use serde_json::json;

use super::common;
use crate::failure::{Failure, Kind};
use crate::settings::Settings;
use crate::ui::Ui;

/// What Oracle Cloud must allow
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  deployer policy print --env london --group Operators")]
pub enum Command {
    Print(Print),
}

/// Print the least policy statements that `up`, `down`, `certs rotate` and `status` need
///
/// They are for an administrator to put into a policy of the tenancy. Nothing is contacted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  deployer policy print --env london --group Operators\n  \
    deployer policy print --env london --json\n  \
    deployer policy print --env shop --network-compartment ocid1.compartment.oc1..aaaa")]
pub struct Print {
    /// Name of a file in `environments/`, without .toml
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Group that the operators are in
    #[arg(long, value_name = "NAME", default_value = "deployers")]
    group: String,
    /// Compartment of a network that is there already; default: the environment's
    #[arg(long, value_name = "OCID")]
    network_compartment: Option<String>,
}

pub(super) fn run(command: Command, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    let Command::Print(Print { env, group, network_compartment }) = command;
    let project = common::project(folder)?;
    let environment = project.environment(&env)?;
    if network_compartment.is_some() && matches!(environment.network, Network::Created { .. }) {
        let message = format!("--network-compartment: {env} makes a network of its own");
        return Err(Failure::new(Kind::Usage, message)
            .hint("leave it out: that network is made in the environment's compartment"));
    }
    let compartment = compartment(&environment, &project.settings()?)?;
    let network_compartment = network_compartment.as_deref().unwrap_or(&compartment);
    let scope = Scope { group: &group, compartment: &compartment, network_compartment };
    print(&policy::statements(&environment, &scope), ui);
    Ok(())
}

fn print(statements: &[Statement], ui: &Ui) {
    if ui.is_json() {
        let list = statements.iter().map(|statement| {
            let Statement { text, why, is_optional } = statement;
            json!({ "statement": text, "why": why, "optional": is_optional })
        });
        return ui.json(&json!({ "type": "policy", "statements": list.collect::<Vec<_>>() }));
    }
    for Statement { text, why, .. } in statements {
        ui.data(&format!("# {why}\n{text}\n"));
    }
}

fn compartment(environment: &Environment, settings: &Settings) -> Result<String, Failure> {
    match &environment.oci.compartment {
        Text::Literal(compartment) => Ok(compartment.clone()),
        Text::Reference(name) => settings.variable(name).ok_or_else(|| {
            let file = format!("environments/{}.toml", environment.name);
            Failure::new(Kind::Usage, format!("{file} names the variable {name}, which is not set"))
                .hint(format!("write {name}=ocid1.compartment.oc1..… into .env"))
        }),
    }
}
