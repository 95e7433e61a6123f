//! What the name servers of a world answer: a pure function from zones and a question to an answer.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, Record as Row, RecordType};

use super::data;
use super::lookup::{self, Found};
use crate::model::zone::{Record, World, Zone};

/// A chain of aliases longer than this is a mistake or a circle.
const ALIASES: usize = 8;

/// An answer, before it becomes a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub code: ResponseCode,
    /// False for a referral and for names of nobody here.
    pub authoritative: bool,
    pub answers: Vec<Row>,
    /// The SOA of a negative answer, or the NS records of a referral.
    pub authorities: Vec<Row>,
}

/// Answers a question from the zones that exist, following aliases as long as they stay within them.
///
/// Proxied names of active zones answer with the edge's addresses; a zone that is not active answers on its
/// name servers too, but gives out its origins.
pub fn resolve(world: &World, name: &Name, kind: RecordType) -> Answer {
    let mut answer = Answer {
        code: ResponseCode::NoError,
        authoritative: true,
        answers: Vec::new(),
        authorities: Vec::new(),
    };
    let mut owner = name.clone();
    for _ in 0..ALIASES {
        let text = plain(&owner);
        let Some(zone) = world.zone_of(&text) else {
            if answer.answers.is_empty() {
                answer.code = ResponseCode::Refused;
                answer.authoritative = false;
            }
            return answer;
        };
        match (Question { world, zone, owner: &owner, kind }).step(&text, &mut answer) {
            Some(alias) => owner = alias,
            None => return answer,
        }
    }
    answer
}

/// Lower case, no final dot, as the model writes names.
pub fn plain(name: &Name) -> String {
    name.to_lowercase().to_ascii().trim_end_matches('.').to_owned()
}

/// A name as people write it in the form in which the model keeps it: punycode, lower case, no final dot.
/// `None` when it is not a name.
pub fn canonical(text: &str) -> Option<String> {
    let text = text.trim_end_matches('.');
    let fits = !text.is_empty() && text.split('.').all(|label| !label.is_empty());
    fits.then(|| Name::from_str_relaxed(text).ok()).flatten().map(|name| plain(&name))
}

/// One name of one zone.
struct Question<'a> {
    world: &'a World,
    zone: &'a Zone,
    owner: &'a Name,
    kind: RecordType,
}

impl Question<'_> {
    /// Adds what this name contributes; returns the alias to go on with.
    fn step(&self, name: &str, answer: &mut Answer) -> Option<Name> {
        let delegation = lookup::delegation(self.zone, name);
        if !delegation.is_empty() {
            self.refer(&delegation, answer);
            return None;
        }
        match lookup::find(self.zone, name) {
            Found::Records(records) => self.answer(&records, answer),
            Found::Empty => self.deny(ResponseCode::NoError, answer),
            Found::Nothing => self.deny(ResponseCode::NXDomain, answer),
        }
    }

    fn answer(&self, records: &[&Record], answer: &mut Answer) -> Option<Name> {
        let before = answer.answers.len();
        if plain(self.owner) == self.zone.name {
            answer.answers.extend(self.apex());
        }
        let proxied = self.zone.status == "active" && records.iter().any(|r| r.proxied);
        if proxied {
            let rows = data::edge(self.kind).into_iter();
            answer.answers.extend(rows.map(|d| self.row(self.owner, data::AUTOMATIC_TTL, d)));
        } else if let Some(alias) = records.iter().find(|r| r.kind == "CNAME") {
            return self.alias(alias, answer);
        }
        let hidden = |r: &Record| proxied && matches!(r.kind.as_str(), "A" | "AAAA" | "CNAME");
        answer.answers.extend(self.rows(records.iter().copied().filter(|r| !hidden(r))));
        if answer.answers.len() == before {
            return self.deny(ResponseCode::NoError, answer);
        }
        None
    }

    /// An alias at the apex is flattened: the target's addresses are given out under the apex's own name.
    fn alias(&self, record: &Record, answer: &mut Answer) -> Option<Name> {
        let target = data::name(&record.content)?;
        if record.name != self.zone.name {
            let row = self.row(self.owner, seconds(record), data::of(record)?);
            answer.answers.push(row);
            return (self.kind != RecordType::CNAME).then_some(target);
        }
        let before = answer.answers.len();
        if matches!(self.kind, RecordType::A | RecordType::AAAA) && plain(&target) != record.name {
            let flat = resolve(self.world, &target, self.kind).answers.into_iter();
            let rows = flat.filter(|row| row.record_type() == self.kind);
            answer.answers.extend(rows.map(|row| self.row(self.owner, row.ttl, row.data)));
        }
        // Other types keep their own records beside a flattened alias.
        let others = self.zone.records_of(&record.name).filter(|r| r.kind != "CNAME");
        answer.answers.extend(self.rows(others));
        if answer.answers.len() == before {
            return self.deny(ResponseCode::NoError, answer);
        }
        None
    }

    /// SOA and NS of the zone itself.
    fn apex(&self) -> Vec<Row> {
        let servers = self.zone.name_servers.iter().filter_map(|n| data::name(n));
        let servers = servers.map(|n| RData::NS(hickory_proto::rr::rdata::NS(n)));
        data::authority(self.zone)
            .into_iter()
            .chain(servers)
            .filter(|d| self.wants(d.record_type()))
            .map(|d| self.row(self.owner, 86_400, d))
            .collect()
    }

    fn deny(&self, code: ResponseCode, answer: &mut Answer) -> Option<Name> {
        answer.code = code;
        if let (Some(apex), Some(soa)) = (data::name(&self.zone.name), data::authority(self.zone)) {
            answer.authorities.push(self.row(&apex, data::NEGATIVE_TTL, soa));
        }
        None
    }

    fn refer(&self, delegation: &[&Record], answer: &mut Answer) {
        answer.authoritative = !answer.answers.is_empty();
        let rows = delegation
            .iter()
            .filter_map(|r| Some(self.row(&data::name(&r.name)?, seconds(r), data::of(r)?)));
        answer.authorities.extend(rows);
    }

    /// The records of the type asked for, as rows of this name.
    fn rows<'r>(&self, records: impl Iterator<Item = &'r Record>) -> Vec<Row> {
        records
            .filter_map(|r| Some((r, data::of(r)?)))
            .filter(|(_, d)| self.wants(d.record_type()))
            .map(|(r, d)| self.row(self.owner, seconds(r), d))
            .collect()
    }

    fn wants(&self, kind: RecordType) -> bool {
        self.kind == RecordType::ANY || self.kind == kind
    }

    fn row(&self, owner: &Name, ttl: u32, data: RData) -> Row {
        Row::from_rdata(owner.clone(), ttl, data)
    }
}

fn seconds(record: &Record) -> u32 {
    if record.ttl <= 1 { data::AUTOMATIC_TTL } else { record.ttl }
}
