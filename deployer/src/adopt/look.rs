//! What is there: a load balancer, the instances behind it, the zone's records and settings. Reads only.

use std::collections::BTreeSet;

use deployer_core::adopt::{Container, Instance, Inventory, Record as Shown};
use futures_util::future::try_join_all;
use oci::container_instance::{self, ContainerInstance, container};
use oci::load_balancer::{self, LoadBalancer};
use oci::{LifecycleState, vnic};
use serde_json::{Value, json};

use crate::cloudflare::{Filter, Record};
use crate::failure::{Failure, Kind};
use crate::providers::{Clouds, cloudflare_failure, oci_failure};

/// Settings of the zone that an environment may hold.
const SETTINGS: [&str; 5] =
    ["ssl", "always_use_https", "automatic_https_rewrites", "min_tls_version", "tls_1_3"];

/// What was seen: as the APIs showed it, and as the planner is told of it.
#[derive(Debug)]
pub struct Seen {
    pub balancer: LoadBalancer,
    /// Those behind the load balancer, with their private IPs.
    pub instances: Vec<(ContainerInstance, String)>,
    pub records: Vec<Record>,
    pub inventory: Inventory,
}

/// Looks at a load balancer and all that belongs to it; without a `wanted` one at the only one, or at that which has the
/// environment's mark.
///
/// # Errors
/// When there is none, or several, or something could not be read.
pub async fn look(clouds: &Clouds, wanted: Option<&str>) -> Result<Seen, Failure> {
    let balancer = balancer(clouds, wanted).await?;
    let shown = json!(balancer);
    let every = Filter::default();
    let (behind, records, settings) = tokio::join!(
        behind(clouds, &shown),
        clouds.cloudflare.records(&clouds.zone, &every),
        try_join_all(SETTINGS.iter().map(|name| clouds.cloudflare.setting(&clouds.zone, name))),
    );
    let behind = behind.map_err(|error| oci_failure("read the container instances", &error))?;
    let records = records.map_err(|error| cloudflare_failure("list the DNS records", &error))?;
    let settings =
        settings.map_err(|error| cloudflare_failure("read the zone's settings", &error))?;
    let text = |value: Value| value.as_str().map(str::to_owned);
    let inventory = Inventory {
        load_balancer: shown,
        instances: behind.iter().map(|(_, _, described)| described.clone()).collect(),
        records: records.iter().map(described).collect(),
        settings: settings.into_iter().filter_map(|s| Some((s.id, text(s.value)?))).collect(),
    };
    let instances = behind.into_iter().map(|(instance, ip, _)| (instance, ip)).collect();
    Ok(Seen { balancer, instances, records, inventory })
}

async fn balancer(clouds: &Clouds, wanted: Option<&str>) -> Result<LoadBalancer, Failure> {
    let listed = load_balancer::list(&clouds.oci, &clouds.compartment).await;
    let listed = listed.map_err(|error| oci_failure("list the load balancers", &error))?;
    let mut live: Vec<LoadBalancer> =
        listed.into_iter().filter(|lb| !lb.lifecycle_state.is_ending()).collect();
    let uid = &clouds.environment.uid;
    let is_it = |lb: &LoadBalancer| match wanted {
        Some(wanted) => lb.id == wanted,
        None => lb.freeform_tags.get("deployer-environment") == Some(uid),
    };
    if let Some(position) = live.iter().position(is_it) {
        return Ok(live.swap_remove(position));
    }
    let lines = live.iter().map(|lb| {
        let address = lb.ip_addresses.first().map_or("no address", |a| a.ip_address.as_str());
        format!("--load-balancer {}   {}, {address}", lb.id, lb.display_name)
    });
    match (wanted, live.len()) {
        (Some(wanted), _) => {
            let message = format!("the compartment has no load balancer {wanted}");
            Err(lines
                .fold(Failure::new(Kind::Usage, message), Failure::hint)
                .hint("give the compartment that it is in"))
        }
        (None, 0) => Err(Failure::new(Kind::Usage, "the compartment has no load balancer")
            .hint("check region and compartment; to make a site from nothing: deployer up")),
        (None, 1) => Ok(live.swap_remove(0)),
        (None, count) => {
            let message = format!("the compartment has {count} load balancers: say which");
            Err(lines.fold(Failure::new(Kind::Usage, message), Failure::hint))
        }
    }
}

type Behind = (ContainerInstance, String, Instance);

/// The instances whose private IP is a backend.
async fn behind(clouds: &Clouds, balancer: &Value) -> oci::Result<Vec<Behind>> {
    let sets = balancer["backendSets"].as_object().into_iter().flatten();
    let backends = sets.flat_map(|(_, set)| set["backends"].as_array().into_iter().flatten());
    let ips: BTreeSet<&str> = backends.filter_map(|b| b["ipAddress"].as_str()).collect();
    let listed = container_instance::list(&clouds.oci, &clouds.compartment).await?;
    // An interrupted takeover may be about to mark one.
    let runs = [LifecycleState::Active, LifecycleState::Updating];
    let live = listed.into_iter().filter(|instance| runs.contains(&instance.lifecycle_state));
    let found = try_join_all(live.map(|instance| read(clouds, instance.id, &ips))).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn read(clouds: &Clouds, id: String, ips: &BTreeSet<&str>) -> oci::Result<Option<Behind>> {
    let instance = container_instance::get(&clouds.oci, &id).await?.value;
    let Some(interface) = instance.vnics.first().and_then(|vnic| vnic.vnic_id.as_deref()) else {
        return Ok(None);
    };
    let vnic = vnic::get(&clouds.oci, interface).await?.value;
    let Some(ip) = vnic.private_ip.clone().filter(|ip| ips.contains(ip.as_str())) else {
        return Ok(None);
    };
    let containers =
        instance.containers.iter().map(|c| container::get(&clouds.oci, &c.container_id));
    let containers = try_join_all(containers).await?;
    let size = instance.shape_config.clone().unwrap_or_default();
    let described = Instance {
        id,
        name: instance.display_name.clone(),
        shape: instance.shape.clone().unwrap_or_default(),
        ocpus: size.ocpus,
        memory_gb: size.memory_in_gbs.unwrap_or_default(),
        private_ip: ip.clone(),
        vnic: vnic.id,
        subnet: vnic.subnet_id.unwrap_or_default(),
        groups: vnic.nsg_ids,
        containers: containers.iter().map(|container| contained(&container.value)).collect(),
        owner: instance.freeform_tags.get("deployer-environment").cloned(),
    };
    Ok(Some((instance, ip, described)))
}

fn contained(container: &container::Container) -> Container {
    let is_set = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let mounts = container.volume_mounts.as_ref().is_some_and(|mounts| !mounts.is_empty());
    let folder = container.working_directory.as_ref().is_some_and(|folder| !folder.is_empty());
    let unusual = [
        ("a command", is_set(&container.command)),
        ("arguments", is_set(&container.arguments)),
        ("a working directory", folder),
        ("volumes", mounts),
    ];
    let variables = container.environment_variables.iter().flatten();
    Container {
        image: container.image_url.clone(),
        variables: variables
            .map(|(name, value)| (name.clone(), value.expose().to_owned()))
            .collect(),
        unusual: unusual
            .into_iter()
            .filter(|(_, is)| *is)
            .map(|(what, _)| what.to_owned())
            .collect(),
    }
}

fn described(record: &Record) -> Shown {
    let mark = record.comment.as_deref().and_then(|comment| comment.strip_prefix("deployer/"));
    Shown {
        id: record.id.clone(),
        kind: record.kind.clone(),
        name: record.name.clone(),
        content: record.content.clone(),
        owner: mark.and_then(|mark| mark.split(' ').nth(1)).map(str::to_owned),
    }
}
