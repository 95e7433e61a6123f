//! Carries out one step. This and what it calls is all of deployer that changes a cloud.

use deployer_core::address::Kind;
use deployer_core::observed::Found;
use deployer_core::plan::{Action, Step};
use serde_json::Value;

use super::change::Target;
use super::create::{self, Wanted};
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
        Action::Create { spec } => {
            let resolved = world.resolve(spec)?;
            let address = &step.address;
            let generation = create::generation(address, spec);
            let old = world.ids(address);
            let wanted = Wanted { address, spec: &resolved, generation, old };
            create(clouds, step, &wanted).await.map(Some)
        }
        Action::Update { id, calls, .. } if step.address.kind == Kind::LoadBalancer => {
            let seen = seen(world, step, id)?;
            let target = Target { clouds, address: &step.address, id, seen: &seen };
            load_balancer::update(&target, calls, world).await.map(Some)
        }
        Action::Update { id, spec, .. } => {
            let seen = seen(world, step, id)?;
            let target = Target { clouds, address: &step.address, id, seen: &seen };
            update(&target, step, &world.resolve(spec)?).await.map(Some)
        }
        Action::Delete { id, .. } => {
            let seen = seen(world, step, id)?;
            let target = Target { clouds, address: &step.address, id, seen: &seen };
            delete(&target, step).await.map(|()| None)
        }
        Action::Remark { id, from } => {
            let seen = world.seen(from, id).ok_or_else(|| bug(step))?;
            let target = Target { clouds, address: &step.address, id, seen: &seen };
            remark(&target, step).await.map(Some)
        }
        Action::Impossible { .. } => Err(bug(step)),
    }
}

/// Nothing but an instance has a name of which only the mark depends.
async fn remark(target: &Target<'_>, step: &Step) -> Result<Found, Failure> {
    match step.address.kind {
        Kind::ContainerInstance => container_instance::remark(target).await,
        _ => Err(bug(step)),
    }
}

/// The thing as the plan saw it.
fn seen(world: &World, step: &Step, id: &str) -> Result<Found, Failure> {
    world.seen(&step.address, id).ok_or_else(|| {
        let message = format!("{} is changed, and nobody has seen it", step.address);
        Failure::new(failure::Kind::Bug, message)
    })
}

fn bug(step: &Step) -> Failure {
    Failure::new(
        failure::Kind::Bug,
        format!("{} cannot be done, and no guard refused it", step.address),
    )
}

async fn create(clouds: &Clouds, step: &Step, wanted: &Wanted<'_>) -> Result<Found, Failure> {
    let (address, spec) = (wanted.address, wanted.spec);
    if let Some(simple) = simple::of(address.kind) {
        return (simple.create)(clouds, wanted).await;
    }
    match address.kind {
        Kind::NetworkSecurityGroup => network_security_group::create(clouds, wanted).await,
        Kind::Image => image::create(clouds, address, spec).await,
        Kind::ContainerInstance => container_instance::create(clouds, wanted).await,
        Kind::Certificate => certificate::create(clouds, address, spec).await,
        Kind::LoadBalancer => load_balancer::create(clouds, wanted).await,
        Kind::DnsRecord => dns_record::create(clouds, wanted).await,
        // A setting is always there.
        _ => Err(bug(step)),
    }
}

async fn update(target: &Target<'_>, step: &Step, spec: &Value) -> Result<Found, Failure> {
    let (clouds, address) = (target.clouds, target.address);
    if let Some(simple) = simple::of(address.kind) {
        return (simple.update)(target, spec).await;
    }
    match address.kind {
        Kind::NetworkSecurityGroup => network_security_group::update(target, spec).await,
        Kind::ZoneSetting => zone_setting::update(target, spec).await,
        Kind::DnsRecord => dns_record::update(target, spec).await,
        // Made anew when something differs, and so created.
        Kind::Image => image::create(clouds, address, spec).await,
        Kind::Certificate => certificate::create(clouds, address, spec).await,
        Kind::ContainerInstance => container_instance::update(target, spec).await,
        // The load balancer is changed by its calls.
        _ => Err(bug(step)),
    }
}

async fn delete(target: &Target<'_>, step: &Step) -> Result<(), Failure> {
    let address = target.address;
    if let Some(simple) = simple::of(address.kind) {
        return (simple.delete)(target).await;
    }
    match address.kind {
        Kind::NetworkSecurityGroup => network_security_group::delete(target).await,
        Kind::ContainerInstance => container_instance::delete(target).await,
        Kind::LoadBalancer => load_balancer::delete(target).await,
        Kind::DnsRecord => dns_record::delete(target).await,
        // Settings stay; images and certificates go with what holds them.
        _ => Err(bug(step)),
    }
}
