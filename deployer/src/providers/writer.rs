//! Carries out one step. This and what it calls is all of deployer that changes a cloud.

use deployer_core::address::Kind;
use deployer_core::observed::Found;
use deployer_core::plan::{Action, Step};
use serde_json::Value;

use super::{
    Clouds, certificate, container_instance, dns_record, image, load_balancer,
    network_security_group, simple, zone_setting,
};
use crate::execute::World;
use crate::failure::{self, Failure};

/// Carries out `step`; gives the resource as it then is, or nothing when it is gone.
///
/// # Errors
/// When the provider refuses or fails; running again continues.
pub async fn carry_out(
    clouds: &Clouds,
    world: &World,
    step: &Step,
) -> Result<Option<Found>, Failure> {
    match &step.action {
        Action::Create { spec } => create(clouds, step, &world.resolve(spec)?).await.map(Some),
        Action::Update { id, calls, .. } if step.address.kind == Kind::LoadBalancer => {
            load_balancer::update(clouds, &step.address, id, calls, world).await.map(Some)
        }
        Action::Update { id, spec, .. } => {
            update(clouds, step, id, &world.resolve(spec)?).await.map(Some)
        }
        Action::Delete { id, .. } => delete(clouds, step, id).await.map(|()| None),
        Action::Remark { id, .. } => remark(clouds, step, id).await.map(Some),
        Action::Impossible { .. } => Err(bug(step)),
    }
}

async fn remark(clouds: &Clouds, step: &Step, id: &str) -> Result<Found, Failure> {
    match step.address.kind {
        Kind::ContainerInstance => container_instance::remark(clouds, &step.address, id).await,
        // Nothing else has a name of which only the mark depends.
        _ => Err(bug(step)),
    }
}

fn bug(step: &Step) -> Failure {
    Failure::new(
        failure::Kind::Bug,
        format!("{} cannot be done, and no guard refused it", step.address),
    )
}

async fn create(clouds: &Clouds, step: &Step, spec: &Value) -> Result<Found, Failure> {
    let address = &step.address;
    if let Some(simple) = simple::of(address.kind) {
        return (simple.create)(clouds, address, spec).await;
    }
    match address.kind {
        Kind::NetworkSecurityGroup => network_security_group::create(clouds, address, spec).await,
        Kind::Image => image::create(clouds, address, spec).await,
        Kind::ContainerInstance => container_instance::create(clouds, address, spec).await,
        Kind::Certificate => certificate::create(clouds, address, spec).await,
        Kind::LoadBalancer => load_balancer::create(clouds, address, spec).await,
        Kind::ZoneSetting => zone_setting::update(clouds, address, spec).await,
        Kind::DnsRecord => dns_record::create(clouds, address, spec).await,
        _ => Err(bug(step)),
    }
}

async fn update(clouds: &Clouds, step: &Step, id: &str, spec: &Value) -> Result<Found, Failure> {
    let address = &step.address;
    if let Some(simple) = simple::of(address.kind) {
        return (simple.update)(clouds, address, id, spec).await;
    }
    match address.kind {
        Kind::NetworkSecurityGroup => {
            network_security_group::update(clouds, address, id, spec).await
        }
        Kind::ZoneSetting => zone_setting::update(clouds, address, spec).await,
        Kind::DnsRecord => dns_record::update(clouds, address, id, spec).await,
        // Made anew when something differs, and so created.
        Kind::Image => image::create(clouds, address, spec).await,
        Kind::Certificate => certificate::create(clouds, address, spec).await,
        // Instances are never changed, the load balancer by its calls.
        _ => Err(bug(step)),
    }
}

async fn delete(clouds: &Clouds, step: &Step, id: &str) -> Result<(), Failure> {
    let address = &step.address;
    if let Some(simple) = simple::of(address.kind) {
        return (simple.delete)(clouds, address, id).await;
    }
    match address.kind {
        Kind::NetworkSecurityGroup => network_security_group::delete(clouds, address, id).await,
        Kind::ContainerInstance => container_instance::delete(clouds, address, id).await,
        Kind::LoadBalancer => load_balancer::delete(clouds, address, id).await,
        Kind::DnsRecord => dns_record::delete(clouds, address, id).await,
        // Settings stay; images and certificates go with what holds them.
        _ => Err(bug(step)),
    }
}
