//! A simulated call costs microseconds: a simulator makes hundreds of them for each of its deployments.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;

use super::site::{COMPARTMENT, Site, options};

const ROUNDS: u32 = 25;
/// In each round; those of the load balancer include the polls of their work requests.
const CHANGES: u32 = 4;
/// For this unoptimised build on a busy machine; an optimised one is some twenty times faster.
const MOST: Duration = Duration::from_millis(3);

#[tokio::test(start_paused = true)]
async fn a_call_costs_little() {
    let site = Site::new(options(1));
    let subnet = site.network().await;
    let image = site.image("shop/web", "1").await;
    let (_, ip) = site.instance("web-1", &image, &subnet).await;
    let balancer = site.balancer("web", &subnet, &[ip]).await;
    let (mut reading, mut changing) = (Duration::ZERO, Duration::ZERO);
    let lists = [
        format!("/20160918/vcns?compartmentId={COMPARTMENT}"),
        format!("/20160918/subnets?compartmentId={COMPARTMENT}"),
        format!("/20160918/securityLists?compartmentId={COMPARTMENT}"),
        format!("/20170115/loadBalancers?compartmentId={COMPARTMENT}"),
        format!("/20170115/loadBalancers/{balancer}"),
        format!("/20170115/loadBalancers/{balancer}/health"),
        format!("/20210415/containerInstances?compartmentId={COMPARTMENT}"),
        format!("/20160918/container/repositories?compartmentId={COMPARTMENT}"),
        "/client/v4/zones".to_owned(),
    ];
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for list in &lists {
            site.get(list).await;
        }
        reading += begun.elapsed();
        let begun = Instant::now();
        let vcn = site.make("vcns", "new", json!({"cidrBlocks": ["10.1.0.0/16"]})).await;
        site.send(Method::DELETE, &format!("/20160918/vcns/{vcn}"), None).await;
        let path = format!("/20170115/loadBalancers/{balancer}/hostnames");
        let body = json!({"name": "new", "hostname": "new.example.com"});
        let accepted = site.post(&path, &body).await;
        site.finished(&accepted).await;
        let accepted = site.send(Method::DELETE, &format!("{path}/new"), None).await;
        site.finished(&accepted).await;
        changing += begun.elapsed();
    }
    let calls = u32::try_from(lists.len()).unwrap() * ROUNDS;
    let (read, change) = (reading / calls, changing / (CHANGES * ROUNDS));
    assert!(read < MOST && change < MOST, "{read:?} for a read, {change:?} for a change");
}
