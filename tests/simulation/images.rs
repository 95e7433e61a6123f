//! Images out of thin air: what they hold does not matter, that the registry has them does.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use deployer::http::HttpTransport;
use deployer::image::images::{Making, Tell};
use deployer::image::registry::{Failure, RegistryError};
use deployer::image::{Digest, ImageError, Images, Pushed, Wanted};
use http::{Method, Request, Response};
use serde_json::json;
use tokio::time::sleep;

/// Tries of one request that gets no answer, or one of the server's own mistakes.
const TRIES: usize = 8;

/// Pushes manifests that hold nothing but the name of their sources.
#[derive(Debug)]
pub(crate) struct ThinAir {
    pub(crate) http: HttpTransport,
    /// What stands for the hash of everything that images are built from.
    pub(crate) sources: String,
    pub(crate) login: String,
}

impl Images for ThinAir {
    fn tag(&self, package: &str, port: u16) -> Result<String, ImageError> {
        Ok(format!("{package}-{port}-{}", self.sources))
    }

    fn find<'a>(&'a self, wanted: &'a Wanted<'a>) -> Making<'a, Option<Digest>> {
        Box::pin(async move {
            let answer = self.manifest(wanted, Method::HEAD, Bytes::new()).await?;
            let digest = answer.headers().get("docker-content-digest");
            Ok(digest.and_then(|digest| digest.to_str().ok()?.parse().ok()))
        })
    }

    fn ensure<'a>(&'a self, wanted: &'a Wanted<'a>, _tell: &'a Tell<'a>) -> Making<'a, Pushed> {
        Box::pin(async move {
            let tag = self.tag(wanted.package, wanted.port)?;
            let config = Bytes::from(
                json!({ "architecture": "amd64", "os": "linux", "sources": tag }).to_string(),
            );
            let digest = Digest::of(&config);
            let path = format!("/v2/{}/blobs/uploads/?digest={digest}", wanted.repository.path);
            self.tried(wanted, Method::POST, &path, config.clone()).await?;
            let manifest = json!({
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": digest.to_string(),
                    "size": config.len(),
                },
                "layers": [],
            });
            let manifest = Bytes::from(manifest.to_string());
            let digest = Digest::of(&manifest);
            self.manifest(wanted, Method::PUT, manifest).await?;
            Ok(Pushed {
                tag,
                digest,
                builder: "thin air",
                bytes_sent: 0,
                blobs_skipped: 0,
                seconds: 0.0,
            })
        })
    }
}

impl ThinAir {
    async fn manifest(
        &self,
        wanted: &Wanted<'_>,
        method: Method,
        body: Bytes,
    ) -> Result<Response<Bytes>, ImageError> {
        let tag = self.tag(wanted.package, wanted.port)?;
        let path = format!("/v2/{}/manifests/{tag}", wanted.repository.path);
        self.tried(wanted, method, &path, body).await
    }

    /// Everything here may be sent twice: what is pushed is named after its content.
    async fn tried(
        &self,
        wanted: &Wanted<'_>,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, ImageError> {
        let mut last = Failure::Lost("never tried".to_owned());
        for _ in 0..TRIES {
            let request = Request::builder()
                .method(method.clone())
                .uri(format!("https://{}{path}", wanted.repository.registry))
                .header("host", &wanted.repository.registry)
                .header("authorization", format!("Basic {}", STANDARD.encode(&self.login)))
                .header("content-type", "application/vnd.oci.image.manifest.v1+json")
                .body(body.clone())
                .expect("the parts are plain");
            last = match self.http.send(request).await {
                Err(error) => Failure::Lost(error.to_string()),
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) if answer.status() == 404 && method == Method::HEAD => {
                    return Ok(answer);
                }
                Ok(answer) => Failure::Status {
                    status: answer.status().as_u16(),
                    message: String::from_utf8_lossy(answer.body()).into_owned(),
                    hint: None,
                    retry_after: None,
                },
            };
            if matches!(last, Failure::Status { status: 400..=428, .. }) {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
        Err(RegistryError {
            repository: wanted.repository.path.clone(),
            step: "reach it",
            failure: last,
        }
        .into())
    }
}
