//! Proxied records. The mark is the record's comment, written in the same call as the record.
//!
//! Records have neither versions nor retry tokens: before each change the records of the name are read, and after a
//! create once more, so that of two that a race made one goes again.

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Found;
use serde_json::{Value, json};

use super::change::{self, Target};
use super::create::Wanted;
use super::mark::{self, Mark, Whose};
use super::{Clouds, Listed, cloudflare_failure, listing};
use crate::acme::cloudflare;
use crate::cloudflare::{CloudflareError, Filter, NewRecord, Record, RecordPatch};
use crate::failure::{self, Failure};

/// What our records say that they are.
const ROLE: &str = "host";

/// What a record of ours carries.
pub(super) fn mark(clouds: &Clouds, generation: &str) -> Mark {
    Mark {
        environment: clouds.environment.uid.clone(),
        subject: ROLE.to_owned(),
        generation: generation.to_owned(),
        epoch: 0,
    }
}

/// Whether a record carries it.
pub(super) fn is_ours(clouds: &Clouds, record: &Record) -> bool {
    let whose = mark::of_line(record.comment.as_deref(), &clouds.environment.uid);
    matches!(whose, Whose::Ours(mark) if mark.subject == ROLE)
}

/// The records of a name, or of the zone: ours, and those of others.
#[derive(Debug, Default)]
struct Records {
    ours: Vec<Record>,
    /// Proofs for the ACME authority that nobody waits for any more.
    leftovers: Vec<Record>,
    others: Vec<Record>,
}

async fn read(clouds: &Clouds, name: Option<&str>) -> Result<Records, Failure> {
    let filter = Filter { name: name.map(str::to_owned), ..Filter::default() };
    let listed = clouds.cloudflare.records(&clouds.zone, &filter).await;
    let listed = listed.map_err(|error| cloudflare_failure("list the DNS records", &error))?;
    // Whoever has its turn knows that no order is under way; who takes none goes by the time.
    let now = if clouds.environment.lease { i64::MAX } else { clouds.clock.now().unix_timestamp() };
    sorted(listed, &clouds.environment.uid, now)
}

/// Ours in the order in which they were made: of several the first is the one that everybody keeps.
fn sorted(listed: Vec<Record>, uid: &str, now: i64) -> Result<Records, Failure> {
    let mut records = Records::default();
    for record in listed {
        match mark::of_line(record.comment.as_deref(), uid) {
            Whose::Ours(mark) if mark.subject == ROLE => records.ours.push(record),
            Whose::Ours(mark) if mark.subject == cloudflare::ROLE => {
                if cloudflare::expiry(&record).is_some_and(|expiry| expiry < now) {
                    records.leftovers.push(record);
                }
            }
            Whose::Newer => return Err(listing::newer(format!("the record of {}", record.name))),
            Whose::Ours(_) | Whose::Others => records.others.push(record),
        }
    }
    records.ours.sort_by(|a, b| (&a.created_on, &a.id).cmp(&(&b.created_on, &b.id)));
    Ok(records)
}

pub(super) async fn list(clouds: &Clouds, desired: &Desired) -> Listed {
    let Records { ours, leftovers, others } = read(clouds, None).await?;
    let address = |record: &Record| super::address(Kind::DnsRecord, &record.name);
    let mut in_the_way = others.iter().filter(|record| desired.contains_key(&address(record)));
    match in_the_way.find_map(|record| obstacle(clouds, record)) {
        Some(failure) => Err(failure),
        None => {
            let ours = ours.iter().chain(&leftovers);
            Ok(ours.map(|record| (address(record), found(record))).collect())
        }
    }
}

/// Why a record of somebody else's is in the way of ours, when it is.
fn obstacle(clouds: &Clouds, record: &Record) -> Option<Failure> {
    let Record { kind, name, content, .. } = record;
    matches!(kind.as_str(), "A" | "AAAA" | "CNAME").then(|| {
        let message =
            format!("{name} has a record of type {kind} already, and it is not ours ({content})");
        Failure::new(failure::Kind::Refused, message)
            .hint("delete it in Cloudflare, or take the host out of the environment file")
            .hint(format!("if it is deployer's own and lost its comment, set that again: {}", mark(clouds, "").line()))
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
            "comment": record.comment,
        }),
        state: if record.proxied { "proxied".to_owned() } else { "exposed".to_owned() },
        created: record.created_on.clone(),
        ..Found::default()
    }
}

pub(super) async fn create(clouds: &Clouds, wanted: &Wanted<'_>) -> Result<Found, Failure> {
    let (address, spec) = (wanted.address, wanted.spec);
    let there = read(clouds, Some(&address.name)).await?;
    if let Some(failure) = there.others.iter().find_map(|record| obstacle(clouds, record)) {
        return Err(failure);
    }
    if let Some(record) = there.ours.iter().find(|record| !wanted.old.contains(&record.id)) {
        return adopted(address, spec, record);
    }
    let record = NewRecord {
        kind: text(spec, "type"),
        name: text(spec, "name"),
        content: text(spec, "content"),
        ttl: 1,
        proxied: true,
        comment: Some(mark(clouds, &wanted.generation).line()),
    };
    let made = clouds.cloudflare.create_record(&clouds.zone, &record).await;
    only_one(clouds, wanted, made).await
}

/// One of ours came since the plan was made. It is as good as an own one when it says the same.
fn adopted(address: &Address, spec: &Value, record: &Record) -> Result<Found, Failure> {
    let is_as_asked = record.kind == text(spec, "type")
        && record.content == text(spec, "content")
        && record.proxied;
    if is_as_asked { Ok(found(record)) } else { Err(change::conflict(address, "made it")) }
}

/// Looks at what came of a create: an answer may have been lost, and another run may have made the same record.
async fn only_one(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    made: Result<Record, CloudflareError>,
) -> Result<Found, Failure> {
    let (address, spec) = (wanted.address, wanted.spec);
    let there = read(clouds, Some(&address.name)).await?;
    let ours: Vec<&Record> =
        there.ours.iter().filter(|record| !wanted.old.contains(&record.id)).collect();
    let made = match (made, ours.first()) {
        (Ok(made), _) => made,
        (Err(_), Some(record)) => return adopted(address, spec, record),
        (Err(error), None) => {
            let failure = there.others.iter().find_map(|record| obstacle(clouds, record));
            let failed = || cloudflare_failure(&address.to_string(), &error);
            return Err(failure.unwrap_or_else(failed));
        }
    };
    match loser(&ours, &made) {
        None => Ok(found(&made)),
        Some(winner) => {
            clouds.note(address, "another run made it, too; its own one goes again");
            let deleted = clouds.cloudflare.delete_record(&clouds.zone, &made.id).await;
            deleted.map_err(|error| cloudflare_failure(&address.to_string(), &error))?;
            adopted(address, spec, winner)
        }
    }
}

/// Of several records of one name the one that stays, when `made` is not the one.
fn loser<'a>(ours: &[&'a Record], made: &Record) -> Option<&'a Record> {
    let winner = ours.iter().find(|record| record.kind == made.kind)?;
    (winner.id != made.id).then_some(*winner)
}

fn text(spec: &Value, field: &str) -> String {
    spec[field].as_str().unwrap_or_default().to_owned()
}

/// The record as it is now; none when it is gone.
async fn now(target: &Target<'_>) -> Result<Option<Record>, Failure> {
    same(target, read(target.clouds, Some(&target.address.name)).await?)
}

fn same(target: &Target<'_>, there: Records) -> Result<Option<Record>, Failure> {
    let Target { address, id, seen, .. } = *target;
    let all = there.ours.into_iter().chain(there.leftovers).chain(there.others);
    let Some(record) = all.into_iter().find(|record| record.id == id) else { return Ok(None) };
    change::unchanged(address, &seen.spec, &found(&record).spec)?;
    Ok(Some(record))
}

/// Whether the record has no mark of ours; a run that was killed may have set it just now.
pub(super) async fn is_unmarked(target: &Target<'_>) -> Result<bool, Failure> {
    let Target { clouds, address, id, .. } = *target;
    let there = read(clouds, Some(&address.name)).await?;
    if there.ours.iter().any(|record| record.id == id) {
        return Ok(false);
    }
    match same(target, there)? {
        Some(_) => Ok(true),
        None => Err(change::conflict(address, "removed it")),
    }
}

pub(super) async fn update(target: &Target<'_>, spec: &Value) -> Result<Found, Failure> {
    let Target { clouds, address, id, .. } = *target;
    if now(target).await?.is_none() {
        return Err(change::conflict(address, "removed it"));
    }
    // A patch, so that what others set on the record stays.
    let patch = RecordPatch {
        content: Some(text(spec, "content")),
        proxied: Some(true),
        ttl: Some(1),
        ..RecordPatch::default()
    };
    match clouds.cloudflare.patch_record(&clouds.zone, id, &patch).await {
        Ok(record) => Ok(found(&record)),
        Err(error) if error.has_code(81044) => Err(change::conflict(address, "removed it")),
        Err(error) => Err(cloudflare_failure(&address.to_string(), &error)),
    }
}

pub(super) async fn delete(target: &Target<'_>) -> Result<(), Failure> {
    let Target { clouds, address, id, .. } = *target;
    if now(target).await?.is_none() {
        return Ok(());
    }
    let deleted = clouds.cloudflare.delete_record(&clouds.zone, id).await;
    deleted.map_err(|error| cloudflare_failure(&address.to_string(), &error))?;
    // The answer that there is no such record is believed when the list agrees.
    let there = read(clouds, Some(&address.name)).await?;
    let mut all = there.ours.iter().chain(&there.leftovers).chain(&there.others);
    if all.any(|record| record.id == id) {
        let message = format!("{address}: Cloudflare says that it is deleted, and still lists it");
        return Err(Failure::new(failure::Kind::Provider, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, created: &str, comment: &str) -> Record {
        let record = json!({ "id": id, "type": "A", "name": "a.example", "content": "192.0.2.1",
            "proxied": true, "comment": comment, "created_on": created });
        serde_json::from_value(record).unwrap()
    }

    #[test]
    fn of_two_records_that_a_race_made_everybody_keeps_the_one_that_was_made_first() {
        let (a, b) = (
            record("a", "2024-01-02", "deployer/1 u host g=1 e=0"),
            record("b", "2024-01-01", "deployer/1 u host"),
        );
        let records = sorted(vec![a.clone(), b.clone()], "u", 0).unwrap();
        let ours: Vec<&Record> = records.ours.iter().collect();
        assert_eq!(loser(&ours, &a).map(|winner| winner.id.as_str()), Some("b"));
        assert_eq!(loser(&ours, &b), None);
    }

    #[test]
    fn a_record_without_our_mark_is_never_ours_and_a_newer_mark_stops_everything() {
        let by_hand = [
            record("a", "t", "by hand"),
            record("b", "t", "deployer/1 u"),
            record("c", "t", "deployer/1 other host"),
        ];
        assert_eq!(sorted(by_hand.to_vec(), "u", 0).unwrap().ours, []);
        let newer = sorted(vec![record("a", "t", "deployer/2 u host")], "u", 0).unwrap_err();
        assert_eq!(newer.kind, failure::Kind::Refused);
    }

    #[test]
    fn a_record_that_came_meanwhile_is_taken_when_it_says_the_same() {
        let (address, spec) = (
            super::super::address(Kind::DnsRecord, "a.example"),
            json!({ "type": "A", "content": "192.0.2.1" }),
        );
        assert!(adopted(&address, &spec, &record("a", "t", "")).is_ok());
        let other = json!({ "type": "A", "content": "192.0.2.2" });
        let conflict = adopted(&address, &other, &record("a", "t", "")).unwrap_err();
        assert_eq!(conflict.kind, failure::Kind::Conflict);
    }
}
