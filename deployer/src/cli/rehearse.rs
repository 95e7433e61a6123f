//! `deployer rehearse`: `up`, probes and `down` of an environment file against a private local cloud, so that the file
//! is proved before it meets the real one. No credential is needed, and none is used.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use deployer_core::environment::{Environment, Text};
use serde_json::json;

use super::common::{self, BuilderName};
use super::down;
use super::up::{self, Asking};
use crate::engine::{self, Goal, Terms};
use crate::failure::{Failure, Kind};
use crate::image::Builder;
use crate::local::{self, Start};
use crate::session::{Opening, Session};
use crate::settings::Settings;
use crate::ui::{Ui, seconds};

/// Try an environment file against a private local cloud: up, probes, down
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  deployer rehearse --env london\n\n\
    Region, compartment and OCIDs are those of the file; variables that are not set get stand-ins.")]
pub struct Arguments {
    /// Name of a file in `environments/`, without .toml
    #[arg(long, value_name = "NAME")]
    env: String,
    /// What makes images: Docker when an engine answers, or deployer itself
    #[arg(long, value_enum, default_value_t = BuilderName::Auto)]
    builder: BuilderName,
}

pub(super) async fn run(
    arguments: Arguments,
    folder: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let project = common::project(folder)?;
    let mut environment = project.environment(&arguments.env)?;
    // What is made for a rehearsal goes with it.
    environment.protect.clear();
    let settings = project.settings()?;
    let variables = stand_ins(&environment, &settings);
    let store = project.store(&format!("rehearsal-{}-{}", environment.name, std::process::id()));
    let state = store.join("cloud");
    let mut start = Start::of(&environment, &|name| variables.get(name).cloned());
    start.runtime = local::runtime(settings.variable("DEPLOYER_RUNTIME").as_deref())?;
    start.strict = settings.variable("DEPLOYER_LOCAL_STRICT").as_deref() == Some("1");
    start.on_free_ports();
    // Whatever happens, nothing of it is left behind.
    let _orderly = ui.stop().orderly();
    let site = local::start(&state, &start).await?;
    let opening = Opening {
        project,
        environment,
        settings,
        site,
        variables,
        builder: Builder::from(arguments.builder),
        store: store.clone(),
        rehearses: true,
    };
    let outcome = tokio::select! {
        outcome = rehearse(opening, ui) => outcome,
        () = ui.stop().asked() => Err(Failure::new(Kind::Cancelled, "the rehearsal was stopped")),
    };
    let cleaned = clean(&state, &store).await;
    let probes = outcome?;
    cleaned?;
    ui.note(format!(
        "\n{} holds: up, {probes} probes, down, nothing left behind ({})",
        arguments.env,
        seconds(begun.elapsed().as_secs_f64())
    ));
    if ui.is_json() {
        ui.json(&json!({ "type": "done", "environment": arguments.env, "probes": probes }));
    }
    Ok(())
}

async fn rehearse(opening: Opening, ui: &Ui) -> Result<usize, Failure> {
    let session = Session::open(opening, ui.listener()).await?;
    let terms = Terms::new(Goal::Up, Duration::ZERO, ui.stop());
    let consent = Asking { session: &session, yes: true, what: "Carry this out on", ui };
    let done = engine::run(&session, &terms, &consent).await?;
    let probes = up::prove(&session, &done, ui).await?;
    down::remove(&session, true, Duration::ZERO, ui).await?;
    let status = local::status(&session.clouds.site).await?;
    let left = status["objects"].as_object().is_some_and(|objects| !objects.is_empty());
    if left {
        return Err(Failure::new(
            Kind::Unverified,
            format!("`down` left something behind: {}", status["objects"]),
        ));
    }
    Ok(probes)
}

async fn clean(state: &Path, store: &Path) -> Result<(), Failure> {
    local::stop(state).await?;
    fs::remove_dir_all(store)
        .map_err(|error| Failure::because(Kind::Other, store.display(), &error))?;
    let _others_remain = store.parent().map(fs::remove_dir);
    Ok(())
}

/// Values for every variable that the file names: those that are set, else something of the right form.
fn stand_ins(environment: &Environment, settings: &Settings) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = environment
        .references()
        .into_iter()
        .map(|name| {
            (
                name.to_owned(),
                settings.variable(name).unwrap_or_else(|| format!("rehearsal-{name}")),
            )
        })
        .collect();
    for (kind, text) in ocids(environment) {
        if let Text::Reference(name) = text
            && settings.variable(name).is_none()
        {
            let unique = name.to_ascii_lowercase().replace('_', "");
            values.insert(name.clone(), format!("ocid1.{kind}.oc1..rehearsal{unique}"));
        }
    }
    values
}

fn ocids(environment: &Environment) -> Vec<(&'static str, &Text)> {
    use deployer_core::environment::Network;
    let mut ocids = vec![("compartment", &environment.oci.compartment)];
    if let Network::Existing { load_balancer_subnet, app_subnet, load_balancer_nsg, app_nsg } =
        &environment.network
    {
        ocids.extend([
            ("subnet", load_balancer_subnet),
            ("subnet", app_subnet),
            ("networksecuritygroup", load_balancer_nsg),
            ("networksecuritygroup", app_nsg),
        ]);
    }
    ocids
}
