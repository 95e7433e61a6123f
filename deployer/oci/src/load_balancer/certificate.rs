//! Certificates of a load balancer. They cannot be changed: make one under a new name, switch, delete.

use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    noun::Noun,
    region::Service,
    request::Mutation,
    secret::Secret,
};

const CERTIFICATE: Noun = Noun {
    service: Service::LoadBalancer,
    singular: "Certificate",
    plural: "Certificates",
    path: "20170115/loadBalancers/{}/certificates",
};

/// A certificate with its key: what `CreateCertificate` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<Secret>,
    /// PEM, the leaf first and then the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
    pub certificate_name: String,
}

/// A certificate as the service shows it, without the key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    pub certificate_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
}

/// `CreateCertificate`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn create(
    client: &Client,
    load_balancer_id: &str,
    details: &CertificateDetails,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = CERTIFICATE.create(&[load_balancer_id]);
    client.call_empty(&request.json(details).guarded(mutation)).await
}

/// `DeleteCertificate`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn delete(
    client: &Client,
    load_balancer_id: &str,
    name: &str,
    mutation: &Mutation,
) -> Result<Response<()>> {
    let request = CERTIFICATE.delete(&[load_balancer_id, name]);
    client.call_empty(&request.guarded(mutation)).await
}

/// `ListCertificates`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list(client: &Client, load_balancer_id: &str) -> Result<Vec<Certificate>> {
    client.list(&CERTIFICATE.list(&[load_balancer_id])).await
}
