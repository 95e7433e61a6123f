//! The certificates that load balancers hold: whose, by whom, until when.

use serde::Serialize;
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::Sight;
use crate::model::load_balancer::{Certificate, LoadBalancer};

/// One certificate of a load balancer.
#[derive(Debug, Serialize)]
pub(super) struct Held {
    load_balancer: String,
    name: String,
    /// Names that it is for; empty when it cannot be read.
    names: Vec<String>,
    issuer: String,
    /// Unix time in seconds.
    not_after: Option<i64>,
    /// By the cloud's clock; negative when it is over.
    days_left: Option<i64>,
    /// Names of the listeners that show it.
    listeners: Vec<String>,
}

/// All of them, the one that ends first first.
pub(super) fn held(sight: &Sight<'_>) -> Vec<Held> {
    let live = sight.balancers.load_balancers.values().filter(|b| b.lifecycle_state != "DELETED");
    let mut held: Vec<Held> = live
        .flat_map(|balancer| {
            balancer.certificates.values().map(|certificate| describe(sight, balancer, certificate))
        })
        .collect();
    held.sort_by_key(|certificate| certificate.not_after);
    held
}

fn describe(sight: &Sight<'_>, balancer: &LoadBalancer, certificate: &Certificate) -> Held {
    let uses = |ssl: &crate::model::load_balancer::SslConfiguration| {
        ssl.certificate_name.as_deref() == Some(certificate.certificate_name.as_str())
    };
    let listeners = balancer.listeners.values();
    let mut held = Held {
        load_balancer: balancer.display_name.clone(),
        name: certificate.certificate_name.clone(),
        names: Vec::new(),
        issuer: String::new(),
        not_after: None,
        days_left: None,
        listeners: listeners
            .filter(|listener| listener.ssl_configuration.as_ref().is_some_and(uses))
            .map(|listener| listener.name.clone())
            .collect(),
    };
    let leaf = Pem::iter_from_buffer(certificate.public_certificate.as_bytes()).next();
    if let Some(Ok(pem)) = leaf
        && let Ok(leaf) = pem.parse_x509()
    {
        fill(&mut held, &leaf, sight.now);
    }
    held
}

fn fill(held: &mut Held, leaf: &X509Certificate<'_>, now: OffsetDateTime) {
    let names = leaf.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|extension| &extension.value.general_names);
    held.names = names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect();
    let issuer = leaf.issuer();
    let common_name = issuer.iter_common_name().next().and_then(|name| name.as_str().ok());
    held.issuer = common_name.map_or_else(|| issuer.to_string(), str::to_owned);
    let end = leaf.validity().not_after.to_datetime();
    held.not_after = Some(end.unix_timestamp());
    held.days_left = Some((end - now).whole_days());
}
