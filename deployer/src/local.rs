//! The embedded cloud: the one file that knows `localcloud`. Starts it as a background process of this same binary,
//! finds it again, stops it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use deployer_core::environment::{Environment, Local, Network, Text};
use localcloud::options::{Conduct, SeedSubnet};
use localcloud::{Options, Ports, Ready, RuntimeChoice, Seed, StartError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::failure::{Failure, Kind};
use crate::site::{LocalSite, Registry, Site};

const START_DEADLINE: Duration = Duration::from_secs(20);
const STOP_DEADLINE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// What a cloud is started with; the background process reads it from a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Start {
    pub ports: Ports,
    pub runtime: RuntimeChoice,
    pub latency_ms: u64,
    /// Whether a call is refused that lacks a retry token or a condition that it could carry.
    #[serde(default)]
    pub strict: bool,
    pub seed: Seed,
}

impl Start {
    /// A cloud that holds what the environment expects to find in place.
    pub fn of(environment: &Environment, variables: &dyn Fn(&str) -> Option<String>) -> Self {
        let text = |text: &Text| match text {
            Text::Literal(literal) => literal.clone(),
            Text::Reference(name) => variables(name).unwrap_or_default(),
        };
        let mut seed = Seed {
            region: environment.oci.region.clone(),
            compartments: vec![text(&environment.oci.compartment)],
            zones: vec![environment.cloudflare.zone.clone()],
            ..Seed::default()
        };
        if let Network::Existing { load_balancer_subnet, app_subnet, load_balancer_nsg, app_nsg } =
            &environment.network
        {
            let subnet = |id: &Text, cidr: &str, public| SeedSubnet {
                id: text(id),
                cidr: cidr.to_owned(),
                public,
            };
            seed.subnets = vec![
                subnet(load_balancer_subnet, "10.0.0.0/24", true),
                subnet(app_subnet, "10.0.1.0/24", false),
            ];
            seed.network_security_groups = vec![text(load_balancer_nsg), text(app_nsg)];
        }
        let ports = environment.local.map_or_else(Ports::default, |local| Ports {
            edge_https: local.https_port,
            edge_http: local.http_port,
            ..Ports::default()
        });
        Self { ports, runtime: RuntimeChoice::Auto, latency_ms: 0, strict: false, seed }
    }

    /// Leaves every port to the system: a rehearsal must not get in the way of anything that runs.
    pub fn on_free_ports(&mut self) {
        self.ports = Ports::default();
    }
}

/// What runs containers, by the name that a user gives.
///
/// # Errors
/// When it is none of them.
pub fn runtime(name: Option<&str>) -> Result<RuntimeChoice, Failure> {
    match name {
        None | Some("auto") => Ok(RuntimeChoice::Auto),
        Some("docker") => Ok(RuntimeChoice::Docker),
        Some("process") => Ok(RuntimeChoice::Process),
        Some(other) => {
            Err(Failure::new(Kind::Usage, format!("DEPLOYER_RUNTIME: `{other}` is no runtime"))
                .hint("auto, docker or process"))
        }
    }
}

/// Starts a cloud on a state folder, and waits until it answers.
///
/// # Errors
/// When it does not start; the failure says why, from its log.
pub async fn start(state: &Path, start: &Start) -> Result<Site, Failure> {
    let unwritable = |error: std::io::Error| Failure::because(Kind::Other, state.display(), &error);
    make_private(state).map_err(unwritable)?;
    let text = serde_json::to_vec_pretty(start)
        .map_err(|error| Failure::because(Kind::Bug, "start file", &error))?;
    fs::write(state.join("start.json"), text).map_err(unwritable)?;
    let log = fs::File::create(state.join("log")).map_err(unwritable)?;
    let mut child = spawn(state, log).map_err(unwritable)?;
    let deadline = Instant::now() + START_DEADLINE;
    loop {
        if let Some(site) = running(state).await {
            return Ok(site);
        }
        if let Ok(Some(_)) = child.try_wait() {
            return Err(did_not_start(state));
        }
        if Instant::now() > deadline {
            let _gone = child.kill();
            return Err(did_not_start(state));
        }
        sleep(POLL).await;
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn spawn(state: &Path, log: fs::File) -> std::io::Result<std::process::Child> {
    use std::os::unix::process::CommandExt as _;
    let program = std::env::current_exe()?;
    std::process::Command::new(program)
        .args(["local", "serve", "--state"])
        .arg(state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        // A group of its own: Ctrl-C at the terminal is meant for the command, not for the cloud.
        .process_group(0)
        .spawn()
}

fn did_not_start(state: &Path) -> Failure {
    let log = fs::read_to_string(state.join("log")).unwrap_or_default();
    let last = log.lines().rev().find(|line| !line.trim().is_empty() && !line.contains("hint:"));
    let reason = last.unwrap_or("it said nothing").trim_start_matches("error: local cloud: ");
    let taken = ["Address already in use", "os error 98", "os error 48"];
    let message = format!("the local cloud did not start: {reason}");
    if reason.contains("another local cloud runs") {
        return Failure::new(Kind::Locked, message)
            .hint("wait until it has ended, then run the command again");
    }
    if taken.iter().any(|words| reason.contains(words)) {
        return Failure::new(Kind::Locked, message)
            .hint("another program has that port: stop it, or change https_port and http_port in [local]")
            .hint("0 as port lets the system choose a free one");
    }
    let failure = Failure::new(Kind::Other, message);
    if reason.contains("container runtime") {
        return failure
            .hint("start Docker, or leave DEPLOYER_RUNTIME out: programs then run without it");
    }
    failure.hint(format!("its log is {}", state.join("log").display()))
}

/// The cloud of a state folder, if it answers.
pub async fn running(state: &Path) -> Option<Site> {
    let text = fs::read(state.join("ready.json")).ok()?;
    let ready: Ready = serde_json::from_slice(&text).ok()?;
    let mut site = site(state, &ready).ok()?;
    let status = status(&site).await.ok()?;
    if let Some(local) = &mut site.local {
        local.ahead = Duration::from_secs(status["ahead_seconds"].as_u64().unwrap_or_default());
    }
    Some(site)
}

fn site(state: &Path, ready: &Ready) -> std::io::Result<Site> {
    let prefix = format!("{}/", ready.namespace);
    let username =
        ready.registry_username.strip_prefix(&prefix).unwrap_or(&ready.registry_username);
    Ok(Site {
        oci_endpoint: Some(ready.api.clone()),
        oci_config: Some(PathBuf::from(&ready.oci_config)),
        cloudflare_url: format!("{}/client/v4", ready.api),
        cloudflare_token: Some(ready.cloudflare_token.clone()),
        registry: Registry {
            host: Some(ready.registry.clone()),
            plain_http: true,
            username: Some(username.to_owned()),
            password: Some(ready.registry_password.clone()),
        },
        acme_directory: Some(ready.acme.clone()),
        roots: vec![fs::read_to_string(&ready.root)?],
        local: Some(LocalSite {
            api: ready.api.clone(),
            admin_token: ready.admin_token.clone(),
            dns: ready.dns,
            edge_https: ready.edge_https,
            edge_http: ready.edge_http,
            edge_https_extra: ready.edge_https_extra.clone(),
            root: PathBuf::from(&ready.root),
            runtime: ready.runtime.clone(),
            state: state.to_owned(),
            ahead: Duration::ZERO,
        }),
    })
}

/// What the cloud says of itself: process, runtime, live objects by kind.
///
/// # Errors
/// When it does not answer.
pub async fn status(site: &Site) -> Result<Value, Failure> {
    admin(site, reqwest::Method::GET, "status", None).await
}

/// Calls an admin endpoint.
///
/// # Errors
/// When it does not answer, or refuses.
pub async fn admin(
    site: &Site,
    method: reqwest::Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Failure> {
    let Some(local) = &site.local else {
        return Err(Failure::new(Kind::Bug, "this is no local cloud"));
    };
    let failed =
        |error: &dyn std::error::Error| Failure::because(Kind::Provider, "the local cloud", error);
    let client = crate::http::client(&[], &[]).map_err(|error| failed(&error))?;
    let request = client
        .request(method, format!("{}/_localcloud/{path}", local.api))
        .bearer_auth(&local.admin_token);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let response = request.send().await.map_err(|error| failed(&error))?;
    if response.status() == reqwest::StatusCode::BAD_REQUEST {
        let why = response.text().await.map_err(|error| failed(&error))?;
        return Err(Failure::new(Kind::Usage, why.trim_end()));
    }
    let response = response.error_for_status().map_err(|error| failed(&error))?;
    response.json().await.map_err(|error| failed(&error))
}

/// The ports of the edge that the cloud of a state folder was started with.
pub fn ports(state: &Path) -> Option<Local> {
    let text = fs::read(state.join("start.json")).ok()?;
    let ports = serde_json::from_slice::<Start>(&text).ok()?.ports;
    Some(Local { https_port: ports.edge_https, http_port: ports.edge_http })
}

/// Stops the cloud of a state folder and deletes the folder: the next one knows nothing of it.
///
/// # Errors
/// When it does not end, or something of it cannot be deleted.
pub async fn reset(state: &Path) -> Result<(), Failure> {
    stop(state).await?;
    match fs::remove_dir_all(state) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::because(Kind::Other, state.display(), &error))
        }
        _ => Ok(()),
    }
}

/// Stops the cloud of a state folder and waits until it is gone; its state stays. False when none ran.
///
/// # Errors
/// When it does not end.
pub async fn stop(state: &Path) -> Result<bool, Failure> {
    let Some(site) = running(state).await else { return Ok(false) };
    admin(&site, reqwest::Method::POST, "shutdown", None).await?;
    let deadline = Instant::now() + STOP_DEADLINE;
    while !is_free(state) {
        if Instant::now() > deadline {
            return Err(Failure::new(Kind::TimedOut, "the local cloud does not end")
                .hint(format!("its log is {}", state.join("log").display())));
        }
        sleep(POLL).await;
    }
    Ok(true)
}

/// Whether no cloud holds the folder.
fn is_free(state: &Path) -> bool {
    fs::File::open(state.join("lock")).map_or(true, |file| file.try_lock().is_ok())
}

/// Runs the cloud in this process until it is asked to stop or killed: what `deployer local serve` does.
///
/// # Errors
/// When it does not start.
pub async fn serve(state: &Path) -> Result<(), Failure> {
    let text = fs::read(state.join("start.json"));
    let text = text.map_err(|error| Failure::because(Kind::Usage, state.display(), &error))?;
    let start: Start = serde_json::from_slice(&text)
        .map_err(|error| Failure::because(Kind::Usage, "start.json", &error))?;
    let options = Options {
        state: state.to_owned(),
        ports: start.ports,
        runtime: start.runtime,
        seed: start.seed,
        latency_ms: start.latency_ms,
        conduct: Conduct { strict: start.strict, ..Conduct::default() },
    };
    let running = localcloud::start(options).await.map_err(|error| match &error {
        StartError::Locked(_) => Failure::because(Kind::Locked, "local cloud", &error),
        StartError::Failed { .. } | StartError::Runtime(_) => {
            Failure::because(Kind::Other, "local cloud", &error)
        }
    })?;
    let terminated = crate::stop::terminated();
    tokio::select! {
        () = running.asked_to_stop() => {}
        () = terminated => {}
    }
    running.stop().await;
    Ok(())
}
