//! The client against the registry everyone runs: Debian's docker-registry, where it is installed.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::*;
use crate::image::{
    layer::{File, Layer, pack},
    manifest::{Platform, Runtime, config, manifest},
    scratch::Scratch,
};

const PROGRAM: &str = "/usr/bin/docker-registry";
pub(in crate::image) const USER: &str = "namespace/user";
/// Its base64 has `+` and `/` wherever it begins.
pub(in crate::image) const PASSWORD: &str = "password>>>???~~~";
/// Of the password, with the least cost.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuu7mUPgXu1FJDOQl70Mu57kbpNmSv0zZy";

/// A docker-registry with its storage in a folder of its own.
pub(in crate::image) struct DockerRegistry {
    process: Child,
    pub(in crate::image) repository: Repository,
    _storage: Scratch,
}

impl DockerRegistry {
    /// One that asks no one for a login. `None`, and a line in the test's output, where the program
    /// is not installed.
    pub(in crate::image) fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// One that wants [`USER`] and [`PASSWORD`] by HTTP Basic authentication.
    pub(in crate::image) fn start_guarded() -> Option<Self> {
        Self::start_with("auth: { htpasswd: { realm: tests, path: '{folder}/htpasswd' } }\n")
    }

    fn start_with(settings: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            println!("skipped: {PROGRAM} is not installed");
            return None;
        }
        let storage = Scratch::new("registry");
        let folder = storage.path().display().to_string();
        storage.append("htpasswd", &format!("{USER}:{BCRYPT}\n"));
        storage.append("config.yml", &settings.replace("{folder}", &folder));
        storage.append(
            "config.yml",
            &format!(
                "version: 0.1\nlog: {{ level: info }}\nhttp: {{ addr: '127.0.0.1:0' }}\n\
                 storage: {{ filesystem: {{ rootdirectory: '{folder}/data' }} }}\n"
            ),
        );
        let mut process = Command::new(PROGRAM)
            .arg("serve")
            .arg(storage.path().join("config.yml"))
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let registry = lines
            .find_map(|line| {
                let line = line.unwrap();
                let rest = line.split_once("listening on ")?.1;
                Some(rest.split(['"', ' ', ',']).next()?.to_owned())
            })
            .unwrap();
        std::thread::spawn(move || lines.for_each(drop)); // keeps its pipe from filling up
        let repository = Repository { registry, path: "ns/site".to_owned(), plain_http: true };
        Some(Self { process, repository, _storage: storage })
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn image() -> (Layer, Document, Document) {
    let layer = pack(&[File { path: "site", content: b"program" }]).unwrap();
    let platform = Platform::of("x86_64-unknown-linux-gnu");
    let config = config(&Runtime::new("site", 8080, "0011"), &platform, &layer);
    let manifest = manifest(&config, &layer);
    (layer, config, manifest)
}

#[tokio::test]
async fn docker_registry_takes_an_image_and_shows_its_digest() {
    let Some(docker_registry) = DockerRegistry::start() else { return };
    let registry = open(&docker_registry.repository);
    let (layer, config, manifest) = image();

    assert_eq!(registry.head_manifest("0011").await.unwrap(), None);
    for (digest, bytes) in [(layer.digest, layer.bytes), (config.digest, config.bytes)] {
        let size = bytes.len() as u64;
        let bytes = Bytes::from(bytes);
        let upload = registry.upload_blob(digest, &bytes, &|_| {}).await.unwrap();
        assert_eq!(upload, Upload::Sent(size));
        let again = registry.upload_blob(digest, &bytes, &|_| {}).await.unwrap();
        assert_eq!(again, Upload::Skipped);
    }
    registry.put_manifest("0011", &manifest).await.unwrap();

    assert_eq!(registry.head_manifest("0011").await.unwrap(), Some(manifest.digest));
    assert_eq!(registry.get_manifest("0011").await.unwrap(), manifest.bytes);
}

#[tokio::test]
async fn docker_registry_takes_a_blob_in_chunks() {
    let Some(docker_registry) = DockerRegistry::start() else { return };
    let registry = open(&docker_registry.repository);
    let content = Bytes::from(vec![7; (8 << 20) * 2 + 5]);
    let digest = Digest::of(&content);
    let upload = registry.upload_blob(digest, &content, &|_| {}).await.unwrap();
    assert_eq!(upload, Upload::Sent(content.len() as u64));
    assert!(registry.has_blob(digest).await.unwrap());
}

#[tokio::test]
async fn docker_registrys_own_message_is_in_the_error() {
    let Some(docker_registry) = DockerRegistry::start() else { return };
    let registry = open(&docker_registry.repository);
    let (_, _, manifest) = image();
    let error = registry.put_manifest("hollow", &manifest).await.unwrap_err().to_string();
    let host = &docker_registry.repository.registry;
    let start =
        format!("{host}/ns/site: cannot tag the image: status 400, MANIFEST_BLOB_UNKNOWN: ");
    assert!(error.starts_with(&start), "{error}");
}

#[tokio::test]
async fn docker_registrys_basic_challenge_is_answered() {
    let Some(docker_registry) = DockerRegistry::start_guarded() else { return };
    let (right, wrong) = (Credentials::new(USER, PASSWORD), Credentials::new(USER, "guess-1"));
    let open = |credentials| Registry::open(http(), &docker_registry.repository, credentials);
    assert_eq!(open(&right).unwrap().head_manifest("absent").await.unwrap(), None);
    let error = open(&wrong).unwrap().head_manifest("absent").await.unwrap_err().to_string();
    assert!(error.contains("cannot look for the image: status 401"), "{error}");
    assert!(error.contains("hint: logged in as \"namespace/user\""), "{error}");
}
