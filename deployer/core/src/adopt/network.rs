//! Where load balancer and instances live: subnets and security groups, and the load balancer as a whole.

use super::{Instance, Inventory, Obstacles, Wish, list, text};

/// The load balancer's place and size.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) subnet: String,
    pub(super) group: String,
    pub(super) minimum_mbps: i64,
    pub(super) maximum_mbps: i64,
}

/// The instances' place.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) subnet: String,
    pub(super) group: String,
}

pub(super) fn find(wish: &Wish, inventory: &Inventory, obstacles: &mut Obstacles) -> Network {
    let balancer = &inventory.load_balancer;
    let id = text(balancer, "id");
    let owner = balancer["freeformTags"]["deployer-environment"].as_str();
    if let Some(owner) = owner.filter(|owner| *owner != wish.uid) {
        obstacles.add(
            format!("the load balancer belongs to the environment with uid {owner} already"),
            "use that environment's file; one thing is never in two",
        );
    }
    if balancer["isPrivate"] == true {
        obstacles.add("the load balancer is private", "Cloudflare reaches a public one only");
    }
    if text(balancer, "shapeName") != "flexible" {
        obstacles.add(
            format!("the load balancer has the fixed shape {}", text(balancer, "shapeName")),
            format!("oci lb load-balancer update-load-balancer-shape --load-balancer-id {id} --shape-name flexible"),
        );
    }
    let subnets = list(balancer, "subnetIds");
    if subnets.len() != 1 {
        obstacles.add(
            format!("the load balancer is in {} subnets", subnets.len()),
            "only one in a single regional subnet can be expressed",
        );
    }
    let groups = list(balancer, "networkSecurityGroupIds");
    if groups.len() != 1 {
        obstacles.add(
            format!("the load balancer is in {} network security groups instead of one", groups.len()),
            format!("oci lb nsg update --load-balancer-id {id} --network-security-group-ids '[\"<OCID of one group>\"]'"),
        );
    }
    if super::children(balancer, "routingPolicies").next().is_some() {
        obstacles.add(
            "the load balancer has routing policies",
            "routes are expressed by host name and path only: turn them into path route sets",
        );
    }
    let mbps = |field: &str| balancer["shapeDetails"][field].as_i64().unwrap_or(10);
    Network {
        subnet: subnets.first().copied().unwrap_or_default().to_owned(),
        group: groups.first().copied().unwrap_or_default().to_owned(),
        minimum_mbps: mbps("minimumBandwidthInMbps"),
        maximum_mbps: mbps("maximumBandwidthInMbps"),
    }
}

pub(super) fn of_apps(
    instances: &[&Instance],
    network: &Network,
    obstacles: &mut Obstacles,
) -> Place {
    let Some(first) = instances.first() else { return Place::default() };
    for instance in instances {
        if instance.subnet != first.subnet {
            obstacles.add(
                format!("{} and {} are in different subnets", first.name, instance.name),
                "all instances of an environment share a subnet: replace the one, or leave its backend set out",
            );
        }
        let hint = format!(
            "oci network vnic update --vnic-id {} --nsg-ids '[\"<OCID of a group for all instances>\"]'",
            instance.vnic
        );
        if instance.groups.len() != 1 {
            let count = instance.groups.len();
            obstacles.add(
                format!("{} is in {count} network security groups instead of one", instance.name),
                hint,
            );
        } else if instance.groups[0] == network.group {
            obstacles.add(
                format!("{} is in the load balancer's own security group", instance.name),
                hint,
            );
        } else if first.groups.len() == 1 && instance.groups != first.groups {
            obstacles.add(
                format!("{} and {} are in different security groups", first.name, instance.name),
                hint,
            );
        }
    }
    Place { subnet: first.subnet.clone(), group: first.groups.first().cloned().unwrap_or_default() }
}
