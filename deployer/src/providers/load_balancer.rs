//! The load balancer: made whole in one call, then changed by the calls that the plan lists, one after another.

mod health;

use deployer_core::address::{Address, Kind};
use deployer_core::balancer::{Call, Child};
use deployer_core::observed::Found;
use oci::load_balancer::{self as api, CreateLoadBalancerDetails, LoadBalancer};
use oci::work_request::{self, Look, Poll, Status};
use oci::{Mutation, Response};
use serde_json::{Value, json};

use super::{Clouds, Listed, mark, oci_failure};
use crate::execute::World;
use crate::failure::{self, Failure};
pub use health::{Backend, backends};

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let listed = api::list(&clouds.oci, &clouds.compartment).await;
    let mut listed = mark::ours(clouds, Kind::LoadBalancer, listed)?;
    for (address, found) in &mut listed {
        *found = settled(clouds, address, found.clone()).await?;
        complete(found);
    }
    Ok(listed)
}

/// The load balancer when nothing is under way on it. A run that was killed may have left calls that are still being
/// carried out, and what is read before they are done is not what the next call will meet.
async fn settled(clouds: &Clouds, address: &Address, found: Found) -> Result<Found, Failure> {
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    if !is_busy(clouds, &found.id).await.map_err(failed)? && found.state != "CREATING" {
        return Ok(found);
    }
    clouds.note(address, "waiting for what an earlier run began");
    let looked = Poll::default()
        .until(&clouds.oci, "GetLoadBalancer", || async {
            if is_busy(clouds, &found.id).await? {
                return Ok(Look::NotYet("busy with work requests".to_owned()));
            }
            let response = api::get(&clouds.oci, &found.id).await?;
            Ok(match response.value.lifecycle_state {
                oci::LifecycleState::Creating => Look::NotYet("CREATING".to_owned()),
                _ => Look::Done(response),
            })
        })
        .await;
    mark::answered(address, looked.map_err(failed)?)
}

async fn is_busy(clouds: &Clouds, id: &str) -> oci::Result<bool> {
    let works = work_request::list_of_load_balancer(&clouds.oci, id).await?;
    Ok(works
        .iter()
        .any(|work| matches!(work.lifecycle_state, Status::Accepted | Status::InProgress)))
}

/// Adds what others refer to.
pub(super) fn complete(found: &mut Found) {
    let public = found.spec["ipAddresses"].as_array().into_iter().flatten().next();
    if let Some(address) = public.and_then(|address| address["ipAddress"].as_str()) {
        found.outputs.insert("address".to_owned(), address.to_owned());
    }
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let mut whole = spec.clone();
    let certificate = whole["certificate"].take();
    let name = certificate["certificateName"].as_str().unwrap_or_default().to_owned();
    whole["certificates"] = json!({ name: certificate });
    let details: CreateLoadBalancerDetails = mark::details(clouds, address, &whole)?;
    let create = |mutation| {
        let details = &details;
        async move { api::create(&clouds.oci, details, &mutation).await }
    };
    // The token must not depend on the certificate: after a crash it is another, for the same load balancer.
    let made_of = (&details.display_name, &details.subnet_ids);
    let response = mark::once(clouds, address, &made_of, create).await?;
    let id = response.work_request_id.ok_or_else(|| unexpected(address, "has no work request"))?;
    clouds.note(address, "the load balancer is being made");
    let work = work_request::load_balancer(&clouds.oci, &id, &Poll::default()).await;
    let work = work.map_err(|error| oci_failure(&address.to_string(), &error))?;
    let found = read(clouds, address, &work.load_balancer_id).await?;
    for (set, body) in spec["backendSets"].as_object().into_iter().flatten() {
        health::wait(clouds, address, &found.id, (set, &body["backends"])).await?;
    }
    Ok(found)
}

fn unexpected(address: &Address, what: &str) -> Failure {
    Failure::new(failure::Kind::Provider, format!("{address}: the service's answer {what}"))
}

async fn read(clouds: &Clouds, address: &Address, id: &str) -> Result<Found, Failure> {
    let response = api::get(&clouds.oci, id).await;
    let response: Response<LoadBalancer> =
        response.map_err(|error| oci_failure(&address.to_string(), &error))?;
    let mut found = mark::answered(address, response)?;
    complete(&mut found);
    Ok(found)
}

pub(super) async fn update(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    calls: &[Call],
    world: &World,
) -> Result<Found, Failure> {
    let total = calls.iter().filter(|call| !call.is_wait()).count();
    let mut number = 0;
    for call in calls {
        number += usize::from(!call.is_wait());
        clouds.note(address, format!("{number} of {total}: {}", told(call)));
        carry_out(clouds, address, id, call, world).await?;
    }
    read(clouds, address, id).await
}

fn told(call: &Call) -> String {
    match call {
        Call::Create { child, name, .. } => {
            format!("create {} {}", child.field(), name.as_str().unwrap_or("(new)"))
        }
        Call::Update { child, name, .. } => format!("update {} {name}", child.field()),
        Call::Delete { child, name } => format!("delete {} {name}", child.field()),
        Call::AwaitHealthy { backend_set, .. } => format!("waiting until {backend_set} is healthy"),
        Call::Reshape { .. } => "change the shape".to_owned(),
        Call::SetSecurityGroups { .. } => "change the security groups".to_owned(),
    }
}

async fn carry_out(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    call: &Call,
    world: &World,
) -> Result<(), Failure> {
    if let Call::AwaitHealthy { backend_set, backends } = call {
        return health::wait(clouds, address, id, (backend_set, &world.resolve(backends)?)).await;
    }
    let failed = |error: oci::Error| oci_failure(&format!("{address}: {}", told(call)), &error);
    // Every change carries the etag that was read just before: whoever else writes meanwhile is noticed.
    let present = api::get(&clouds.oci, id).await.map_err(failed)?;
    let mutation = Mutation { if_match: present.etag, ..Mutation::default() };
    let response = match call {
        Call::Create { child, name, body } => {
            let (name, body) = (world.resolve(name)?, world.resolve(body)?);
            // A killed run may have come this far; the name says what the certificate holds.
            if *child == Child::Certificate
                && name.as_str().is_some_and(|name| present.value.certificates.contains_key(name))
            {
                return Ok(());
            }
            create_child(clouds, id, (*child, name), body, &mutation).await?
        }
        Call::Update { child, name, body } => {
            let body = world.resolve(body)?;
            update_child(clouds, id, (*child, name), body, &mutation).await?
        }
        Call::Delete { child, name } => delete_child(clouds, id, (*child, name), &mutation).await,
        Call::Reshape { body } => {
            let details = mark::typed(address, body.clone())?;
            api::update_shape(&clouds.oci, id, &details, &mutation).await
        }
        Call::SetSecurityGroups { body } => {
            let body = world.resolve(body)?;
            let groups: Vec<String> =
                mark::typed(address, body["networkSecurityGroupIds"].clone())?;
            api::update_network_security_groups(&clouds.oci, id, &groups, &mutation).await
        }
        Call::AwaitHealthy { .. } => return Ok(()),
    };
    let response = response.map_err(failed)?;
    match response.work_request_id {
        Some(id) => work_request::load_balancer(&clouds.oci, &id, &Poll::default())
            .await
            .map(drop)
            .map_err(failed),
        None => Ok(()),
    }
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
        Child::Listener => api::listener::delete(client, id, name, m).await,
    }
}

pub(super) async fn delete(clouds: &Clouds, address: &Address, id: &str) -> Result<(), Failure> {
    let delete = || async {
        let seen = mark::seen(api::get(&clouds.oci, id).await)?;
        api::delete(&clouds.oci, id, &seen).await
    };
    let Some(work) = mark::delete(clouds, &address.to_string(), delete).await? else {
        return Ok(());
    };
    let done = work_request::load_balancer(&clouds.oci, &work, &Poll::default()).await;
    done.map(drop).map_err(|error| oci_failure(&address.to_string(), &error))
}
