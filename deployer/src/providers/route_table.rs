//! Route tables of the two subnets.

use deployer_core::address::{Address, Kind};
use deployer_core::observed::Found;
use oci::route_table::{self as api, CreateRouteTableDetails, UpdateRouteTableDetails};
use serde_json::Value;

use super::{Clouds, Listed, mark};
use crate::failure::Failure;

pub(super) async fn list(clouds: &Clouds) -> Listed {
    mark::ours(clouds, Kind::RouteTable, api::list(&clouds.oci, &clouds.compartment, None).await)
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let details: CreateRouteTableDetails = mark::details(clouds, address, spec)?;
    let create = |mutation| {
        let details = &details;
        async move { api::create(&clouds.oci, details, &mutation).await }
    };
    mark::answered(address, mark::once(clouds, address, &details, create).await?)
}

pub(super) async fn update(
    clouds: &Clouds,
    address: &Address,
    (id, etag): (&str, Option<&str>),
    spec: &Value,
) -> Result<Found, Failure> {
    let details: UpdateRouteTableDetails = mark::typed(address, spec.clone())?;
    let response = api::update(&clouds.oci, id, &details, &mark::matching(etag)).await;
    mark::answered(
        address,
        response.map_err(|error| super::oci_failure(&address.to_string(), &error))?,
    )
}

pub(super) async fn delete(clouds: &Clouds, address: &Address, id: &str) -> Result<(), Failure> {
    let delete = || async { api::delete(&clouds.oci, id, &oci::Mutation::default()).await };
    mark::delete(clouds, &address.to_string(), delete).await
}
