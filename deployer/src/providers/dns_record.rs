//! Proxied records. The mark is the record's comment, written in the same call as the record.

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Found;
use serde_json::{Value, json};

use super::{Clouds, Listed, cloudflare_failure};
use crate::cloudflare::{Filter, NewRecord, Record, RecordPatch};
use crate::failure::{self, Failure};

pub(super) fn mark(clouds: &Clouds) -> String {
    format!("deployer/1 {} host", clouds.environment.uid)
}

pub(super) async fn list(clouds: &Clouds, desired: &Desired) -> Listed {
    let records = clouds.cloudflare.records(&clouds.zone, &Filter::default()).await;
    let records = records.map_err(|error| cloudflare_failure("list the DNS records", &error))?;
    let mark = mark(clouds);
    let (ours, others): (Vec<Record>, Vec<Record>) =
        records.into_iter().partition(|record| record.comment.as_deref() == Some(&*mark));
    let address = |record: &Record| super::address(Kind::DnsRecord, &record.name);
    let mut in_the_way = others.iter().filter(|record| desired.contains_key(&address(record)));
    match in_the_way.find_map(conflict) {
        Some(failure) => Err(failure),
        None => Ok(ours.iter().map(|record| (address(record), found(record))).collect()),
    }
}

/// Why a record of somebody else's is in the way of ours, when it is.
fn conflict(record: &Record) -> Option<Failure> {
    let Record { kind, name, content, .. } = record;
    matches!(kind.as_str(), "A" | "AAAA" | "CNAME").then(|| {
        let message =
            format!("{name} has a record of type {kind} already, and it is not ours ({content})");
        Failure::new(failure::Kind::Refused, message)
            .hint("delete it in Cloudflare, or take the host out of the environment file")
            .hint("if it leads to what an interrupted `deployer adopt` was taking over, run that again")
    })
}

pub(super) fn found(record: &Record) -> Found {
    Found {
        id: record.id.clone(),
        spec: json!({
            "type": record.kind,
            "name": record.name,
            "content": record.content,
            "proxied": record.proxied,
            "ttl": record.ttl,
        }),
        state: if record.proxied { "proxied".to_owned() } else { "exposed".to_owned() },
        ..Found::default()
    }
}

pub(super) async fn create(
    clouds: &Clouds,
    address: &Address,
    spec: &Value,
) -> Result<Found, Failure> {
    let failed = |error| cloudflare_failure(&address.to_string(), &error);
    let filter = Filter { name: Some(address.name.clone()), ..Filter::default() };
    let there = clouds.cloudflare.records(&clouds.zone, &filter).await.map_err(failed)?;
    if let Some(failure) = there.iter().find_map(conflict) {
        return Err(failure);
    }
    let record = NewRecord {
        kind: text(spec, "type"),
        name: text(spec, "name"),
        content: text(spec, "content"),
        ttl: 1,
        proxied: true,
        comment: Some(mark(clouds)),
    };
    clouds
        .cloudflare
        .create_record(&clouds.zone, &record)
        .await
        .map(|record| found(&record))
        .map_err(failed)
}

fn text(spec: &Value, field: &str) -> String {
    spec[field].as_str().unwrap_or_default().to_owned()
}

pub(super) async fn update(
    clouds: &Clouds,
    address: &Address,
    id: &str,
    spec: &Value,
) -> Result<Found, Failure> {
    // A patch, so that what others set on the record stays.
    let patch = RecordPatch {
        content: Some(text(spec, "content")),
        proxied: Some(true),
        ttl: Some(1),
        ..RecordPatch::default()
    };
    let record = clouds.cloudflare.patch_record(&clouds.zone, id, &patch).await;
    record
        .map(|record| found(&record))
        .map_err(|error| cloudflare_failure(&address.to_string(), &error))
}

pub(super) async fn delete(clouds: &Clouds, address: &Address, id: &str) -> Result<(), Failure> {
    let deleted = clouds.cloudflare.delete_record(&clouds.zone, id).await;
    deleted.map_err(|error| cloudflare_failure(&address.to_string(), &error))
}
