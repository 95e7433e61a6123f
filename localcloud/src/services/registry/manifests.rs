//! Manifests and tags: checked when pushed, entered in the catalogue, readable as long as the catalogue has them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;

use super::access::values;
use super::contents::Stored;
use super::digest::Digest;
use super::refusal::Refusal;
use super::route::Reference;
use super::{Answer, Call, RegistryService, Sent, reply};
use crate::ids;
use crate::model::repository::{Image, World};

/// Largest manifest, in bytes (distribution spec: at least 4 MiB).
const LARGEST: usize = 4 << 20;
const IMAGES: [&str; 2] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const INDEXES: [&str; 2] = [OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"];

/// The parts of a manifest or index that a registry must understand.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u32,
    media_type: Option<String>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
    subject: Option<Descriptor>,
    artifact_type: Option<String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: Digest,
    size: u64,
    /// Layers that live elsewhere and are not pushed.
    #[serde(default)]
    urls: Vec<String>,
}

impl RegistryService {
    pub(super) async fn read_manifest(&self, call: &Call<'_>, reference: &Reference) -> Answer {
        let digest = find(&self.cloud.repositories.read(), &call.repository.id, reference)?;
        let contents = self.contents.read();
        let unknown = || Refusal::unknown_manifest(digest.as_str());
        let stored = contents.manifest(&call.repository.id, &digest).ok_or_else(unknown)?;
        let (blob, size) = self.store.read(&digest).await?.ok_or_else(unknown)?;
        let bytes = blob.part(0, size).await?.collect().await?.to_bytes();
        let headers =
            [("content-type", &*stored.media_type), ("docker-content-digest", digest.as_str())];
        reply(StatusCode::OK, &headers, bytes)
    }

    pub(super) async fn push_manifest(
        &self,
        call: &Call<'_>,
        reference: &Reference,
        body: &mut Sent,
    ) -> Answer {
        let bytes = Limited::new(body, LARGEST).collect().await.map_err(|_| {
            let message = "the manifest did not arrive, or is larger than 4 MiB";
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID", message)
        })?;
        let bytes = bytes.to_bytes();
        let digest = Digest::of(&bytes);
        if matches!(reference, Reference::Digest(asked) if *asked != digest) {
            return Err(Refusal::bad_digest("provided digest did not match uploaded content"));
        }
        let header = call.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (manifest, media_type) = parse(&bytes, header)?;
        self.check_parts(call, &manifest)?;
        self.store.put(&digest, &bytes)?;
        let image = self.image(call, &manifest, &digest, &bytes);
        let subject = manifest.subject.as_ref().map(|subject| subject.digest.clone());
        let stored = manifest.into_stored(media_type, bytes.len() as u64);
        self.contents.update(|c| c.add_manifest(&call.repository.id, digest.clone(), stored));
        let immutable = call.repository.is_immutable;
        self.cloud.repositories.try_update(|world| enter(world, image, reference, immutable))?;
        pushed(call, &digest, subject.as_ref())
    }

    pub(super) fn delete_manifest(&self, call: &Call<'_>, reference: &Reference) -> Answer {
        let repository = &call.repository.id;
        let digest = self.cloud.repositories.try_update(|world| {
            let digest = find(world, repository, reference)?;
            let this = |i: &Image| i.repository_id == *repository && i.digest == digest.as_str();
            match reference {
                Reference::Digest(_) => world.images.retain(|_, image| !this(image)),
                Reference::Tag(tag) => {
                    world.images.change_where(this, |image| {
                        image.versions.retain(|version| version != tag);
                    });
                }
            }
            Ok::<_, Refusal>(digest)
        })?;
        if matches!(reference, Reference::Digest(_)) {
            self.contents.update(|contents| contents.remove_manifest(repository, &digest));
        }
        reply(StatusCode::ACCEPTED, &[("docker-content-digest", digest.as_str())], "")
    }

    /// `?n=` tags after `?last=`, in byte order, with a `Link` to the next page.
    pub(super) fn list_tags(&self, call: &Call<'_>) -> Answer {
        let world = self.cloud.repositories.read();
        let query = call.parts.uri.query().unwrap_or_default();
        let last = values(query, "last").next().unwrap_or_default();
        let mut tags: Vec<&str> = world
            .images_of(&call.repository.id)
            .flat_map(|image| &image.versions)
            .map(String::as_str)
            .filter(|tag| last.is_empty() || **tag > *last)
            .collect();
        tags.sort_unstable();
        let asked = values(query, "n").next().and_then(|n| n.parse::<usize>().ok());
        let more = asked.is_some_and(|n| n < tags.len());
        tags.truncate(asked.unwrap_or(tags.len()));
        let body = serde_json::json!({ "name": call.name, "tags": tags }).to_string();
        let mut headers = vec![("content-type", "application/json")];
        let next = match (asked, tags.last()) {
            (Some(n), Some(last)) if more => {
                format!("</v2/{}/tags/list?n={n}&last={last}>; rel=\"next\"", call.name)
            }
            _ => String::new(),
        };
        if !next.is_empty() {
            headers.push(("link", &next));
        }
        reply(StatusCode::OK, &headers, body)
    }

    /// Everything that the manifest names must have been pushed before; a subject may come later.
    fn check_parts(&self, call: &Call<'_>, manifest: &Manifest) -> Result<(), Refusal> {
        let contents = self.contents.read();
        let world = self.cloud.repositories.read();
        let repository = &call.repository.id;
        let own = |d: &&Descriptor| d.urls.is_empty();
        let missing_blob = manifest
            .config
            .iter()
            .chain(manifest.layers.iter().filter(own))
            .find(|blob| !contents.holds_blob(repository, &blob.digest));
        let missing_manifest = manifest.manifests.iter().find(|child| {
            find(&world, repository, &Reference::Digest(child.digest.clone())).is_err()
        });
        match missing_blob.or(missing_manifest) {
            None => Ok(()),
            Some(missing) => Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "MANIFEST_BLOB_UNKNOWN",
                format!("{} {} unknown to registry", missing.media_type, missing.digest),
            )),
        }
    }

    fn image(&self, call: &Call<'_>, manifest: &Manifest, digest: &Digest, bytes: &Bytes) -> Image {
        Image {
            id: ids::ocid("containerimage", &self.cloud.options.seed.region),
            repository_id: call.repository.id.clone(),
            digest: digest.to_string(),
            versions: Vec::new(),
            manifest_size: bytes.len() as u64,
            layers: manifest.layers.iter().map(|l| (l.digest.to_string(), l.size)).collect(),
            time_created: self.cloud.clock.stamp(),
            ..Image::default()
        }
    }
}

impl Manifest {
    fn into_stored(self, media_type: String, size: u64) -> Stored {
        let config_type = self.config.map(|config| config.media_type);
        Stored {
            media_type,
            size,
            subject: self.subject.map(|subject| subject.digest),
            artifact_type: self.artifact_type.or(config_type),
            annotations: self.annotations,
        }
    }
}

fn parse(bytes: &[u8], header: Option<&str>) -> Result<(Manifest, String), Refusal> {
    let manifest: Manifest = serde_json::from_slice(bytes)
        .map_err(|e| Refusal::bad_manifest(format!("manifest is not valid: {e}")))?;
    let header = header.map(|value| value.split(';').next().unwrap_or_default().trim().to_owned());
    let media_type = match (header, &manifest.media_type) {
        (Some(header), Some(own)) if header != *own => {
            return Err(Refusal::bad_manifest("content type and mediaType differ"));
        }
        (Some(known), _) => known,
        (None, Some(known)) => known.clone(),
        (None, None) => return Err(Refusal::bad_manifest("manifest has no media type")),
    };
    let image = IMAGES.contains(&&*media_type) && manifest.config.is_some();
    if manifest.schema_version != 2 || !(image || INDEXES.contains(&&*media_type)) {
        return Err(Refusal::bad_manifest(format!("{media_type} is not a manifest of version 2")));
    }
    Ok((manifest, media_type))
}

/// The digest that a tag or digest means in the catalogue.
fn find(world: &World, repository: &str, reference: &Reference) -> Result<Digest, Refusal> {
    let (text, found) = match reference {
        Reference::Digest(digest) => {
            let found = world.images_of(repository).find(|image| image.digest == digest.as_str());
            (digest.as_str(), found)
        }
        Reference::Tag(tag) => {
            (tag.as_str(), world.images_of(repository).find(|image| image.versions.contains(tag)))
        }
    };
    found
        .and_then(|image| Digest::parse(&image.digest))
        .ok_or_else(|| Refusal::unknown_manifest(text))
}

/// Enters an image once and moves the tag to it.
fn enter(
    world: &mut World,
    image: Image,
    reference: &Reference,
    immutable: bool,
) -> Result<(), Refusal> {
    let same = |i: &Image| i.repository_id == image.repository_id && i.digest == image.digest;
    let of_repository = |i: &Image| i.repository_id == image.repository_id;
    if let Reference::Tag(tag) = reference {
        let tagged = |i: &Image| of_repository(i) && !same(i) && i.versions.contains(tag);
        if immutable && world.images.values().any(tagged) {
            let message = format!("tag {tag} exists and the repository is immutable");
            return Err(Refusal::new(StatusCode::FORBIDDEN, "DENIED", message));
        }
        world.images.change_where(tagged, |other| other.versions.retain(|version| version != tag));
    }
    let known = world.images.values().find(|i| same(i)).map(|i| i.id.clone());
    let id = known.unwrap_or_else(|| image.id.clone());
    let entry = world.images.get_or_insert_with(&id, || image);
    if let Reference::Tag(tag) = reference
        && !entry.versions.contains(tag)
    {
        entry.versions.push(tag.clone());
    }
    Ok(())
}

fn pushed(call: &Call<'_>, digest: &Digest, subject: Option<&Digest>) -> Answer {
    let location = format!("/v2/{}/manifests/{digest}", call.name);
    let mut headers =
        vec![("location", location.as_str()), ("docker-content-digest", digest.as_str())];
    if let Some(subject) = subject {
        headers.push(("oci-subject", subject.as_str()));
    }
    reply(StatusCode::CREATED, &headers, "")
}
