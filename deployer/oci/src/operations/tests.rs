//! Every function asks for what the vendor's own description has under the operation's name.

use std::sync::LazyLock;

use serde_json::Value;

use crate::{
    Client, Mutation, Result, container_image,
    container_instance::{self, container},
    load_balancer::{self, backend_set, certificate},
    testing::{World, answer, run},
    vnic,
};

static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../tests/contracts/oci.json")).unwrap()
});

const PLAIN: Mutation = Mutation { retry_token: None, if_match: None };

/// Compares what `call` sends with the operation that it says it is; its names and ids are all `x`.
fn agrees<T>(call: impl AsyncFnOnce(&Client) -> Result<T>) {
    let world = World::new([answer(404, "{}")]);
    let error = run(call(&world.client)).err().expect("the answer is a 404");
    let name = snake_case(error.operation());
    let mut services = CONTRACT["services"].as_object().unwrap().values();
    let operation = services.find_map(|service| service["operations"].get(&name)).expect(&name);
    let request = &world.script.requests()[0];
    assert_eq!(request.method().as_str(), operation["method"], "{name}");
    let path = operation["path"].as_str().unwrap().split('/');
    let path: Vec<&str> = path.map(|name| if name.starts_with('{') { "x" } else { name }).collect();
    assert_eq!(request.uri().path(), path.join("/"), "{name}");
    for pair in request.uri().query().into_iter().flat_map(|query| query.split('&')) {
        let key = pair.strip_suffix("=x").expect(pair);
        assert!(operation["query"].as_array().unwrap().contains(&key.into()), "{name}: {key}");
    }
}

/// `CreateVcn` as the description writes it: `create_vcn`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

macro_rules! resources_agree {
    ($($resource:ident($($filter:expr)?)),+) => {$(
        agrees(async |client| crate::$resource::create(client, &<_>::default(), &PLAIN).await);
        agrees(async |client| crate::$resource::get(client, "x").await);
        agrees(async |client| crate::$resource::list(client, "x" $(, $filter)?).await);
        agrees(async |client| crate::$resource::update(client, "x", &<_>::default(), &PLAIN).await);
        agrees(async |client| crate::$resource::delete(client, "x", &PLAIN).await);
    )+};
}

#[test]
fn resources_are_addressed_as_the_vendor_describes() {
    resources_agree!(
        container_repository(),
        internet_gateway(Some("x")),
        load_balancer(),
        nat_gateway(Some("x")),
        network_security_group(Some("x")),
        route_table(Some("x")),
        security_list(Some("x")),
        service_gateway(Some("x")),
        subnet(Some("x")),
        vcn()
    );
    agrees(async |client| container::get(client, "x").await);
    agrees(async |client| container::list(client, "x", Some("x")).await);
    agrees(async |client| container_image::delete(client, "x", &PLAIN).await);
    agrees(async |client| container_image::list(client, "x", Some("x")).await);
    agrees(async |client| container_instance::create(client, &<_>::default(), &PLAIN).await);
    agrees(async |client| container_instance::delete(client, "x", &PLAIN).await);
    agrees(async |client| container_instance::get(client, "x").await);
    agrees(async |client| container_instance::list(client, "x").await);
    agrees(async |client| vnic::get(client, "x").await);
}

macro_rules! children_agree {
    ($($child:ident),+) => {$({
        use load_balancer::$child::{create, delete, update};
        agrees(async |client| create(client, "x", &<_>::default(), &PLAIN).await);
        agrees(async |client| update(client, "x", "x", &<_>::default(), &PLAIN).await);
        agrees(async |client| delete(client, "x", "x", &PLAIN).await);
    })+};
}

#[test]
fn children_of_a_load_balancer_are_addressed_as_the_vendor_describes() {
    children_agree!(backend_set, hostname, listener, path_route_set, routing_policy, rule_set);
    agrees(async |client| backend_set::get(client, "x", "x").await);
    agrees(async |client| certificate::create(client, "x", &<_>::default(), &PLAIN).await);
    agrees(async |client| certificate::delete(client, "x", "x", &PLAIN).await);
    agrees(async |client| certificate::list(client, "x").await);
}
