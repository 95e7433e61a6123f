//! Host names that listeners answer to.

use super::child::{Kind, used_by_listener};
use crate::model::load_balancer::Hostname;
use crate::services::oci::failure::Failure;

pub(super) const KIND: Kind<Hostname> = Kind {
    collection: "hostnames",
    title: "hostname",
    items: |lb| &lb.hostnames,
    items_mut: |lb| &mut lb.hostnames,
    settle,
    in_use: |lb, name| {
        used_by_listener(lb, "Hostname", name, |l| l.hostname_names.iter().any(|used| used == name))
    },
};

/// An exact name, `*.` before it, or `.*` behind it.
fn settle(hostname: &mut Hostname) -> Result<(), Failure> {
    let name = hostname.hostname.as_str();
    let core = name.strip_prefix("*.").or_else(|| name.strip_suffix(".*")).unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    if name.len() <= 254 && core.split('.').all(label) {
        return Ok(());
    }
    Err(Failure::invalid(format!("Invalid hostname: '{name}'")))
}
