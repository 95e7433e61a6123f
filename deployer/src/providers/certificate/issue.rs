//! Orders a certificate, or sees an order through that a killed run has placed: the key of a certificate is kept before
//! its order is worked on, so that any later run can finish it.

use deployer_core::address::Address;
use serde_json::Value;

use super::proofs;
use crate::acme::{self, AcmeError, Authority, Issued, KeyType, key};
use crate::failure::{self, Failure};
use crate::providers::Clouds;
use crate::secret::Secret;
use crate::store::{Kept, PlacedOrder};

pub(super) async fn issue(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
    base: &str,
) -> Result<Kept, Failure> {
    let names: Vec<String> = spec["names"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect();
    let refused = |error: AcmeError| acme_failure(address, &error);
    let authority = open(clouds).await.map_err(refused)?;
    let issued = match resumed(clouds, &authority, address, base).await {
        Some(issued) => issued,
        None => {
            clouds.note(address, format!("ordering from {}", clouds.directory));
            let order = place(&authority, names).await.map_err(refused)?;
            clouds.store.keep_order(base, &order)?;
            complete(clouds, &authority, &order).await.map_err(refused)?
        }
    };
    let kept = Kept { chain: issued.chain_pem, key: issued.key_pem.expose().to_owned() };
    clouds.store.keep_certificate(base, &kept)?;
    clouds.store.forget_order(base);
    Ok(kept)
}

async fn open(clouds: &Clouds) -> Result<Authority, AcmeError> {
    let directory = clouds.directory.as_str();
    let contact = clouds.environment.certificates.contact.as_deref();
    let account = clouds.store.account(directory).map(Secret::from);
    let http = clouds.http.clone();
    let authority = Authority::open(http, directory, account.as_ref(), contact).await?;
    clouds.store.keep_account(directory, authority.credentials());
    Ok(authority)
}

/// The certificate of an order that an earlier run placed; none when that leads nowhere, and a new one is to be placed.
async fn resumed(
    clouds: &Clouds,
    authority: &Authority,
    address: &Address,
    base: &str,
) -> Option<Issued> {
    let order = clouds.store.order(base)?;
    clouds.note(address, "going on with the order of an earlier run");
    match complete(clouds, authority, &order).await {
        Ok(issued) => Some(issued),
        Err(error) => {
            clouds.note(address, format!("it leads nowhere: {error}"));
            clouds.store.forget_order(base);
            None
        }
    }
}

async fn place(authority: &Authority, names: Vec<String>) -> Result<PlacedOrder, AcmeError> {
    let key = key::generate(KeyType::P256)?;
    let request = acme::Request { names, ..acme::Request::default() };
    let url = authority.place(&request).await?;
    Ok(PlacedOrder { url, key: key.expose().to_owned() })
}

async fn complete(
    clouds: &Clouds,
    authority: &Authority,
    order: &PlacedOrder,
) -> Result<Issued, AcmeError> {
    let key = Secret::from(order.key.clone());
    authority.complete(&order.url, &key, &proofs(clouds), &clouds.name_servers).await
}

fn acme_failure(address: &Address, error: &AcmeError) -> Failure {
    Failure::because(failure::Kind::Provider, address, error).hint(error.next_step())
}
