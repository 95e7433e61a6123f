//! Builds and pushes with a Docker engine (API 1.41 and later, the classic builder). The engine's
//! word is not enough: an image counts as pushed when the registry shows the digest it reported.

mod context;
mod stream;

use std::time::Duration;

use bollard::{
    Docker,
    auth::DockerCredentials,
    body_full,
    errors::Error,
    query_parameters::{BuildImageOptionsBuilder, PushImageOptionsBuilder},
};
use bytes::Bytes;
use http::HeaderValue;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

pub use self::context::{ContextError, context, dockerfile};
use super::{
    digest::Digest,
    registry::{Credentials, Registry, RegistryError, Repository},
};

/// An engine on this machine answers at once or is not there.
const PRESENT: Duration = Duration::from_secs(1);
/// How long a restarting engine is waited for.
const RETURN: Duration = Duration::from_secs(30);

/// A Docker engine that has answered.
#[derive(Debug)]
pub struct Engine {
    docker: Docker,
}

/// Why the engine's work does not count.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine said no, in its own words.
    #[error("the docker engine cannot {step}: {message}")]
    Refused { step: &'static str, message: String },
    /// The connection ended before the work did.
    #[error("the docker engine went away while it was to {step}: {message}")]
    Lost { step: &'static str, message: String },
    /// It went away and did not come back.
    #[error("the docker engine did not come back within {} s", RETURN.as_secs())]
    Gone,
    /// The registry does not show what the engine says it pushed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// An image that an engine pushed and the registry shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Digest of the manifest.
    pub digest: Digest,
    /// Compressed size of the layers that it lacked.
    pub bytes_sent: u64,
    /// Layers that the registry had already.
    pub layers_skipped: usize,
}

impl Engine {
    /// The engine of `DOCKER_HOST` (default: the Unix socket), if it answers within a second.
    pub async fn connect() -> Option<Self> {
        let engine = Self::at(Docker::connect_with_defaults().ok()?);
        engine.answers().await.then_some(engine)
    }

    fn at(docker: Docker) -> Self {
        // Bollard encodes credentials in the standard alphabet of base64; the engine reads the one
        // for URLs, and takes what it cannot read for "no credentials".
        let docker = docker.with_request_modifier(|mut request| {
            if let Some(value) = request.headers_mut().get_mut("x-registry-auth") {
                *value = url_alphabet(value);
            }
            request
        });
        Self { docker }
    }

    /// Builds `context`, pushes it as `tag`, and looks it up in the registry. An engine that dies
    /// on the way is waited for and asked once more; what it had built it still has.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn publish(
        &self,
        context: &Bytes,
        tag: &str,
        registry: &Registry<'_>,
    ) -> Result<Published, EngineError> {
        let (digest, layers_skipped) = match self.build_and_push(context, tag, registry).await {
            Err(EngineError::Lost { .. }) => {
                self.wait().await?;
                self.build_and_push(context, tag, registry).await?
            }
            other => other?,
        };
        registry.verify(tag, digest).await?;
        // The engine does not tell what it sent. The manifest tells the layers' sizes, lowest first,
        // and layers that two images share are the lowest.
        let manifest = registry.get_manifest(tag).await?;
        let bytes_sent = layer_sizes(&manifest).iter().skip(layers_skipped).sum();
        Ok(Published { digest, bytes_sent, layers_skipped })
    }

    async fn build_and_push(
        &self,
        context: &Bytes,
        tag: &str,
        registry: &Registry<'_>,
    ) -> Result<(Digest, usize), EngineError> {
        let Repository { registry: host, path, .. } = registry.repository();
        let image = format!("{host}/{path}");
        let options = BuildImageOptionsBuilder::default()
            .t(&format!("{image}:{tag}"))
            .rm(true)
            .forcerm(true)
            .build();
        let build = self.docker.build_image(options, None, Some(body_full(context.clone())));
        stream::built(build).await?;
        let options = PushImageOptionsBuilder::default().tag(tag).build();
        let credentials = login(host, registry.credentials());
        let push = self.docker.push_image(&image, Some(options), Some(credentials));
        stream::pushed(push, registry.credentials()).await
    }

    async fn answers(&self) -> bool {
        matches!(timeout(PRESENT, self.docker.ping()).await, Ok(Ok(_)))
    }

    async fn wait(&self) -> Result<(), EngineError> {
        let deadline = Instant::now() + RETURN;
        while !self.answers().await {
            if Instant::now() > deadline {
                return Err(EngineError::Gone);
            }
            sleep(PRESENT / 4).await;
        }
        Ok(())
    }
}

/// Sorts an error into what the engine said and what it left unsaid.
fn failure(step: &'static str, error: Error) -> EngineError {
    match error {
        Error::DockerStreamError { error: message }
        | Error::DockerResponseServerError { message, .. } => {
            EngineError::Refused { step, message: message.trim().to_owned() }
        }
        other => EngineError::Lost { step, message: other.to_string() },
    }
}

fn login(host: &str, credentials: &Credentials) -> DockerCredentials {
    DockerCredentials {
        username: Some(credentials.user().to_owned()),
        password: Some(credentials.password().to_owned()),
        serveraddress: Some(host.to_owned()),
        ..DockerCredentials::default()
    }
}

fn layer_sizes(manifest: &[u8]) -> Vec<u64> {
    #[derive(Deserialize)]
    struct Manifest {
        layers: Vec<Descriptor>,
    }
    #[derive(Deserialize)]
    struct Descriptor {
        size: u64,
    }
    let layers = serde_json::from_slice(manifest).map(|Manifest { layers }| layers);
    layers.unwrap_or_default().into_iter().map(|layer| layer.size).collect()
}

fn url_alphabet(value: &HeaderValue) -> HeaderValue {
    let swap = |byte: &u8| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => *other,
    };
    let bytes: Vec<u8> = value.as_bytes().iter().map(swap).collect();
    let mut value = HeaderValue::from_bytes(&bytes).expect("base64 is header text");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests;
