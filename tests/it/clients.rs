//! Clients that know nothing of deployer, unmodified: the vendor's own Python SDK drives every service of a local cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::world::{World, skip};

pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients");
const CONTRACT: &str = include_str!("../contracts/oci.json");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/localcloud.md");
/// The table of the page is between these.
const MARKERS: [&str; 2] = ["<!-- operations -->\n", "<!-- end of operations -->\n"];
/// One script for each service, two of which share one.
const SCRIPTS: [&str; 7] = [
    "artifacts",
    "container_instances",
    "identity",
    "load_balancer",
    "logging_and_search",
    "network",
    "object_storage",
];

/// Service, operation, and what it does not do as the vendor does.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    ("artifacts", "get_container_image", "a deleted image is not found; pulls are not counted"),
    ("artifacts", "list_container_images", "deleted images are not listed"),
    ("artifacts", "update_container_repository", "`readme` answers 501"),
    (
        "container_instances",
        "create_container_instance",
        "volumes, `dnsConfig` and secrets of a vault answer 501",
    ),
    ("container_instances", "get_container", "health checks of containers are not run"),
    ("container_instances", "retrieve_logs", "`isPrevious` is ignored"),
    ("core", "create_nat_gateway", "`publicIpId` answers 501"),
    ("core", "create_private_ip", "a secondary address carries no traffic"),
    ("core", "create_public_ip", "only RESERVED; `privateIpId` and pools answer 501"),
    ("core", "create_subnet", "IPv4 only"),
    ("core", "create_vcn", "IPv4 only"),
    ("core", "get_public_ip_by_ip_address", "finds reserved addresses only"),
    ("core", "list_public_ips", "lists reserved addresses only"),
    ("core", "update_public_ip", "`privateIpId` answers 501"),
    ("load_balancer", "create_load_balancer", "IPv4 only"),
    ("load_balancer", "update_load_balancer", "`reservedIps` and IPv6 answer 501"),
    (
        "logging",
        "create_log",
        "load balancers only; error logs stay empty; custom logs take no lines; archiving answers 501",
    ),
    ("logging", "delete_work_request", "work has always begun, so this is always refused"),
    (
        "loggingsearch",
        "search_logs",
        "`search`, `where`, `sort by`, `limit` only; the newest 20000 lines since the cloud started; no lag",
    ),
    ("object_storage", "create_bucket", "no versions"),
];

/// The Python of an environment that has the SDK, made on first use; none where that is not possible.
pub(crate) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON
        .get_or_init(|| environment("clients", &format!("{FOLDER}/requirements.txt"), &[]))
        .as_deref()
}

/// The Python of an environment of that name with what a file requires; `options` are pip's.
pub(crate) fn environment(name: &str, requirements: &str, options: &[&str]) -> Option<PathBuf> {
    pip(name, "install", requirements, options)
}

/// The folder with the packages, as they are published, that a file requires; `name` is that of an environment for pip.
pub(crate) fn packages(name: &str, requirements: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-packages"));
    let into = ["--no-deps", "--dest", folder.to_str()?];
    pip(name, "download", requirements, &into).map(|_| folder)
}

/// Has pip do something in an environment of that name, and tells where its Python is.
fn pip(name: &str, work: &str, requirements: &str, options: &[&str]) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = folder.join("bin/python");
    let works = |command: &mut Command| command.output().is_ok_and(|o| o.status.success());
    let wanted = ["-m", "pip", work, "--quiet", "--disable-pip-version-check"];
    let made = works(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        && works(Command::new(&python).args(wanted).args(options).args(["-r", requirements]));
    made.then_some(python)
}

/// A cloud with nothing in it, for clients that leave out what they may leave out.
pub(crate) fn cloud() -> World {
    let mut world = World::local();
    world.variables.retain(|(name, _)| *name != "DEPLOYER_LOCAL_STRICT");
    world.run("local start", &[]).exits(0);
    world
}

/// What a script is told of the cloud.
pub(crate) fn told(world: &World) -> Vec<(&'static str, String)> {
    let start = fs::read(world.store().join("cloud/start.json")).unwrap();
    let start: Value = serde_json::from_slice(&start).unwrap();
    let ready = world.ready();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let reached = [
        ("CLOUD_ADMIN_TOKEN", "admin_token"),
        ("CLOUD_API", "api"),
        ("CLOUD_CONFIG", "oci_config"),
        ("CLOUD_REGISTRY", "registry"),
        ("CLOUD_REGISTRY_USER", "registry_username"),
        ("CLOUD_REGISTRY_PASSWORD", "registry_password"),
        ("CLOUD_NAMESPACE", "namespace"),
        ("CLOUD_DIRECTORY", "acme"),
        ("CLOUD_ROOT", "root"),
        ("CLOUD_DNS", "dns"),
        ("CLOUD_TOKEN", "cloudflare_token"),
        ("CLOUD_EDGE_HTTPS", "edge_https"),
        ("CLOUD_EDGE_HTTP", "edge_http"),
    ];
    let mut told = reached.map(|(name, field)| (name, text(&ready[field]))).to_vec();
    told.push(("CLOUD_COMPARTMENT", text(&start["seed"]["compartments"][0])));
    told.push(("CLOUD_ZONE", text(&start["seed"]["zones"][0])));
    told
}

/// Runs a script of the SDK against a cloud with nothing in it; the operations that it drove, `service operation`.
fn drive(python: &Path, script: &str) -> BTreeSet<String> {
    let world = cloud();
    let mut command = Command::new(python);
    command.arg(format!("{FOLDER}/sdk/{script}.py")).envs(told(&world));
    let output = command.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    world.run("local reset", &[]).exits(0);
    let (told, why) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}.py:\n{told}\n{why}");
    told.lines().filter_map(|line| line.strip_prefix("driven: ")).map(str::to_owned).collect()
}

/// Operations of the contract by service, each with its path.
fn contract() -> BTreeMap<String, BTreeMap<String, String>> {
    let contract: Value = serde_json::from_str(CONTRACT).unwrap();
    let names = |service: &Value| {
        let operations = service["operations"].as_object().unwrap().iter();
        let path = |operation: &Value| operation["path"].as_str().unwrap().to_owned();
        operations.map(|(name, operation)| (name.clone(), path(operation))).collect()
    };
    let services = contract["services"].as_object().unwrap();
    services.iter().map(|(name, service)| (name.clone(), names(service))).collect()
}

/// What is known to be unlike the vendor's, for those who rely on it.
fn deviations(service: &str, operation: &str) -> String {
    let own = |(s, o, _): &&(&str, &str, &str)| *s == service && *o == operation;
    let texts: Vec<&str> = DEVIATIONS.iter().filter(own).map(|(_, _, text)| *text).collect();
    texts.join("; ")
}

#[test]
fn every_known_deviation_is_of_an_operation_that_there_is() {
    let contract = contract();
    for (service, operation, _) in DEVIATIONS {
        assert!(contract[*service].contains_key(*operation), "{service} {operation}");
    }
}

/// What the scripts of the vendor's command line drive, `version operation`, in small letters: `tests/it/tools.rs`
/// keeps these lists.
fn driven_by_command_line() -> BTreeSet<String> {
    let files = fs::read_dir(format!("{FOLDER}/cli")).unwrap().map(|entry| entry.unwrap().path());
    let lists = files.filter(|path| path.extension().is_some_and(|end| end == "operations"));
    let text: String = lists.map(|path| fs::read_to_string(path).unwrap()).collect();
    text.lines().map(str::to_lowercase).collect()
}

fn table(driven: &BTreeSet<String>) -> String {
    let by_command_line = driven_by_command_line();
    let mut table =
        String::from("| service | operation | driven by | known deviations |\n|---|---|---|---|\n");
    for (service, operations) in contract() {
        for (operation, path) in operations {
            let version = path.split('/').nth(1).unwrap();
            let title = format!("{version} {}", operation.replace('_', ""));
            let by_sdk = driven.contains(&format!("{service} {operation}"));
            let by = match (by_sdk, by_command_line.contains(&title)) {
                (true, true) => "SDK, CLI",
                (true, false) => "SDK",
                (false, true) => "CLI",
                _ if localcloud::NOT_IMPLEMENTED.contains(&operation.as_str()) => {
                    "not needed by such deployments: answers 501"
                }
                _ => "plain HTTP",
            };
            let deviations = deviations(&service, &operation);
            let _infallible =
                writeln!(table, "| {service} | `{operation}` | {by} | {deviations} |");
        }
    }
    table
}

#[test]
fn the_sdk_of_the_vendor_drives_every_service_as_the_page_of_the_local_cloud_says() {
    let Some(python) = python() else {
        let test = "the_sdk_of_the_vendor_drives_every_service";
        return skip(test, "no Python environment with the SDK can be made");
    };
    let driven = SCRIPTS.iter().flat_map(|script| drive(python, script)).collect();
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(MARKERS[0]).unwrap();
    let (_, after) = rest.split_once(MARKERS[1]).unwrap();
    let [begin, end] = MARKERS;
    let expected = format!("{before}{begin}{}{end}{after}", table(&driven));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(PAGE, &expected).unwrap();
    }
    assert!(page == expected, "docs/localcloud.md: UPDATE_EXPECT=1 brings its table up to date");
}
