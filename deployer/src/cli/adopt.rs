//! `deployer adopt`: from a site that was made by hand to an environment file, marks, and an empty plan.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use deployer_core::adopt::{self as core, Wish};
use deployer_core::environment::{self, Cloudflare, Environment, Local, Network, Oci, Text};
use deployer_core::guard::Purpose;
use deployer_core::plan::{self, Plan};
use deployer_core::render;

use super::lock::Lock;
use super::up::{self, Asking};
use super::{common, summary};
use crate::adopt;
use crate::engine::{self, Consent, Goal, Terms};
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::image::Builder;
use crate::local;
use crate::project::{self, Project};
use crate::providers::adopted::{self, Taken};
use crate::session::Session;
use crate::store::Hold;
use crate::ui::Ui;

/// Take over a load balancer, container instances and DNS records that were made by hand
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer adopt --env shop --region uk-london-1 --compartment ocid1.… --zone example.net\n  \
    deployer adopt --env shop              go on with one that was interrupted\n  \
    deployer adopt --env trial --local --region uk-london-1 --compartment ocid1.… --zone x.test\n\n\
    Writes environments/<name>.toml, marks what it describes, and brings the rest in line as `up` does:\n\
    names of the load balancer's parts, certificate, redirect, rules for Cloudflare's addresses. Instances\n\
    keep running as they are. All of it is shown first; until you agree nothing is written.")]
pub struct Arguments {
    /// Name of the file in `environments/` to write, without .toml
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Region identifier such as uk-london-1
    #[arg(long)]
    region: Option<String>,
    /// OCID of the compartment, or ${NAME} of a variable that holds it
    #[arg(long, value_name = "OCID")]
    compartment: Option<String>,
    /// Apex of the Cloudflare zone
    #[arg(long)]
    zone: Option<String>,
    /// Which load balancer, when the compartment has several
    #[arg(long, value_name = "OCID")]
    load_balancer: Option<String>,
    /// Who issues the certificate: letsencrypt, letsencrypt-staging, or the URL of an ACME directory
    #[arg(long)]
    issuer: Option<String>,
    /// E-mail address for the issuer
    #[arg(long)]
    contact: Option<String>,
    /// What was made is in the running embedded cloud of this name
    #[arg(long)]
    local: bool,
    #[command(flatten)]
    lock: Lock,
    /// Go on without asking
    #[arg(long)]
    yes: bool,
    /// Leave the probes out
    #[arg(long)]
    no_verify: bool,
}

pub(super) async fn run(
    arguments: Arguments,
    folder: Option<PathBuf>,
    ui: &Ui,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let project = common::project(folder)?;
    project::check_name(&arguments.env)?;
    let there = if project.file(&arguments.env).exists() {
        Some(project.environment(&arguments.env)?)
    } else {
        None
    };
    let wish = match &there {
        Some(environment) => wish_of(environment),
        None => wish(&arguments, &project).await?,
    };
    let _hold = Hold::take(&project.store(&wish.name))?;
    ui.event(Event::Phase { phase: "look", detail: "at what is there".to_owned() });
    let first = there.clone().unwrap_or(provisional(&wish)?);
    let looking = open(&project, first, ui).await?;
    let seen = adopt::look(&looking.clouds, arguments.load_balancer.as_deref()).await?;
    let (session, taken, text) = match there {
        Some(file)
            if seen.balancer.freeform_tags.get("deployer-environment") == Some(&file.uid) =>
        {
            let taken = rest(&looking, seen);
            (looking, taken, None)
        }
        there => derive(&project, &wish, (there, seen), ui).await?,
    };
    let desired = session.desired();
    let observed = adopted::preview(&session.clouds, &desired, &taken).await?;
    let plan = plan::make(&session.basis(&desired, &observed, &BTreeMap::new()));
    engine::guarded(&session.clouds.environment, &plan, Purpose::Up { prune: None }, false)?;
    tell(&session, &taken, text.as_deref(), ui);
    ui.note(render::text(&plan));
    common::consent(&session.clouds.environment, arguments.yes, "Take this over as", ui)?;
    if let Some(text) = &text {
        write(&project.file(&wish.name), text)?;
    }
    ui.event(Event::Phase { phase: "mark", detail: "what is taken over".to_owned() });
    let patience = arguments.lock.lock_timeout;
    let marking = adopted::mark(&session.clouds, &desired, &taken);
    let marked = engine::alone(&session, ("adopt", patience), marking).await;
    marked.map_err(|failure| {
        failure.hint(format!("what was done stays; to go on: deployer adopt --env {}", wish.name))
    })?;
    let asking = Asking { session: &session, yes: arguments.yes, what: "Carry this out on", ui };
    let agreed = Agreed { fingerprint: plan.fingerprint, asking };
    let terms = Terms::new(Goal::Up, patience, ui.stop());
    let done = engine::run(&session, &terms, &agreed).await?;
    let probes = if arguments.no_verify { 0 } else { up::prove(&session, &done, ui).await? };
    summary::up(&session, &done.report, probes, begun.elapsed(), ui);
    Ok(())
}

/// The plan that was agreed to before the marks were set needs no second yes; any other does.
struct Agreed<'a> {
    fingerprint: String,
    asking: Asking<'a>,
}

impl Consent for Agreed<'_> {
    fn to(&self, plan: &Plan) -> Result<(), Failure> {
        if plan.fingerprint == self.fingerprint { Ok(()) } else { self.asking.to(plan) }
    }
}

async fn open(project: &Project, environment: Environment, ui: &Ui) -> Result<Session, Failure> {
    common::open_environment(project.clone(), environment, Builder::Auto, ui).await
}

/// What the flags say, for an environment that has no file yet.
async fn wish(arguments: &Arguments, project: &Project) -> Result<Wish, Failure> {
    let Arguments { env, region, compartment, zone, .. } = arguments;
    let (Some(region), Some(compartment), Some(zone)) = (region, compartment, zone) else {
        let message = format!(
            "there is no environments/{env}.toml yet, so --region, --compartment and --zone are needed"
        );
        return Err(Failure::new(Kind::Usage, message).hint("deployer adopt --help"));
    };
    let state = project.store(env).join("cloud");
    let local = if arguments.local { Some(running(env, &state).await?) } else { None };
    let usual = if arguments.local { "localcloud" } else { "letsencrypt" };
    Ok(Wish {
        name: env.clone(),
        uid: uid(env)?,
        region: region.clone(),
        compartment: compartment.clone(),
        zone: zone.to_ascii_lowercase(),
        issuer: arguments.issuer.clone().unwrap_or_else(|| usual.to_owned()),
        contact: arguments.contact.clone(),
        local,
    })
}

async fn running(name: &str, state: &Path) -> Result<Local, Failure> {
    let ports = local::ports(state);
    match (local::running(state).await, ports) {
        (Some(_), Some(ports)) => Ok(ports),
        _ => Err(Failure::new(Kind::Usage, format!("the embedded cloud of {name} does not run"))
            .hint("--local takes over what was made by hand in a cloud that an `up` of that name started")),
    }
}

/// A word that nobody else has, which shows whose it is.
fn uid(name: &str) -> Result<String, Failure> {
    let mut random = [0; 4];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| Failure::new(Kind::Other, "the system has no random numbers"))?;
    let lower = name.to_ascii_lowercase();
    let plain = lower.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-');
    let plain: String = plain.skip_while(|c| !c.is_ascii_lowercase()).take(11).collect();
    let plain = if plain.is_empty() { "adopted".to_owned() } else { plain };
    Ok(format!("{plain}-{:08x}", u32::from_be_bytes(random)))
}

/// What a file says that is there already.
fn wish_of(environment: &Environment) -> Wish {
    Wish {
        name: environment.name.clone(),
        uid: environment.uid.clone(),
        region: environment.oci.region.clone(),
        compartment: match &environment.oci.compartment {
            Text::Literal(literal) => literal.clone(),
            Text::Reference(name) => format!("${{{name}}}"),
        },
        zone: environment.cloudflare.zone.clone(),
        issuer: "letsencrypt".to_owned(),
        contact: environment.certificates.contact.clone(),
        local: environment.local,
    }
}

/// Enough of an environment to look at the clouds with.
fn provisional(wish: &Wish) -> Result<Environment, Failure> {
    let compartment = Text::parse(&wish.compartment)
        .map_err(|why| Failure::new(Kind::Usage, format!("--compartment: {why}")))?;
    Ok(Environment {
        name: wish.name.clone(),
        uid: wish.uid.clone(),
        lease: true,
        protect: Vec::new(),
        moved: Vec::new(),
        oci: Oci { region: wish.region.clone(), compartment },
        network: Network::default(),
        load_balancer: environment::LoadBalancer::default(),
        apps: Default::default(),
        hosts: Default::default(),
        certificates: environment::Certificates::default(),
        cloudflare: Cloudflare { zone: wish.zone.clone(), ..Cloudflare::default() },
        local: wish.local,
    })
}

/// What is left to mark where the load balancer has its mark: records of the file's hosts that lead to it.
fn rest(session: &Session, seen: adopt::Seen) -> Taken {
    let address = seen.balancer.ip_addresses.first().map(|a| a.ip_address.clone());
    let hosts = &session.clouds.environment.hosts;
    let leads_here = |record: &crate::cloudflare::Record| {
        record.kind == "A"
            && hosts.contains_key(&record.name)
            && Some(&record.content) == address.as_ref()
    };
    let records = seen.records.into_iter().filter(leads_here).collect();
    let mut taken = Taken { instances: Vec::new(), balancer: seen.balancer, records };
    taken.drop_marked(&session.clouds);
    taken
}

type Derived = (Session, Taken, Option<String>);

/// The environment of what was seen; its text is given when there is no file yet.
async fn derive(
    project: &Project,
    wish: &Wish,
    (there, seen): (Option<Environment>, adopt::Seen),
    ui: &Ui,
) -> Result<Derived, Failure> {
    let adoption = core::derive(wish, &seen.inventory);
    let adoption = adoption.map_err(|obstacles| adopt::cannot(&obstacles))?;
    let derived = environment::parse("adopted", &wish.name, &adoption.text)
        .map_err(|_| Failure::new(Kind::Bug, "the derived environment is not right"))?;
    let shown = format!("environments/{}.toml", wish.name);
    let is_new = there.is_none();
    let environment = match there {
        None => derived,
        Some(file) if adopt::is_same(&file, &derived) => file,
        Some(_) => {
            let message = format!(
                "{shown} is there already, and asks for something else than what was found"
            );
            return Err(
                Failure::new(Kind::Usage, message).hint("choose another --env, or remove the file")
            );
        }
    };
    let named: Vec<&str> = adoption.secrets.keys().map(String::as_str).collect();
    let hint = format!(
        "values that look like secrets are not written into the file: put those of the running containers into .env ({})",
        named.join(", ")
    );
    let opened = open(project, environment, ui).await;
    let session =
        opened.map_err(|failure| if named.is_empty() { failure } else { failure.hint(hint) })?;
    adopt::check_secrets(&session, &adoption)?;
    let mut taken = adopt::placed(&session, &adoption, seen)?;
    taken.drop_marked(&session.clouds);
    Ok((session, taken, is_new.then_some(adoption.text)))
}

/// What will be written and marked.
fn tell(session: &Session, taken: &Taken, text: Option<&str>, ui: &Ui) {
    if let Some(text) = text {
        let name = &session.clouds.environment.name;
        ui.note(format!("environments/{name}.toml will be written:\n\n{text}"));
    }
    let told = taken.told(&session.clouds);
    if !told.is_empty() {
        ui.note(format!(
            "these get the mark of {}, and stay what they are:",
            session.clouds.environment.uid
        ));
        told.iter().for_each(|line| ui.note(format!("  {line}")));
    }
    ui.note("then, as `up` does:");
}

/// Writes a file that is not there yet, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let temporary = path.with_extension("toml.new");
    let written = fs::write(&temporary, text).and_then(|()| fs::hard_link(&temporary, path));
    let _gone = fs::remove_file(&temporary);
    written.map_err(|error| Failure::because(Kind::Other, path.display(), &error))
}
