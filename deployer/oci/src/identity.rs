//! Who and where: the tenancy, its compartments, regions and availability domains.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    model::{DefinedTags, FreeformTags, LifecycleState, nullable},
    region::Service,
    request::Request,
};

/// An availability domain; its name has a prefix that differs per tenancy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AvailabilityDomain {
    pub name: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compartment_id: Option<String>,
}

/// A fault domain of an availability domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultDomain {
    pub name: String,
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compartment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_domain: Option<String>,
}

/// A region that the tenancy uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionSubscription {
    pub region_key: String,
    pub region_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_home_region: Option<bool>,
}

/// A tenancy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenancy {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_region_key: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// A compartment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compartment {
    pub id: String,
    pub compartment_id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_created: Option<String>,
    pub lifecycle_state: LifecycleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_accessible: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    pub freeform_tags: FreeformTags,
    #[serde(default, deserialize_with = "nullable")]
    pub defined_tags: DefinedTags,
}

/// `ListAvailabilityDomains`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list_availability_domains(
    client: &Client,
    compartment_id: &str,
) -> Result<Vec<AvailabilityDomain>> {
    let request = read("ListAvailabilityDomains", &["availabilityDomains"]);
    client.list(&request.query("compartmentId", compartment_id)).await
}

/// `ListFaultDomains` of an availability domain.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list_fault_domains(
    client: &Client,
    compartment_id: &str,
    availability_domain: &str,
) -> Result<Vec<FaultDomain>> {
    let request = read("ListFaultDomains", &["faultDomains"])
        .query("compartmentId", compartment_id)
        .query("availabilityDomain", availability_domain);
    client.list(&request).await
}

/// `ListRegionSubscriptions`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn list_region_subscriptions(
    client: &Client,
    tenancy_id: &str,
) -> Result<Vec<RegionSubscription>> {
    let segments = ["tenancies", tenancy_id, "regionSubscriptions"];
    client.list(&read("ListRegionSubscriptions", &segments)).await
}

/// `GetTenancy`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get_tenancy(client: &Client, id: &str) -> Result<Response<Tenancy>> {
    client.call(&read("GetTenancy", &["tenancies", id])).await
}

/// `GetCompartment`.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn get_compartment(client: &Client, id: &str) -> Result<Response<Compartment>> {
    client.call(&read("GetCompartment", &["compartments", id])).await
}

fn read(operation: &'static str, rest: &[&str]) -> Request {
    let segments = [&["20160918"], rest].concat();
    Request::new(operation, Service::Identity, Method::GET, &segments)
}
