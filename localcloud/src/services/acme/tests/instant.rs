//! What a client of the wild gets, instant-acme standing for all.

use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, BodyWrapper, BytesResponse,
    CertificateIdentifier, ChallengeType, Error, HttpClient, Identifier, NewAccount, NewOrder,
    Order, OrderStatus, RetryPolicy, RevocationRequest,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::{AcmeService, Policy};
use super::dns::{self, Zone};
use super::{BASE, World};
use crate::faults::Fault;

/// Calls the authority without a socket.
struct InMemory(Arc<AcmeService>);

impl HttpClient for InMemory {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let service = Arc::clone(&self.0);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let reply = service.handle(Request::from_parts(parts, body), BASE).await;
            Ok(reply.response.map(Full::new).into())
        })
    }
}

async fn account(world: &World) -> (Account, AccountCredentials) {
    let wanted = NewAccount {
        contact: &["mailto:a@example.com"],
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let builder = Account::builder_with_http(Box::new(InMemory(Arc::clone(&world.service))));
    builder.create(&wanted, format!("{BASE}/directory"), None).await.unwrap()
}

fn identifiers(names: &[&str]) -> Vec<Identifier> {
    names.iter().map(|&name| Identifier::Dns(name.to_owned())).collect()
}

async fn order(account: &Account, names: &[&str]) -> Order {
    account.new_order(&NewOrder::new(&identifiers(names))).await.unwrap()
}

/// Publishes what an order wants to see, at the name that `at` makes of `_acme-challenge.<name>`.
async fn publish(order: &mut Order, zone: &Zone, at: impl Fn(String) -> String) {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.unwrap();
        let mut challenge = authorization.challenge(ChallengeType::Dns01).unwrap();
        let Identifier::Dns(name) = challenge.identifier().identifier else { unreachable!() };
        zone.txt(
            &at(format!("_acme-challenge.{name}")),
            &challenge.key_authorization().dns_value(),
        );
        challenge.set_ready().await.unwrap();
    }
}

async fn ready(order: &mut Order) -> Result<OrderStatus, Error> {
    let quick = RetryPolicy::new().initial_delay(std::time::Duration::from_millis(5)).backoff(1.2);
    order.poll_ready(&quick).await
}

async fn issued(account: &Account, names: &[&str], zone: &Zone) -> CertificateDer<'static> {
    let mut order = order(account, names).await;
    if order.state().status == OrderStatus::Pending {
        publish(&mut order, zone, |name| name).await;
        assert_eq!(ready(&mut order).await.unwrap(), OrderStatus::Ready);
    }
    order.finalize().await.unwrap();
    let chain = order.certificate().await.unwrap().unwrap();
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
    CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()
}

fn kind<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Api(problem)) => problem.r#type.unwrap().rsplit(':').next().unwrap().to_owned(),
        Err(other) => panic!("not a problem: {other}"),
        Ok(_) => panic!("no error"),
    }
}

#[tokio::test]
async fn an_apex_and_its_wildcard_get_one_certificate() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;

    let der = issued(&account, &["example.com", "*.example.com"], &zone).await;

    let (_, leaf) = x509_parser::parse_x509_certificate(&der).unwrap();
    let names = leaf.subject_alternative_name().unwrap().unwrap().value.general_names.len();
    assert_eq!(names, 2);
    let lifetime = leaf.validity().not_after.timestamp() - leaf.validity().not_before.timestamp();
    assert_eq!(lifetime, 90 * 86_400 + 3600);
}

#[tokio::test]
async fn a_profile_sets_the_lifetime() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = account
        .new_order(&NewOrder::new(&identifiers(&["a.example.com"])).profile("shortlived"))
        .await
        .unwrap();
    publish(&mut order, &zone, |name| name).await;
    ready(&mut order).await.unwrap();
    order.finalize().await.unwrap();

    let chain = order.certificate().await.unwrap().unwrap();

    let der = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    let (_, leaf) = x509_parser::parse_x509_certificate(&der).unwrap();
    let lifetime = leaf.validity().not_after.timestamp() - leaf.validity().not_before.timestamp();
    assert_eq!(lifetime, 161 * 3600);
}

#[tokio::test]
async fn an_alias_is_followed_and_a_cut_answer_asked_for_again() {
    let (resolver, zone) = dns::serve().await;
    zone.truncates.store(true, Ordering::Relaxed);
    zone.cname("_acme-challenge.example.com", "proof.elsewhere.example");
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["example.com"]).await;

    publish(&mut order, &zone, |_| "proof.elsewhere.example".to_owned()).await;

    assert_eq!(ready(&mut order).await.unwrap(), OrderStatus::Ready);
}

#[tokio::test]
async fn a_wrong_proof_fails_the_order_and_says_why() {
    let (resolver, zone) = dns::serve().await;
    zone.txt("_acme-challenge.example.com", "something-else");
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["example.com"]).await;
    publish(&mut order, &zone, |_| "nowhere.example".to_owned()).await;

    let Err(Error::Api(problem)) = ready(&mut order).await else {
        panic!("the order is not invalid")
    };

    assert_eq!(problem.r#type.as_deref(), Some("urn:ietf:params:acme:error:unauthorized"));
    assert!(problem.detail.unwrap().contains("something-else"));
}

#[tokio::test]
async fn caa_records_that_name_others_forbid() {
    let (resolver, zone) = dns::serve().await;
    zone.caa("example.com", "other.example");
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["deep.www.example.com"]).await;
    publish(&mut order, &zone, |name| name).await;
    assert_eq!(kind(ready(&mut order).await), "caa");
}

#[tokio::test]
async fn http_01_is_fetched_from_loopback() {
    let (resolver, zone) = dns::serve().await;
    zone.a("www.example.com", Ipv4Addr::new(104, 16, 0, 1));
    let world = World::new(resolver);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    world.service.set_policy(Policy {
        http_port: listener.local_addr().unwrap().port(),
        ..Policy::default()
    });
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["www.example.com"]).await;
    {
        let mut authorizations = order.authorizations();
        let mut authorization = authorizations.next().await.unwrap().unwrap();
        let mut challenge = authorization.challenge(ChallengeType::Http01).unwrap();
        let (token, answer) =
            (challenge.token.clone(), challenge.key_authorization().as_str().to_owned());
        challenge.set_ready().await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1024];
        let length = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        assert!(
            request.starts_with(&format!("GET /.well-known/acme-challenge/{token} ")),
            "{request}"
        );
        let response =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}\n", answer.len() + 1);
        stream.write_all(response.as_bytes()).await.unwrap();
    }
    assert_eq!(ready(&mut order).await.unwrap(), OrderStatus::Ready);
}

#[tokio::test]
async fn accounts_and_proofs_survive_a_restart() {
    let (resolver, zone) = dns::serve().await;
    let mut world = World::new(resolver);
    let (first, credentials) = account(&world).await;
    issued(&first, &["example.com"], &zone).await;

    world.restart(resolver);
    let builder = Account::builder_with_http(Box::new(InMemory(Arc::clone(&world.service))));
    let again = builder.from_credentials(credentials).await.unwrap();
    let mut order = order(&again, &["example.com"]).await;

    assert_eq!(order.state().status, OrderStatus::Ready);
}

#[tokio::test]
async fn proofs_are_not_used_again_when_that_is_switched_off() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    world.service.set_policy(Policy { reuse: false, ..Policy::default() });
    let (account, _) = account(&world).await;
    issued(&account, &["example.com"], &zone).await;
    assert_eq!(order(&account, &["example.com"]).await.state().status, OrderStatus::Pending);
}

#[tokio::test]
async fn proofs_expire() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    issued(&account, &["example.com"], &zone).await;
    world.service.cloud.clock.advance(std::time::Duration::from_hours(31 * 24));
    assert_eq!(order(&account, &["example.com"]).await.state().status, OrderStatus::Pending);
}

#[tokio::test]
async fn an_equal_open_order_is_given_again() {
    let (resolver, _zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let first = order(&account, &["b.example.com", "a.example.com"]).await.url().to_owned();
    assert_eq!(order(&account, &["a.example.com", "B.example.com"]).await.url(), first);
}

#[tokio::test]
async fn a_request_for_other_names_is_refused() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["example.com"]).await;
    publish(&mut order, &zone, |name| name).await;
    ready(&mut order).await.unwrap();
    let params = rcgen::CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
    let request = params.serialize_request(&rcgen::KeyPair::generate().unwrap()).unwrap();
    assert_eq!(kind(order.finalize_csr(request.der()).await), "badCSR");
}

#[tokio::test]
async fn the_account_key_is_not_certified() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, credentials) = account(&world).await;
    let mut order = order(&account, &["example.com"]).await;
    publish(&mut order, &zone, |name| name).await;
    ready(&mut order).await.unwrap();
    let key = rcgen::KeyPair::try_from(credentials.private_key().secret_pkcs8_der()).unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["example.com".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let request = params.serialize_request(&key).unwrap();
    assert_eq!(kind(order.finalize_csr(request.der()).await), "badPublicKey");
}

#[tokio::test]
async fn an_order_that_is_not_ready_is_not_finalized() {
    let (resolver, _zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["example.com"]).await;
    assert_eq!(kind(order.finalize().await), "orderNotReady");
}

#[tokio::test]
async fn a_certificate_is_replaced_once() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let der = issued(&account, &["example.com"], &zone).await;
    let replaced: CertificateIdentifier<'_> = (&der).try_into().unwrap();
    let names = identifiers(&["example.com"]);
    account.new_order(&NewOrder::new(&names).replaces(replaced.clone())).await.unwrap();
    let again = account.new_order(&NewOrder::new(&names).replaces(replaced)).await;
    assert_eq!(kind(again), "alreadyReplaced");
}

#[tokio::test]
async fn revocation_moves_the_renewal_window_into_the_past() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let der = issued(&account, &["example.com"], &zone).await;
    let id: CertificateIdentifier<'_> = (&der).try_into().unwrap();
    let now = world.service.cloud.clock.now();
    let (before, retry_after) = account.renewal_info(&id).await.unwrap();
    assert!(before.suggested_window.start > now + time::Duration::days(58));
    assert!(retry_after > std::time::Duration::from_secs(60));

    account.revoke(&RevocationRequest { certificate: &der, reason: None }).await.unwrap();

    let (after, _) = account.renewal_info(&id).await.unwrap();
    assert!(after.suggested_window.end < now);
    let again = account.revoke(&RevocationRequest { certificate: &der, reason: None }).await;
    assert_eq!(kind(again), "alreadyRevoked");
}

#[tokio::test]
async fn a_key_is_changed_and_an_account_given_up() {
    let (resolver, _zone) = dns::serve().await;
    let world = World::new(resolver);
    let (mut account, _) = account(&world).await;
    account.update_contacts(&["mailto:b@example.com"]).await.unwrap();
    let _credentials = account.update_key().await.unwrap();
    order(&account, &["example.com"]).await;
    account.clone().deactivate().await.unwrap();
    assert_eq!(
        kind(account.new_order(&NewOrder::new(&identifiers(&["example.com"]))).await),
        "unauthorized"
    );
}

#[tokio::test]
async fn orders_of_others_are_not_shown() {
    let (resolver, _zone) = dns::serve().await;
    let world = World::new(resolver);
    let (owner, _) = account(&world).await;
    let (other, _) = account(&world).await;
    let url = order(&owner, &["example.com"]).await.url().to_owned();
    assert_eq!(kind(other.order(url).await), "malformed");
}

#[tokio::test]
async fn a_proof_gives_up_its_authorization() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    issued(&account, &["example.com"], &zone).await;
    let mut ready = order(&account, &["example.com"]).await;
    let mut authorizations = ready.authorizations();
    let mut authorization = authorizations.next().await.unwrap().unwrap();
    let state = authorization.deactivate().await.unwrap();
    assert_eq!(state.status, AuthorizationStatus::Deactivated);
}

#[tokio::test]
async fn a_planned_failure_strikes_before_the_work() {
    let (resolver, zone) = dns::serve().await;
    let world = World::new(resolver);
    let (account, _) = account(&world).await;
    let mut order = order(&account, &["example.com"]).await;
    publish(&mut order, &zone, |name| name).await;
    ready(&mut order).await.unwrap();
    let operation = "Finalize".to_owned();
    world.service.cloud.faults.plan(Fault { operation, status: 500, ..Fault::default() });
    assert_eq!(kind(order.finalize().await), "serverInternal");
    assert_eq!(order.refresh().await.unwrap().status, OrderStatus::Ready);
    order.finalize().await.unwrap();
}
