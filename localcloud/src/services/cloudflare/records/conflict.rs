//! Which records cannot stand beside each other (RFC 1034 section 3.6.2, and the vendor's own rules).

use super::Failure;
use crate::model::zone::{Record, Zone};

/// Checks a record against the others of its name.
///
/// # Errors
/// 81053, 81054, 81056, 81057 or 81058.
pub(super) fn check(zone: &Zone, record: &Record) -> Result<(), Failure> {
    // An alias at the apex is flattened, so that it can stand beside MX, TXT and CAA.
    let apex = record.name == zone.name;
    let others = || zone.records_of(&record.name).filter(|other| other.id != record.id);
    if let Some(twin) = others().find(|other| is_same_value(other, record)) {
        let identical = (twin.ttl, twin.proxied) == (record.ttl, record.proxied);
        return Err(if identical {
            Failure::bad_request(81058, "An identical record already exists.")
        } else {
            Failure::bad_request(81057, "The record already exists.")
        });
    }
    for other in others() {
        if let Some((code, text)) = clash(&other.kind, &record.kind, apex) {
            return Err(Failure::bad_request(code, text));
        }
    }
    Ok(())
}

fn is_same_value(one: &Record, other: &Record) -> bool {
    let value = |r: &Record| (r.kind.clone(), r.content.clone(), r.priority);
    value(one) == value(other)
}

fn clash(present: &str, new: &str, apex: bool) -> Option<(u32, &'static str)> {
    let address = |kind: &str| matches!(kind, "A" | "AAAA" | "CNAME");
    match (present, new) {
        (present, "CNAME") if address(present) || !apex => {
            Some((81053, "An A, AAAA, or CNAME record with that host already exists."))
        }
        ("CNAME", new) if address(new) || !apex => {
            Some((81054, "A CNAME record with that host already exists."))
        }
        ("NS", new) if new != "NS" && !apex => {
            Some((81056, "NS records with that host already exist."))
        }
        _ => None,
    }
}
