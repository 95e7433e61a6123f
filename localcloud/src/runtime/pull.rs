//! Fetches an image from a registry over HTTP: manifest, configuration and layers, each checked against its digest.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::LaunchError;
use super::image::{ImageConfig, ImageUrl, Platform};
use crate::services::registry::digest::{Digest, Hasher};

const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";
/// Most bytes of a manifest, a configuration or an error that are read.
const DOCUMENT: usize = 4 << 20;
/// Silence after which a registry is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// One repository of a registry, with the right to read it.
#[derive(Debug)]
pub(super) struct Repository {
    client: Client<HttpConnector, Empty<Bytes>>,
    url: ImageUrl,
    authorization: Option<String>,
}

/// A part of an image: what it is called, what it weighs.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Descriptor {
    pub(super) digest: Digest,
    pub(super) size: u64,
    #[serde(default)]
    platform: Option<Platform>,
}

/// What is needed to unpack and run an image.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) layers: Vec<Descriptor>,
    pub(super) config: ImageConfig,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl Repository {
    /// Finds out how the registry wants to be asked, and gets a token if it wants one.
    pub(super) async fn open(
        url: ImageUrl,
        credentials: Option<&(String, String)>,
    ) -> Result<Self, LaunchError> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut repository = Self { client, url, authorization: None };
        let ping = format!("http://{}/v2/", repository.url.host);
        let answer = repository.send(&ping, None).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(repository);
        }
        let challenge = answer.headers().get(WWW_AUTHENTICATE).and_then(|c| c.to_str().ok());
        let realm = challenge.and_then(|challenge| parameter(challenge, "realm"));
        // The password goes to the registry that it is for and to nobody else.
        let own = format!("http://{}/", repository.url.host);
        let realm = realm.filter(|realm| realm.starts_with(&own)).ok_or_else(|| {
            failed(&repository.url, "it sends its clients to another token service")
        })?;
        let scope = format!("repository:{}:pull", repository.url.path);
        let basic = credentials.map(|(user, password)| {
            format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
        });
        let address = format!("{realm}?service={}&scope={scope}", repository.url.host);
        let answer = repository.send(&address, basic).await?;
        let text = repository.document(answer, None).await?;
        let token: Token = serde_json::from_slice(&text)
            .map_err(|_| failed(&repository.url, "the token service gave no token"))?;
        repository.authorization = Some(format!("Bearer {}", token.token));
        Ok(repository)
    }

    /// The image that the url means; of an index, the one for `platform`.
    pub(super) async fn image(&self, platform: &Platform) -> Result<Image, LaunchError> {
        let mut manifest = self.manifest(&self.url.reference).await?;
        if !manifest.manifests.is_empty() {
            let fits = |d: &&Descriptor| d.platform.as_ref() == Some(platform);
            let chosen = manifest.manifests.iter().find(fits).ok_or_else(|| {
                failed(&self.url, &format!("the index holds no image for {platform}"))
            })?;
            manifest = self.manifest(chosen.digest.as_str()).await?;
        }
        let described = manifest.config.ok_or_else(|| failed(&self.url, "it is not an image"))?;
        let answer = self.get(&format!("blobs/{}", described.digest)).await?;
        let text = self.document(answer, Some(&described.digest)).await?;
        let config = serde_json::from_slice(&text)
            .map_err(|e| failed(&self.url, &format!("the configuration is not valid: {e}")))?;
        Ok(Image { layers: manifest.layers, config })
    }

    /// Writes a layer into a file.
    pub(super) async fn layer(&self, layer: &Descriptor, file: &Path) -> Result<(), LaunchError> {
        let answer = self.get(&format!("blobs/{}", layer.digest)).await?;
        let mut body = self.success(answer).await?.into_body();
        let broken =
            |why: &dyn std::fmt::Display| failed(&self.url, &format!("{}: {why}", layer.digest));
        let mut target = File::create(file).await.map_err(|e| broken(&e))?;
        let (mut hasher, mut size) = (Hasher::default(), 0);
        while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(|e| broken(&e))? {
            let Ok(data) = frame.map_err(|e| broken(&e))?.into_data() else { continue };
            size += data.len() as u64;
            if size > layer.size {
                return Err(broken(&"it is longer than the manifest says"));
            }
            hasher.update(&data);
            target.write_all(&data).await.map_err(|e| broken(&e))?;
        }
        target.flush().await.map_err(|e| broken(&e))?;
        if hasher.finish() != layer.digest {
            return Err(broken(&"the content does not match its digest"));
        }
        Ok(())
    }

    async fn manifest(&self, reference: &str) -> Result<Manifest, LaunchError> {
        let answer = self.get(&format!("manifests/{reference}")).await?;
        let text = self.document(answer, Digest::parse(reference).as_ref()).await?;
        serde_json::from_slice(&text)
            .map_err(|e| failed(&self.url, &format!("the manifest is not valid: {e}")))
    }

    async fn get(&self, path: &str) -> Result<Response<Incoming>, LaunchError> {
        let address = format!("http://{}/v2/{}/{path}", self.url.host, self.url.path);
        self.send(&address, self.authorization.clone()).await
    }

    async fn send(
        &self,
        address: &str,
        authorization: Option<String>,
    ) -> Result<Response<Incoming>, LaunchError> {
        let mut request = Request::get(address).header(ACCEPT, MANIFESTS);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request =
            request.body(Empty::new()).map_err(|_| failed(&self.url, "the url is not valid"))?;
        let answer = timeout(SILENCE, self.client.request(request)).await;
        answer
            .map_err(|_| failed(&self.url, "the registry does not answer"))?
            .map_err(|_| failed(&self.url, "the registry cannot be reached"))
    }

    async fn success(&self, answer: Response<Incoming>) -> Result<Response<Incoming>, LaunchError> {
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let text = Limited::new(answer.into_body(), DOCUMENT).collect().await;
        let text = text.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let body: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let message = body["errors"][0]["message"].as_str().unwrap_or("no reason given");
        Err(failed(&self.url, &format!("{status}: {message}")))
    }

    async fn document(
        &self,
        answer: Response<Incoming>,
        digest: Option<&Digest>,
    ) -> Result<Bytes, LaunchError> {
        let body = Limited::new(self.success(answer).await?.into_body(), DOCUMENT);
        let read = timeout(SILENCE, body.collect()).await;
        let bytes = match read {
            Ok(Ok(read)) => read.to_bytes(),
            _ => return Err(failed(&self.url, "a document did not arrive, or is too large")),
        };
        match digest {
            Some(digest) if Digest::of(&bytes) != *digest => {
                Err(failed(&self.url, &format!("the content does not match {digest}")))
            }
            _ => Ok(bytes),
        }
    }
}

fn failed(url: &ImageUrl, why: &str) -> LaunchError {
    LaunchError::Pull(format!("{url}: {why}"))
}

/// The value of `name="..."` in a challenge (RFC 9110 section 11.6.1).
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
