//! Kinds that OCI lists, creates, changes and deletes in one plain way. [`KINDS`] is the list of them.

use std::future::Future;
use std::pin::Pin;

use deployer_core::address::Kind;
use deployer_core::observed::Found;
use oci::Mutation;
use serde_json::Value;

use super::Clouds;
use super::change::Target;
use super::create::{self, Made, Wanted};
use crate::failure::Failure;

type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What can be done with one of these kinds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simple {
    pub(super) kind: Kind,
    pub(super) create: for<'a> fn(&'a Clouds, &'a Wanted<'a>) -> Doing<'a, Result<Found, Failure>>,
    pub(super) update: for<'a> fn(&'a Target<'a>, &'a Value) -> Doing<'a, Result<Found, Failure>>,
    pub(super) delete: for<'a> fn(&'a Target<'a>) -> Doing<'a, Result<(), Failure>>,
}

/// One module of the `oci` crate as a [`Simple`]; all of them have the same four functions.
macro_rules! simple {
    ($kind:ident, $module:ident, $create:ident, $update:ident) => {
        Simple {
            kind: Kind::$kind,
            create: |clouds, wanted| {
                Box::pin(async move {
                    let create = async |details: &oci::$module::$create, mutation: &Mutation| {
                        oci::$module::create(&clouds.oci, details, mutation).await
                    };
                    match create::once(clouds, wanted, wanted.spec, create).await {
                        Ok(Made::Now(response)) => create::answered(wanted.address, response),
                        Ok(Made::There(found)) => Ok(found),
                        Err(trouble) => Err(trouble.into_failure(wanted.address)),
                    }
                })
            },
            update: |target, spec| {
                Box::pin(async move {
                    let (client, id) = (&target.clouds.oci, target.id);
                    let details: oci::$module::$update =
                        create::typed(target.address, spec.clone())?;
                    let guard = target.guard(oci::$module::get(client, id).await).await?;
                    let response = oci::$module::update(client, id, &details, &guard).await;
                    let response = response.map_err(|error| target.failed(&error))?;
                    create::answered(target.address, response)
                })
            },
            delete: |target| {
                Box::pin(async move {
                    let (client, id) = (&target.clouds.oci, target.id);
                    let get = async || oci::$module::get(client, id).await;
                    let delete =
                        async |guard: &Mutation| oci::$module::delete(client, id, guard).await;
                    target.delete(get, delete).await.map(drop)
                })
            },
        }
    };
}

/// The kinds, with the modules of the `oci` crate that they are made of.
pub(super) const KINDS: [Simple; 7] = [
    simple!(Vcn, vcn, CreateVcnDetails, UpdateVcnDetails),
    simple!(
        InternetGateway,
        internet_gateway,
        CreateInternetGatewayDetails,
        UpdateInternetGatewayDetails
    ),
    simple!(NatGateway, nat_gateway, CreateNatGatewayDetails, UpdateNatGatewayDetails),
    simple!(RouteTable, route_table, CreateRouteTableDetails, UpdateRouteTableDetails),
    simple!(SecurityList, security_list, CreateSecurityListDetails, UpdateSecurityListDetails),
    simple!(Subnet, subnet, CreateSubnetDetails, UpdateSubnetDetails),
    simple!(
        Repository,
        container_repository,
        CreateContainerRepositoryDetails,
        UpdateContainerRepositoryDetails
    ),
];

/// The functions of a kind, when it is one of these.
pub(super) fn of(kind: Kind) -> Option<Simple> {
    KINDS.into_iter().find(|simple| simple.kind == kind)
}
