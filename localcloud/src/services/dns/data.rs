//! A record of the API as data of the DNS, and the records that no API shows.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::rdata::{AAAA, CAA, CNAME, MX, NS, SOA, SRV, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::model::zone::{Record, Zone};

/// The vendor serves automatic TTLs as five minutes.
pub(crate) const AUTOMATIC_TTL: u32 = 300;
/// Short, unlike the vendor's half hour: a record that appears is soon seen by a resolver that asked too early.
pub(crate) const NEGATIVE_TTL: u32 = 60;
/// What a proxied name answers with; both lie within the published ranges.
const EDGE_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(104, 16, 0, 10), Ipv4Addr::new(172, 64, 0, 10)];
const EDGE_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0, 0, 0x10),
    Ipv6Addr::new(0x2606, 0x4700, 0x10, 0, 0, 0, 0, 0x10),
];

/// The record's data; `None` for what this server does not serve or cannot read.
pub(crate) fn of(record: &Record) -> Option<RData> {
    let content = record.content.as_str();
    Some(match record.kind.as_str() {
        "A" => RData::A(content.parse::<Ipv4Addr>().ok()?.into()),
        "AAAA" => RData::AAAA(content.parse::<Ipv6Addr>().ok()?.into()),
        "CNAME" => RData::CNAME(CNAME(name(content)?)),
        "NS" => RData::NS(NS(name(content)?)),
        "MX" => RData::MX(MX::new(record.priority.unwrap_or(0), name(content)?)),
        "SRV" => RData::SRV(service(record)?),
        "TXT" => RData::TXT(text(content)),
        "CAA" => RData::CAA(authorization(content)?),
        _ => return None,
    })
}

/// The addresses of the edge in the family asked for.
pub(crate) fn edge(kind: RecordType) -> Vec<RData> {
    match kind {
        RecordType::A => EDGE_V4.iter().map(|ip| RData::A((*ip).into())).collect(),
        RecordType::AAAA => EDGE_V6.iter().map(|ip| RData::AAAA(AAAA(*ip))).collect(),
        _ => Vec::new(),
    }
}

/// The zone's SOA; its serial is the moment of the last change, so secondaries and tests see every change.
pub(crate) fn authority(zone: &Zone) -> Option<RData> {
    let serial = OffsetDateTime::parse(&zone.modified_on, &Rfc3339)
        .ok()
        .and_then(|at| u32::try_from(at.unix_timestamp()).ok())
        .unwrap_or(1);
    let master = name(zone.name_servers.first()?)?;
    let mailbox = name("dns.cloudflare.com")?;
    Some(RData::SOA(SOA::new(master, mailbox, serial, 10_000, 2_400, 604_800, NEGATIVE_TTL)))
}

/// A name from a text with or without a final dot.
pub(crate) fn name(text: &str) -> Option<Name> {
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// The text of a TXT as it goes on the wire: one pair of quotes is presentation, not data.
pub(crate) fn unquoted(content: &str) -> &str {
    content.strip_prefix('"').and_then(|c| c.strip_suffix('"')).unwrap_or(content)
}

/// Character strings of at most 255 bytes (RFC 1035 section 3.3). A long text may be sent cut up already, as
/// `"..." "..."`; where it was cut says nothing.
fn text(content: &str) -> TXT {
    let whole = unquoted(content).replace("\" \"", "");
    let strings: Vec<&[u8]> = whole.as_bytes().chunks(255).collect();
    if strings.is_empty() { TXT::from_bytes(vec![b""]) } else { TXT::from_bytes(strings) }
}

/// `<weight> <port> <target>`, the priority aside.
fn service(record: &Record) -> Option<SRV> {
    let mut words = record.content.split_ascii_whitespace();
    let weight = words.next()?.parse().ok()?;
    let port = words.next()?.parse().ok()?;
    Some(SRV::new(record.priority.unwrap_or(0), weight, port, name(words.next()?)?))
}

/// `<flags> <tag> "<value>"`. The value is set as text because the constructors take a name and would add a
/// final dot to the issuer, and then it matches no authority (RFC 8659 section 4.1).
fn authorization(content: &str) -> Option<CAA> {
    let (flags, rest) = content.split_once(' ')?;
    let (tag, value) = rest.trim_start().split_once(' ')?;
    let flags: u8 = flags.parse().ok()?;
    let mut caa = CAA::new_issue(flags & 0x80 != 0, None, Vec::new());
    caa.reserved_flags = flags & 0x7f;
    tag.clone_into(&mut caa.tag);
    caa.value = unquoted(value.trim()).as_bytes().to_vec();
    Some(caa)
}
