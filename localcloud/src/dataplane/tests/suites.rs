//! Protocols and ciphers of a listener, as a client agrees on them.

use rustls::{CipherSuite, ProtocolVersion};
use serde_json::json;

use super::BOTH;
use super::site::{Site, poll};

#[tokio::test]
async fn a_listener_speaks_the_ciphers_of_its_suite_only() {
    use CipherSuite as C;
    let site = Site::start(json!({"sslCipherSuites": {"own": {
        "name": "own", "ciphers": ["ECDHE-ECDSA-AES256-GCM-SHA384", "DHE-RSA-AES128-SHA256"]
    }}}))
    .await;
    site.served_by(&BOTH).await;
    for (suite, protocols, cipher, version) in [
        (
            "own",
            ["TLSv1.2"].as_slice(),
            C::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            ProtocolVersion::TLSv1_2,
        ),
        (
            "oci-modern-ssl-cipher-suite-v1",
            &["TLSv1.2"],
            C::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            ProtocolVersion::TLSv1_2,
        ),
        (
            "oci-tls-13-recommended-ssl-cipher-suite-v1",
            &["TLSv1.3"],
            C::TLS13_AES_128_GCM_SHA256,
            ProtocolVersion::TLSv1_3,
        ),
    ] {
        let ssl = json!({"cipherSuiteName": suite, "protocols": protocols, "serverOrderPreference": "ENABLED"});
        site.merge(
            &json!({"listeners": {"a": {"sslConfiguration": ssl}, "b": {"sslConfiguration": ssl}}}),
        );
        poll(async || {
            let stream = site.tls("a.example", "http/1.1").await;
            let (_, tls) = stream.get_ref();
            let agreed = tls.negotiated_cipher_suite().map(|suite| suite.suite());
            (agreed, tls.protocol_version()) == (Some(cipher), Some(version))
        })
        .await;
        assert_eq!(site.plane.refused(), []);
    }
}

#[tokio::test]
async fn a_suite_of_which_nothing_is_served_is_refused_with_its_name() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    site.merge(&json!({
        "sslCipherSuites": {"old": {"name": "old", "ciphers": ["RC4-SHA"]}},
        "listeners": {"a": {"sslConfiguration": {"cipherSuiteName": "old"}}}
    }));
    poll(async || site.plane.refused().first().is_some_and(|(_, why)| why.contains("`old`"))).await;
    site.served_by(&BOTH).await;
}
