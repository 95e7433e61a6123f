//! What becomes of a request's line when a log of the vendor's API is enabled for its load balancer.

use serde_json::json;

use super::BOTH;
use super::site::{ID, Site, poll};
use crate::model::logging::{Configuration, Log, Source};

fn log(resource: &str) -> Log {
    let source = Source {
        resource: resource.to_owned(),
        category: "access".to_owned(),
        ..Source::default()
    };
    Log {
        id: format!("log of {resource}"),
        is_enabled: true,
        lifecycle_state: "ACTIVE".to_owned(),
        configuration: Some(Configuration { source, ..Configuration::default() }),
        ..Log::default()
    }
}

#[tokio::test]
async fn a_log_that_is_enabled_collects_what_comes_from_then_on() {
    let site = Site::start(json!({})).await;
    site.served_by(&BOTH).await;
    let in_file = |path: &str| {
        let request = format!("GET https://a.example{path} HTTP/1.1");
        site.log().iter().any(|line| line["data"]["request"] == request)
    };
    site.get("a.example", "/before").await;
    poll(async || in_file("/before")).await;
    site.cloud.logging.update(|world| {
        world.logs.extend([ID, "another"].map(log).map(|log| (log.id.clone(), log)));
    });
    site.get("a.example", "/after").await;
    poll(async || !site.cloud.log_lines.of(|_| true).is_empty()).await;
    let kept = site.cloud.log_lines.of(|_| true);
    let kept: Vec<_> =
        kept.iter().map(|line| (line.log.as_str(), line.data["request"].as_str())).collect();
    let own = format!("log of {ID}");
    assert_eq!(kept, [(own.as_str(), Some("GET https://a.example/after HTTP/1.1"))]);
}
