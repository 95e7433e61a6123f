//! Each link of the chain, whole and broken.

use std::sync::Arc;

use super::site::{HOST, ORIGIN, Origin, Site, cloud, issued, record, self_signed};
use crate::Ports;
use crate::edge::Edge;

#[tokio::test]
async fn a_sound_chain_serves_the_origin() {
    let site = Site::sound().await;
    let response = site.get("/a?b=c").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["server"], "cloudflare");
    assert_eq!(response.headers()["cf-cache-status"], "DYNAMIC");
    assert!(response.headers()["cf-ray"].to_str().unwrap().ends_with("-LCL"));
    assert!(!response.headers().contains_key("keep-alive"));
    let (source, destination) = site.calls()[0];
    assert!(site.cloud.zones.read().ranges.contains(source.ip()), "{source}");
    assert_eq!(destination.to_string(), format!("{ORIGIN}:443"));
}

#[tokio::test]
async fn in_strict_mode_a_bad_certificate_is_526() {
    let cloud = cloud();
    let expired = issued(&cloud, HOST, 10, 1);
    let misnamed = issued(&cloud, "other.codeharmony.net", 0, 30);
    for origin in [expired, misnamed, self_signed().0] {
        let site = Site::over(super::site::cloud(), origin).await;
        let response = site.get("/").await;
        assert_eq!(response.status().as_u16(), 526);
        assert_eq!(response.headers()["server"], "cloudflare");
        assert!(response.text().await.unwrap().contains("&cross; origin TLS"));
    }
    std::fs::remove_dir_all(&cloud.options.state).unwrap();
}

#[tokio::test]
async fn a_certificate_ends_when_the_clouds_clock_says_so() {
    let cloud = cloud();
    let origin = issued(&cloud, HOST, 0, 30);
    let site = Site::over(cloud, origin).await;
    site.cloud.clock.advance(std::time::Duration::from_secs(31 * 86_400));
    assert_eq!(site.get("/").await.status().as_u16(), 526);
}

#[tokio::test]
async fn other_broken_links_have_numbers_of_their_own() {
    for (origin, status, words) in [
        (Origin::Plain, 525, "&cross; origin TLS"),
        (Origin::Refusing, 521, "&cross; origin port"),
        (Origin::Filtered, 522, "no rule allows it"),
    ] {
        let site = Site::over(cloud(), origin).await;
        let response = site.get("/").await;
        assert_eq!(response.status().as_u16(), status);
        assert!(response.text().await.unwrap().contains(words), "{words}");
    }
}

#[tokio::test]
async fn the_emulated_network_filters_what_no_rule_allows() {
    let cloud = cloud();
    let edge = Edge::start(cloud.clone(), &Ports::default()).await.unwrap();
    let site = Site { cloud, edge, calls: Arc::default(), files: super::site::Files::default() };
    assert_eq!(site.get("/").await.status().as_u16(), 522);
}

#[tokio::test]
async fn the_mode_decides_how_an_origin_is_called() {
    for (mode, port) in [("off", 80), ("flexible", 80), ("full", 443)] {
        let site = Site::over(cloud(), self_signed().0).await;
        site.set("ssl", mode);
        assert_eq!(site.get("/").await.status(), 200, "{mode}");
        assert_eq!(site.calls()[0].1.port(), port, "{mode}");
    }
}

#[tokio::test]
async fn a_request_to_a_further_https_port_goes_to_the_same_port_of_the_origin() {
    for (mode, port) in [("strict", 2053), ("full", 8443), ("flexible", 2096)] {
        let site = Site::sound().await;
        site.set("ssl", mode);
        let response = site.get_on(port, "/").await;
        assert_eq!(response.status(), 200, "{mode}");
        assert_eq!(site.calls()[0].1.to_string(), format!("{ORIGIN}:{port}"), "{mode}");
        let seen: serde_json::Value = response.json().await.unwrap();
        assert_eq!(seen["headers"]["host"], format!("{HOST}:{port}"));
    }
}

#[tokio::test]
async fn an_added_root_is_trusted_also_after_a_restart() {
    let (origin, pem) = self_signed();
    let site = Site::over(cloud(), origin.clone()).await;
    assert_eq!(site.get("/").await.status().as_u16(), 526);
    site.edge.trust(&pem).unwrap();
    assert_eq!(site.get("/").await.status(), 200);
    assert!(site.edge.trust("not a certificate").is_err());
    let again = Site::over(site.cloud.clone(), origin).await;
    assert_eq!(again.get("/").await.status(), 200);
}

#[tokio::test]
async fn an_alias_leads_to_the_origin_of_its_target() {
    let site = Site::sound().await;
    record(&site.cloud, ("app.codeharmony.net", "CNAME", "lb.codeharmony.net"), true);
    record(&site.cloud, ("lb.codeharmony.net", "A", "203.0.113.9"), false);
    assert_eq!(site.plain("app.codeharmony.net", "/").await.status(), 200);
    assert_eq!(site.calls()[0].1.to_string(), "203.0.113.9:80");
}

#[tokio::test]
async fn records_that_lead_nowhere_are_named() {
    let site = Site::sound().await;
    record(&site.cloud, ("gone.codeharmony.net", "CNAME", "nowhere.example"), true);
    record(&site.cloud, ("self.codeharmony.net", "A", "104.16.0.10"), true);
    record(&site.cloud, ("bare.codeharmony.net", "A", ORIGIN), false);
    for (host, status) in [
        ("gone.codeharmony.net", 530),
        ("self.codeharmony.net", 403),
        ("bare.codeharmony.net", 404),
        ("none.codeharmony.net", 404),
        ("localhost", 404),
        ("evil.example", 421),
    ] {
        assert_eq!(site.plain(host, "/").await.status().as_u16(), status, "{host}");
    }
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn names_without_a_certificate_get_no_handshake() {
    let site = Site::sound().await;
    let url = format!("https://a.b.codeharmony.net:{}/", site.edge.https.port());
    let client = site.visitor().resolve("a.b.codeharmony.net", site.edge.https).build().unwrap();
    assert!(client.get(&url).send().await.is_err());
    site.cloud.zones.update(|world| {
        let zone = world.zones.get_mut("z").unwrap();
        zone.settings.insert("universal_ssl".to_owned(), false.into());
    });
    let url = format!("https://{HOST}:{}/", site.edge.https.port());
    assert!(site.visitor().build().unwrap().get(url).send().await.is_err());
}

#[tokio::test]
async fn a_visitor_below_the_least_tls_version_is_turned_away() {
    let site = Site::sound().await;
    let old = site.visitor().tls_version_max(reqwest::tls::Version::TLS_1_2).build().unwrap();
    let url = format!("https://{HOST}:{}/cdn-cgi/trace", site.edge.https.port());
    let trace = old.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(trace.contains("tls=TLSv1.2\n"), "{trace}");
    site.set("min_tls_version", "1.3");
    let old = site.visitor().tls_version_max(reqwest::tls::Version::TLS_1_2).build().unwrap();
    assert!(old.get(&url).send().await.is_err());
    assert_eq!(site.get("/").await.status(), 200);
}
