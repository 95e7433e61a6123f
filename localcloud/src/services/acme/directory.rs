//! The directory: where everything else is (RFC 8555 section 7.1.1).

use serde_json::{Map, Value, json};

use super::AcmeService;
use super::answer::Answer;
use super::policy::PROFILES;

/// The name under which CAA records allow this authority. It plays Let's Encrypt, so that a zone's real CAA records
/// mean here what they will mean there.
pub(super) const CAA_IDENTITY: &str = "letsencrypt.org";

impl AcmeService {
    #[expect(clippy::unused_self, reason = "every resource is a method of the service")]
    pub(super) fn directory(&self, base: &str) -> Answer {
        let profiles: Map<String, Value> =
            PROFILES.iter().map(|p| (p.name.to_owned(), Value::from(p.description))).collect();
        Answer::json(
            200,
            &json!({
                "newNonce": format!("{base}/acme/new-nonce"),
                "newAccount": format!("{base}/acme/new-account"),
                "newOrder": format!("{base}/acme/new-order"),
                "revokeCert": format!("{base}/acme/revoke-cert"),
                "keyChange": format!("{base}/acme/key-change"),
                "renewalInfo": format!("{base}/acme/renewal-info"),
                "meta": {
                    "termsOfService": format!("{base}/terms"),
                    "caaIdentities": [CAA_IDENTITY],
                    "externalAccountRequired": false,
                    "profiles": profiles,
                },
            }),
        )
    }
}
