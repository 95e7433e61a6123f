//! Service limits: how much of one is left.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, Response},
    error::Result,
    region::Service,
    request::Request,
};

/// A limit, by the service's and its own name, such as `vcn` and `vcn-count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<'a> {
    pub service: &'a str,
    pub name: &'a str,
}

/// What is left of a limit; the service does not count everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceAvailability {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// What a quota of the compartment allows, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_quota_value: Option<f64>,
}

/// `GetResourceAvailability` of a limit that holds for a whole region.
///
/// # Errors
/// See [`Kind`](crate::Kind).
pub async fn resource_availability(
    client: &Client,
    compartment_id: &str,
    limit: Limit<'_>,
) -> Result<Response<ResourceAvailability>> {
    let Limit { service, name } = limit;
    let segments = ["20190729", "services", service, "limits", name, "resourceAvailability"];
    let request = Request::new("GetResourceAvailability", Service::Limits, Method::GET, &segments);
    client.call(&request.query("compartmentId", compartment_id)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, answer, run};

    #[test]
    fn what_is_left_of_a_limit_is_asked_for_by_its_two_names() {
        let world = World::new([answer(200, r#"{"used": 1, "available": 4}"#)]);
        let limit = Limit { service: "vcn", name: "vcn-count" };
        let left = run(resource_availability(&world.client, "ocid1.tenancy.oc1..t", limit));
        assert_eq!(left.unwrap().value.available, Some(4));
        assert_eq!(
            world.script.requests()[0].uri().to_string(),
            "http://127.0.0.1:8080/20190729/services/vcn/limits/vcn-count/resourceAvailability\
             ?compartmentId=ocid1.tenancy.oc1..t"
        );
    }
}
