//! From a host name to the address of its origin, by the records of its zone alone.

use std::net::IpAddr;

use super::broken::Broken;
use crate::model::zone::{Record, World, Zone};
use crate::services::dns::{self, Found};

/// A chain of aliases longer than this is a mistake or a circle.
const ALIASES: usize = 8;

/// The origin's address; with several, `seed` chooses.
///
/// # Errors
/// When the zone is not active, no proxied record has the name, or the record leads nowhere.
pub(crate) fn origin(world: &World, zone: &Zone, host: &str, seed: u64) -> Result<IpAddr, Broken> {
    if zone.status != "active" {
        let why = format!("the zone {} is {}, not active", zone.name, zone.status);
        return Err(Broken::NoHost { why });
    }
    let proxied: Vec<&Record> = match dns::find(zone, host) {
        Found::Records(records) => records.into_iter().filter(|r| r.proxied).collect(),
        Found::Empty | Found::Nothing => Vec::new(),
    };
    if proxied.is_empty() {
        let why = format!("{host} has no proxied record in the zone {}", zone.name);
        return Err(Broken::NoHost { why });
    }
    let addresses = addresses(world, &proxied, ALIASES)
        .map_err(|target| Broken::Unresolved { host: host.to_owned(), target })?;
    choose(world, host, &addresses, seed)
}

/// The addresses that records lead to, or the alias that leads nowhere.
fn addresses(world: &World, records: &[&Record], left: usize) -> Result<Vec<IpAddr>, String> {
    if let Some(alias) = records.iter().find(|r| r.kind == "CNAME") {
        let target = alias.content.to_ascii_lowercase();
        let zone = world.zone_of(&target).filter(|_| left > 0).ok_or_else(|| target.clone())?;
        return match dns::find(zone, &target) {
            Found::Records(records) => addresses(world, &records, left - 1),
            Found::Empty | Found::Nothing => Err(target),
        };
    }
    let address = |r: &&Record| matches!(r.kind.as_str(), "A" | "AAAA");
    let found: Vec<IpAddr> =
        records.iter().copied().filter(address).filter_map(|r| r.content.parse().ok()).collect();
    if found.is_empty() {
        return Err(records.first().map(|r| r.name.clone()).unwrap_or_default());
    }
    Ok(found)
}

fn choose(world: &World, host: &str, all: &[IpAddr], seed: u64) -> Result<IpAddr, Broken> {
    if let Some(address) = all.iter().find(|address| world.ranges.contains(**address)) {
        return Err(Broken::Prohibited { host: host.to_owned(), address: *address });
    }
    // IPv4 goes first: origins that have both are reached over it by the vendor too.
    let mut all: Vec<IpAddr> = all.to_vec();
    all.sort();
    if all.iter().any(IpAddr::is_ipv4) {
        all.retain(IpAddr::is_ipv4);
    }
    let index = seed.checked_rem(u64::try_from(all.len()).unwrap_or(1)).unwrap_or(0);
    let chosen = usize::try_from(index).ok().and_then(|index| all.get(index).copied());
    chosen.ok_or_else(|| Broken::Unresolved { host: host.to_owned(), target: host.to_owned() })
}
