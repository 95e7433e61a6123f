//! The health that the load balancer sees: waited for before traffic is given, and shown by `status`.

use std::time::Duration;

use deployer_core::address::Address;
use oci::load_balancer::backend::Parent;
use oci::load_balancer::{self as api, health};
use oci::work_request::{Look, Poll};
use serde_json::Value;

use super::super::{Clouds, oci_failure};
use crate::failure::{self, Failure};

/// Three checks, ten seconds apart, and some time to start.
const DEADLINE: Duration = Duration::from_secs(60);

/// One backend as the load balancer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// `address:port`.
    pub name: String,
    /// The result of the last check, for example `OK` or `CONNECT_FAILED`.
    pub result: String,
}

/// The backends of a set.
///
/// # Errors
/// When they cannot be read.
pub async fn backends(clouds: &Clouds, id: &str, set: &str) -> Result<Vec<Backend>, Failure> {
    read(clouds, id, set).await.map_err(|error| oci_failure(&format!("health of {set}"), &error))
}

async fn read(clouds: &Clouds, id: &str, set: &str) -> oci::Result<Vec<Backend>> {
    let parent = Parent { load_balancer_id: id, backend_set_name: set };
    let names = api::backend_set::get(&clouds.oci, id, set).await?.value.backends;
    let mut backends = Vec::new();
    for backend in names {
        let name = format!("{}:{}", backend.details.ip_address, backend.details.port);
        let health = health::backend(&clouds.oci, parent, &name).await?.value;
        let last =
            health.health_check_results.last().map(|check| check.health_check_status.clone());
        backends.push(Backend { name, result: last.unwrap_or_else(|| "UNKNOWN".to_owned()) });
    }
    Ok(backends)
}

/// Until each of these backends of the set answers its health check.
pub(super) async fn wait(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    (set, backends): (&str, &Value),
) -> Result<(), Failure> {
    let name = |backend: &Value| {
        Some(format!("{}:{}", backend["ipAddress"].as_str()?, backend["port"].as_u64()?))
    };
    let awaited: Vec<String> = backends.as_array().into_iter().flatten().filter_map(name).collect();
    if awaited.is_empty() {
        return Ok(());
    }
    clouds.progress(address, format!("waiting until {set} is healthy"));
    let poll = Poll { deadline: DEADLINE, longest: Duration::from_secs(1), ..Poll::default() };
    let healthy = poll
        .until(&clouds.oci, "GetBackendHealth", || async {
            let backends = read(clouds, id, set).await?;
            let unwell: Vec<String> = backends
                .iter()
                .filter(|backend| backend.result != "OK" && awaited.contains(&backend.name))
                .map(|backend| format!("{} {}", backend.name, backend.result))
                .collect();
            Ok(if unwell.is_empty() { Look::Done(()) } else { Look::NotYet(unwell.join(", ")) })
        })
        .await;
    healthy.map_err(|error| match error.kind() {
        oci::Kind::TimedOut => Failure::because(
            failure::Kind::TimedOut,
            format!("{address}: {set} does not become healthy ({})", check(clouds, set)),
            &error,
        )
        .hint("INVALID_STATUS_CODE: the app answers, but not with 200; CONNECT_FAILED: nothing listens on the port")
        .hint("what ran before still serves; mend the app and run the command again"),
        _ => oci_failure(&address.to_string(), &error),
    })
}

fn check(clouds: &Clouds, set: &str) -> String {
    clouds
        .environment
        .apps
        .get(set.trim_end_matches("_trial"))
        .map_or_else(String::new, |app| format!("GET {} on port {}", app.health, app.port))
}
