//! Against localcloud's authority, over a socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use localcloud::faults::Fault;
use localcloud::services::acme::{AcmeService, Policy};
use localcloud::{Cloud, Options, Ports, RuntimeChoice, Seed, options::Conduct};

use super::super::renewal::Suggestion;
use super::{AcmeError, KeyType, Peer, Request, check, request};
use crate::dns::responder;
use crate::http::{client, loopback};

/// A running authority, in a folder of its own that goes with it.
struct Local {
    peer: Peer,
    cloud: Arc<Cloud>,
    service: Arc<AcmeService>,
    state: PathBuf,
    /// Whether the answer to the next finalize gets lost.
    loses_finalize: Arc<AtomicBool>,
}

impl Drop for Local {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.state);
    }
}

impl Local {
    async fn start() -> Self {
        let dns = responder::serve().await;
        let state =
            std::env::temp_dir().join(format!("authority-{}-{}", std::process::id(), dns.0.port()));
        let options = Options {
            state: state.clone(),
            ports: Ports::default(),
            runtime: RuntimeChoice::Process,
            seed: Seed::default(),
            latency_ms: 50,
            conduct: Conduct::default(),
        };
        let cloud = Cloud::open(options).unwrap();
        let service = AcmeService::open(Arc::clone(&cloud), dns.0).unwrap();
        let loses_finalize = Arc::new(AtomicBool::new(false));
        let (handler, loses) = (Arc::clone(&service), Arc::clone(&loses_finalize));
        let address = loopback::serve(None, move |request| {
            let (service, loses) = (Arc::clone(&handler), Arc::clone(&loses));
            async move {
                let base = format!("http://{}", request.headers()["host"].to_str().unwrap());
                let finalizes = request.uri().path().ends_with("/finalize");
                let mut response = service.handle(request, &base).await.response;
                if finalizes && loses.swap(false, Ordering::Relaxed) {
                    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                    let problem = r#"{"type": "urn:ietf:params:acme:error:serverInternal"}"#;
                    *response.body_mut() = Bytes::from_static(problem.as_bytes());
                }
                response
            }
        })
        .await;
        let http = client(&[], &[]).unwrap();
        let peer = Peer::new(http, format!("http://{address}/directory"), dns);
        Self { peer, cloud, service, state, loses_finalize }
    }

    fn plan(&self, operation: &str, status: u16, times: u32) {
        self.cloud.faults.plan(Fault {
            operation: operation.to_owned(),
            status,
            after: 0,
            times,
            ..Fault::default()
        });
    }
}

#[tokio::test]
async fn localcloud_passes_the_suite() {
    let local = Local::start().await;
    check(&local.peer).await;
}

#[tokio::test]
async fn issuing_can_be_done_on_any_thread() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    let (zone, servers) = (Arc::clone(&local.peer.zone), local.peer.servers.clone());
    let issuing = tokio::spawn(async move {
        let names = request(&["spawned.example.com"]);
        authority.issue(&names, KeyType::P256, &zone, &servers).await
    });
    issuing.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_proven_name_is_not_proven_again() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    let names = request(&["twice.example.com"]);
    for _ in 0..2 {
        authority
            .issue(&names, KeyType::P256, &local.peer.zone, &local.peer.servers)
            .await
            .unwrap();
    }
    assert_eq!(local.peer.zone.published.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_lost_answer_to_finalize_costs_no_second_certificate() {
    let local = Local::start().await;
    local.loses_finalize.store(true, Ordering::Relaxed);
    let authority = local.peer.authority().await;
    let key = super::super::key::generate(KeyType::P256).unwrap();
    let order = authority.place(&request(&["lost.example.com"])).await.unwrap();
    let first = authority.complete(&order, &key, &local.peer.zone, &local.peer.servers).await;
    assert!(matches!(first, Err(AcmeError::Unavailable { .. })), "{first:?}");
    authority.complete(&order, &key, &local.peer.zone, &local.peer.servers).await.unwrap();
}

#[tokio::test]
async fn five_refused_nonces_are_survived() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    local.plan("NewOrder", 400, 5);
    authority.place(&request(&["nonce.example.com"])).await.unwrap();
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    local.plan("NewOrder", 429, 1);
    let error = authority.place(&request(&["limit.example.com"])).await.unwrap_err();
    let AcmeError::RateLimited { after, .. } = &error else { panic!("{error}") };
    assert_eq!(*after, Some(std::time::Duration::from_secs(1)));
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_overloaded_gateway_is_reported_with_its_status() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    local.plan("NewOrder", 503, 1);
    let error = authority.place(&request(&["busy.example.com"])).await.unwrap_err();
    assert!(matches!(error, AcmeError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("503"), "{error}");
}

#[tokio::test]
async fn a_refused_name_is_refused_for_good() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    let error = authority.place(&request(&["127.0.0.1"])).await.unwrap_err();
    assert!(
        matches!(&error, AcmeError::Refused { kind, .. } if kind == "rejectedIdentifier"),
        "{error}"
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_profile_that_is_offered_is_taken_and_another_is_not_asked_for() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    for (profile, days) in [("tlsserver", 45), ("unheard-of", 90)] {
        let wanted =
            Request { profile: Some(profile.to_owned()), ..request(&["profile.example.com"]) };
        let outcome =
            authority.issue(&wanted, KeyType::P256, &local.peer.zone, &local.peer.servers).await;
        let issued = outcome.unwrap();
        assert_eq!((issued.not_after - issued.not_before).whole_days(), days, "{profile}");
    }
}

#[tokio::test]
async fn a_replaced_certificate_is_replaced_again_without_saying_so() {
    let local = Local::start().await;
    local.service.set_policy(Policy { reuse: false, ..Policy::default() });
    let authority = local.peer.authority().await;
    let first = request(&["replaced.example.com"]);
    let (zone, servers) = (&local.peer.zone, &local.peer.servers);
    let issued = authority.issue(&first, KeyType::P256, zone, servers).await.unwrap();
    let next = Request { replaces: Some(issued.chain_pem), ..first };
    let placed = authority.place(&next).await.unwrap();
    assert_ne!(authority.place(&next).await.unwrap(), placed);
}

#[tokio::test]
async fn the_authority_suggests_when_to_renew() {
    let local = Local::start().await;
    let authority = local.peer.authority().await;
    let names = request(&["renew.example.com"]);
    let outcome =
        authority.issue(&names, KeyType::P256, &local.peer.zone, &local.peer.servers).await;
    let issued = outcome.unwrap();
    let suggested = authority.suggestion(&issued.chain_pem).await.unwrap();
    let Some(Suggestion { start, .. }) = suggested else { panic!("no suggestion") };
    assert!(start > issued.not_before && start < issued.not_after);
    local.service.advise_renewal("renew.example.com");
    let suggested = authority.suggestion(&issued.chain_pem).await.unwrap().unwrap();
    assert!(suggested.end < local.cloud.clock.now());
}
