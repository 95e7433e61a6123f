//! What commands share: finding the environment, opening a session, asking for consent.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use deployer_core::environment::Environment;

use super::lock::Lock;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::image::Builder;
use crate::local::{self, Start};
use crate::project::Project;
use crate::session::{self, Opening, Session};
use crate::settings::Settings;
use crate::site::Site;
use crate::store::Hold;
use crate::ui::Ui;

/// Which environment a command is about.
#[derive(Debug, Clone, Args)]
pub(super) struct Target {
    /// Name of a file in `environments/`, without .toml
    #[arg(long, value_name = "NAME")]
    pub(super) env: String,
    /// What makes images: Docker when an engine answers, or deployer itself
    #[arg(long, value_enum, default_value_t = BuilderName::Auto)]
    pub(super) builder: BuilderName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BuilderName {
    Auto,
    Docker,
    Daemonless,
}

impl From<BuilderName> for Builder {
    fn from(name: BuilderName) -> Self {
        match name {
            BuilderName::Auto => Self::Auto,
            BuilderName::Docker => Self::Docker,
            BuilderName::Daemonless => Self::Daemonless,
        }
    }
}

/// The project that a command is about.
pub(super) fn project(folder: Option<PathBuf>) -> Result<Project, Failure> {
    let here = match folder {
        Some(folder) => folder,
        None => std::env::current_dir()
            .map_err(|error| Failure::because(Kind::Usage, "current folder", &error))?,
    };
    let here = std::path::absolute(&here).unwrap_or(here);
    Project::find(&here)
}

/// As [`open`], for a command that changes things: nobody else on this machine may while the [`Hold`] lives.
pub(super) async fn open_to_change(
    target: &Target,
    (folder, lock): (Option<PathBuf>, &Lock),
    ui: &Ui,
) -> Result<(Session, Hold), Failure> {
    let project = project(folder.clone())?;
    let environment = project.environment(&target.env)?;
    let place = project.store(&environment.name);
    let hold = Hold::wait(&place, lock.lock_timeout, &*ui.listener()).await?;
    Ok((open(target, folder, ui).await?, hold))
}

/// A session on the environment's clouds; the embedded one is started when it does not run.
pub(super) async fn open(
    target: &Target,
    folder: Option<PathBuf>,
    ui: &Ui,
) -> Result<Session, Failure> {
    let project = project(folder)?;
    let environment = project.environment(&target.env)?;
    open_environment(project, environment, target.builder.into(), ui).await
}

/// As [`open`], for an environment that need not be written down yet.
pub(super) async fn open_environment(
    project: Project,
    environment: Environment,
    builder: Builder,
    ui: &Ui,
) -> Result<Session, Failure> {
    let settings = project.settings()?;
    let variables = session::variables(&environment, &settings)?;
    let store = project.store(&environment.name);
    let mut site = site(&environment, &store, &settings, ui).await?;
    site.roots.extend(extra_roots(&settings)?);
    let opening = Opening {
        project,
        environment,
        settings,
        site,
        variables,
        builder,
        store,
        rehearses: false,
    };
    Session::open(opening, ui.listener()).await
}

/// Whether the target is a local environment whose cloud does not run.
pub(super) async fn is_absent(target: &Target, folder: Option<PathBuf>) -> Result<bool, Failure> {
    let project = project(folder)?;
    let environment = project.environment(&target.env)?;
    let state = project.store(&environment.name).join("cloud");
    Ok(environment.local.is_some() && local::running(&state).await.is_none())
}

/// The roots that the user trusts besides the public ones.
fn extra_roots(settings: &Settings) -> Result<Option<String>, Failure> {
    let Some(path) = settings.variable("DEPLOYER_EXTRA_ROOTS") else { return Ok(None) };
    let read = std::fs::read_to_string(&path);
    let what = || format!("DEPLOYER_EXTRA_ROOTS: {path}");
    read.map(Some).map_err(|error| Failure::because(Kind::Usage, what(), &error))
}

async fn site(
    environment: &Environment,
    store: &std::path::Path,
    settings: &Settings,
    ui: &Ui,
) -> Result<Site, Failure> {
    if environment.local.is_none() {
        let mut site = Site::real();
        site.registry.username = settings.variable("OCIR_USERNAME");
        site.registry.password = settings.variable("OCIR_AUTH_TOKEN");
        return Ok(site);
    }
    cloud(environment, store, settings, ui).await
}

/// The environment's embedded cloud, started if it does not run.
pub(super) async fn cloud(
    environment: &Environment,
    store: &std::path::Path,
    settings: &Settings,
    ui: &Ui,
) -> Result<Site, Failure> {
    let mut start = Start::of(environment, &|name| settings.variable(name));
    start.runtime = local::runtime(settings.variable("DEPLOYER_RUNTIME").as_deref())?;
    start.latency_ms =
        settings.variable("DEPLOYER_LATENCY_MS").and_then(|ms| ms.parse().ok()).unwrap_or(0);
    start.strict = settings.variable("DEPLOYER_LOCAL_STRICT").as_deref() == Some("1");
    let state = store.join("cloud");
    if let Some(site) = local::running(&state).await {
        return Ok(site);
    }
    ui.event(Event::Phase {
        phase: "cloud",
        detail: "starting the local cloud in the background".to_owned(),
    });
    local::start(&state, &start).await
}

/// Asks before something is done to a real cloud. `yes` is the consent given on the command line.
pub(super) fn consent(
    environment: &Environment,
    yes: bool,
    what: &str,
    ui: &Ui,
) -> Result<(), Failure> {
    if yes || environment.local.is_some() {
        return Ok(());
    }
    match ui.ask(&format!("{what} {}? Type yes to go on:", environment.name)).as_deref() {
        Some("yes") => Ok(()),
        Some(_) => Err(Failure::new(Kind::Cancelled, "nothing was changed")),
        None => Err(Failure::new(Kind::Usage, "nobody is there to ask")
            .hint("give --yes to go on without asking")),
    }
}
