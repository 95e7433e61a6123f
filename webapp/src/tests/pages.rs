//! Pages, assets, and the headers that are on everything.

use super::*;

const PAGES: [&str; 11] = [
    "/",
    "/fractal",
    "/files/fractal/carpet",
    "/files",
    "/files/",
    "/files/under-the-hood",
    "/no/such/page",
    "/pdf",
    "/image",
    "/files/pdf/watermark",
    "/docs",
];

/// Every `name="value"` of a page, for one name.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    html.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_its_build() {
    let targets =
        ["/health-check", "/mandelbrot.png?re=x", "/assets/none.css", "/echo", "/files/version"];
    for target in PAGES.into_iter().chain(targets) {
        let answer = get(target).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{target}: {policy}");
        assert!(!policy.contains("unsafe"), "{target}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{target}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{target}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{target}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{target}");
        assert_eq!(answer.header("cache-control"), "no-store", "{target}");
        assert_eq!(answer.header("x-build"), "build-7", "{target}");
    }
}

#[tokio::test]
async fn pages_hold_nothing_that_the_policy_would_block() {
    for target in PAGES {
        let page = get(target).await;
        let html = page.text();
        let scripts = html.matches("<script").count();
        assert_eq!(html.matches("<script type=\"module\" src=\"").count(), scripts, "{target}");
        assert_eq!(
            html.matches("\"></script>").count(),
            scripts,
            "{target} holds an inline script"
        );
        for forbidden in ["<style", " style=", "javascript:", " onload=", " onclick="] {
            assert!(!html.contains(forbidden), "{target} holds {forbidden}");
        }
        for link in [attributes(html, "href"), attributes(html, "src")].concat() {
            assert!(link.starts_with(['/', '#']), "{target} leads to {link}");
        }
    }
}

#[tokio::test]
async fn every_link_of_every_page_leads_somewhere() {
    for target in PAGES.into_iter().filter(|target| !target.contains("no/such")) {
        let page = get(target).await;
        let html = page.text();
        for link in [attributes(html, "href"), attributes(html, "src")].concat() {
            // Pictures are drawn by tests of their own, fragments lead to the page itself.
            if link.contains(".png?") || link.contains(".jpg?") || link.starts_with('#') {
                continue;
            }
            let answer = get(&link.replace("&amp;", "&").replace("&#x3D;", "=")).await;
            assert_eq!(answer.status, StatusCode::OK, "{target} leads to {link}");
        }
    }
}

#[tokio::test]
async fn a_page_says_which_app_answers() {
    let page = get("/").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("This is the app <b>files</b>"));
    assert!(page.text().contains("<title>Home · Files &amp; folders</title>"));
    assert!(page.text().contains("curl -d 'hello' http://files.example.org/echo/anything"));
}

#[tokio::test]
async fn behind_a_path_route_every_link_stays_below_it() {
    let page = get("/files/").await;
    let links = [attributes(page.text(), "href"), attributes(page.text(), "src")].concat();
    assert!(links.len() > 15);
    for link in links {
        assert!(link.starts_with("/files/") || link.starts_with('#'), "{link}");
    }
}

#[tokio::test]
async fn the_way_of_a_request_is_drawn_from_its_headers() {
    let headers = [
        ("host", "files.example.org"),
        ("cf-ray", "8f2d1c0a9b7e6d5c-LHR"),
        ("cf-connecting-ip", "203.0.113.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "443"),
    ];
    let page = ask(Method::GET, "/under-the-hood", &headers, Body::empty()).await;
    let html = page.text();
    assert!(
        html.contains("Cloudflare edge, claimed; Security rules, silent; Load balancer, claimed")
    );
    for said in ["data centre LHR", "came in as https, port 443", "app files, build build-7"] {
        assert!(html.contains(said), "{said}");
    }
    assert!(html.contains("<dt>claimed by CF-Connecting-IP</dt><dd>203.0.113.7</dd>"));
}

#[tokio::test]
async fn what_a_visitor_sends_is_shown_and_not_obeyed() {
    let headers = [("host", "x"), ("cf-ray", "<img src=x onerror=alert(1)>-<b>")];
    let page = ask(Method::GET, "/under-the-hood", &headers, Body::empty()).await;
    assert!(!page.text().contains("<img src=x"));
    let page = get("/%3Cscript%3E/'%22").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(!page.text().contains("<script"));
}

#[tokio::test]
async fn an_unknown_path_gets_a_page_of_its_own() {
    let page = get("/no/such/page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("/no/such/page"));
}

#[tokio::test]
async fn assets_may_be_kept_for_ever() {
    let page = get("/").await;
    let style = attributes(page.text(), "href").into_iter().find(|link| link.ends_with(".css"));
    let style = get(style.unwrap()).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(style.text().contains("prefers-color-scheme: dark"));
}
