//! What refers to an image: signatures, bills of materials (distribution spec, Listing referrers).

use http::StatusCode;
use serde_json::{Value, json};

use super::access::values;
use super::digest::Digest;
use super::manifests::OCI_INDEX;
use super::{Answer, Call, RegistryService, reply};

impl RegistryService {
    pub(super) fn list_referrers(&self, call: &Call<'_>, subject: &Digest) -> Answer {
        let query = call.parts.uri.query().unwrap_or_default();
        let wanted = values(query, "artifactType").next();
        let contents = self.contents.read();
        let world = self.cloud.repositories.read();
        let repository = &call.repository.id;
        let listed: Vec<Value> = contents
            .referrers(repository, subject)
            .filter(|(digest, _)| {
                world.images_of(repository).any(|image| image.digest == digest.as_str())
            })
            .filter(|(_, stored)| wanted.is_none() || stored.artifact_type == wanted)
            .map(|(digest, stored)| {
                json!({
                    "mediaType": stored.media_type, "digest": digest, "size": stored.size,
                    "artifactType": stored.artifact_type, "annotations": stored.annotations,
                })
            })
            .collect();
        let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed });
        let mut headers = vec![("content-type", OCI_INDEX)];
        if wanted.is_some() {
            headers.push(("oci-filters-applied", "artifactType"));
        }
        reply(StatusCode::OK, &headers, index.to_string())
    }
}
