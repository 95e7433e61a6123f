//! What is inside documents, forms and lists.

use handlebars::JsonTruthy;
use serde_json::{Map, Value};

use super::super::MAX_OUTPUT;
use super::super::call::{Args, Run, plain};
use crate::json::Json;
use crate::json_path::JsonPath;
use crate::request::{form, gathered};

type Answer = Result<Json, String>;

/// The most items that a helper makes.
const MAX_ITEMS: i64 = 10_000;

fn document(value: &Value) -> Result<Json, String> {
    match value {
        Value::String(text) => {
            Json::parse(text.as_bytes()).map_err(|why| format!("not JSON: {why}"))
        }
        other => Ok(other.clone().into()),
    }
}

pub(super) fn json_path(args: &Args, _: &mut Run) -> Answer {
    let path = JsonPath::parse(&args.text(1))?;
    // Of a body that is not JSON, WireMock shows nothing.
    let json = document(args.at(0)).unwrap_or_default();
    let found = path.find(&json)?.into_json();
    Ok(found.unwrap_or_else(|| args.option("default").cloned().unwrap_or_default().into()))
}

pub(super) fn parse_json(args: &Args, _: &mut Run) -> Answer {
    document(args.at(0))
}

pub(super) fn to_json(args: &Args, _: &mut Run) -> Answer {
    Ok(args.at(0).to_string().into())
}

pub(super) fn form_data(args: &Args, _: &mut Run) -> Answer {
    let pairs = form::pairs(&args.text(0));
    let fields = gathered(&pairs).into_iter().map(|(name, mut values)| {
        let value = if values.len() == 1 { values.remove(0).into() } else { Value::from(values) };
        (name, value)
    });
    Ok(Value::Object(fields.collect::<Map<_, _>>()).into())
}

/// What a pattern finds, or, where a name for it is given, the list of its groups.
pub(super) fn regex_extract(args: &Args, run: &mut Run) -> Answer {
    let (text, pattern) = (args.text(0), args.text(1));
    let regex = run.pattern(&pattern)?;
    let default = || {
        args.option("default")
            .cloned()
            .map(Json::from)
            .ok_or_else(|| format!("Nothing matched {pattern}"))
    };
    let Some(found) = regex.captures(&text) else { return default() };
    if args.params.len() < 3 {
        return Ok(found[0].into());
    }
    let groups = found.iter().skip(1).flatten().map(|group| Json::from(group.as_str()));
    Ok(Json::Array(groups.collect()))
}

pub(super) fn size(args: &Args, _: &mut Run) -> Answer {
    Ok(match args.at(0) {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::Null => 0,
        other => plain(other).chars().count(),
    }
    .into())
}

pub(super) fn range(args: &Args, _: &mut Run) -> Answer {
    let whole = |place: usize| args.at(place).as_i64().or_else(|| args.text(place).parse().ok());
    let (Some(from), Some(to)) = (whole(0), whole(1)) else {
        return Err("range takes two whole numbers".into());
    };
    if to.checked_sub(from).is_none_or(|length| length >= MAX_ITEMS) {
        return Err(format!("a range has at most {MAX_ITEMS} numbers"));
    }
    Ok((from..=to).collect::<Vec<i64>>().into())
}

pub(super) fn array(args: &Args, _: &mut Run) -> Answer {
    Ok(Value::Array(args.params.clone()).into())
}

pub(super) fn array_add(args: &Args, _: &mut Run) -> Answer {
    let mut items = args.at(0).as_array().cloned().ok_or("arrayAdd takes a list and an item")?;
    items.push(args.at(1).clone());
    Ok(Value::Array(items).into())
}

/// `join list ','` or `join ',' list`, as handlebars.java and WireMock each write it.
pub(super) fn join(args: &Args, _: &mut Run) -> Answer {
    let (items, separator) = match args.params.as_slice() {
        [Value::Array(items), separator, ..] | [separator, Value::Array(items), ..] => {
            (items.iter().map(plain).collect::<Vec<_>>(), plain(separator))
        }
        [items @ .., separator] if !items.is_empty() => {
            (items.iter().map(plain).collect(), plain(separator))
        }
        _ => return Err("join takes a list and a separator".into()),
    };
    if separator.len().saturating_mul(items.len()) > MAX_OUTPUT {
        return Err(format!("a helper returns at most {MAX_OUTPUT} bytes"));
    }
    Ok(items.join(&separator).into())
}

/// A value, or the `or` that stands for an empty one.
pub(super) fn val(args: &Args, _: &mut Run) -> Answer {
    let value = args.at(0);
    let or = args.option("or").or(args.option("default"));
    Ok(if value.is_truthy(true) { value } else { or.unwrap_or(value) }.clone().into())
}
