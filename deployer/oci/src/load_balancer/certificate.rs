//! Certificates of a load balancer. They cannot be changed: make one under a new name, switch, delete.

use serde::{Deserialize, Serialize};

use crate::{noun::Noun, operations::child_operations, region::Service, secret::Secret};

const CERTIFICATE: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/certificates" };

child_operations! {
    of CERTIFICATE;
    create = CreateCertificate(CertificateDetails);
    list = ListCertificates() -> Vec<Certificate>;
    delete = DeleteCertificate();
}

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
