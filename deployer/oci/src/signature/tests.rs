//! The signatures of this crate against those of the vendor's Python SDK.

use std::collections::BTreeMap;

use rustls_pki_types::{PrivatePkcs1KeyDer, pem::PemObject};
use serde::Deserialize;

use super::*;

const KEY: &str = include_str!("../../../../tests/contracts/signing/key.pem");
const VECTORS: &str = include_str!("../../../../tests/contracts/signing/vectors.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    unix_time: i64,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    name: String,
    method: String,
    url: String,
    body: Option<String>,
    body_covered: bool,
    key_id: String,
    headers: BTreeMap<String, String>,
}

impl Vector {
    fn request(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.url);
        if self.body.is_some() {
            request = request.header("content-type", &self.headers["content-type"]);
        }
        request.body(Bytes::from(self.body.clone().unwrap_or_default())).unwrap()
    }

    fn coverage(&self) -> Coverage {
        if self.body_covered { Coverage::Whole } else { Coverage::WithoutBody }
    }
}

fn key() -> RsaKeyPair {
    let der = PrivatePkcs1KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    RsaKeyPair::from_der(der.secret_pkcs1_der()).unwrap()
}

#[test]
fn every_signature_equals_that_of_the_vendors_sdk() {
    let document: Document = serde_json::from_str(VECTORS).unwrap();
    let now = OffsetDateTime::from_unix_timestamp(document.unix_time).unwrap();
    for vector in &document.vectors {
        let mut request = vector.request();
        sign(&mut request, &vector.key_id, &key(), now, vector.coverage()).unwrap();
        for (name, value) in request.headers() {
            let value = value.to_str().unwrap();
            assert_eq!(vector.headers[name.as_str()], value, "{}: {name}", vector.name);
        }
        assert!(request.headers().contains_key("authorization"), "{}", vector.name);
    }
}

#[test]
fn a_request_without_a_host_is_not_signed() {
    let mut request = Request::builder().uri("/n").body(Bytes::new()).unwrap();
    let outcome = sign(&mut request, "id", &key(), OffsetDateTime::UNIX_EPOCH, Coverage::Whole);
    assert!(matches!(outcome, Err(SignatureError::NoHost)));
}

#[test]
fn the_signature_is_hidden_when_a_request_is_printed() {
    let mut request = Request::builder().uri("https://a/n").body(Bytes::new()).unwrap();
    sign(&mut request, "id", &key(), OffsetDateTime::UNIX_EPOCH, Coverage::Whole).unwrap();
    assert!(!format!("{request:?}").contains("signature="));
}
