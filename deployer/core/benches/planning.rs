//! How long planning takes, and whether that grows with the number of objects and no faster.
//!
//! Usage: `cargo bench --workspace --bench planning`. Prints medians for a size and for twice that size, of the time
//! that the processor spent on it where the system tells, so that a busy machine does not count.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::time::Instant;

use deployer_core::address::{Address, Kind};
use deployer_core::desired::{self, Desired, Facts};
use deployer_core::environment::{
    App, Certificates, Cloudflare, Environment, LoadBalancer, Network, Oci, Source, Text,
};
use deployer_core::observed::{Found, Known, Observed};
use deployer_core::plan::{self, Basis, Plan};
use deployer_core::render;
use deployer_core::value;
use serde_json::{Value, json};

const ROUNDS: usize = 5;
const REPEATS: u32 = 10;

/// An environment of any size: what a file may ask for is far less.
fn environment(hosts: usize, apps: usize) -> Environment {
    let app = |number: usize| {
        let app = App {
            source: Source::Package("webapp".to_owned()),
            port: 8080,
            health: "/health-check".to_owned(),
            shape: "CI.Standard.E4.Flex".to_owned(),
            ocpus: 1.0,
            memory_gb: 2.0,
            replicas: 1,
            variables: BTreeMap::from([("N".to_owned(), Text::Literal(number.to_string()))]),
            listener_port: None,
        };
        (format!("app{number}"), app)
    };
    let paths = |number: usize| {
        let to = |shift: usize| format!("app{}", (number + shift) % apps);
        let paths = [("/", to(0)), ("/a/", to(1)), ("/b/", to(2))];
        (format!("h{number}.example.net"), paths.map(|(path, app)| (path.to_owned(), app)).into())
    };
    Environment {
        name: "bench".to_owned(),
        uid: "bench-1".to_owned(),
        lease: true,
        oci: Oci { region: "uk-london-1".to_owned(), compartment: Text::default() },
        network: Network::Created { cidr: "10.20.0.0/16".to_owned() },
        load_balancer: LoadBalancer::default(),
        apps: (0..apps).map(app).collect(),
        hosts: (0..hosts).map(paths).collect(),
        certificates: Certificates::default(),
        cloudflare: Cloudflare {
            zone: "example.net".to_owned(),
            settings: BTreeMap::from([("ssl".to_owned(), "strict".to_owned())]),
        },
        local: None,
        protect: Vec::new(),
        moved: Vec::new(),
    }
}

fn desired(hosts: usize, apps: usize, tag: &str) -> Desired {
    let facts = Facts {
        edge_ranges: (0..15).map(|n| format!("10.{n}.0.0/16")).collect(),
        source_tags: BTreeMap::from([("webapp".to_owned(), tag.to_owned())]),
        ..Facts::default()
    };
    desired::build(&environment(hosts, apps), &facts)
}

/// The world after everything was made.
fn made(desired: &Desired) -> Observed {
    let found = |address: &Address| {
        let outputs = ["id", "privateIp", "address", "url", "displayName", "name", "chain"];
        let outputs = outputs.map(|output| (output.to_owned(), format!("{output}-of-{address}")));
        Found { id: format!("ocid-of-{address}"), outputs: outputs.into(), ..Found::default() }
    };
    let resources = desired.keys().map(|address| (address.clone(), found(address))).collect();
    let mut observed = Observed { resources, ..Observed::default() };
    let world = observed.clone();
    let known = Known { observed: &world, variables: &BTreeMap::new() };
    for (address, resource) in desired {
        let mut spec = value::resolve_known(&resource.spec, &known);
        if address.kind == Kind::LoadBalancer {
            let name = spec["certificate"]["certificateName"].as_str().unwrap_or_default();
            spec["certificates"] = json!({ name: {} });
        }
        observed.resources.entry(address.clone()).or_default().spec = spec;
    }
    observed
}

/// Every second record and every second application of the world is not as it should be.
fn half_changed(mut observed: Observed) -> Observed {
    let mut turn = false;
    for (address, found) in &mut observed.resources {
        turn = !turn;
        match address.kind {
            Kind::DnsRecord if turn => found.spec["proxied"] = json!(false),
            Kind::ContainerInstance if turn => found.broken = Some("has failed".to_owned()),
            Kind::LoadBalancer => {
                let listeners = found.spec["listeners"].as_object_mut().into_iter().flatten();
                let half = listeners.step_by(2);
                half.for_each(|(_, listener): (_, &mut Value)| listener["port"] = json!(1));
            }
            _ => {}
        }
    }
    observed
}

/// Runs something some times, since the system's count of time is coarse; how many milliseconds the processor spent on
/// it each time.
fn measured<T>(act: impl Fn() -> T) -> (f64, T) {
    let spent = || -> Option<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e6)
    };
    let (before, begun) = (spent(), Instant::now());
    (1..REPEATS).for_each(|_| drop(act()));
    let result = act();
    let wall = begun.elapsed().as_secs_f64() * 1000.0;
    let all = before.zip(spent()).map_or(wall, |(before, after)| after - before);
    (all / f64::from(REPEATS), result)
}

/// Median milliseconds of planning, and the plan.
fn timed(desired: &Desired, observed: &Observed) -> (f64, Plan) {
    let variables = BTreeMap::new();
    let once = || {
        let basis = Basis::new("bench", desired, Known { observed, variables: &variables });
        measured(|| black_box(plan::make(black_box(&basis))))
    };
    let mut taken: Vec<(f64, Plan)> = (0..ROUNDS).map(|_| once()).collect();
    taken.sort_by(|a, b| a.0.total_cmp(&b.0));
    taken.swap_remove(ROUNDS / 2)
}

/// What is asked for and what is there, for so many hosts and apps.
type Case = fn(usize, usize) -> (Desired, Observed);

fn main() {
    let sizes = [(1000, 200), (2000, 400)];
    println!(
        "{:<26}{:>8}{:>12}{:>12}{:>8}{:>12}",
        "hosts x apps", "steps", "1000 x 200", "2000 x 400", "ratio", "render"
    );
    let cases: [(&str, Case); 5] = [
        ("everything to create", |hosts, apps| (desired(hosts, apps, "a"), Observed::default())),
        ("nothing to do", |hosts, apps| {
            let desired = desired(hosts, apps, "a");
            let observed = made(&desired);
            (desired, observed)
        }),
        ("everything to delete", |hosts, apps| (Desired::new(), made(&desired(hosts, apps, "a")))),
        ("half changed", |hosts, apps| {
            let desired = desired(hosts, apps, "a");
            let observed = half_changed(made(&desired));
            (desired, observed)
        }),
        ("another build of all apps", |hosts, apps| {
            (desired(hosts, apps, "b"), made(&desired(hosts, apps, "a")))
        }),
    ];
    for (name, case) in cases {
        let [once, twice] = sizes.map(|(hosts, apps)| {
            let (desired, observed) = case(hosts, apps);
            timed(&desired, &observed)
        });
        let (render, _) = measured(|| black_box(render::text(&once.1)));
        let (a, b) = (once.0, twice.0);
        let steps = once.1.steps.len();
        println!("{name:<26}{steps:>8}{a:>9.1} ms{b:>9.1} ms{:>8.2}{render:>9.1} ms", b / a);
    }
    let addresses: BTreeSet<Address> = desired(1000, 200, "a").into_keys().collect();
    println!("objects: {}", addresses.len());
}
