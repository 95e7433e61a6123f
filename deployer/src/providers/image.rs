//! Images: named after what they are built from, so the registry itself says whether one is there.

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Found;
use deployer_core::value::Outputs;
use serde_json::Value;

use super::{Clouds, Listed};
use crate::failure::{self, Failure};
use crate::image::{self, Credentials, Digest, Progress, Repository, Wanted};

pub(super) async fn list(clouds: &Clouds, desired: &Desired) -> Listed {
    let mut listed = Vec::new();
    for (address, resource) in desired.iter().filter(|(address, _)| address.kind == Kind::Image) {
        let credentials = credentials(clouds)?;
        let found =
            clouds.images.find(&wanted(clouds, address, &resource.spec, &credentials)).await;
        let found = found.map_err(|error| failure(address, &error))?;
        listed.extend(
            found.map(|digest| (address.clone(), there(clouds, address, &resource.spec, &digest))),
        );
    }
    Ok(listed)
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let credentials = credentials(clouds)?;
    let wanted = wanted(clouds, address, spec, &credentials);
    let tell = |progress: Progress| match &progress {
        Progress::FellBack(_) => clouds.note(address, told(&progress)),
        Progress::Compiled(_) | Progress::Sent { .. } => clouds.progress(address, told(&progress)),
    };
    clouds.note(address, format!("building {}", address.name));
    let pushed =
        clouds.images.ensure(&wanted, &tell).await.map_err(|error| failure(address, &error))?;
    let kilobytes = pushed.bytes_sent.div_ceil(1000);
    clouds.note(address, format!("{} by {}, {kilobytes} kB sent", pushed.digest, pushed.builder));
    Ok(there(clouds, address, spec, &pushed.digest))
}

fn told(progress: &Progress) -> String {
    match progress {
        Progress::Compiled(compiled) => {
            format!("compiled {} ({} of {})", compiled.name, compiled.done, compiled.total)
        }
        Progress::FellBack(reason) => format!("without Docker: {reason}"),
        Progress::Sent { bytes, total } => format!("pushed {bytes} of {total} bytes"),
    }
}

/// Name of the repository, of which the package is the last part.
fn repository(clouds: &Clouds, address: &Address) -> String {
    format!("{}/{}/{}", clouds.namespace, clouds.environment.name, address.name)
}

fn wanted<'a>(
    clouds: &'a Clouds,
    address: &'a Address,
    spec: &Value,
    credentials: &'a Credentials,
) -> Wanted<'a> {
    let port = spec["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(8080);
    Wanted {
        package: &address.name,
        port,
        repository: Repository {
            registry: clouds.registry.clone(),
            path: repository(clouds, address),
            plain_http: clouds.site.registry.plain_http,
        },
        credentials,
    }
}

fn credentials(clouds: &Clouds) -> Result<Credentials, Failure> {
    let registry = &clouds.site.registry;
    match (&registry.username, &registry.password) {
        (Some(username), Some(password)) => {
            Ok(Credentials::new(format!("{}/{username}", clouds.namespace), password.clone()))
        }
        _ => Err(Failure::new(failure::Kind::Denied, format!("no credentials for the registry {}", clouds.registry))
            .hint("set OCIR_USERNAME and OCIR_AUTH_TOKEN in .env; the token is made in the console, under Auth tokens")),
    }
}

fn there(clouds: &Clouds, address: &Address, spec: &Value, digest: &Digest) -> Found {
    let url = format!("{}/{}@{digest}", clouds.registry, repository(clouds, address));
    let mut seen = spec.clone();
    // Where it lies is said by the name it was found under.
    if let Some(fields) = seen.as_object_mut() {
        fields.insert(
            "repository".to_owned(),
            format!("{}/{}", clouds.environment.name, address.name).into(),
        );
    }
    Found {
        id: url.clone(),
        spec: seen,
        outputs: Outputs::from([
            ("url".to_owned(), url),
            ("digest".to_owned(), digest.to_string()),
        ]),
        state: "AVAILABLE".to_owned(),
        ..Found::default()
    }
}

fn failure(address: &Address, error: &image::ImageError) -> Failure {
    let kind = if error.is_denied() { failure::Kind::Denied } else { failure::Kind::Provider };
    let failure = Failure::because(kind, address, error);
    if error.is_denied() {
        failure.hint(
            "check OCIR_USERNAME and OCIR_AUTH_TOKEN: an auth token, not the console password",
        )
    } else {
        failure
    }
}
