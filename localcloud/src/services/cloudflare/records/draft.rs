//! A record as it is sent, checked and brought into the form in which it is kept.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Failure, Fields};
use crate::model::zone::Record;
use crate::services::dns;

/// Characters of a comment on a free plan.
const COMMENT: usize = 100;
/// Octets of one record's data.
const CONTENT: usize = 4096;

#[derive(Deserialize)]
struct Draft {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    content: Option<String>,
    data: Option<Value>,
    ttl: Option<u32>,
    proxied: Option<bool>,
    comment: Option<String>,
    tags: Option<Vec<String>>,
    settings: Option<Map<String, Value>>,
    priority: Option<u16>,
}

/// Makes a record of the fields sent; id and times are left to the caller.
///
/// # Errors
/// The vendor's validation errors.
pub(super) fn record(fields: &Fields, apex: &str) -> Result<Record, Failure> {
    let draft: Draft =
        Draft::deserialize(Value::Object(fields.clone())).map_err(|e| Failure::body(&e))?;
    let kind = draft.kind.to_ascii_uppercase();
    let name = full_name(&draft.name, apex)?;
    let Body { content, data, priority } = body(&draft, &kind)?;
    if kind == "CNAME" && content == name {
        return Err(Failure::validation(9039, "CNAME content cannot reference itself."));
    }
    let proxied = draft.proxied.unwrap_or(false);
    let proxiable = proxiable(&kind, &content);
    if proxied && !proxiable {
        return Err(not_proxiable(&kind, &content));
    }
    Ok(Record {
        name,
        ttl: seconds(draft.ttl, proxied)?,
        proxied,
        proxiable,
        comment: comment(draft.comment)?,
        tags: tags(draft.tags.unwrap_or_default())?,
        settings: draft.settings.unwrap_or_default(),
        kind,
        content,
        data,
        priority,
        ..Record::default()
    })
}

/// A name outside the zone is taken for one inside it, as the vendor does.
fn full_name(sent: &str, apex: &str) -> Result<String, Failure> {
    let invalid = || Failure::validation(9000, "DNS name is invalid.");
    if sent == "@" || sent.is_empty() {
        return Ok(apex.to_owned());
    }
    let name = dns::canonical(sent).ok_or_else(invalid)?;
    let inside = name == apex || name.strip_suffix(apex).is_some_and(|p| p.ends_with('.'));
    let name = if inside { name } else { format!("{name}.{apex}") };
    let star = name.strip_prefix("*.").unwrap_or(&name).contains('*');
    if star || name.len() > 253 { Err(invalid()) } else { Ok(name) }
}

/// What differs by type.
struct Body {
    content: String,
    data: Option<Value>,
    priority: Option<u16>,
}

fn body(draft: &Draft, kind: &str) -> Result<Body, Failure> {
    let plain = |content: String| Body { content, data: None, priority: None };
    let sent = draft.content.as_deref().unwrap_or_default();
    let host = || {
        let text = format!("Content for {kind} record is invalid.");
        dns::canonical(sent).ok_or_else(|| Failure::validation(9007, text))
    };
    Ok(match kind {
        "A" => plain(address::<Ipv4Addr>(
            sent,
            9005,
            "Content for A record must be a valid IPv4 address.",
        )?),
        "AAAA" => plain(address::<Ipv6Addr>(
            sent,
            9006,
            "Content for AAAA record must be a valid IPv6 address.",
        )?),
        "CNAME" | "NS" => plain(host()?),
        "MX" => {
            let missing = || Failure::validation(9101, "priority is a required data field.");
            Body { priority: Some(draft.priority.ok_or_else(missing)?), ..plain(host()?) }
        }
        "TXT" if sent.is_empty() || sent.len() > CONTENT => {
            let text = format!("Content for TXT record must have 1 to {CONTENT} characters.");
            return Err(Failure::validation(9207, text));
        }
        "TXT" => plain(sent.to_owned()),
        "CAA" => authorization(draft)?,
        "SRV" => service(draft)?,
        _ => {
            return Err(Failure::validation(
                9004,
                format!("DNS record type {kind} is not served."),
            ));
        }
    })
}

fn address<T: std::str::FromStr + ToString>(
    sent: &str,
    code: u32,
    text: &str,
) -> Result<String, Failure> {
    sent.parse::<T>().map(|a| a.to_string()).map_err(|_| Failure::validation(code, text))
}

/// `data {flags, tag, value}`, or the content `0 issue "letsencrypt.org"`.
fn authorization(draft: &Draft) -> Result<Body, Failure> {
    #[derive(Deserialize)]
    struct Data {
        flags: u8,
        tag: String,
        value: String,
    }
    let invalid = || Failure::validation(9007, "Content for CAA record is invalid.");
    let Data { flags, tag, value } = match (&draft.data, &draft.content) {
        (Some(data), _) => Data::deserialize(data).map_err(|_| invalid())?,
        (None, Some(content)) => {
            let mut words = content.splitn(3, ' ');
            let mut next = || words.next().ok_or_else(invalid);
            Data {
                flags: next()?.parse().map_err(|_| invalid())?,
                tag: next()?.to_owned(),
                value: next()?.trim_matches('"').to_owned(),
            }
        }
        (None, None) => return Err(invalid()),
    };
    if !matches!(tag.as_str(), "issue" | "issuewild" | "iodef") {
        return Err(invalid());
    }
    Ok(Body {
        content: format!("{flags} {tag} \"{value}\""),
        data: Some(json!({ "flags": flags, "tag": tag, "value": value })),
        priority: None,
    })
}

/// `data {priority, weight, port, target}`; the content is what follows the priority.
fn service(draft: &Draft) -> Result<Body, Failure> {
    #[derive(Deserialize)]
    struct Data {
        priority: u16,
        weight: u16,
        port: u16,
        target: String,
    }
    let invalid = || Failure::validation(9007, "Content for SRV record is invalid.");
    let data = draft.data.as_ref().ok_or_else(invalid)?;
    let Data { priority, weight, port, target } = Data::deserialize(data).map_err(|_| invalid())?;
    let target = dns::canonical(&target).ok_or_else(invalid)?;
    Ok(Body {
        content: format!("{weight} {port} {target}"),
        data: Some(
            json!({ "priority": priority, "weight": weight, "port": port, "target": target }),
        ),
        priority: Some(priority),
    })
}

fn proxiable(kind: &str, content: &str) -> bool {
    match content.parse::<IpAddr>() {
        Ok(address) => matches!(kind, "A" | "AAAA") && is_public(address),
        Err(_) => kind == "CNAME",
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast())
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local())
        }
    }
}

fn not_proxiable(kind: &str, content: &str) -> Failure {
    if matches!(kind, "A" | "AAAA") {
        let text = format!("Target {content} is not allowed for a proxied record.");
        return Failure::validation(9003, text);
    }
    Failure::validation(9004, "This record type cannot be proxied.")
}

fn seconds(sent: Option<u32>, proxied: bool) -> Result<u32, Failure> {
    match sent.unwrap_or(1) {
        _ if proxied => Ok(1),
        seconds @ (1 | 60..=86_400) => Ok(seconds),
        _ => {
            let text = "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.";
            Err(Failure::validation(9021, text))
        }
    }
}

fn comment(sent: Option<String>) -> Result<Option<String>, Failure> {
    let Some(comment) = sent.filter(|comment| !comment.is_empty()) else { return Ok(None) };
    if comment.chars().count() > COMMENT {
        let text =
            format!("DNS record comment exceeds the maximum length of {COMMENT} characters.");
        return Err(Failure::bad_request(9313, text));
    }
    if comment.contains(['\r', '\n']) {
        return Err(Failure::validation(9207, "DNS record comment must be one line."));
    }
    Ok(Some(comment))
}

fn tags(sent: Vec<String>) -> Result<Vec<String>, Failure> {
    if sent.is_empty() {
        return Ok(sent);
    }
    let text = format!("DNS record has {} tags, exceeding the quota of 0.", sent.len());
    Err(Failure::validation(9300, text))
}
