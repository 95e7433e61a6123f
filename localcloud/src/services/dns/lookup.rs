//! Which records a name has in its zone, wildcards included (RFC 4592).

use crate::model::zone::{Record, Zone};

/// What a zone knows of a name.
#[derive(Debug, PartialEq)]
pub enum Found<'a> {
    /// The name, or the wildcard that covers it, holds these records.
    Records(Vec<&'a Record>),
    /// The name exists only because names below it do (an empty non-terminal).
    Empty,
    Nothing,
}

/// Looks a name up; `name` is lower case without a final dot and lies within the zone.
pub fn find<'a>(zone: &'a Zone, name: &str) -> Found<'a> {
    let own: Vec<_> = zone.records_of(name).collect();
    if !own.is_empty() || name == zone.name {
        return Found::Records(own);
    }
    if exists(zone, name) {
        return Found::Empty;
    }
    let covering: Vec<_> = zone.records_of(&format!("*.{}", encloser(zone, name))).collect();
    if covering.is_empty() { Found::Nothing } else { Found::Records(covering) }
}

/// The NS records of the delegation at or above `name`, below the apex.
pub(super) fn delegation<'a>(zone: &'a Zone, name: &str) -> Vec<&'a Record> {
    ancestors(name)
        .take_while(|cut| *cut != zone.name)
        .map(|cut| zone.records_of(cut).filter(|r| r.kind == "NS").collect::<Vec<_>>())
        .filter(|records| !records.is_empty())
        .last()
        .unwrap_or_default()
}

/// The closest existing ancestor (RFC 4592 section 3.3.1).
fn encloser<'n>(zone: &'n Zone, name: &'n str) -> &'n str {
    ancestors(name).skip(1).find(|a| *a == zone.name || exists(zone, a)).unwrap_or(&zone.name)
}

fn exists(zone: &Zone, name: &str) -> bool {
    zone.records.values().any(|r| is_at_or_below(&r.name, name))
}

fn is_at_or_below(name: &str, top: &str) -> bool {
    name.strip_suffix(top).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The name itself, then each name above it.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |n| n.split_once('.').map(|(_, parent)| parent))
}
