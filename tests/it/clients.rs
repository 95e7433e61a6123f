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
/// One script for each service of the contract that has one.
const SCRIPTS: [(&str, &str); 6] = [
    ("artifacts", "artifacts"),
    ("container_instances", "container_instances"),
    ("core", "network"),
    ("identity", "identity"),
    ("load_balancer", "load_balancer"),
    ("object_storage", "object_storage"),
];

/// The Python of an environment that has the SDK, made on first use; none where that is not possible.
pub(crate) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let make = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
        let python = folder.join("bin/python");
        let works = |command: &mut Command| command.output().is_ok_and(|o| o.status.success());
        let wanted = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        let requirements = format!("{FOLDER}/requirements.txt");
        let made = works(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && works(Command::new(&python).args(wanted).arg(requirements));
        made.then_some(python)
    };
    PYTHON.get_or_init(make).as_deref()
}

/// Runs a script of the SDK against a cloud with nothing in it; the operations that it drove.
fn drive(python: &Path, script: &str) -> BTreeSet<String> {
    let mut world = World::local();
    // These clients leave out what they may leave out.
    world.variables.retain(|(name, _)| *name != "DEPLOYER_LOCAL_STRICT");
    world.run("local start", &[]).exits(0);
    let ready = world.ready();
    let start = fs::read(world.store().join("cloud/start.json")).unwrap();
    let start: Value = serde_json::from_slice(&start).unwrap();
    let output = Command::new(python)
        .arg(format!("{FOLDER}/sdk/{script}.py"))
        .env("CLOUD_API", ready["api"].as_str().unwrap())
        .env("CLOUD_CONFIG", ready["oci_config"].as_str().unwrap())
        .env("CLOUD_COMPARTMENT", start["seed"]["compartments"][0].as_str().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    world.run("local reset", &[]).exits(0);
    let (told, why) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}.py:\n{told}\n{why}");
    told.lines().filter_map(|line| line.strip_prefix("driven: ")).map(str::to_owned).collect()
}

/// Operations of the contract by service.
fn contract() -> BTreeMap<String, BTreeSet<String>> {
    let contract: Value = serde_json::from_str(CONTRACT).unwrap();
    let names = |service: &Value| {
        let operations = service["operations"].as_object().unwrap();
        operations.keys().cloned().collect()
    };
    let services = contract["services"].as_object().unwrap();
    services.iter().map(|(name, service)| (name.clone(), names(service))).collect()
}

fn table(driven: &BTreeMap<&str, BTreeSet<String>>) -> String {
    let mut table = String::from("| service | operation | driven by |\n|---|---|---|\n");
    for (service, operations) in contract() {
        let Some(driven) = driven.get(service.as_str()) else { continue };
        for operation in operations {
            let by = if driven.contains(&operation) {
                "SDK"
            } else if localcloud::NOT_IMPLEMENTED.contains(&operation.as_str()) {
                "answers 501"
            } else {
                "plain HTTP"
            };
            let _infallible = writeln!(table, "| {service} | `{operation}` | {by} |");
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
    let driven = SCRIPTS.map(|(service, script)| (service, drive(python, script)));
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(MARKERS[0]).unwrap();
    let (_, after) = rest.split_once(MARKERS[1]).unwrap();
    let [begin, end] = MARKERS;
    let expected = format!("{before}{begin}{}{end}{after}", table(&driven.into()));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(PAGE, &expected).unwrap();
    }
    assert!(page == expected, "docs/localcloud.md: UPDATE_EXPECT=1 brings its table up to date");
}
