//! One suite, two authorities: localcloud's and, when it is installed, Pebble.

mod cloudflare;
mod localcloud;
mod pebble;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use x509_parser::prelude::parse_x509_certificate;

use super::{AcmeError, Authority, Deadlines, KeyType, NameServers, Request, chain};
use crate::dns::responder::Zone;
use crate::http::HttpTransport;

/// An authority, and the DNS that it looks at.
struct Peer {
    http: HttpTransport,
    directory: String,
    servers: NameServers,
    zone: Arc<Zone>,
}

impl Peer {
    fn new(
        http: reqwest::Client,
        directory: String,
        (server, zone): (SocketAddr, Arc<Zone>),
    ) -> Self {
        Self {
            http: HttpTransport::new(http),
            directory,
            servers: NameServers::Known(vec![server]),
            zone,
        }
    }

    async fn authority(&self) -> Authority {
        let authority =
            Authority::open(self.http.clone(), &self.directory, None, Some("ops@example.net"))
                .await
                .unwrap();
        authority.with_deadlines(Deadlines {
            propagation: Duration::from_secs(2),
            ..Deadlines::default()
        })
    }
}

fn request(names: &[&str]) -> Request {
    Request { names: names.iter().map(|&name| name.to_owned()).collect(), ..Request::default() }
}

async fn an_apex_and_its_wildcard_are_certified_and_nothing_is_left(peer: &Peer) {
    let authority = peer.authority().await;
    let names = request(&["*.example.com", "example.com"]);
    let issued = authority.issue(&names, KeyType::P256, &peer.zone, &peer.servers).await.unwrap();
    let der = chain::leaf(&issued.chain_pem).unwrap();
    let (_, leaf) = parse_x509_certificate(&der).unwrap();
    assert_eq!(leaf.validity().not_after.to_datetime(), issued.not_after);
    assert!(issued.chain_pem.matches("BEGIN CERTIFICATE").count() >= 2);
    assert!(issued.serial_hex.len() >= 16);
    assert!(issued.leftovers.is_empty());
    assert_eq!(peer.zone.len(), 0);
}

async fn every_type_of_key_is_certified(peer: &Peer) {
    let authority = peer.authority().await;
    for kind in [KeyType::P384, KeyType::Rsa] {
        let names = request(&["keys.example.com"]);
        authority.issue(&names, kind, &peer.zone, &peer.servers).await.unwrap();
    }
}

async fn a_stored_account_is_opened_again(peer: &Peer) {
    let first = peer.authority().await;
    let stored = first.credentials().clone();
    let again =
        Authority::open(peer.http.clone(), &peer.directory, Some(&stored), None).await.unwrap();
    assert_eq!(again.account_url(), first.account_url());
    let elsewhere =
        Authority::open(peer.http.clone(), "https://127.0.0.1:1/dir", Some(&stored), None).await;
    assert!(matches!(elsewhere, Err(AcmeError::OtherDirectory { .. })));
}

async fn a_finished_order_is_taken_up_again(peer: &Peer) {
    let authority = peer.authority().await;
    let key = super::key::generate(KeyType::P256).unwrap();
    let order = authority.place(&request(&["again.example.com"])).await.unwrap();
    let first = authority.complete(&order, &key, &peer.zone, &peer.servers).await.unwrap();
    let second = authority.complete(&order, &key, &peer.zone, &peer.servers).await.unwrap();
    assert_eq!(first.serial_hex, second.serial_hex);
}

async fn a_proof_that_nobody_serves_never_reaches_the_authority(peer: &Peer) {
    peer.zone.loses_proofs.store(true, Ordering::Relaxed);
    let authority = peer.authority().await;
    let names = request(&["lost.example.com"]);
    let outcome = authority.issue(&names, KeyType::P256, &peer.zone, &peer.servers).await;
    peer.zone.loses_proofs.store(false, Ordering::Relaxed);
    assert!(matches!(outcome, Err(AcmeError::Propagation(_))), "{outcome:?}");
}

async fn a_failed_validation_names_the_name_and_cleans_up(peer: &Peer) {
    let authority = peer.authority().await;
    let names = request(&["fails.example.com"]);
    // No server is asked, so that only the authority sees that the proof is missing.
    peer.zone.loses_proofs.store(true, Ordering::Relaxed);
    let nobody = NameServers::Known(Vec::new());
    let error = authority.issue(&names, KeyType::P256, &peer.zone, &nobody).await.unwrap_err();
    peer.zone.loses_proofs.store(false, Ordering::Relaxed);
    let AcmeError::Validation { failures } = &error else { panic!("{error}") };
    assert_eq!(failures[0].name, "fails.example.com");
    assert!(!error.next_step().is_empty());
    assert_eq!(peer.zone.len(), 0);
}

/// What every authority must be good for.
async fn check(peer: &Peer) {
    an_apex_and_its_wildcard_are_certified_and_nothing_is_left(peer).await;
    every_type_of_key_is_certified(peer).await;
    a_stored_account_is_opened_again(peer).await;
    a_finished_order_is_taken_up_again(peer).await;
    a_proof_that_nobody_serves_never_reaches_the_authority(peer).await;
    a_failed_validation_names_the_name_and_cleans_up(peer).await;
}
