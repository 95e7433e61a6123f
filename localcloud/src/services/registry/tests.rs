//! The registry over a loopback socket, as clients see it.

mod auth;
mod conversation;
mod images;
mod uploads;

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::json;
use tokio::task::JoinSet;

use super::digest::Digest;
use super::{RegistryCredentials, RegistryService};
use crate::cloud::Cloud;
use crate::model::repository::Repository;
use crate::options::{Conduct, Options, Ports, RuntimeChoice, Seed};
use crate::{ids, loopback};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry with the private repository `web` and the public one `open`, in a folder of its own.
struct Bench {
    cloud: Arc<Cloud>,
    host: String,
    client: Client,
    folder: PathBuf,
    _server: JoinSet<()>,
}

impl Bench {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("localcloud-registry-{}", ids::hex::<8>()));
        let bench = Self::open(folder).await;
        for (name, is_public) in [("web", false), ("open", true)] {
            let repository = Repository {
                id: ids::ocid("containerrepo", "uk-london-1"),
                display_name: name.to_owned(),
                is_public,
                ..Repository::default()
            };
            bench.cloud.repositories.update(|world| {
                world.repositories.insert(repository.id.clone(), repository);
            });
        }
        bench
    }

    async fn open(folder: PathBuf) -> Self {
        // Another test may have been first.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let options = Options {
            state: folder.clone(),
            ports: Ports::default(),
            runtime: RuntimeChoice::Process,
            seed: Seed::default(),
            latency_ms: 0,
            conduct: Conduct::default(),
        };
        let cloud = Cloud::open(options).unwrap();
        let credentials = RegistryCredentials {
            tenancy: "ocid1.tenancy.oc1..root".to_owned(),
            namespace: "ns".to_owned(),
            username: "ci".to_owned(),
            password: "auth-token".to_owned(),
        };
        let service = RegistryService::open(Arc::clone(&cloud), credentials).unwrap();
        let listener = loopback::listen(0).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let mut server = JoinSet::new();
        server.spawn(service.serve(listener));
        Self { cloud, host, client: Client::new(), folder, _server: server }
    }

    /// The same folder, opened anew.
    async fn restart(mut self) -> Self {
        let folder = std::mem::take(&mut self.folder);
        drop(self);
        Self::open(folder).await
    }

    fn anonymous(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        self.client.request(method, format!("http://{}{path}", self.host))
    }

    fn call(&self, method: &str, path: &str) -> RequestBuilder {
        self.anonymous(method, path).basic_auth("ns/ci", Some("auth-token"))
    }

    /// Starts an upload; returns its path.
    async fn start(&self, repository: &str) -> String {
        let path = format!("/v2/ns/{repository}/blobs/uploads/");
        let started = self.call("POST", &path).send().await.unwrap();
        assert_eq!(started.status(), 202);
        header(&started, "location")
    }

    async fn push_blob(&self, repository: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        let path = format!("/v2/ns/{repository}/blobs/uploads/?digest={digest}");
        let pushed = self.call("POST", &path).body(bytes.to_vec()).send().await.unwrap();
        assert_eq!(pushed.status(), 201);
        digest
    }

    async fn push_manifest(
        &self,
        repository: &str,
        reference: &str,
        manifest: &serde_json::Value,
    ) -> Response {
        let path = format!("/v2/ns/{repository}/manifests/{reference}");
        let request = self.call("PUT", &path).header("content-type", MANIFEST);
        request.body(manifest.to_string()).send().await.unwrap()
    }

    /// Pushes an image of one layer under a tag; returns its digest.
    async fn push_image(&self, repository: &str, tag: &str, layer: &[u8]) -> String {
        let config = self.push_blob(repository, b"{}").await;
        let layer_digest = self.push_blob(repository, layer).await;
        let manifest = manifest(&config, 2, &layer_digest, layer.len());
        let pushed = self.push_manifest(repository, tag, &manifest).await;
        assert_eq!(pushed.status(), 201);
        header(&pushed, "docker-content-digest")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !self.folder.as_os_str().is_empty() {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}

fn manifest(
    config: &Digest,
    config_size: usize,
    layer: &Digest,
    layer_size: usize,
) -> serde_json::Value {
    json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": config, "size": config_size,
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": layer, "size": layer_size,
        }],
    })
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

/// The first error code of a refusal.
async fn code(response: Response) -> String {
    let body: serde_json::Value = response.json().await.unwrap();
    body["errors"][0]["code"].as_str().unwrap().to_owned()
}
