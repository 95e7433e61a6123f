//! Instances, load balancers and their health; what a seed decides.

use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::time::Instant;

use super::site::{Site, options};

async fn deploy(site: &Site) -> String {
    let subnet = site.network().await;
    let image = site.image("shop/web", "1").await;
    let (_, ip) = site.instance("web-1", &image, &subnet).await;
    site.balancer("web", &subnet, &[ip]).await
}

#[tokio::test(start_paused = true)]
async fn a_site_is_deployed_and_healthy_in_simulated_time() {
    let (real, simulated) = (std::time::Instant::now(), Instant::now());
    let site = Site::new(options(1));
    let balancer = deploy(&site).await;
    let health = format!("/20170115/loadBalancers/{balancer}/health");
    assert_eq!(site.get(&health).await["status"], "UNKNOWN");

    let healthy = site.until(&health, |health| health["status"] != "UNKNOWN").await;

    assert_eq!(healthy["status"], "OK", "{healthy}");
    assert!(simulated.elapsed() >= Duration::from_secs(13), "{:?}", simulated.elapsed());
    assert!(real.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_sick_fails_its_checks_until_it_is_well() {
    let site = Site::new(options(1));
    site.cloud.sicken(|patient| patient.display_name == "web-1");
    let balancer = deploy(&site).await;
    let health = format!("/20170115/loadBalancers/{balancer}/health");
    let sick = site.until(&health, |health| health["status"] != "UNKNOWN").await;
    assert_eq!(sick["status"], "CRITICAL");
    let set = format!("/20170115/loadBalancers/{balancer}/backendSets/web/backends/10.0.0.2:8080");
    let result = site.get(&format!("{set}/health")).await["healthCheckResults"][0].clone();
    assert_eq!(result["healthCheckStatus"], "INVALID_STATUS_CODE");

    site.cloud.sicken(|_| false);

    assert_eq!(site.get(&health).await["status"], "OK");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_was_not_pushed_cannot_be_launched() {
    let site = Site::new(options(1));
    let subnet = site.network().await;
    let image = site.image("shop/web", "1").await.replace(":1", ":2");
    let details = site.instance_details("web-1", &image, &subnet).await;
    let made = site.post("/20210415/containerInstances", &details).await.json();
    let path = format!("/20210415/containerInstances/{}", made["id"].as_str().unwrap());
    let failed = site.until(&path, |instance| instance["lifecycleState"] != "CREATING").await;
    assert_eq!(failed["lifecycleState"], "FAILED");
}

#[test]
fn a_seed_decides_every_identifier_and_every_time() {
    let run = |seed| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let site = Site::new(options(seed));
            deploy(&site).await;
            (site.cloud.access().root.clone(), site.cloud.journal())
        })
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).1, run(8).1);
}

#[tokio::test(start_paused = true)]
async fn a_signature_is_not_looked_at_but_its_date_is() {
    let site = Site::new(options(1));
    let late = http::Request::get("/n").header("date", "Mon, 05 Jan 2026 09:06 GMT");
    let refused = site.request(late.body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(refused.code(), (401, "NotAuthenticated".to_owned()));
    let in_time = http::Request::get("/n").header("date", "Mon, 05 Jan 2026 09:01:00 GMT");
    let answered = site.request(in_time.body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(answered.json(), json!(site.cloud.access().namespace));
}

#[tokio::test(start_paused = true)]
async fn the_records_of_the_zone_are_there_to_be_changed() {
    let site = Site::new(options(1));
    let zones = site.get("/client/v4/zones?name=example.com").await;
    let records =
        format!("/client/v4/zones/{}/dns_records", zones["result"][0]["id"].as_str().unwrap());
    let record = json!({"type": "A", "name": "www", "content": "203.0.113.1", "ttl": 60});
    assert_eq!(site.send(Method::POST, &records, Some(&record)).await.status, 200);
    assert_eq!(site.get(&records).await["result"][0]["name"], "www.example.com");
}
