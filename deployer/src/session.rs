//! What most commands begin with: the environment, the clouds it lives in, what is asked for and what is there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use deployer_core::desired::{self, Desired, Facts};
use deployer_core::environment::{Environment, Text};
use deployer_core::observed::{Known, Observed};
use deployer_core::plan::{self, Plan};

use crate::cloudflare::{Cloudflare, Ranges};
use crate::event::Listener;
use crate::failure::{Failure, Kind};
use crate::http::{self, HttpTransport};
use crate::image::engine::Engine;
use crate::image::{self, Builder};
use crate::project::Project;
use crate::providers::{self, Clouds, cloudflare_failure};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::site::Site;

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
}

impl Session {
    /// Connects to the clouds and reads what must be known before anything can be planned.
    ///
    /// # Errors
    /// When a credential is missing or refused, or a cloud does not answer.
    pub async fn open(opening: Opening, listener: Arc<dyn Listener>) -> Result<Self, Failure> {
        let http = http::client(&opening.site.roots, &[]);
        let http = http.map_err(|error| Failure::because(Kind::Other, "HTTP client", &error))?;
        let region = region(&opening.environment)?;
        if opening.builder == Builder::Docker && Engine::connect().await.is_none() {
            return Err(Failure::new(Kind::Usage, "--builder docker: no Docker engine answers")
                .hint("start Docker, set DOCKER_HOST, or leave the flag out"));
        }
        let oci = oci_client(&opening, &http, &region)?;
        let cloudflare = cloudflare(&opening, &http)?;
        let compartment = text(&opening.environment.oci.compartment, &opening.variables)?;
        let directory = directory(&opening);
        let (namespace, domains, zone, ranges) = tokio::join!(
            oci::object_storage::namespace(&oci),
            oci::identity::list_availability_domains(&oci, &compartment),
            cloudflare.find_zone(&opening.environment.cloudflare.zone),
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
            zone.map_err(|error| cloudflare_failure(&opening.environment.cloudflare.zone, &error))?;
        let ranges: Ranges =
            ranges.map_err(|error| cloudflare_failure("read the edge's ranges", &error))?;
        let registry = opening.site.registry.host.clone().unwrap_or_else(|| region.registry_host());
        let facts = Facts {
            namespace: namespace.clone(),
            registry: registry.clone(),
            availability_domain: domain,
            edge_ranges: ranges.ipv4,
            source_tags: source_tags(&opening)?,
            variables: opening.variables.clone(),
            directory: directory.clone(),
        };
        let clouds = Clouds {
            project: opening.project,
            environment: opening.environment,
            site: opening.site,
            http,
            oci,
            compartment,
            cloudflare,
            zone: zone.id,
            namespace,
            variables: opening.variables,
            registry,
            store: opening.store,
            directory,
            builder: opening.builder,
            listener,
        };
        Ok(Self { clouds: Arc::new(clouds), facts })
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

    /// What is to be done.
    pub fn plan(&self, desired: &Desired, observed: &Observed) -> Plan {
        let known = Known { observed, variables: &self.clouds.variables };
        plan::make(&self.clouds.environment.name, desired, known)
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
    http: &reqwest::Client,
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
    let transport = Arc::new(HttpTransport::new(http.clone()));
    Ok(oci::Client::new(oci::Config::new(credentials, endpoints, transport)))
}

fn cloudflare(opening: &Opening, http: &reqwest::Client) -> Result<Cloudflare, Failure> {
    let token = opening
        .site
        .cloudflare_token
        .clone()
        .or_else(|| opening.settings.variable("CLOUDFLARE_API_TOKEN"));
    let token = token.ok_or_else(|| {
        Failure::new(Kind::Denied, "no Cloudflare token: CLOUDFLARE_API_TOKEN is not set")
            .hint("make one in the Cloudflare dashboard with Zone:Read, DNS:Edit and Zone Settings:Edit, and put it in .env")
    })?;
    Cloudflare::new(http.clone(), &opening.site.cloudflare_url, &Secret::from(token))
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

fn source_tags(opening: &Opening) -> Result<BTreeMap<String, String>, Failure> {
    let tag = |package: &str| {
        let port = opening
            .environment
            .apps
            .values()
            .find(|app| app.package() == Some(package))
            .map_or(8080, |app| app.port);
        let tag = image::tag(&opening.project.folder, package, port).map_err(|error| {
            Failure::because(Kind::Usage, format!("package {package}"), &error)
                .hint("`build` of an app names a cargo package of this workspace")
        })?;
        Ok((package.to_owned(), tag))
    };
    desired::packages(&opening.environment).into_iter().map(tag).collect()
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
