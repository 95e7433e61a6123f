//! Carries out one step. This and what it calls is all of deployer that changes a cloud.

use deployer_core::address::Kind;
use deployer_core::observed::Found;
use deployer_core::plan::{Action, Step};
use serde_json::Value;

use super::{
    Clouds, certificate, container_instance, dns_record, image, internet_gateway, load_balancer,
    nat_gateway, network_security_group, repository, route_table, security_list, subnet, vcn,
    zone_setting,
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
        Action::Update { id, etag, spec, .. } => {
            update(clouds, step, (id, etag.as_deref()), &world.resolve(spec)?).await.map(Some)
        }
        Action::Delete { id, .. } => delete(clouds, step, id).await.map(|()| None),
        Action::Impossible { .. } => Err(bug(step)),
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
    match address.kind {
        Kind::Vcn => vcn::create(clouds, address, spec).await,
        Kind::InternetGateway => internet_gateway::create(clouds, address, spec).await,
        Kind::NatGateway => nat_gateway::create(clouds, address, spec).await,
        Kind::RouteTable => route_table::create(clouds, address, spec).await,
        Kind::SecurityList => security_list::create(clouds, address, spec).await,
        Kind::Subnet => subnet::create(clouds, address, spec).await,
        Kind::NetworkSecurityGroup => network_security_group::create(clouds, address, spec).await,
        Kind::Repository => repository::create(clouds, address, spec).await,
        Kind::Image => image::create(clouds, address, spec).await,
        Kind::ContainerInstance => container_instance::create(clouds, address, spec).await,
        Kind::Certificate => certificate::create(clouds, address, spec).await,
        Kind::LoadBalancer => load_balancer::create(clouds, address, spec).await,
        Kind::ZoneSetting => zone_setting::update(clouds, address, spec).await,
        Kind::DnsRecord => dns_record::create(clouds, address, spec).await,
    }
}

async fn update(
    clouds: &Clouds,
    step: &Step,
    id: (&str, Option<&str>),
    spec: &Value,
) -> Result<Found, Failure> {
    let address = &step.address;
    match address.kind {
        Kind::Vcn => vcn::update(clouds, address, id, spec).await,
        Kind::InternetGateway => internet_gateway::update(clouds, address, id, spec).await,
        Kind::NatGateway => nat_gateway::update(clouds, address, id, spec).await,
        Kind::RouteTable => route_table::update(clouds, address, id, spec).await,
        Kind::SecurityList => security_list::update(clouds, address, id, spec).await,
        Kind::Subnet => subnet::update(clouds, address, id, spec).await,
        Kind::NetworkSecurityGroup => {
            network_security_group::update(clouds, address, id.0, spec).await
        }
        Kind::Repository => repository::update(clouds, address, id, spec).await,
        Kind::ZoneSetting => zone_setting::update(clouds, address, spec).await,
        Kind::DnsRecord => dns_record::update(clouds, address, id.0, spec).await,
        // Made anew when something differs, and so created.
        Kind::Image => image::create(clouds, address, spec).await,
        Kind::Certificate => certificate::create(clouds, address, spec).await,
        Kind::ContainerInstance | Kind::LoadBalancer => Err(bug(step)),
    }
}

async fn delete(clouds: &Clouds, step: &Step, id: &str) -> Result<(), Failure> {
    let address = &step.address;
    match address.kind {
        Kind::Vcn => vcn::delete(clouds, address, id).await,
        Kind::InternetGateway => internet_gateway::delete(clouds, address, id).await,
        Kind::NatGateway => nat_gateway::delete(clouds, address, id).await,
        Kind::RouteTable => route_table::delete(clouds, address, id).await,
        Kind::SecurityList => security_list::delete(clouds, address, id).await,
        Kind::Subnet => subnet::delete(clouds, address, id).await,
        Kind::NetworkSecurityGroup => network_security_group::delete(clouds, address, id).await,
        Kind::Repository => repository::delete(clouds, address, id).await,
        Kind::ContainerInstance => container_instance::delete(clouds, address, id).await,
        Kind::LoadBalancer => load_balancer::delete(clouds, address, id).await,
        Kind::DnsRecord => dns_record::delete(clouds, address, id).await,
        // Settings stay; images and certificates go with what holds them.
        Kind::Image | Kind::Certificate | Kind::ZoneSetting => Err(bug(step)),
    }
}
