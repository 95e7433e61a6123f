//! Lists: filters, order, pages, and what belongs to each item.

use std::cmp::Ordering;

use super::{Crud, shown, singular};
use crate::java_regex;
use crate::json::Json;
use crate::reply::Reply;
use crate::request::Request;

/// The size of a page where none is asked for.
const PAGE: usize = 10;

const OPTIONS: [&str; 10] =
    ["q", "_sort", "_order", "_page", "_limit", "_start", "_end", "_embed", "_expand", "_"];

pub(super) fn list(crud: &Crud, request: &Request, name: &str) -> Reply {
    let query = request.query();
    let option =
        |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let mut items: Vec<&Json> = crud.items(name).iter().collect();
    items.retain(|item| accepts(item, &query, crud.items(name)));
    if let Some(text) = option("q") {
        let text = text.to_lowercase();
        items.retain(|item| mentions(item, &text));
    }
    if let Some(keys) = option("_sort") {
        sort(&mut items, keys, option("_order").unwrap_or("asc"));
    }
    let total = items.len();
    let number = |name: &str| option(name).and_then(|text| text.parse::<usize>().ok());
    let mut reply = Reply::default();
    if let Some(page) = option("_page").map(|_| number("_page").unwrap_or(1).max(1)) {
        let size = number("_limit").unwrap_or(PAGE).max(1);
        items = items.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
        let last = total.div_ceil(size).max(1);
        if page <= last {
            reply = reply.with_header("Link", links(request, page, last));
        }
    } else if option("_end").is_some() || option("_limit").is_some() || option("_start").is_some() {
        let start = number("_start").unwrap_or(0);
        let length = number("_end").map(|end| end.saturating_sub(start)).or(number("_limit"));
        items = items.into_iter().skip(start).take(length.unwrap_or(usize::MAX)).collect();
    } else {
        return shown(200, &all(crud, request, name, &items));
    }
    let mut page = shown(200, &all(crud, request, name, &items))
        .with_header("X-Total-Count", total.to_string());
    page.headers.append(&mut reply.headers);
    page.with_header("Access-Control-Expose-Headers", "X-Total-Count, Link")
}

fn all(crud: &Crud, request: &Request, name: &str, items: &[&Json]) -> Json {
    Json::Array(
        items.iter().map(|item| with_relations(crud, request, name, (*item).clone())).collect(),
    )
}

/// The item with `_embed`ded children and `_expand`ed parents.
pub(super) fn with_relations(crud: &Crud, request: &Request, name: &str, mut item: Json) -> Json {
    let id = item.get("id").map(Json::plain).unwrap_or_default();
    let key = format!("{}Id", singular(name));
    for children in request.query_values("_embed").into_iter().take(8) {
        let own = crud
            .items(&children)
            .iter()
            .filter(|child| child.get(&key).is_some_and(|own| own.plain() == id));
        let own: Vec<Json> = own.cloned().collect();
        if crud.data.contains_key(&children)
            && let Some(fields) = item.as_object_mut()
        {
            fields.insert(children, Json::Array(own));
        }
    }
    for parent in request.query_values("_expand").into_iter().take(8) {
        let Some(wanted) = item.get(&format!("{parent}Id")).map(Json::plain) else { continue };
        let collections = crud.data.iter().filter(|(name, _)| singular(name) == parent);
        let mut items = collections.flat_map(|(_, value)| value.as_array().unwrap_or_default());
        let found =
            items.find(|item| item.get("id").is_some_and(|id| id.plain() == wanted)).cloned();
        if let (Some(found), Some(fields)) = (found, item.as_object_mut()) {
            fields.insert(parent, found);
        }
    }
    item
}

/// Filters on the same field are alternatives; filters on different ones all have to hold.
fn accepts(item: &Json, query: &[(String, String)], all: &[Json]) -> bool {
    let filters = query.iter().filter(|(name, _)| !OPTIONS.contains(&name.as_str()));
    filters.clone().all(|(name, value)| match operator(name) {
        Some((path, operator)) => holds(at(item, path), operator, value),
        None if all.iter().all(|item| at(item, name).is_none()) => true,
        None => {
            let mut same = filters.clone().filter(|(other, _)| other == name);
            same.any(|(_, value)| at(item, name).is_some_and(|found| found.plain() == *value))
        }
    })
}

fn operator(name: &str) -> Option<(&str, &str)> {
    let (path, operator) = name.rsplit_once('_')?;
    matches!(operator, "gte" | "lte" | "ne" | "like").then_some((path, operator))
}

fn holds(found: Option<&Json>, operator: &str, value: &str) -> bool {
    let Some(found) = found else { return operator == "ne" };
    let text = found.plain();
    let order = match (found.as_f64(), value.parse::<f64>()) {
        (Some(left), Ok(right)) => left.partial_cmp(&right),
        _ => Some(text.as_str().cmp(value)),
    };
    match operator {
        "gte" => order.is_some_and(Ordering::is_ge),
        "lte" => order.is_some_and(Ordering::is_le),
        "ne" => text != value,
        _ => java_regex::compile(&format!("(?i){value}")).is_ok_and(|regex| regex.is_match(&text)),
    }
}

fn at<'a>(item: &'a Json, path: &str) -> Option<&'a Json> {
    item.get(path).or_else(|| path.split('.').try_fold(item, |value, step| value.get(step)))
}

fn mentions(value: &Json, text: &str) -> bool {
    match value {
        Json::Array(items) => items.iter().any(|item| mentions(item, text)),
        Json::Object(fields) => fields.values().any(|item| mentions(item, text)),
        Json::Null => false,
        other => other.plain().to_lowercase().contains(text),
    }
}

fn sort(items: &mut [&Json], keys: &str, orders: &str) {
    let orders: Vec<&str> = orders.split(',').collect();
    let keys: Vec<(&str, bool)> = keys
        .split(',')
        .take(8)
        .enumerate()
        .map(|(i, key)| {
            (key, orders.get(i).is_some_and(|order| order.eq_ignore_ascii_case("desc")))
        })
        .collect();
    items.sort_by(|left, right| {
        let each = keys.iter().map(|(key, descending)| {
            let order = compare(at(left, key), at(right, key));
            if *descending { order.reverse() } else { order }
        });
        each.fold(Ordering::Equal, Ordering::then)
    });
}

fn compare(left: Option<&Json>, right: Option<&Json>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => match (left.as_f64(), right.as_f64()) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            _ => left.plain().cmp(&right.plain()),
        },
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn links(request: &Request, page: usize, last: usize) -> String {
    let rest: Vec<&str> =
        request.query_text().split('&').filter(|pair| !pair.starts_with("_page=")).collect();
    let link = |number: usize, rel: &str| {
        let query = std::iter::once(format!("_page={number}"))
            .chain(rest.iter().map(|pair| (*pair).to_owned()));
        let query: Vec<String> = query.filter(|pair| !pair.is_empty()).collect();
        format!("<{}{}?{}>; rel=\"{rel}\"", request.base_url(), request.path(), query.join("&"))
    };
    let mut links = vec![link(1, "first")];
    if page > 1 {
        links.push(link(page - 1, "prev"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
    }
    links.push(link(last, "last"));
    links.join(", ")
}
