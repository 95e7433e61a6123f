//! Proxied records. The mark is the record's comment, written in the same call as the record.

use deployer_core::address::{Address, Kind};
use deployer_core::observed::Found;
use serde_json::{Value, json};

use super::{Clouds, Listed, cloudflare_failure};
use crate::cloudflare::{Filter, NewRecord, Record, RecordPatch};
use crate::failure::{self, Failure};

fn mark(clouds: &Clouds) -> String {
    format!("deployer/1 {} host", clouds.environment.uid)
}

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let mark = mark(clouds);
    let filter = Filter { comment_prefix: Some(mark.clone()), ..Filter::default() };
    let records = clouds.cloudflare.records(&clouds.zone, &filter).await;
    let records = records.map_err(|error| cloudflare_failure("list the DNS records", &error))?;
    // The service compares without regard to case.
    let ours = records.into_iter().filter(|record| record.comment.as_deref() == Some(&*mark));
    Ok(ours.map(|record| (super::address(Kind::DnsRecord, &record.name), found(&record))).collect())
}

fn found(record: &Record) -> Found {
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
    let foreign =
        there.iter().find(|record| matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME"));
    if let Some(foreign) = foreign {
        let Record { kind, content, .. } = foreign;
        return Err(Failure::new(
            failure::Kind::Provider,
            format!(
                "{address}: there is already a {kind} record for {} that is not ours ({content})",
                address.name
            ),
        )
        .hint("delete it in Cloudflare, or take the host out of the environment file"));
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
