//! What most commands begin with: the environment, the clouds it lives in, what is asked for and what is there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use deployer_core::address::Address;
use deployer_core::desired::{self, Desired, Facts};
use deployer_core::environment::{Environment, Text};
use deployer_core::observed::{Known, Observed};
use deployer_core::plan::{Basis, Durations};

use crate::acme::NameServers;
use crate::cloudflare::{Cloudflare, Ranges};
use crate::dns;
use crate::event::Listener;
use crate::failure::{Failure, Kind};
use crate::http::{self, HttpTransport};
use crate::image::engine::Engine;
use crate::image::{Builder, Images, Workshop};
use crate::lease::{self, Fence, Pace};
use crate::project::Project;
use crate::providers::{self, Clouds, cloudflare_failure};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::site::Site;
use crate::stop::Stop;
use crate::store::Store;

/// What a session is opened with.
#[derive(Debug)]
pub struct Opening {
    pub project: Project,
    pub environment: Environment,
    pub settings: Settings,
    pub site: Site,
    /// Values of the variables that the environment names.
    pub variables: BTreeMap<String, String>,
    pub builder: Builder,
    pub store: PathBuf,
    /// The embedded cloud's authority stands for the one that the file names.
    pub rehearses: bool,
}

/// An environment and its clouds.
#[derive(Debug)]
pub struct Session {
    pub clouds: Arc<Clouds>,
    pub facts: Facts,
    pub seat: Seat,
    durations: Durations,
}

/// An environment and every way out to the world, none of which was gone yet.
#[derive(Debug)]
pub struct Doors {
    pub environment: Environment,
    pub site: Site,
    pub variables: BTreeMap<String, String>,
    pub http: HttpTransport,
    pub clock: Arc<dyn oci::Clock>,
    pub oci: oci::Client,
    pub cloudflare: Cloudflare,
    pub images: Arc<dyn Images>,
    pub name_servers: NameServers,
    pub store: Store,
    /// URL of the ACME directory.
    pub directory: String,
    pub seat: Seat,
}

/// What the lease on the environment is taken with.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Its calls do not ask the fence.
    pub client: oci::Client,
    /// Who this is, for others who wait.
    pub holder: String,
    /// Unique to this run.
    pub nonce: String,
    pub pace: Pace,
    /// Stands before every other change.
    pub fence: Fence,
}

impl Session {
    /// Connects to the clouds and reads what must be known before anything can be planned.
    ///
    /// # Errors
    /// When a credential is missing or refused, or a cloud does not answer.
    pub async fn open(opening: Opening, listener: Arc<dyn Listener>) -> Result<Self, Failure> {
        let http = http::client(&opening.site.roots, &[]);
        let http = http.map_err(|error| Failure::because(Kind::Other, "HTTP client", &error))?;
        if opening.builder == Builder::Docker && Engine::connect().await.is_none() {
            return Err(Failure::new(Kind::Usage, "--builder docker: no Docker engine answers")
                .hint("start Docker, set DOCKER_HOST, or leave the flag out"));
        }
        let region = region(&opening.environment)?;
        let transport = HttpTransport::new(http.clone());
        let fence = Fence::default();
        let fenced = transport.fenced(fence.clone());
        let seat = Seat {
            client: oci_client(&opening, transport.clone(), &region)?,
            holder: lease::holder(&opening.settings),
            nonce: lease::nonce()?,
            pace: Pace::default(),
            fence,
        };
        let workspace = opening.project.folder.clone();
        let images = Workshop { workspace, builder: opening.builder, http };
        let doors = Doors {
            oci: oci_client(&opening, fenced.clone(), &region)?,
            cloudflare: cloudflare(&opening, fenced)?,
            http: transport,
            clock: opening.site.clock(),
            images: Arc::new(images),
            name_servers: name_servers(&opening.site),
            store: Store::in_folder(opening.store.clone()),
            directory: directory(&opening),
            seat,
            environment: opening.environment,
            site: opening.site,
            variables: opening.variables,
        };
        Self::through(doors, listener).await
    }

    /// As [`Self::open`], by whatever ways out there are.
    ///
    /// # Errors
    /// When a cloud refuses or does not answer.
    pub async fn through(doors: Doors, listener: Arc<dyn Listener>) -> Result<Self, Failure> {
        let Doors { environment, site, oci, cloudflare, .. } = &doors;
        let region = region(environment)?;
        let compartment = text(&environment.oci.compartment, &doors.variables)?;
        let (namespace, domains, zone, ranges) = tokio::join!(
            oci::object_storage::namespace(oci),
            oci::identity::list_availability_domains(oci, &compartment),
            cloudflare.find_zone(&environment.cloudflare.zone),
            cloudflare.ips(),
        );
        let refused = |what: &str| {
            let what = what.to_owned();
            move |error: oci::Error| providers::oci_failure(&what, &error)
        };
        let namespace = namespace.map_err(refused("read the namespace"))?.value;
        let domains = domains.map_err(refused("list the availability domains"))?;
        let domain = domains.into_iter().next().map(|domain| domain.name).unwrap_or_default();
        let zone =
            zone.map_err(|error| cloudflare_failure(&environment.cloudflare.zone, &error))?;
        let ranges: Ranges =
            ranges.map_err(|error| cloudflare_failure("read the edge's ranges", &error))?;
        let registry = site.registry.host.clone().unwrap_or_else(|| region.registry_host());
        let facts = Facts {
            namespace: namespace.clone(),
            registry: registry.clone(),
            availability_domain: domain,
            edge_ranges: ranges.ipv4,
            source_tags: source_tags(environment, &*doors.images)?,
            variables: doors.variables.clone(),
            directory: doors.directory.clone(),
        };
        let clouds = Clouds {
            environment: doors.environment,
            site: doors.site,
            http: doors.http,
            clock: doors.clock,
            oci: doors.oci,
            compartment,
            cloudflare: doors.cloudflare,
            zone: zone.id,
            namespace,
            variables: doors.variables,
            registry,
            store: doors.store,
            directory: doors.directory,
            name_servers: doors.name_servers,
            images: doors.images,
            listener,
            stop: Stop::never(),
        };
        let durations = clouds.store.durations();
        Ok(Self { clouds: Arc::new(clouds), facts, seat: doors.seat, durations })
    }

    /// The same environment in another region; none where all regions are behind one address.
    pub fn in_region(&self, region: &str) -> Option<Self> {
        let clouds = Arc::new(self.clouds.in_region(region)?);
        let client = self.seat.client.in_region(clouds.oci.region()?.clone())?;
        let Self { facts, seat, durations, .. } = self;
        Some(Self {
            clouds,
            facts: facts.clone(),
            seat: Seat { client, ..seat.clone() },
            durations: durations.clone(),
        })
    }

    /// What the environment file asks for.
    pub fn desired(&self) -> Desired {
        desired::build(&self.clouds.environment, &self.facts)
    }

    /// What is there.
    ///
    /// # Errors
    /// When anything could not be listed: half a picture is none.
    pub async fn observe(&self, desired: &Desired) -> Result<Observed, Failure> {
        providers::observe(&self.clouds, desired).await
    }

    /// What a plan is made from; `applied` tells somebody's change from one of the file.
    pub fn basis<'a>(
        &'a self,
        desired: &'a Desired,
        observed: &'a Observed,
        applied: &'a BTreeMap<Address, String>,
    ) -> Basis<'a> {
        let environment = &self.clouds.environment;
        Basis {
            environment: &environment.name,
            desired,
            known: Known { observed, variables: &self.clouds.variables },
            applied,
            durations: &self.durations,
            moves: &environment.moved,
        }
    }
}

fn region(environment: &Environment) -> Result<oci::Region, Failure> {
    oci::Region::named(&environment.oci.region).map_err(|error| {
        Failure::because(
            Kind::Usage,
            format!("environments/{}.toml: oci.region", environment.name),
            &error,
        )
        .hint("for example uk-london-1")
    })
}

fn oci_client(
    opening: &Opening,
    http: HttpTransport,
    region: &oci::Region,
) -> Result<oci::Client, Failure> {
    let credentials = match &opening.site.oci_config {
        Some(path) => oci::Credentials::from_file(path, "DEFAULT", None),
        None => oci::Credentials::from_environment(|name| opening.settings.variable(name)),
    };
    let credentials = credentials.map_err(|error| {
        Failure::because(Kind::Denied, "OCI credentials", &error)
            .hint("run `oci setup config`, or set OCI_CLI_USER, OCI_CLI_TENANCY, OCI_CLI_FINGERPRINT and OCI_CLI_KEY_FILE")
    })?;
    let endpoints = match &opening.site.oci_endpoint {
        Some(url) => oci::Endpoints::at(url),
        None => Ok(oci::Endpoints::from(region.clone())),
    };
    let endpoints =
        endpoints.map_err(|error| Failure::because(Kind::Usage, "OCI endpoint", &error))?;
    Ok(oci::Client::new(oci::Config::new(credentials, endpoints, Arc::new(http))))
}

fn cloudflare(opening: &Opening, http: HttpTransport) -> Result<Cloudflare, Failure> {
    let token = opening
        .site
        .cloudflare_token
        .clone()
        .or_else(|| opening.settings.variable("CLOUDFLARE_API_TOKEN"));
    let token = token.ok_or_else(|| {
        Failure::new(Kind::Denied, "no Cloudflare token: CLOUDFLARE_API_TOKEN is not set")
            .hint("make one in the Cloudflare dashboard with Zone:Read, DNS:Edit and Zone Settings:Edit, and put it in .env")
    })?;
    Cloudflare::new(http, &opening.site.cloudflare_url, &Secret::from(token))
        .map_err(|error| cloudflare_failure("CLOUDFLARE_API_TOKEN", &error))
}

fn directory(opening: &Opening) -> String {
    let asked = opening.environment.certificates.issuer.directory();
    let local = opening.site.acme_directory.as_deref();
    let chosen = if opening.rehearses { local.or(asked) } else { asked.or(local) };
    chosen.unwrap_or_default().to_owned()
}

/// The value of a text, from the variables when it is a reference.
fn text(text: &Text, variables: &BTreeMap<String, String>) -> Result<String, Failure> {
    match text {
        Text::Literal(literal) => Ok(literal.clone()),
        Text::Reference(name) => variables.get(name).cloned().ok_or_else(|| {
            Failure::new(Kind::Usage, format!("the variable {name} is not set"))
                .hint("add it to .env")
        }),
    }
}

fn name_servers(site: &Site) -> NameServers {
    match &site.local {
        Some(local) => NameServers::Known(vec![local.dns]),
        None => NameServers::FoundBy(dns::system_resolvers().unwrap_or_default()),
    }
}

fn source_tags(
    environment: &Environment,
    images: &dyn Images,
) -> Result<BTreeMap<String, String>, Failure> {
    let tag = |package: &str| {
        let mut apps = environment.apps.values();
        let port = apps.find(|app| app.package() == Some(package)).map_or(8080, |app| app.port);
        let tag = images.tag(package, port).map_err(|error| {
            Failure::because(Kind::Usage, format!("package {package}"), &error)
                .hint("`build` of an app names a cargo package of this workspace")
        })?;
        Ok((package.to_owned(), tag))
    };
    desired::packages(environment).into_iter().map(tag).collect()
}

/// Values of every variable that the environment names.
///
/// # Errors
/// All names that have none, at once.
pub fn variables(
    environment: &Environment,
    settings: &Settings,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut values = BTreeMap::new();
    let mut missing = Vec::new();
    for name in environment.references() {
        match settings.variable(name) {
            Some(value) => drop(values.insert(name.to_owned(), value)),
            None => missing.push(name),
        }
    }
    if missing.is_empty() {
        return Ok(values);
    }
    Err(Failure::new(
        Kind::Usage,
        format!(
            "environments/{}.toml names variables that are not set: {}",
            environment.name,
            missing.join(", ")
        ),
    )
    .hint("add them to .env (see .env.example), or set them in the environment"))
}
