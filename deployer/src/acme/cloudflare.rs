//! Proofs in a Cloudflare zone. Each carries a mark with its expiry, so that what a crash left is known and swept.

use time::OffsetDateTime;

use super::dns01::{Dns01, PublishError};
use crate::cloudflare::record::{quoted, unquoted};
use crate::cloudflare::{Cloudflare, CloudflareError, Filter, Kind, NewRecord, Record};

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
    /// `deployer/1 <environment>/acme <uid> x=`; the expiry follows, in seconds since 1970.
    mark: String,
    now: OffsetDateTime,
}

impl<'a> CloudflareDns<'a> {
    /// `environment` and `uid` say whose proofs these are.
    pub fn new(
        cloudflare: &'a Cloudflare,
        environment: &str,
        uid: &str,
        now: OffsetDateTime,
    ) -> Self {
        Self { cloudflare, mark: format!("deployer/1 {environment}/acme {uid} x="), now }
    }

    /// Deletes the proofs that runs which ended in the middle left of this environment; returns how many.
    ///
    /// To be called while no order of this environment is on its way: it would lose its proofs.
    ///
    /// # Errors
    /// When Cloudflare fails.
    pub async fn sweep(&self, zone: &str) -> Result<usize, CloudflareError> {
        let filter = Filter { comment_prefix: Some(self.mark.clone()), ..Filter::default() };
        let mut swept = 0;
        for record in self.cloudflare.records(zone, &filter).await? {
            if self.expiry(&record).is_some() {
                self.cloudflare.delete_record(zone, &record.id).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// When a proof of this environment expires; `None` for whatever else there is.
    fn expiry(&self, record: &Record) -> Option<i64> {
        let ours = record.kind == "TXT" && record.name.starts_with("_acme-challenge.");
        let comment = record.comment.as_deref().filter(|_| ours)?;
        comment.strip_prefix(&self.mark)?.parse().ok()
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

fn holds(record: &Record, value: &str) -> bool {
    record.kind == "TXT" && unquoted(&record.content) == value
}
