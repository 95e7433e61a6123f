//! Lists: filtered by the query parameters of the contract, sorted, in pages.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::call::{Answer, Call};
use super::contract::Operation;
use super::failure::Failure;
use super::{OciService, identity};

const DEFAULT_LIMIT: usize = 100;

/// Query parameters that are not the name of a field.
const NOT_FILTERS: &[&str] = &[
    "limit",
    "page",
    "sortBy",
    "sortOrder",
    "detail",
    "compartmentIdInSubtree",
    "isCompartmentIdInSubtree",
    "accessLevel",
    "fields",
];

/// A page of a bare list.
///
/// # Errors
/// A 400 for a page token that is none of ours.
pub(crate) fn bare(call: &Call, items: Vec<Value>) -> Result<Answer, Failure> {
    let mut page = Page::of(call, items)?;
    let items = Value::Array(std::mem::take(&mut page.items));
    Ok(page.mark(Answer::of(items)))
}

/// A page of `{"items": […]}`, with the totals of all pages put beside it.
///
/// # Errors
/// As [`bare`].
pub(crate) fn collection(call: &Call, items: Vec<Value>, totals: Value) -> Result<Answer, Failure> {
    let mut page = Page::of(call, items)?;
    let mut body = totals;
    body["items"] = Value::Array(std::mem::take(&mut page.items));
    body["remainingItemsCount"] = json!(page.remaining);
    Ok(page.mark(Answer::of(body)))
}

/// Until when objects are too young to be listed: lists of the vendor lag behind what a GET finds.
#[derive(Debug)]
pub(crate) struct Horizon {
    now: OffsetDateTime,
    longest_lag_ms: u64,
    tenancy: Arc<identity::World>,
}

impl Horizon {
    /// Of the lists of an operation; none when they do not lag. Object Storage's never do.
    pub(crate) fn of(service: &OciService, operation: &Operation) -> Option<Self> {
        let longest_lag_ms = service.cloud.options.conduct.list_lag_ms;
        let lags = longest_lag_ms > 0
            && operation.name.starts_with("list_")
            && operation.service != "object_storage";
        lags.then(|| Self {
            now: service.cloud.clock.now(),
            longest_lag_ms,
            tenancy: service.tenancy.read(),
        })
    }

    fn hides(&self, item: &Value) -> bool {
        let text = |field: &str| item.get(field).and_then(Value::as_str);
        let (Some(id), Some(created)) = (text("id"), text("timeCreated")) else { return false };
        let Ok(created) = OffsetDateTime::parse(created, &Rfc3339) else { return false };
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let lag = Duration::from_millis(hasher.finish() % self.longest_lag_ms);
        created + lag > self.now && !self.tenancy.seeded.contains(id)
    }
}

/// The items that the query asks for, in its order.
pub(crate) fn select(call: &Call, mut items: Vec<Value>) -> Vec<Value> {
    if let Some(horizon) = &call.horizon {
        items.retain(|item| !horizon.hides(item));
    }
    for name in call.operation.query.iter().filter(|name| !NOT_FILTERS.contains(&name.as_str())) {
        match call.query(name) {
            Some(wanted) if !(name == "compartmentId" && whole_tenancy(call, wanted)) => {
                items.retain(|item| item.get(name).is_none_or(|value| is(value, wanted)));
            }
            _ => {}
        }
    }
    sort(call, &mut items);
    items
}

fn whole_tenancy(call: &Call, compartment: &str) -> bool {
    let subtree = ["compartmentIdInSubtree", "isCompartmentIdInSubtree"];
    compartment.starts_with("ocid1.tenancy.")
        && subtree.iter().any(|name| call.query(name) == Some("true"))
}

fn is(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Bool(flag) => wanted.parse() == Ok(*flag),
        value => value == wanted,
    }
}

/// Times go newest first and names from A, unless the caller says otherwise.
fn sort(call: &Call, items: &mut [Value]) {
    let by_name = matches!(call.query("sortBy"), Some("DISPLAYNAME" | "displayName" | "NAME"));
    let text = |item: &Value, field: &str| {
        item.get(field).and_then(Value::as_str).unwrap_or("").to_owned()
    };
    if by_name {
        items.sort_by_cached_key(|item| text(item, "displayName") + &text(item, "name"));
    } else {
        items.sort_by_cached_key(|item| text(item, "timeCreated") + &text(item, "timeAccepted"));
    }
    if call.query("sortOrder").unwrap_or(if by_name { "ASC" } else { "DESC" }) == "DESC" {
        items.reverse();
    }
}

struct Page {
    items: Vec<Value>,
    next: Option<String>,
    remaining: usize,
}

impl Page {
    fn of(call: &Call, items: Vec<Value>) -> Result<Self, Failure> {
        let mut items = select(call, items);
        let start = call.query("page").map_or(Ok(0), |token| position(token, &items))?;
        let mut items = items.split_off(start.min(items.len()));
        let limit = call.query("limit").and_then(|l| l.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let remaining = items.len().saturating_sub(limit);
        items.truncate(limit);
        let last = items.last().filter(|_| remaining > 0);
        let next = last.map(|last| token(start + items.len(), last));
        Ok(Self { items, next, remaining })
    }

    fn mark(&self, answer: Answer) -> Answer {
        match &self.next {
            Some(next) => answer.with("opc-next-page", next),
            None => answer,
        }
    }
}

/// Where a page begins: after the item that ended the one before, wherever that item is by now.
fn position(token: &str, items: &[Value]) -> Result<usize, Failure> {
    let decoded =
        URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parsed = decoded.as_deref().and_then(|text| text.split_once(' '));
    let (offset, last) =
        parsed.ok_or_else(|| Failure::invalid("page is not a token of this list"))?;
    let found = items.iter().position(|item| key(item) == last).map(|at| at + 1);
    Ok(found.or_else(|| offset.parse().ok()).unwrap_or(0))
}

fn token(offset: usize, last: &Value) -> String {
    URL_SAFE_NO_PAD.encode(format!("{offset} {}", key(last)))
}

fn key(item: &Value) -> &str {
    item.get("id").or_else(|| item.get("name")).and_then(Value::as_str).unwrap_or("")
}
