//! Which records a list asks for, and in which order.

use super::Call;
use crate::model::zone::Record;

/// Whether a record passes the filters of a query: all of them, or any with `match=any`.
pub(super) fn matches(record: &Record, query: &[(String, String)]) -> bool {
    let any = query.iter().any(|(key, value)| key == "match" && value == "any");
    let mut tests = query.iter().filter_map(|(key, value)| test(record, key, value)).peekable();
    if tests.peek().is_none() {
        return true;
    }
    if any { tests.any(|passed| passed) } else { tests.all(|passed| passed) }
}

/// The outcome of one filter; `None` for parameters that are none.
fn test(record: &Record, key: &str, value: &str) -> Option<bool> {
    let (field, operator) = key.split_once('.').unwrap_or((key, "exact"));
    let comment = record.comment.as_deref();
    match field {
        "type" => Some(record.kind.eq_ignore_ascii_case(value)),
        "proxied" => Some(record.proxied == (value == "true")),
        "name" => text(&record.name, operator, value),
        "content" => text(&record.content, operator, value),
        "comment" => match operator {
            "present" => Some(comment.is_some()),
            "absent" => Some(comment.is_none()),
            _ => text(comment.unwrap_or_default(), operator, value),
        },
        // The plan allows no tags, so that every record lacks every tag.
        "tag" => Some(operator == "absent"),
        "search" => Some(searched(record, value)),
        _ => None,
    }
}

/// Text filters do not mind letter case.
fn text(has: &str, operator: &str, value: &str) -> Option<bool> {
    let (has, value) = (has.to_lowercase(), value.to_lowercase());
    Some(match operator {
        "contains" => has.contains(&value),
        "endswith" => has.ends_with(&value),
        "exact" => has == value,
        "startswith" => has.starts_with(&value),
        _ => return None,
    })
}

fn searched(record: &Record, value: &str) -> bool {
    let comment = record.comment.as_deref().unwrap_or_default();
    [record.name.as_str(), &record.content, comment]
        .iter()
        .any(|has| text(has, "contains", value) == Some(true))
}

/// Sorts by `order` (type, when it is not sent), then by what tells records apart.
pub(super) fn sort(records: &mut [&Record], call: &Call<'_>) {
    let order = call.parameter("order").unwrap_or("type");
    let key = |r: &Record| match order {
        "content" => r.content.clone(),
        "name" => r.name.clone(),
        "proxied" => r.proxied.to_string(),
        "ttl" => format!("{:010}", r.ttl),
        _ => r.kind.clone(),
    };
    records.sort_by_cached_key(|r| (key(r), r.name.clone(), r.content.clone(), r.id.clone()));
    if call.parameter("direction") == Some("desc") {
        records.reverse();
    }
}
