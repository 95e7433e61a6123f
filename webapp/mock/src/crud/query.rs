//! Lists: filters, order, pages, and what belongs to each item.

use std::cmp::Ordering;
use std::collections::HashMap;

use regex::Regex;

use super::{Crud, problem, shown, singular};
use crate::java_regex;
use crate::json::Json;
use crate::reply::Reply;
use crate::request::Request;

/// The size of a page where none is asked for.
const PAGE: usize = 10;

/// The most `_embed`s, and `_expand`s, of one query.
const MOST_RELATIONS: usize = 8;
/// The most conditions of one query.
const MOST_FILTERS: usize = 64;

const OPTIONS: [&str; 10] =
    ["q", "_sort", "_order", "_page", "_limit", "_start", "_end", "_embed", "_expand", "_"];

pub(super) fn list(crud: &Crud, request: &Request, name: &str) -> Reply {
    let query = request.query();
    let option =
        |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let filters = match Filters::of(&query, crud.items(name)) {
        Ok(filters) => filters,
        Err(why) => return problem(400, &why),
    };
    let mut items: Vec<&Json> = crud.items(name).iter().collect();
    items.retain(|item| filters.accept(item));
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
    let relations = Relations::of(crud, request, name);
    Json::Array(items.iter().map(|item| relations.of_item((*item).clone())).collect())
}

/// What `_embed` and `_expand` ask for, found once for all items.
pub(super) struct Relations<'a> {
    /// Children by the id of what they belong to.
    children: Vec<(String, HashMap<String, Vec<&'a Json>>)>,
    /// Parents by their id.
    parents: Vec<(String, HashMap<String, &'a Json>)>,
}

impl<'a> Relations<'a> {
    pub(super) fn of(crud: &'a Crud, request: &Request, name: &str) -> Self {
        let key = format!("{}Id", singular(name));
        let asked = |option| request.query_values(option).into_iter().take(MOST_RELATIONS);
        let there = asked("_embed").filter(|children| crud.data.contains_key(children));
        let children = there.map(|children| {
            let mut by_owner: HashMap<String, Vec<&Json>> = HashMap::new();
            for child in crud.items(&children) {
                if let Some(owner) = child.get(&key) {
                    by_owner.entry(owner.plain()).or_default().push(child);
                }
            }
            (children, by_owner)
        });
        let parents = asked("_expand").map(|parent| {
            let collections = crud.data.iter().filter(|(name, _)| singular(name) == parent);
            let items = collections.flat_map(|(_, value)| value.as_array().unwrap_or_default());
            let mut by_id = HashMap::new();
            for item in items {
                if let Some(id) = item.get("id") {
                    by_id.entry(id.plain()).or_insert(item);
                }
            }
            (parent, by_id)
        });
        Self { children: children.collect(), parents: parents.collect() }
    }

    /// The item with what belongs to it.
    pub(super) fn of_item(&self, mut item: Json) -> Json {
        let id = item.get("id").map(Json::plain).unwrap_or_default();
        for (name, by_owner) in &self.children {
            let own = by_owner.get(&id).map(|own| own.iter().copied().cloned().collect());
            if let Some(fields) = item.as_object_mut() {
                fields.insert(name.clone(), Json::Array(own.unwrap_or_default()));
            }
        }
        for (name, by_id) in &self.parents {
            let wanted = item.get(&format!("{name}Id")).map(Json::plain);
            let found = wanted.and_then(|wanted| by_id.get(&wanted));
            if let (Some(found), Some(fields)) = (found, item.as_object_mut()) {
                fields.insert(name.clone(), (*found).clone());
            }
        }
        item
    }
}

/// What a query asks of an item. Filters on the same field are alternatives; filters on different ones all have to hold.
struct Filters<'a> {
    /// A field, and the values that it may have.
    fields: Vec<(&'a str, Vec<&'a str>)>,
    rules: Vec<(&'a str, Rule<'a>)>,
}

enum Rule<'a> {
    AtLeast(&'a str),
    AtMost(&'a str),
    Not(&'a str),
    Like(Regex),
}

impl<'a> Filters<'a> {
    /// A field that no item has is no filter: it keeps caches away, or is somebody's mistake.
    fn of(query: &'a [(String, String)], all: &[Json]) -> Result<Self, String> {
        let mut filters = Self { fields: Vec::new(), rules: Vec::new() };
        let asked = query.iter().filter(|(name, _)| !OPTIONS.contains(&name.as_str()));
        for (number, (name, value)) in asked.enumerate() {
            if number >= MOST_FILTERS {
                return Err(format!("a query has at most {MOST_FILTERS} filters"));
            }
            if let Some((path, rule)) = Rule::of(name, value) {
                filters.rules.push((path, rule));
            } else if let Some((_, values)) = filters.fields.iter_mut().find(|(n, _)| n == name) {
                values.push(value);
            } else if all.iter().any(|item| at(item, name).is_some()) {
                filters.fields.push((name, vec![value]));
            }
        }
        Ok(filters)
    }

    fn accept(&self, item: &Json) -> bool {
        let is_one_of = |(name, values): &(&str, Vec<&str>)| {
            at(item, name).is_some_and(|found| values.contains(&found.plain().as_str()))
        };
        self.fields.iter().all(is_one_of)
            && self.rules.iter().all(|(path, rule)| rule.holds(at(item, path)))
    }
}

impl<'a> Rule<'a> {
    fn of(name: &'a str, value: &'a str) -> Option<(&'a str, Self)> {
        let (path, operator) = name.rsplit_once('_')?;
        let rule = match operator {
            "gte" => Self::AtLeast(value),
            "lte" => Self::AtMost(value),
            "ne" => Self::Not(value),
            // A pattern that is none is like nothing.
            "like" => {
                Self::Like(java_regex::compile(&format!("(?i){value}")).unwrap_or_else(|_| {
                    java_regex::compile(r"\z\A.").expect("a pattern that nothing fits")
                }))
            }
            _ => return None,
        };
        Some((path, rule))
    }

    fn holds(&self, found: Option<&Json>) -> bool {
        let Some(found) = found else { return matches!(self, Self::Not(_)) };
        let text = found.plain();
        match self {
            Self::AtLeast(value) => ordered(found, value).is_some_and(Ordering::is_ge),
            Self::AtMost(value) => ordered(found, value).is_some_and(Ordering::is_le),
            Self::Not(value) => text != *value,
            Self::Like(pattern) => pattern.is_match(&text),
        }
    }
}

fn ordered(found: &Json, value: &str) -> Option<Ordering> {
    match (found.as_f64(), value.parse::<f64>()) {
        (Some(left), Ok(right)) => left.partial_cmp(&right),
        _ => Some(found.plain().as_str().cmp(value)),
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
