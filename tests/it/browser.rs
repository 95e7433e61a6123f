//! What a browser shows at the end of the chain.

use std::process::{Command, Stdio};

use crate::world::{World, skip};

#[test]
fn a_browser_shows_the_site_and_its_styles_reach_it() {
    let test = "a_browser_shows_the_site_and_its_styles_reach_it";
    let Ok(browser) = browser() else { return skip(test, "chromium is not installed") };
    let world = World::local();
    world.up().exits(0);
    let page = shown(browser, &world, &format!("{}under-the-hood", world.urls()[0]));
    assert!(
        page.contains("<h1>Under the hood</h1>") || page.contains("Under the hood</h1>"),
        "{page}"
    );
    for station in ["Cloudflare edge", "Load balancer", "This container"] {
        assert!(page.contains(station), "{station} is not on the page:\n{page}");
    }
}

#[test]
fn the_console_shows_the_way_from_a_name_to_its_container_and_every_request() {
    let test = "the_console_shows_the_way_from_a_name_to_its_container_and_every_request";
    let Ok(browser) = browser() else { return skip(test, "chromium is not installed") };
    let world = World::local();
    world.up().exits(0);
    let told = world.run("local console", &["--json"]).exits(0).json();
    let url = told.iter().find(|line| line["type"] == "console").unwrap()["url"].as_str().unwrap();
    // Enough of the page's own time for the first look at the cloud.
    let page = shown_after(browser, &world, url, &["--virtual-time-budget=5000"]);
    let host = world.urls()[0].split('/').nth(2).unwrap().split(':').next().unwrap().to_owned();
    for part in [host.as_str(), "proxied", "Full (strict)", "from the edge", "1 of 1 healthy"] {
        assert!(page.contains(part), "{part} is not on the page:\n{page}");
    }
    for (table, part) in
        [("requests", "GET"), ("certificates", host.as_str()), ("calls", "CreateLoadBalancer")]
    {
        let rows = page.split(&format!("id=\"{table}\"")).nth(1).unwrap();
        let rows = rows.split("</table>").next().unwrap();
        assert!(rows.contains(part), "{part} is not in the table of {table}:\n{rows}");
    }
    // Whoever does not have the token sees nothing.
    let stranger = url.split('#').next().unwrap();
    let page = shown_after(browser, &world, stranger, &["--virtual-time-budget=5000"]);
    assert!(page.contains("not allowed") && !page.contains(&host), "{page}");
}

pub(crate) fn browser() -> Result<&'static str, std::io::Error> {
    let found = Command::new("chromium")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    found.map(|_| "chromium")
}

/// The page as the browser has it after loading. Whom it trusts is its own matter: the certificate's way to the local
/// root is looked at by the tests that visit the same URLs without a browser.
fn shown(browser: &str, world: &World, url: &str) -> String {
    shown_after(browser, world, url, &[])
}

/// As [`shown`], with more words for the browser.
fn shown_after(browser: &str, world: &World, url: &str, more: &[&str]) -> String {
    let profile = world.store().join("browser");
    let told = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--ignore-certificate-errors", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(more)
        .arg(url)
        .output()
        .unwrap();
    String::from_utf8_lossy(&told.stdout).into_owned()
}
