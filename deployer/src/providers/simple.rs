//! Kinds that OCI lists, creates, changes and deletes in one plain way. [`KINDS`] is the list of them.

use std::future::Future;
use std::pin::Pin;

use deployer_core::address::{Address, Kind};
use deployer_core::observed::Found;
use serde_json::Value;

use super::{Clouds, Listed, mark, oci_failure};
use crate::failure::Failure;

type Update =
    for<'a> fn(&'a Clouds, &'a Address, &'a str, &'a Value) -> Doing<'a, Result<Found, Failure>>;
type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What can be done with one of these kinds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simple {
    pub(super) kind: Kind,
    pub(super) list: fn(&Clouds) -> Doing<'_, Listed>,
    pub(super) create:
        for<'a> fn(&'a Clouds, &'a Address, &'a Value) -> Doing<'a, Result<Found, Failure>>,
    pub(super) update: Update,
    pub(super) delete:
        for<'a> fn(&'a Clouds, &'a Address, &'a str) -> Doing<'a, Result<(), Failure>>,
}

/// One module of the `oci` crate as a [`Simple`]; all of them have the same four functions.
macro_rules! simple {
    ($kind:ident, $module:ident, $create:ident, $update:ident, list($($filter:expr)?)) => {
        Simple {
            kind: Kind::$kind,
            list: |clouds| {
                Box::pin(async move {
                    let list = oci::$module::list(&clouds.oci, &clouds.compartment $(, $filter)?).await;
                    mark::ours(clouds, Kind::$kind, list)
                })
            },
            create: |clouds, address, spec| {
                Box::pin(async move {
                    let details: oci::$module::$create = mark::details(clouds, address, spec)?;
                    let create = |mutation| {
                        let details = &details;
                        async move { oci::$module::create(&clouds.oci, details, &mutation).await }
                    };
                    mark::answered(address, mark::once(clouds, address, &details, create).await?)
                })
            },
            update: |clouds, address, id, spec| {
                Box::pin(async move {
                    let details: oci::$module::$update = mark::typed(address, spec.clone())?;
                    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
                    let seen = mark::seen(oci::$module::get(&clouds.oci, id).await).map_err(failed)?;
                    let response = oci::$module::update(&clouds.oci, id, &details, &seen).await;
                    mark::answered(address, response.map_err(failed)?)
                })
            },
            delete: |clouds, address, id| {
                Box::pin(async move {
                    let delete = || async {
                        let seen = mark::seen(oci::$module::get(&clouds.oci, id).await)?;
                        oci::$module::delete(&clouds.oci, id, &seen).await
                    };
                    mark::delete(clouds, &address.to_string(), delete).await.map(drop)
                })
            },
        }
    };
}

/// The kinds, with the modules of the `oci` crate that they are made of.
pub(super) const KINDS: [Simple; 7] = [
    simple!(Vcn, vcn, CreateVcnDetails, UpdateVcnDetails, list()),
    simple!(
        InternetGateway,
        internet_gateway,
        CreateInternetGatewayDetails,
        UpdateInternetGatewayDetails,
        list(None)
    ),
    simple!(NatGateway, nat_gateway, CreateNatGatewayDetails, UpdateNatGatewayDetails, list(None)),
    simple!(RouteTable, route_table, CreateRouteTableDetails, UpdateRouteTableDetails, list(None)),
    simple!(
        SecurityList,
        security_list,
        CreateSecurityListDetails,
        UpdateSecurityListDetails,
        list(None)
    ),
    simple!(Subnet, subnet, CreateSubnetDetails, UpdateSubnetDetails, list(None)),
    simple!(
        Repository,
        container_repository,
        CreateContainerRepositoryDetails,
        UpdateContainerRepositoryDetails,
        list()
    ),
];

/// The functions of a kind, when it is one of these.
pub(super) fn of(kind: Kind) -> Option<Simple> {
    KINDS.into_iter().find(|simple| simple.kind == kind)
}
