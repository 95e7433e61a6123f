//! Proofs in a Cloudflare zone. Each carries a mark with its expiry, so that what a crash left is known.

use time::OffsetDateTime;

use super::dns01::{Dns01, PublishError};
use crate::cloudflare::record::{quoted, unquoted};
use crate::cloudflare::{Cloudflare, Filter, Kind, NewRecord, Record};

/// What proofs say in their mark that they are.
pub const ROLE: &str = "acme";
/// Seconds that resolvers may keep a proof: the least that is allowed.
const TTL: u32 = 60;
/// Seconds after which a proof is a leftover.
const LIFETIME: i64 = 3600;
const LONGEST_CHAIN: usize = 10;

/// Why a proof cannot stand at a name.
#[derive(Debug, thiserror::Error)]
#[error("{name} is an alias of {target}, and so on without end")]
pub struct EndlessAlias {
    name: String,
    target: String,
}

/// Writes proofs through Cloudflare's API.
#[derive(Debug)]
pub struct CloudflareDns<'a> {
    cloudflare: &'a Cloudflare,
    /// `deployer/1 <uid> acme x=`; the expiry follows, in seconds since 1970.
    mark: String,
    now: OffsetDateTime,
}

impl<'a> CloudflareDns<'a> {
    /// `uid` says whose proofs these are.
    pub fn new(cloudflare: &'a Cloudflare, uid: &str, now: OffsetDateTime) -> Self {
        Self { cloudflare, mark: format!("deployer/1 {uid} {ROLE} x="), now }
    }

    /// When a proof of this environment expires; `None` for whatever else there is.
    fn expiry(&self, record: &Record) -> Option<i64> {
        record.comment.as_deref()?.strip_prefix(&self.mark)?;
        expiry(record)
    }

    /// Where a name leads within the zones of this token, and what is there.
    async fn place(&self, name: &str) -> Result<(String, String, Vec<Record>), PublishError> {
        let mut at = name.to_owned();
        for _ in 0..LONGEST_CHAIN {
            let zone = self.cloudflare.find_zone(&at).await?.id;
            let filter = Filter { name: Some(at.clone()), ..Filter::default() };
            let records = self.cloudflare.records(&zone, &filter).await?;
            match records.iter().find(|record| record.kind == "CNAME") {
                Some(alias) => alias.content.trim_end_matches('.').clone_into(&mut at),
                None => return Ok((zone, at, records)),
            }
        }
        Err(Box::new(EndlessAlias { name: name.to_owned(), target: at }))
    }
}

impl Dns01 for CloudflareDns<'_> {
    async fn publish(&self, name: &str, value: &str) -> Result<String, PublishError> {
        let (zone, at, records) = self.place(name).await?;
        if records.iter().any(|record| holds(record, value)) {
            return Ok(at);
        }
        let expiry = self.now.unix_timestamp() + LIFETIME;
        let record = NewRecord {
            kind: "TXT".to_owned(),
            name: at.clone(),
            content: quoted(value),
            ttl: TTL,
            proxied: false,
            comment: Some(format!("{}{expiry}", self.mark)),
        };
        match self.cloudflare.create_record(&zone, &record).await {
            // Made meanwhile, or by a try whose answer was lost: the value is what counts.
            Err(error) if error.kind() == Kind::Conflict => {
                let (_, _, records) = self.place(name).await?;
                let there = records.iter().any(|record| holds(record, value));
                if there { Ok(at) } else { Err(error.into()) }
            }
            outcome => Ok(outcome.map(|_| at)?),
        }
    }

    async fn withdraw(&self, name: &str, value: &str) -> Result<(), PublishError> {
        let (zone, _, records) = self.place(name).await?;
        for record in records.iter().filter(|record| holds(record, value)) {
            // The same value without our mark is somebody else's.
            if self.expiry(record).is_some() {
                self.cloudflare.delete_record(&zone, &record.id).await?;
            }
        }
        Ok(())
    }
}

/// When a proof expires, in seconds since 1970; `None` when the record is none.
pub fn expiry(record: &Record) -> Option<i64> {
    let is_proof = record.kind == "TXT" && record.name.starts_with("_acme-challenge.");
    let comment = record.comment.as_deref().filter(|_| is_proof)?;
    comment.split_once(" x=")?.1.parse().ok()
}

fn holds(record: &Record, value: &str) -> bool {
    record.kind == "TXT" && unquoted(&record.content) == value
}
