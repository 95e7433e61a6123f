//! Every change that this crate can make takes the guards that the vendor's contract knows for it.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::{
    Client, Mutation, container_instance, container_repository, internet_gateway,
    load_balancer::{self, backend_set, certificate, hostname, listener, path_route_set, rule_set},
    nat_gateway, network_security_group, route_table, security_list, service_gateway, subnet,
    testing::{World, answer, run},
    vcn,
};

/// The guards that an operation of the contract takes, by its method and the path that was called.
fn taken(contract: &Value, method: &Method, path: &str) -> BTreeSet<&'static str> {
    let services = contract["services"].as_object().unwrap();
    let mut operations =
        services.values().flat_map(|service| service["operations"].as_object().unwrap().values());
    let operation = operations.find(|operation| {
        operation["method"] == method.as_str() && fits(operation["path"].as_str().unwrap(), path)
    });
    let operation = operation.unwrap_or_else(|| panic!("the contract has no {method} {path}"));
    let headers = operation["headers"].as_array().into_iter().flatten();
    let known = headers.filter_map(Value::as_str).map(str::to_ascii_lowercase);
    known
        .filter_map(|header| ["if-match", "opc-retry-token"].into_iter().find(|g| *g == header))
        .collect()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
}

fn sent(request: &Request<Bytes>) -> BTreeSet<&'static str> {
    let guards = ["if-match", "opc-retry-token"].into_iter();
    guards.filter(|guard| request.headers().contains_key(*guard)).collect()
}

/// Calls the functions of a module that change something; those of a load balancer's child take its name, too.
macro_rules! call {
    ($client:ident, $guards:ident, $module:ident, create) => {
        drop($module::create($client, &Default::default(), $guards).await)
    };
    ($client:ident, $guards:ident, $module:ident, update) => {
        drop($module::update($client, "id", &Default::default(), $guards).await)
    };
    ($client:ident, $guards:ident, $module:ident, delete) => {
        drop($module::delete($client, "id", $guards).await)
    };
    ($client:ident, $guards:ident, $module:ident, create child) => {
        drop($module::create($client, "id", &Default::default(), $guards).await)
    };
    ($client:ident, $guards:ident, $module:ident, update child) => {
        drop($module::update($client, "id", "name", &Default::default(), $guards).await)
    };
    ($client:ident, $guards:ident, $module:ident, delete child) => {
        drop($module::delete($client, "id", "name", $guards).await)
    };
}

/// Calls each of these of a module.
macro_rules! calls {
    ($client:ident, $guards:ident: $module:ident $([$($verb:ident)+])+) => {
        $(call!($client, $guards, $module, $($verb)+);)+
    };
}

async fn call_all(client: &Client, guards: &Mutation) {
    calls!(client, guards: vcn [create] [update] [delete]);
    calls!(client, guards: internet_gateway [create] [update] [delete]);
    calls!(client, guards: nat_gateway [create] [update] [delete]);
    calls!(client, guards: service_gateway [create] [update] [delete]);
    calls!(client, guards: route_table [create] [update] [delete]);
    calls!(client, guards: security_list [create] [update] [delete]);
    calls!(client, guards: subnet [create] [update] [delete]);
    calls!(client, guards: network_security_group [create] [update] [delete]);
    calls!(client, guards: container_repository [create] [update] [delete]);
    calls!(client, guards: container_instance [create] [delete]);
    calls!(client, guards: load_balancer [create] [update] [delete]);
    calls!(client, guards: certificate [create child] [delete child]);
    calls!(client, guards: backend_set [create child] [update child] [delete child]);
    calls!(client, guards: hostname [create child] [update child] [delete child]);
    calls!(client, guards: rule_set [create child] [update child] [delete child]);
    calls!(client, guards: path_route_set [create child] [update child] [delete child]);
    calls!(client, guards: listener [create child] [update child] [delete child]);
    drop(load_balancer::update_shape(client, "id", &Default::default(), guards).await);
    drop(load_balancer::update_network_security_groups(client, "id", &[], guards).await);
}

#[test]
fn every_change_sends_each_guard_that_the_contract_takes() {
    let contract: Value =
        serde_json::from_str(include_str!("../../../tests/contracts/oci.json")).unwrap();
    let world = World::new((0..100).map(|_| answer(400, "{}")));
    let guards = Mutation { retry_token: Some("t".to_owned()), if_match: Some("e".to_owned()) };
    run(call_all(&world.client, &guards));
    let requests = world.script.requests();
    assert!(requests.len() > 40, "{}", requests.len());
    for request in requests {
        let (method, path) = (request.method(), request.uri().path());
        let taken = taken(&contract, method, path);
        assert!(!taken.is_empty(), "{method} {path} cannot be guarded");
        assert!(taken.is_subset(&sent(&request)), "{method} {path} lacks one of {taken:?}");
    }
}
