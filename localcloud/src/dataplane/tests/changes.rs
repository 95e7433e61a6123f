//! Routes that change while requests are under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::site::{Site, VISITOR, get, poll, send, speak};

/// Sends every path to a backend set.
fn everything_to(set: &str) -> Value {
    let route =
        json!({"path": "/", "pathMatchType": {"matchType": "PREFIX_MATCH"}, "backendSetName": set});
    json!({"pathRouteSets": {"p": {"name": "p", "pathRoutes": [route]}}})
}

fn set_of(name: &str, ip: &str) -> Value {
    json!({"name": name, "policy": "ROUND_ROBIN",
        "backends": [{"name": format!("{ip}:8080"), "ipAddress": ip, "port": 8080}],
        "healthChecker": {"protocol": "HTTP", "urlPath": "/health", "intervalInMillis": 1000}})
}

#[tokio::test]
async fn routes_that_move_between_sets_all_the_time_lose_no_request() {
    let sets = json!({"one": set_of("one", "10.0.1.1"), "two": set_of("two", "10.0.1.2")});
    let site = Site::start(json!({"backendSets": sets})).await;
    for set in ["one", "two"] {
        site.merge(&everything_to(set));
        let expected = if set == "one" { "backend 1" } else { "backend 2" };
        poll(async || {
            site.connect(VISITOR, 443).await.is_ok()
                && site.get("a.example", "/who").await.body == expected
        })
        .await;
    }
    let answered = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let enough = || answered.iter().all(|count| count.load(Ordering::Relaxed) >= 50);
    let clients = join_all((0..4).map(async |_| {
        let mut kept = speak(site.tls("a.example", "http/1.1").await).await;
        while !enough() {
            let got = send(&mut kept, get("a.example", "/who")).await;
            assert_eq!(got.status, StatusCode::OK, "{}", got.body);
            let place = usize::from(got.body == "backend 2");
            answered[place].fetch_add(1, Ordering::Relaxed);
        }
    }));
    let changing = async {
        for set in ["one", "two"].into_iter().cycle() {
            site.merge(&everything_to(set));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        outcome = timeout(Duration::from_secs(20), clients) => assert!(outcome.is_ok()),
        () = changing => {}
    }
}
