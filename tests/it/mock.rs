//! The mock server of the companion site beside WireMock, with WireMock's own clients, and in a browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::browser;
use crate::clients::environment;
use crate::site::{self, Site};
use crate::world::skip;

/// Scripts that know nothing of the code behind the site.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/mock");
/// Below which each workspace has a host name; nobody has to resolve it.
const DOMAIN: &str = "mock.test";

#[test]
fn answers_are_those_of_wiremock() {
    let test = "answers_are_those_of_wiremock";
    let packages = Command::new("java").arg("-version").output().ok().and_then(|_| packages());
    let Some(packages) = packages else {
        return skip(test, "Java or npm is not there, so WireMock cannot be");
    };
    let site = Site::with(&[("MOCK_DOMAIN", DOMAIN)]);
    let jars = packages.join("node_modules/wiremock/build");
    let mut jars = std::fs::read_dir(jars).unwrap().map(|entry| entry.unwrap().path());
    let jar = jars.find(|path| path.extension().is_some_and(|end| end == "jar")).unwrap();
    let mut script = Command::new("python3");
    script.arg(format!("{FOLDER}/differential.py")).arg(&site.url).arg(jar).arg(DOMAIN);
    println!("{}", told(&script.output().unwrap()));
}

#[test]
fn data_echoes_and_documents_are_answered_as_by_json_server_httpbin_and_prism() {
    let test = "data_echoes_and_documents_are_answered_as_by_json_server_httpbin_and_prism";
    let (Some(packages), Some(python)) = (packages(), python()) else {
        return skip(test, "npm or a Python environment with httpbin is not there");
    };
    let site = Site::with(&[("MOCK_DOMAIN", DOMAIN)]);
    let mut script = Command::new(python);
    script.arg(format!("{FOLDER}/peers.py")).arg(&site.url).arg(DOMAIN);
    println!("{}", told(&script.arg(packages.join("node_modules")).output().unwrap()));
}

#[test]
fn wiremocks_python_client_takes_a_workspace_for_a_wiremock() {
    let test = "wiremocks_python_client_takes_a_workspace_for_a_wiremock";
    let Some(python) = python() else {
        return skip(test, "no Python environment with WireMock's client can be made");
    };
    let site = Site::with(&[]);
    let mut script = Command::new(python);
    script.arg(format!("{FOLDER}/wiremock_python.py")).args(workspace(&site));
    told(&script.output().unwrap());
}

#[test]
fn wiremocks_javascript_client_takes_a_workspace_for_a_wiremock() {
    let test = "wiremocks_javascript_client_takes_a_workspace_for_a_wiremock";
    let Some(packages) = packages() else { return skip(test, "npm is not there") };
    let site = Site::with(&[]);
    let mut script = Command::new("node");
    script.arg(format!("{FOLDER}/wiremock_javascript.cjs")).args(workspace(&site));
    told(&script.current_dir(packages).output().unwrap());
}

#[test]
fn a_workspace_is_made_watched_and_changed_in_a_browser_by_mouse_by_keyboard_and_on_a_phone() {
    let test =
        "a_workspace_is_made_watched_and_changed_in_a_browser_by_mouse_by_keyboard_and_on_a_phone";
    if browser().is_err() {
        return skip(test, "chromium is not installed");
    }
    let Some(python) = site::python() else {
        return skip(test, "no Python environment with axe-core can be made");
    };
    let site = Site::with(&[]);
    let mut script = Command::new(python);
    script.arg(format!("{}/mock.py", site::FOLDER)).arg(&site.url);
    told(&script.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap());
}

/// The base URL for a client, with the token in it, and the address of a new workspace.
fn workspace(site: &Site) -> [String; 2] {
    let mut curl = Command::new("curl");
    curl.args(["-fsS", "-X", "POST"]).arg(format!("{}/mock", site.url));
    let output = curl.output().unwrap();
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    ["client", "url"].map(|name| made[name].as_str().unwrap().to_owned())
}

/// The Python of an environment with WireMock's client and httpbin.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let requirements = format!("{FOLDER}/requirements.txt");
    PYTHON.get_or_init(|| environment("mock", &requirements, &[])).as_deref()
}

/// A folder with what npm has to give, made on first use.
fn packages() -> Option<&'static Path> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(format!("{FOLDER}/package.json"), folder.join("package.json")).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]);
        let installed = npm.current_dir(&folder).output();
        installed.is_ok_and(|output| output.status.success()).then_some(folder)
    })
    .as_deref()
}

#[track_caller]
fn told(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}
