//! What the edge keeps of the origin's answers, for how long, and for whom.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::site::{HOST, Site};
use crate::services::cloudflare::CloudflareService;

impl Site {
    /// `CF-Cache-Status` and content.
    async fn status(&self, path: &str) -> (String, String) {
        status(self.get(path).await).await
    }

    /// The same, with headers of the visitor's.
    async fn status_with(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let url = format!("https://{HOST}:{}{path}", self.edge.https.port());
        let mut request = self.visitor().build().unwrap().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    async fn purge(&self, body: Value) {
        let service = CloudflareService::open(self.cloud.clone(), "token".to_owned());
        let id = "0123456789abcdef0123456789abcdef";
        self.cloud.zones.update(|world| {
            let mut zone = world.zones.get("z").or(world.zones.get(id)).unwrap().clone();
            world.zones.remove("z");
            id.clone_into(&mut zone.id);
            world.zones.insert(id.to_owned(), zone);
        });
        let request = Request::post(format!("/client/v4/zones/{id}/purge_cache"))
            .header("authorization", "Bearer token")
            .body(Bytes::from(body.to_string()));
        let reply = service.handle(request.unwrap()).await;
        assert_eq!(reply.response.status(), 200, "{:?}", reply.response.body());
    }
}

async fn status(response: reqwest::Response) -> (String, String) {
    let status = response.headers()["cf-cache-status"].to_str().unwrap().to_owned();
    (status, response.text().await.unwrap())
}

fn pair(status: &str, body: &str) -> (String, String) {
    (status.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_static_file_is_fetched_once_and_grows_old() {
    let site = Site::sound().await;
    site.files.answer_with(200, &[("content-type", "text/css")], "one");
    assert_eq!(site.status("/files/a.css").await, pair("MISS", "one"));
    site.files.answer_with(200, &[], "two");
    site.cloud.clock.advance(Duration::from_secs(60));
    let response = site.get("/files/a.css").await;
    let age: u64 = response.headers()["age"].to_str().unwrap().parse().unwrap();
    assert!((60..70).contains(&age), "{age}");
    assert_eq!(response.headers()["content-type"], "text/css");
    assert_eq!(response.headers()["cache-control"], "max-age=14400");
    assert_eq!(status(response).await, pair("HIT", "one"));
    site.cloud.clock.advance(Duration::from_secs(7200));
    assert_eq!(site.status("/files/a.css").await, pair("EXPIRED", "two"));
    assert_eq!(site.files.asked(), ["GET /files/a.css"; 2]);
}

#[tokio::test]
async fn pages_and_other_methods_are_not_cached() {
    let site = Site::sound().await;
    site.files.answer_with(200, &[("cache-control", "public, max-age=600")], "page");
    for path in ["/files/", "/files/page", "/files/page.html", "/files/css", "/files/a.json"] {
        assert_eq!(site.status(path).await.0, "DYNAMIC", "{path}");
        assert_eq!(site.status(path).await.0, "DYNAMIC", "{path}");
    }
    let url = format!("https://{HOST}:{}/files/a.css", site.edge.https.port());
    let posted = site.visitor().build().unwrap().post(url).send().await.unwrap();
    assert_eq!(posted.headers()["cf-cache-status"], "DYNAMIC");
    assert_eq!(site.get_on(2053, "/files/a.css").await.headers()["cf-cache-status"], "DYNAMIC");
    for path in ["/files/A.JPG", "/robots.txt"] {
        assert_eq!(site.status(path).await.0, "MISS", "{path}");
        assert_eq!(site.status(path).await.0, "HIT", "{path}");
    }
}

#[tokio::test]
async fn query_and_scheme_and_codings_tell_answers_apart() {
    let site = Site::sound().await;
    site.files.answer_with(200, &[], "x");
    for path in ["/files/a.js", "/files/a.js?v=1", "/files/a.js?v=2"] {
        assert_eq!(site.status(path).await.0, "MISS", "{path}");
        assert_eq!(site.status(path).await.0, "HIT", "{path}");
    }
    assert_eq!(status(site.plain(HOST, "/files/a.js").await).await.0, "MISS");
    let coded = site.status_with("/files/a.js", &[("accept-encoding", "gzip, br;q=0")]).await;
    assert_eq!(status(coded).await.0, "MISS");
    site.set("cache_level", "simplified");
    assert_eq!(site.status("/files/a.js?v=3").await.0, "HIT");
    site.set("cache_level", "basic");
    assert_eq!(site.status("/files/a.js?v=3").await.0, "DYNAMIC");
    site.set("development_mode", "on");
    assert_eq!(site.status("/files/a.js").await.0, "BYPASS");
}

#[tokio::test]
async fn the_origin_decides_when_it_says_something() {
    for (headers, second, expires) in [
        (vec![("cache-control", "no-store")], "BYPASS", None),
        (vec![("cache-control", "private")], "BYPASS", None),
        (vec![("cache-control", "no-cache")], "BYPASS", None),
        (vec![("cache-control", "max-age=0")], "BYPASS", None),
        (vec![("set-cookie", "a=b"), ("cache-control", "max-age=60")], "BYPASS", None),
        (vec![("expires", "0")], "BYPASS", None),
        (vec![("cache-control", "max-age=60")], "HIT", Some(60)),
        (vec![("cache-control", "max-age=60, s-maxage=600")], "HIT", Some(600)),
        (vec![("cache-control", "no-store"), ("cdn-cache-control", "max-age=90")], "HIT", Some(90)),
        (vec![("cache-control", "max-age=600"), ("age", "500")], "HIT", Some(100)),
        (vec![], "HIT", Some(7200)),
    ] {
        let site = Site::sound().await;
        site.files.answer_with(200, &headers, "x");
        site.get("/files/a.css").await.text().await.unwrap();
        assert_eq!(site.status("/files/a.css").await.0, second, "{headers:?}");
        if let Some(seconds) = expires {
            site.cloud.clock.advance(Duration::from_secs(seconds - 10));
            assert_eq!(site.status("/files/a.css").await.0, "HIT", "{headers:?}");
            site.cloud.clock.advance(Duration::from_secs(10));
            assert_eq!(site.status("/files/a.css").await.0, "EXPIRED", "{headers:?}");
        }
    }
}

#[tokio::test]
async fn without_a_word_of_the_origin_the_status_decides() {
    for (status, seconds) in [
        (200, 7200),
        (301, 7200),
        (302, 1200),
        (303, 1200),
        (404, 180),
        (410, 180),
        (403, 0),
        (500, 0),
    ] {
        let site = Site::sound().await;
        site.files.answer_with(status, &[("location", "/x")], "x");
        assert_eq!(site.status("/files/a.png").await.0, "MISS", "{status}");
        if seconds == 0 {
            assert_eq!(site.status("/files/a.png").await.0, "MISS", "{status}");
            continue;
        }
        site.cloud.clock.advance(Duration::from_secs(seconds - 10));
        assert_eq!(site.status("/files/a.png").await.0, "HIT", "{status}");
        site.cloud.clock.advance(Duration::from_secs(10));
        assert_eq!(site.status("/files/a.png").await.0, "EXPIRED", "{status}");
    }
}

#[tokio::test]
async fn what_somebody_in_particular_asked_for_is_not_given_to_others() {
    let site = Site::sound().await;
    let known = [("authorization", "Basic abc")];
    site.files.answer_with(200, &[("cache-control", "max-age=60")], "secret");
    assert_eq!(status(site.status_with("/files/a.pdf", &known).await).await.0, "BYPASS");
    site.files.answer_with(200, &[("cache-control", "max-age=60")], "public");
    assert_eq!(site.status("/files/a.pdf").await, pair("MISS", "public"));
    site.files.answer_with(200, &[("cache-control", "public, max-age=60")], "open");
    assert_eq!(status(site.status_with("/files/b.pdf", &known).await).await.0, "MISS");
    assert_eq!(site.status("/files/b.pdf").await, pair("HIT", "open"));
}

#[tokio::test]
async fn an_old_answer_is_revalidated_by_its_tag() {
    let site = Site::sound().await;
    let headers = [("etag", "\"1\""), ("cache-control", "max-age=60")];
    site.files.answer_with(200, &headers, "one");
    site.status("/files/a.css").await;
    site.cloud.clock.advance(Duration::from_secs(61));
    assert_eq!(site.status("/files/a.css").await, pair("REVALIDATED", "one"));
    assert_eq!(site.status("/files/a.css").await, pair("HIT", "one"));
    site.files.answer_with(200, &[("etag", "\"2\"")], "two");
    site.cloud.clock.advance(Duration::from_secs(61));
    assert_eq!(site.status("/files/a.css").await, pair("EXPIRED", "two"));
    let conditional = "GET /files/a.css if-none-match \"1\"";
    assert_eq!(site.files.asked(), ["GET /files/a.css", conditional, conditional]);
}

#[tokio::test]
async fn a_visitor_that_has_it_or_wants_a_part_gets_no_more() {
    let site = Site::sound().await;
    site.files.answer_with(200, &[("etag", "\"1\"")], "0123456789");
    site.status("/files/a.mp4").await;
    let same = site.status_with("/files/a.mp4", &[("if-none-match", "W/\"1\"")]).await;
    assert_eq!(
        (same.status(), &same.headers()["cf-cache-status"]),
        (StatusCode::NOT_MODIFIED, &"HIT".parse().unwrap())
    );
    for (range, code, body) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=-3", 206, "789"),
        ("bytes=8-99", 206, "89"),
        ("bytes=9-1", 200, "0123456789"),
    ] {
        let part = site.status_with("/files/a.mp4", &[("range", range)]).await;
        assert_eq!(part.status().as_u16(), code, "{range}");
        assert_eq!(status(part).await, pair("HIT", body), "{range}");
    }
    let url = format!("https://{HOST}:{}/files/a.mp4", site.edge.https.port());
    let head = site.visitor().build().unwrap().head(url).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "10");
    assert_eq!(status(head).await, pair("HIT", ""));
    assert_eq!(site.files.asked(), ["GET /files/a.mp4"]);
}

#[tokio::test]
async fn a_purge_reaches_the_edge_at_once() {
    let site = Site::sound().await;
    site.files.answer_with(200, &[], "x");
    site.purge(json!({ "purge_everything": true })).await;
    let both = async |site: &Site| {
        [site.status("/files/a.css").await.0, site.status("/files/b.css").await.0]
    };
    assert_eq!(both(&site).await, ["MISS", "MISS"]);
    assert_eq!(both(&site).await, ["HIT", "HIT"]);
    site.purge(json!({ "files": [format!("https://{HOST}/files/b.css")] })).await;
    assert_eq!(both(&site).await, ["HIT", "MISS"]);
    site.purge(json!({ "purge_everything": true })).await;
    assert_eq!(both(&site).await, ["MISS", "MISS"]);
}
