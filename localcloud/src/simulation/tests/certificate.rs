//! A certificate that is proven with a record of the simulated zone.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use instant_acme::{
    Account, BodyWrapper, BytesResponse, ChallengeType, Error, HttpClient, Identifier, NewAccount,
    NewOrder, OrderStatus, RetryPolicy,
};
use serde_json::json;

use super::site::{Site, options};
use crate::simulation::SimulatedCloud;

struct InMemory(Arc<SimulatedCloud>);

impl HttpClient for InMemory {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let cloud = Arc::clone(&self.0);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Ok(cloud.send(Request::from_parts(parts, body)).await.map(Full::new).into())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_issued_against_a_record_and_is_in_date_by_the_simulated_clock() {
    let site = Site::new(options(1));
    let wanted = NewAccount {
        contact: &["mailto:a@example.com"],
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let builder = Account::builder_with_http(Box::new(InMemory(Arc::clone(&site.cloud))));
    let directory = site.cloud.access().acme.clone();
    let (account, _) = builder.create(&wanted, directory, None).await.unwrap();
    let names = [Identifier::Dns("www.example.com".to_owned())];
    let mut order = account.new_order(&NewOrder::new(&names)).await.unwrap();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.unwrap();
        let mut challenge = authorization.challenge(ChallengeType::Dns01).unwrap();
        let record = json!({"type": "TXT", "name": "_acme-challenge.www", "ttl": 60,
            "content": challenge.key_authorization().dns_value()});
        let zones = site.get("/client/v4/zones").await;
        let path =
            format!("/client/v4/zones/{}/dns_records", zones["result"][0]["id"].as_str().unwrap());
        assert_eq!(site.send(Method::POST, &path, Some(&record)).await.status, 200);
        challenge.set_ready().await.unwrap();
    }
    let patient = RetryPolicy::new().timeout(Duration::from_secs(60));
    assert_eq!(order.poll_ready(&patient).await.unwrap(), OrderStatus::Ready);
    order.finalize().await.unwrap();
    let chain = order.poll_certificate(&patient).await.unwrap();

    let (_, leaf) = x509_parser::pem::parse_x509_pem(chain.as_bytes()).unwrap();
    let validity = leaf.parse_x509().unwrap().validity().clone();
    let now = site.cloud.cloud().clock.now().unix_timestamp();
    assert!(validity.not_before.timestamp() <= now && validity.not_after.timestamp() > now);
}
