//! Steps against a scripted vendor: what is sent, in which order, and what is not.

mod balancer;
mod change;
mod create;
mod instance;
mod looking;
mod script;

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_core::address::Address;
use deployer_core::environment;
use deployer_core::observed::{Found, Observed};
use deployer_core::plan::{Action, Needs, Step};
use serde_json::{Value, json};
use time::OffsetDateTime;

use self::script::{Line, Script};
use super::{Clouds, writer};
use crate::acme::NameServers;
use crate::cloudflare::Cloudflare;
use crate::event::{Event, Listener};
use crate::execute::World;
use crate::failure::Failure;
use crate::http::HttpTransport;
use crate::image::{Builder, Workshop};
use crate::secret::Secret;
use crate::site::{Registry, Site};
use crate::stop::Stop;
use crate::store::Store;

const UID: &str = "u1";

struct Silent;

impl Listener for Silent {
    fn event(&self, _: Event) {}
}

/// Waits take no time at all.
#[derive(Debug)]
struct Standing;

impl oci::Clock for Standing {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }

    fn sleep(&self, _: std::time::Duration) -> oci::Sleeping<'_> {
        Box::pin(async {})
    }
}

/// Clouds whose every answer is scripted.
fn clouds(lines: Vec<Line>) -> (Clouds, Script) {
    let script = Script::new(lines);
    let http = HttpTransport::over(script.clone());
    let key = include_str!("../../../tests/contracts/signing/key.pem");
    let credentials = oci::Credentials::user_key(
        "ocid1.tenancy.oc1..t",
        "ocid1.user.oc1..u",
        "1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5",
        key,
    );
    let region = oci::Region::named("uk-london-1").unwrap();
    let mut config = oci::Config::new(credentials.unwrap(), region, Arc::new(http.clone()));
    config.signing = oci::Signing::Unsigned;
    config.clock = Arc::new(Standing);
    config.retry.attempts = 1;
    let text = include_str!("../../../environments/local.toml");
    let mut environment = environment::parse("local.toml", "local", text).unwrap();
    UID.clone_into(&mut environment.uid);
    let workshop = Workshop {
        workspace: ".".into(),
        builder: Builder::Auto,
        http: crate::http::client(&[], &[]).unwrap(),
    };
    let token = Secret::from("token".to_owned());
    let clouds = Clouds {
        environment,
        site: site(),
        cloudflare: Cloudflare::new(http.clone(), "https://cloudflare", &token).unwrap(),
        http,
        clock: Arc::new(Standing),
        oci: oci::Client::new(config),
        compartment: "c".to_owned(),
        zone: "zone".to_owned(),
        namespace: "ns".to_owned(),
        variables: BTreeMap::new(),
        registry: "lhr.ocir.io".to_owned(),
        store: Store::in_memory(),
        directory: String::new(),
        name_servers: NameServers::Known(Vec::new()),
        images: Arc::new(workshop),
        listener: Arc::new(Silent),
        stop: Stop::never(),
    };
    (clouds, script)
}

fn site() -> Site {
    Site {
        oci_endpoint: None,
        oci_config: None,
        cloudflare_url: String::new(),
        cloudflare_token: None,
        registry: Registry { host: None, plain_http: false, username: None, password: None },
        acme_directory: None,
        roots: Vec::new(),
        local: None,
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A network as the vendor shows it, with our mark.
fn vcn(name: &str) -> Value {
    json!({ "id": "v1", "compartmentId": "c", "displayName": name, "lifecycleState": "AVAILABLE",
        "cidrBlocks": ["10.0.0.0/16"], "timeCreated": "2024-01-01T00:00:00Z", "freeformTags": tags("vcn.main") })
}

fn tags(address: &str) -> Value {
    json!({ "deployer": "1", "deployer-environment": UID, "deployer-address": address,
        "deployer-generation": "1f2e3d4c", "deployer-epoch": "0" })
}

fn step(at: &str, action: Action) -> Step {
    Step {
        address: address(at),
        action,
        because: String::new(),
        needs: Needs::default(),
        seconds: 0.0,
        risk: None,
        drift: false,
    }
}

/// Carries out one action after the plan saw `seen`.
async fn act(
    clouds: &Clouds,
    at: &str,
    action: Action,
    seen: Option<Found>,
) -> Result<Option<Found>, Failure> {
    let mut observed = Observed::default();
    if let Some(seen) = seen {
        observed.insert(address(at), seen);
    }
    let world = World::new(observed, BTreeMap::new());
    writer::carry_out(clouds, &world, &step(at, action)).await
}
