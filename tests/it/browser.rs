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

fn browser() -> Result<&'static str, std::io::Error> {
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
    let profile = world.store().join("browser");
    let told = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--ignore-certificate-errors", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(url)
        .output()
        .unwrap();
    String::from_utf8_lossy(&told.stdout).into_owned()
}
