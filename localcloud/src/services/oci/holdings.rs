//! Everything that lives in this control plane, as it is kept: for who compares two clouds.

use serde_json::{Value, json};

use super::call::json as to_json;
use super::{OciService, bucket, identity, instance, logging};
use crate::table::Table;

/// One object that lives.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    /// In words, `load balancer`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) value: Value,
}

pub(crate) fn all(service: &OciService) -> Vec<Holding> {
    let mut all = network(service);
    let balancers = service.cloud.balancers.read();
    let live = balancers.load_balancers.values().filter(|lb| lb.lifecycle_state != "DELETED");
    all.extend(live.map(|lb| holding("load balancer", to_json(lb))));
    all.extend(instance::holdings(service).into_iter().map(|v| holding("container instance", v)));
    all.extend(repositories(service));
    all.extend(bucket::holdings(service).into_iter().map(|v| holding("bucket", v)));
    all.extend(identity::holdings(service).into_iter().map(|v| holding("compartment", v)));
    all.extend(logging::holdings(service).into_iter().map(|(kind, v)| holding(kind, v)));
    all
}

fn network(service: &OciService) -> Vec<Holding> {
    fn of<T: serde::Serialize>(kind: &'static str, table: &Table<T>) -> Vec<Holding> {
        table.values().map(|object| holding(kind, to_json(object))).collect()
    }
    let world = service.cloud.network.read();
    let vnic = |vnic| {
        let mut vnic = holding("vnic", to_json(vnic));
        // Its own name may hold the identifier of its owner, which says it better.
        let text = |field: &str| vnic.value[field].as_str().unwrap_or_default();
        vnic.name = format!("of {} in {}", text("ownerId"), text("subnetId"));
        vnic
    };
    [
        of("vcn", &world.vcns),
        of("subnet", &world.subnets),
        of("internet gateway", &world.internet_gateways),
        of("nat gateway", &world.nat_gateways),
        of("service gateway", &world.service_gateways),
        of("route table", &world.route_tables),
        of("security list", &world.security_lists),
        of("network security group", &world.network_security_groups),
        of("public ip", &world.public_ips),
        of("private ip", &world.private_ips),
        world.vnics.values().map(vnic).collect(),
    ]
    .concat()
}

fn repositories(service: &OciService) -> Vec<Holding> {
    let world = service.cloud.repositories.read();
    let shown = world.repositories.values().map(|repository| {
        let images = world.images_of(&repository.id);
        let image =
            |i: &crate::model::repository::Image| json!({"digest": i.digest, "tags": i.versions});
        let mut value = to_json(repository);
        value["images"] = images.map(image).collect();
        holding("repository", value)
    });
    shown.collect()
}

fn holding(kind: &'static str, value: Value) -> Holding {
    let text = |field: &str| value[field].as_str().map(str::to_owned);
    let name = text("displayName").or_else(|| text("name")).unwrap_or_default();
    Holding { kind, id: text("id").unwrap_or_default(), name, value }
}
