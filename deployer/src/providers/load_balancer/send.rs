//! One call on the load balancer, as the vendor takes it.

use deployer_core::address::Address;
use deployer_core::balancer::{Call, Child};
use oci::load_balancer as api;
use oci::{Mutation, Response};
use serde_json::Value;

use super::super::Clouds;
use super::super::create::typed as read;
use crate::failure::{self, Failure};

/// Sends `call`, whose references are known. A wait is no call.
pub(super) async fn send(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    call: &Call,
    mutation: &Mutation,
) -> Outcome {
    Ok(match call {
        Call::Create { child, name, body } => {
            create_child(clouds, id, (*child, name.clone()), body.clone(), mutation).await?
        }
        Call::Update { child, name, body } => {
            update_child(clouds, id, (*child, name), body.clone(), mutation).await?
        }
        Call::Delete { child, name } => {
            // A delete takes no retry token.
            let guard = Mutation { retry_token: None, ..mutation.clone() };
            delete_child(clouds, id, (*child, name), &guard).await
        }
        Call::Reshape { body } => {
            let details = read(address, body.clone())?;
            api::update_shape(&clouds.oci, id, &details, mutation).await
        }
        Call::SetSecurityGroups { body } => {
            let groups: Vec<String> = read(address, body["networkSecurityGroupIds"].clone())?;
            api::update_network_security_groups(&clouds.oci, id, &groups, mutation).await
        }
        Call::SetAttributes { body } => {
            let details = read(address, body.clone())?;
            api::update(&clouds.oci, id, &details, mutation).await
        }
        Call::AwaitHealthy { .. } | Call::AwaitDrained { .. } => Ok(Response::default()),
    })
}

type Outcome = Result<oci::Result<Response<()>>, Failure>;

/// Reads a body into the vendor's form.
fn typed<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, Failure> {
    serde_json::from_value(body)
        .map_err(|error| Failure::because(failure::Kind::Bug, "load balancer", &error))
}

async fn create_child(
    clouds: &Clouds,
    id: &str,
    (child, name): (Child, Value),
    mut body: Value,
    mutation: &Mutation,
) -> Outcome {
    let (client, m) = (&clouds.oci, mutation);
    body["name"] = name;
    Ok(match child {
        Child::Certificate => api::certificate::create(client, id, &typed(body)?, m).await,
        Child::BackendSet => api::backend_set::create(client, id, &typed(body)?, m).await,
        Child::Hostname => api::hostname::create(client, id, &typed(body)?, m).await,
        Child::RuleSet => api::rule_set::create(client, id, &typed(body)?, m).await,
        Child::PathRouteSet => api::path_route_set::create(client, id, &typed(body)?, m).await,
        Child::RoutingPolicy => api::routing_policy::create(client, id, &typed(body)?, m).await,
        Child::Listener => api::listener::create(client, id, &typed(body)?, m).await,
    })
}

async fn update_child(
    clouds: &Clouds,
    id: &str,
    (child, name): (Child, &str),
    body: Value,
    mutation: &Mutation,
) -> Outcome {
    let (client, m) = (&clouds.oci, mutation);
    Ok(match child {
        Child::Certificate => {
            let failure =
                Failure::new(failure::Kind::Bug, format!("certificate {name} cannot be changed"));
            return Err(failure);
        }
        Child::BackendSet => api::backend_set::update(client, id, name, &typed(body)?, m).await,
        Child::Hostname => api::hostname::update(client, id, name, &typed(body)?, m).await,
        Child::RuleSet => api::rule_set::update(client, id, name, &typed(body)?, m).await,
        Child::PathRouteSet => {
            api::path_route_set::update(client, id, name, &typed(body)?, m).await
        }
        Child::RoutingPolicy => {
            api::routing_policy::update(client, id, name, &typed(body)?, m).await
        }
        Child::Listener => api::listener::update(client, id, name, &typed(body)?, m).await,
    })
}

async fn delete_child(
    clouds: &Clouds,
    id: &str,
    (child, name): (Child, &str),
    mutation: &Mutation,
) -> oci::Result<Response<()>> {
    let (client, m) = (&clouds.oci, mutation);
    match child {
        Child::Certificate => api::certificate::delete(client, id, name, m).await,
        Child::BackendSet => api::backend_set::delete(client, id, name, m).await,
        Child::Hostname => api::hostname::delete(client, id, name, m).await,
        Child::RuleSet => api::rule_set::delete(client, id, name, m).await,
        Child::PathRouteSet => api::path_route_set::delete(client, id, name, m).await,
        Child::RoutingPolicy => api::routing_policy::delete(client, id, name, m).await,
        Child::Listener => api::listener::delete(client, id, name, m).await,
    }
}
