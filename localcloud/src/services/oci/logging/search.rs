//! `SearchLogs`: a query over what the logs of its streams have collected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::query::{Query, order};
use crate::clock;
use crate::log_lines::LogLine;
use crate::model::logging::{Log, LogGroup, World};
use crate::services::oci::call::{Answer, Call};
use crate::services::oci::failure::Failure;
use crate::services::oci::{OciService, identity};

const DEFAULT_LIMIT: usize = 500;
const LONGEST_WINDOW: Duration = Duration::days(14);

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let window = Window::of(call)?;
    let text = call.text("searchQuery").unwrap_or_default();
    let query = Query::parse(text)
        .map_err(|why| Failure::invalid(format!("Invalid searchQuery: {why}")))?;
    let world = service.cloud.logging.read();
    let logs = scope(service, &world, &query)?;
    let page = call.query("page").map(Page::parse).transpose()?;
    let mut lines = service.cloud.log_lines.of(|log| logs.contains(log));
    lines.retain(|line| window.holds(line));
    let newest = lines.first().map_or(0, |line| line.number);
    let page = page.unwrap_or(Page { newest, offset: 0 });
    lines.retain(|line| line.number <= page.newest);
    let rows = rows(service, &world, &query, &lines);
    let limit = call.query("limit").and_then(|l| l.parse().ok()).unwrap_or(DEFAULT_LIMIT);
    let shown: Vec<Value> = rows.iter().skip(page.offset).take(limit).cloned().collect();
    let end = page.offset + shown.len();
    let answer = Answer::of(response(&shown, call.flag("isReturnFieldInfo") == Some(true)));
    Ok(if end < rows.len() {
        answer.with("opc-next-page", Page { offset: end, ..page }.token())
    } else {
        answer
    })
}

/// The compartments that a search is about; none when its query cannot be read.
pub(in crate::services::oci) fn compartments(call: &Call) -> BTreeSet<String> {
    let query = Query::parse(call.text("searchQuery").unwrap_or_default());
    let streams = query.map(|query| query.streams).unwrap_or_default();
    streams.into_iter().filter_map(|stream| stream.into_iter().next()).collect()
}

/// The time that a search is about.
struct Window {
    start: OffsetDateTime,
    end: OffsetDateTime,
}

impl Window {
    fn of(call: &Call) -> Result<Self, Failure> {
        let moment = |field: &str| {
            OffsetDateTime::parse(call.text(field).unwrap_or_default(), &Rfc3339)
                .map_err(|_| Failure::invalid(format!("Invalid {field}")))
        };
        let window = Self { start: moment("timeStart")?, end: moment("timeEnd")? };
        if window.end <= window.start {
            return Err(Failure::invalid("timeEnd must be after timeStart"));
        }
        if window.end - window.start > LONGEST_WINDOW {
            return Err(Failure::invalid("timeStart and timeEnd are more than 14 days apart"));
        }
        Ok(window)
    }

    fn holds(&self, line: &LogLine) -> bool {
        self.start <= line.time && line.time <= self.end
    }
}

/// Where a page begins. Lines that came after the first page was read belong to none of its pages.
struct Page {
    newest: u64,
    offset: usize,
}

impl Page {
    fn parse(token: &str) -> Result<Self, Failure> {
        let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|b| String::from_utf8(b).ok());
        let parts = text.as_deref().and_then(|text| text.split_once(' '));
        let page = parts.and_then(|(newest, offset)| {
            Some(Self { newest: newest.parse().ok()?, offset: offset.parse().ok()? })
        });
        page.ok_or_else(|| Failure::invalid("page is not a token of this search"))
    }

    fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.newest, self.offset))
    }
}

/// The logs that a query is about.
fn scope(service: &OciService, world: &World, query: &Query) -> Result<BTreeSet<String>, Failure> {
    let mut logs = BTreeSet::new();
    for stream in &query.streams {
        let mut parts = stream.iter();
        let compartment = parts.next().map_or("", String::as_str);
        if !identity::has_compartment(service, compartment) {
            return Err(Failure::not_found(format_args!("compartment {compartment}")));
        }
        let group = parts.next().map(|name| named_group(world, compartment, name)).transpose()?;
        let in_scope = |log: &&Log| match group {
            Some(group) => log.log_group_id == group.id,
            None => log.compartment_id == compartment,
        };
        let mut found: Vec<&Log> = world.logs.values().filter(in_scope).collect();
        if let Some(name) = parts.next() {
            found.retain(|log| log.id == *name || log.display_name == *name);
            if found.is_empty() {
                return Err(Failure::not_found(format_args!("log {name}")));
            }
        }
        logs.extend(found.into_iter().map(|log| log.id.clone()));
    }
    Ok(logs)
}

/// A group by its OCID or its name.
fn named_group<'a>(
    world: &'a World,
    compartment: &str,
    name: &str,
) -> Result<&'a LogGroup, Failure> {
    let mut own = world.groups.values().filter(|group| group.compartment_id == compartment);
    let found = own.find(|group| group.id == name || group.display_name == name);
    found.ok_or_else(|| Failure::not_found(format_args!("log group {name}")))
}

/// What the query lets through, in its order; the newest first when it does not say.
fn rows(service: &OciService, world: &World, query: &Query, lines: &[Arc<LogLine>]) -> Vec<Value> {
    let mut rows: Vec<Value> = lines.iter().filter_map(|line| row(service, world, line)).collect();
    rows.retain(|row| query.conditions.iter().all(|condition| condition.holds(row)));
    match &query.order {
        Some((field, descends)) => {
            let key = |row: &Value| {
                let value = field.of(row);
                value.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            };
            // What is equal stays as it came, in the direction of the whole.
            rows.reverse();
            rows.sort_by(|a, b| {
                let (a, b) = (key(a), key(b));
                match (&a, &b) {
                    (Some(a), Some(b)) => order(a, b),
                    _ => a.cmp(&b),
                }
            });
            if *descends {
                rows.reverse();
            }
        }
        None => rows.sort_by_key(|row| std::cmp::Reverse(row["datetime"].as_i64())),
    }
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    rows
}

fn row(service: &OciService, world: &World, line: &LogLine) -> Option<Value> {
    let log = world.logs.get(&line.log)?;
    let balancers = service.cloud.balancers.read();
    let source = balancers.load_balancers.get(&line.resource).map(|lb| lb.display_name.clone());
    let milliseconds = line.time.unix_timestamp() * 1000 + i64::from(line.time.millisecond());
    Some(json!({
        "datetime": milliseconds,
        "logContent": {
            "data": line.data,
            "id": line.id,
            "oracle": {
                "compartmentid": log.compartment_id,
                "ingestedtime": clock::stamp(line.ingested),
                "loggroupid": log.log_group_id,
                "logid": log.id,
                "resourceid": line.resource,
                "tenantid": log.tenancy_id,
            },
            "source": source,
            "specversion": "1.0",
            "subject": "",
            "time": clock::stamp(line.time),
            "type": format!("com.oraclecloud.loadbalancer.{}", line.category),
        },
    }))
}

fn response(rows: &[Value], tells_fields: bool) -> Value {
    let mut fields = BTreeMap::new();
    rows.iter().for_each(|row| note_fields(row, "", &mut fields));
    let results: Vec<Value> = rows.iter().map(|row| json!({"data": row})).collect();
    let told: Vec<Value> =
        fields.iter().map(|(name, kind)| json!({"fieldName": name, "fieldType": kind})).collect();
    json!({
        "results": results,
        "fields": tells_fields.then_some(told),
        "summary": {"resultCount": rows.len(), "fieldCount": fields.len()},
    })
}

fn note_fields(value: &Value, path: &str, fields: &mut BTreeMap<String, &'static str>) {
    let kind = match value {
        Value::Object(own) => {
            for (name, value) in own {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                note_fields(value, &path, fields);
            }
            return;
        }
        Value::Number(_) => "NUMBER",
        Value::Bool(_) => "BOOLEAN",
        Value::Array(_) => "ARRAY",
        Value::String(_) | Value::Null => "STRING",
    };
    fields.insert(path.to_owned(), kind);
}
