//! Clouds that are the same to a person export the same; others do not.

use http::Method;
use serde_json::{Value, json};

use super::site::{COMPARTMENT, Site, options};

async fn hostname(site: &Site, balancer: &str, name: &str) {
    let path = format!("/20170115/loadBalancers/{balancer}/hostnames");
    let body = json!({"name": name, "hostname": format!("{name}.example.com")});
    let accepted = site.post(&path, &body).await;
    assert_eq!(site.finished(&accepted).await["lifecycleState"], "SUCCEEDED");
}

/// A balancer's certificate of one host, under a name that tells the days apart.
async fn certificate(site: &Site, balancer: &str, name: &str) {
    let authority = &site.cloud.cloud().authority;
    let hosts = ["www.example.com".to_owned()];
    let now = site.cloud.cloud().clock.now();
    let issued = authority.issue(&hosts, now, time::Duration::days(90)).unwrap();
    let body = json!({"certificateName": name, "publicCertificate": issued.chain_pem,
        "privateKey": issued.key_pem});
    let path = format!("/20170115/loadBalancers/{balancer}/certificates");
    let accepted = site.post(&path, &body).await;
    assert_eq!(site.finished(&accepted).await["lifecycleState"], "SUCCEEDED");
}

async fn record(site: &Site, name: &str, content: &str) -> String {
    let zones = site.get("/client/v4/zones").await;
    let zone = zones["result"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/client/v4/zones/{zone}/dns_records");
    let record = json!({"type": "A", "name": name, "content": content, "ttl": 60});
    let made = site.send(Method::POST, &path, Some(&record)).await.json();
    format!("{path}/{}", made["result"]["id"].as_str().unwrap())
}

async fn address(site: &Site, balancer: &str) -> String {
    let balancer = site.get(&format!("/20170115/loadBalancers/{balancer}")).await;
    balancer["ipAddresses"][0]["ipAddress"].as_str().unwrap().to_owned()
}

async fn straight() -> Site {
    let site = Site::new(options(1));
    let subnet = site.network().await;
    let image = site.image("shop/web", "1").await;
    let (_, first) = site.instance("web-1", &image, &subnet).await;
    let (_, second) = site.instance("web-2", &image, &subnet).await;
    let balancer = site.balancer("web", &subnet, &[first, second]).await;
    hostname(&site, &balancer, "www").await;
    hostname(&site, &balancer, "api").await;
    certificate(&site, &balancer, "www-7d3f").await;
    let address = address(&site, &balancer).await;
    record(&site, "www", &address).await;
    record(&site, "api", &address).await;
    site
}

/// The same by another way: other order, other addresses, and things that came and went.
async fn around() -> Site {
    let site = Site::new(options(2));
    let image = site.image("shop/web", "1").await;
    let subnet = site.network().await;
    let (_, second) = site.instance("web-2", &image, &subnet).await;
    let lost = site.instance("web-0", &image, &subnet).await.0;
    let (_, first) = site.instance("web-1", &image, &subnet).await;
    let path = format!("/20210415/containerInstances/{lost}");
    assert_eq!(site.send(Method::DELETE, &path, None).await.status, 204);
    site.until(&path, |instance| instance["lifecycleState"] == "DELETED").await;
    let stray = record(&site, "old", "203.0.113.77").await;
    let balancer = site.balancer("web", &subnet, &[second, first]).await;
    certificate(&site, &balancer, "www-a001").await;
    hostname(&site, &balancer, "api").await;
    hostname(&site, &balancer, "www").await;
    let address = address(&site, &balancer).await;
    record(&site, "api", &address).await;
    record(&site, "www", &address).await;
    assert_eq!(site.send(Method::DELETE, &stray, None).await.status, 200);
    let settings = stray.split("/dns_records").next().unwrap().to_owned() + "/settings/ssl";
    let default = json!({"value": "full"});
    assert_eq!(site.send(Method::PATCH, &settings, Some(&default)).await.status, 200);
    site
}

fn text(site: &Site) -> String {
    serde_json::to_string_pretty(&site.cloud.export()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_same_site_exports_the_same_by_whatever_way_it_was_made() {
    let (straight, around) = (text(&straight().await), text(&around().await));
    assert_eq!(straight, around);
    for trace in ["ocid1.", "10.0.0.2", "203.0.113", "7d3f", "BEGIN", "2026-"] {
        assert!(!straight.contains(trace), "{trace} in {straight}");
    }
    for word in [
        "public ip of load balancer web",
        "ip of container instance web-1:8080",
        "certificate of www.example.com",
    ] {
        assert!(straight.contains(word), "no {word} in {straight}");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_a_person_would_see_is_in_the_export() {
    let site = straight().await;
    let before = site.cloud.export();
    let record = record(&site, "new", "203.0.113.77").await;
    assert_ne!(site.cloud.export(), before);
    site.send(Method::DELETE, &record, None).await;
    assert_eq!(site.cloud.export(), before);
    let namespace = site.cloud.access().namespace.clone();
    let body = json!({"compartmentId": COMPARTMENT, "name": "locks"});
    assert_eq!(site.post(&format!("/n/{namespace}/b"), &body).await.status, 200);
    assert_ne!(site.cloud.export(), before);
}

#[tokio::test(start_paused = true)]
async fn twins_are_told_apart_by_what_they_hold_and_not_by_who_came_first() {
    let twins = async |seed, names: [&str; 2]| {
        let site = Site::new(options(seed));
        for name in names {
            let vcn = site.make("vcns", "web", json!({"cidrBlocks": ["10.0.0.0/16"]})).await;
            site.make("subnets", name, json!({"vcnId": vcn, "cidrBlock": "10.0.0.0/24"})).await;
        }
        site.cloud.export()
    };
    let (one, other) = (twins(1, ["a", "b"]).await, twins(2, ["b", "a"]).await);
    assert_eq!(one, other);
    assert!(matches!(&one["vcn web (2)"], Value::Object(_)));
    assert_ne!(one["subnet a"]["vcnId"], one["subnet b"]["vcnId"]);
}
