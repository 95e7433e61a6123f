//! What surrounds the layer: the image's configuration and its manifest, as deterministic JSON
//! (OCI image spec 1.0, config.md and manifest.md). One platform, one layer, no index.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{digest::Digest, layer::Layer};

/// Media type of the manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// Whoever unpacks two equal builds must find two equal images: no build has a date.
const EPOCH: &str = "1970-01-01T00:00:00Z";
/// No user of any distribution, and not root.
const USER: &str = "65532:65532";

/// How a container of the image starts; both builders, with and without Docker, follow it.
#[derive(Debug, Clone, Serialize)]
pub struct Runtime {
    /// Name of the program, which lies in the image's root.
    pub binary: String,
    /// The TCP port that is exposed, and the default of the variable `PORT`.
    pub port: u16,
    /// `uid:gid`.
    pub user: &'static str,
    /// Labels of the image, `org.opencontainers.image.*`.
    pub labels: BTreeMap<&'static str, String>,
}

impl Runtime {
    /// The program `binary`, built from sources named `tag`, serving `port`.
    pub fn new(binary: &str, port: u16, tag: &str) -> Self {
        let labels = [
            ("org.opencontainers.image.title", binary.to_owned()),
            ("org.opencontainers.image.version", tag.to_owned()),
        ];
        Self { binary: binary.to_owned(), port, user: USER, labels: labels.into() }
    }
}

/// The platform of an image in the words of the OCI (Go's `GOOS` and `GOARCH`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, or `darwin`.
    pub os: &'static str,
    /// `amd64`, `arm64`, or Rust's own word for a rarer one.
    pub architecture: String,
}

impl Platform {
    /// The platform of a target triple such as `x86_64-unknown-linux-gnu`.
    pub fn of(triple: &str) -> Self {
        let architecture = match triple.split('-').next().unwrap_or_default() {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        // No container host runs darwin. localcloud does, on a Mac: it unpacks the image and starts
        // the program as a child process, and the platform must say honestly what is inside.
        let os = if triple.contains("-darwin") { "darwin" } else { "linux" };
        Self { os, architecture: architecture.to_owned() }
    }
}

/// A piece of JSON and its digest.
#[derive(Debug, Clone)]
pub struct Document {
    /// The exact bytes; to format them again would change the digest.
    pub bytes: Vec<u8>,
    /// Digest of `bytes`.
    pub digest: Digest,
}

impl Document {
    fn new(value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value).expect("maps with text keys are JSON");
        Self { digest: Digest::of(&bytes), bytes }
    }
}

/// The configuration of an image that holds `layer` alone.
pub fn config(runtime: &Runtime, platform: &Platform, layer: &Layer) -> Document {
    let program = format!("/{}", runtime.binary);
    Document::new(&serde_json::json!({
        "architecture": platform.architecture,
        "config": {
            "Entrypoint": [program],
            "Env": [format!("PORT={}", runtime.port)],
            "ExposedPorts": { format!("{}/tcp", runtime.port): {} },
            "Labels": runtime.labels,
            "User": runtime.user,
            "WorkingDir": "/",
        },
        "created": EPOCH,
        "history": [{ "created": EPOCH, "created_by": format!("deployer: copy {program}") }],
        "os": platform.os,
        "rootfs": { "diff_ids": [layer.diff_id], "type": "layers" },
    }))
}

/// The manifest that ties `config` and `layer` together.
pub fn manifest(config: &Document, layer: &Layer) -> Document {
    let descriptor = |kind: &str, digest: Digest, size: usize| serde_json::json!({ "digest": digest, "mediaType": kind, "size": size });
    Document::new(&serde_json::json!({
        "config": descriptor(CONFIG, config.digest, config.bytes.len()),
        "layers": [descriptor(LAYER, layer.digest, layer.bytes.len())],
        "mediaType": MANIFEST,
        "schemaVersion": 2,
    }))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::image::layer::{File, pack};

    fn image() -> (Document, Document) {
        let layer = pack(&[File { path: "app", content: b"program" }]).unwrap();
        let platform = Platform::of("x86_64-unknown-linux-gnu");
        let config = config(&Runtime::new("app", 8080, "0011"), &platform, &layer);
        let manifest = manifest(&config, &layer);
        (config, manifest)
    }

    #[test]
    fn the_configuration_says_how_to_run_the_program_as_nobody() {
        let value: serde_json::Value = serde_json::from_slice(&image().0.bytes).unwrap();
        expect![[r#"
            {
              "architecture": "amd64",
              "config": {
                "Entrypoint": [
                  "/app"
                ],
                "Env": [
                  "PORT=8080"
                ],
                "ExposedPorts": {
                  "8080/tcp": {}
                },
                "Labels": {
                  "org.opencontainers.image.title": "app",
                  "org.opencontainers.image.version": "0011"
                },
                "User": "65532:65532",
                "WorkingDir": "/"
              },
              "created": "1970-01-01T00:00:00Z",
              "history": [
                {
                  "created": "1970-01-01T00:00:00Z",
                  "created_by": "deployer: copy /app"
                }
              ],
              "os": "linux",
              "rootfs": {
                "diff_ids": [
                  "sha256:ee4876381ad74b9e5535086d106d54698aa949b2f93e88a3d6a8b439760fd094"
                ],
                "type": "layers"
              }
            }"#]]
        .assert_eq(&format!("{value:#}"));
    }

    #[test]
    fn the_same_input_gives_the_same_manifest() {
        assert_eq!(image().1.bytes, image().1.bytes);
        expect!["sha256:a104d36b0f68d913df0a8e9a060685049e6e5b77424cee5fd94d32e3cb405cf5"]
            .assert_eq(&image().1.digest.to_string());
    }

    #[test]
    fn platforms_are_named_as_the_oci_names_them() {
        let names = |triple| {
            let platform = Platform::of(triple);
            format!("{}/{}", platform.os, platform.architecture)
        };
        assert_eq!(names("x86_64-unknown-linux-musl"), "linux/amd64");
        assert_eq!(names("aarch64-apple-darwin"), "darwin/arm64");
        assert_eq!(names("riscv64gc-unknown-linux-gnu"), "linux/riscv64gc");
    }
}
