//! Resources made, read and changed over HTTP, from one JSON document, as json-server 0.17 does it.

use crate::json::{Json, Object};
use crate::random::Random;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::{Request, form};

mod query;

/// The most items of one collection.
pub const MAX_ITEMS: usize = 10_000;
/// The most bytes of all data, written as JSON.
pub const MAX_DATA: usize = 2 << 20;

/// Collections (arrays) and single resources (objects) by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Crud {
    data: Object,
    bytes: usize,
}

impl Crud {
    /// Takes an object whose fields are arrays or objects.
    ///
    /// # Errors
    /// Names the field that is neither, or the limit that is passed.
    pub fn new(data: &Json) -> Result<Self, Refusal> {
        let fields = data
            .as_object()
            .ok_or_else(|| Refusal::new("", "expected an object of arrays and objects"))?;
        for (name, value) in fields {
            match value {
                Json::Object(_) => {}
                Json::Array(items) if items.len() > MAX_ITEMS => {
                    return Err(Refusal::new(
                        format!("/{name}"),
                        format!("a collection has at most {MAX_ITEMS} items"),
                    ));
                }
                Json::Array(items) if items.iter().all(|item| item.as_object().is_some()) => {}
                _ => {
                    return Err(Refusal::new(
                        format!("/{name}"),
                        "expected an object or an array of objects",
                    ));
                }
            }
        }
        let bytes = data.to_string().len();
        if bytes > MAX_DATA {
            return Err(Refusal::new(
                "",
                format!("the data has at most {MAX_DATA} bytes, not {bytes}"),
            ));
        }
        Ok(Self { data: fields.clone(), bytes })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// How many bytes it has as JSON.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    #[must_use]
    pub fn to_json(&self) -> Json {
        Json::Object(self.data.clone())
    }

    /// Answers where the path begins with the name of a resource, else `None`.
    pub fn answer(&mut self, request: &Request, random: &mut dyn Random) -> Option<Reply> {
        let path = request.path().trim_matches('/').to_owned();
        if path == "db" && request.method == "GET" {
            return Some(shown(200, &self.to_json()));
        }
        let steps: Vec<&str> = path.split('/').collect();
        let value = self.data.get(*steps.first()?)?;
        let reply = match (value, steps.as_slice()) {
            (Json::Array(_), [name]) => self.collection(request, name, random),
            (Json::Array(_), [name, id]) => self.item(request, name, id),
            (Json::Array(_), [parent, id, name]) => {
                self.nested(request, (parent, id), name, random)
            }
            (_, [name]) => self.single(request, name),
            _ => missing(),
        };
        Some(reply.because("crud"))
    }

    fn items(&self, name: &str) -> &[Json] {
        self.data.get(name).and_then(Json::as_array).unwrap_or_default()
    }

    fn collection(&mut self, request: &Request, name: &str, random: &mut dyn Random) -> Reply {
        match request.method.as_str() {
            "GET" | "HEAD" => query::list(self, request, name),
            "POST" => self.create(request, name, body(request), random),
            _ => missing(),
        }
    }

    fn nested(
        &mut self,
        request: &Request,
        (parent, id): (&str, &str),
        name: &str,
        random: &mut dyn Random,
    ) -> Reply {
        let key = format!("{}Id", singular(parent));
        match request.method.as_str() {
            "GET" if self.data.contains_key(name) => {
                let mut within = request.clone();
                let separator = if request.query_text().is_empty() { '?' } else { '&' };
                within.url = format!("{}{separator}{key}={id}", request.url);
                query::list(self, &within, name)
            }
            "POST" if self.data.contains_key(name) => {
                let mut fields = body(request);
                if let Ok(fields) = &mut fields {
                    // A text, because that is what a path has.
                    fields.insert(key, id.into());
                }
                self.create(request, name, fields, random)
            }
            _ => missing(),
        }
    }

    fn create(
        &mut self,
        request: &Request,
        name: &str,
        fields: Result<Object, Box<Reply>>,
        random: &mut dyn Random,
    ) -> Reply {
        let mut fields = match fields {
            Ok(fields) => fields,
            Err(reply) => return *reply,
        };
        if self.items(name).len() >= MAX_ITEMS {
            return problem(507, &format!("a collection has at most {MAX_ITEMS} items"));
        }
        let given = fields.get("id").filter(|id| !id.is_null()).cloned();
        if given.as_ref().is_some_and(|id| self.place(name, &id.plain()).is_some()) {
            return problem(500, "Insert failed, duplicate id");
        }
        let id = given.unwrap_or_else(|| self.next_id(name, random));
        fields.insert("id".into(), id.clone());
        let item = Json::Object(fields);
        if let Some(refusal) = self.grow(item.to_string().len()) {
            return refusal;
        }
        if let Some(Json::Array(items)) = self.data.get_mut(name) {
            items.push(item.clone());
        }
        let location = format!(
            "{}{}/{}",
            request.base_url(),
            request.path().trim_end_matches('/'),
            id.plain()
        );
        shown(201, &item)
            .with_header("Location", location)
            .with_header("Access-Control-Expose-Headers", "Location")
    }

    /// One more than the largest number, or a random text where identifiers are texts.
    fn next_id(&self, name: &str, random: &mut dyn Random) -> Json {
        let items = self.items(name);
        let numbers: Option<Vec<u64>> = items.iter().map(|item| item.get("id")?.as_u64()).collect();
        match numbers {
            Some(numbers) => numbers.into_iter().max().unwrap_or(0).saturating_add(1).into(),
            None => random.uuid().get(..7).unwrap_or_default().into(),
        }
    }

    fn place(&self, name: &str, id: &str) -> Option<usize> {
        self.items(name).iter().position(|item| item.get("id").is_some_and(|own| own.plain() == id))
    }

    fn item(&mut self, request: &Request, name: &str, id: &str) -> Reply {
        let Some(place) = self.place(name, id) else { return missing() };
        let current = self.items(name)[place].clone();
        let replacement = match request.method.as_str() {
            "GET" | "HEAD" => {
                return shown(200, &query::Relations::of(self, request, name).of_item(current));
            }
            "DELETE" => return self.delete(name, place),
            "PUT" => body(request).map(|fields| merged(Object::new(), fields, &current)),
            "PATCH" => body(request).map(|fields| {
                merged(current.as_object().cloned().unwrap_or_default(), fields, &current)
            }),
            _ => return missing(),
        };
        let item = match replacement {
            Ok(item) => item,
            Err(reply) => return *reply,
        };
        if let Some(refusal) = self.grow(item.to_string().len()) {
            return refusal;
        }
        if let Some(Json::Array(items)) = self.data.get_mut(name) {
            items[place] = item.clone();
        }
        shown(200, &item)
    }

    /// Removes an item and, as json-server does, whatever refers to it.
    fn delete(&mut self, name: &str, place: usize) -> Reply {
        let Some(Json::Array(items)) = self.data.get_mut(name) else { return missing() };
        let gone = items.remove(place);
        let id = gone.get("id").map(Json::plain).unwrap_or_default();
        let key = format!("{}Id", singular(name));
        for value in self.data.values_mut() {
            if let Json::Array(items) = value {
                items.retain(|item| item.get(&key).is_none_or(|own| own.plain() != id));
            }
        }
        self.bytes = self.to_json().to_string().len();
        shown(200, &Json::Object(Object::new()))
    }

    fn single(&mut self, request: &Request, name: &str) -> Reply {
        let current = self.data.get(name).cloned().unwrap_or_default();
        let status = if request.method == "POST" { 201 } else { 200 };
        let replacement = match request.method.as_str() {
            "GET" | "HEAD" => return shown(200, &current),
            "POST" | "PUT" => body(request),
            "PATCH" => body(request).map(|fields| {
                let mut all = current.as_object().cloned().unwrap_or_default();
                all.extend(fields);
                all
            }),
            _ => return missing(),
        };
        let value = match replacement {
            Ok(fields) => Json::Object(fields),
            Err(reply) => return *reply,
        };
        if let Some(refusal) = self.grow(value.to_string().len()) {
            return refusal;
        }
        self.data.insert(name.to_owned(), value.clone());
        shown(status, &value)
    }

    /// Counts new bytes, exactly once the estimate has reached the limit.
    fn grow(&mut self, by: usize) -> Option<Reply> {
        if self.bytes + by > MAX_DATA {
            self.bytes = self.to_json().to_string().len();
        }
        if self.bytes + by > MAX_DATA {
            return Some(problem(507, &format!("the data has at most {MAX_DATA} bytes")));
        }
        self.bytes += by;
        None
    }
}

/// Fields over others; the identifier stays.
fn merged(mut base: Object, fields: Object, current: &Json) -> Json {
    base.extend(fields);
    if let Some(id) = current.get("id") {
        base.insert("id".into(), id.clone());
    }
    Json::Object(base)
}

fn body(request: &Request) -> Result<Object, Box<Reply>> {
    if request.media_type() == "application/x-www-form-urlencoded" {
        return Ok(form::pairs(&request.text())
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect());
    }
    if request.body.is_empty() {
        return Ok(Object::new());
    }
    match Json::parse(&request.body) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(other) => {
            Err(Box::new(problem(400, &format!("expected an object, found {}", other.kind()))))
        }
        Err(why) => Err(Box::new(problem(400, &format!("the body is not JSON: {why}")))),
    }
}

/// `posts` is `post`, `companies` is `company`, `people` are one `person`.
fn singular(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let known = IRREGULAR.iter().find(|(plural, _)| lower.ends_with(plural));
    if let Some((plural, one)) = known {
        return format!("{}{one}", &name[..name.len() - plural.len()]);
    }
    let cut = |count: usize| name[..name.len() - count].to_owned();
    match lower.as_str() {
        one if one.ends_with("ies") => cut(3) + "y",
        one if ["sses", "xes", "ches", "shes", "zzes"].iter().any(|end| one.ends_with(end)) => {
            cut(2)
        }
        one if one.ends_with("ss") || one.ends_with("us") || one.ends_with("is") => name.to_owned(),
        one if one.ends_with('s') => cut(1),
        _ => name.to_owned(),
    }
}

/// Plurals that follow no rule, and what they are of.
const IRREGULAR: [(&str, &str); 16] = [
    ("people", "person"),
    ("children", "child"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("series", "series"),
    ("species", "species"),
    ("statuses", "status"),
    ("addresses", "address"),
    ("buses", "bus"),
    ("mice", "mouse"),
    ("women", "woman"),
    ("men", "man"),
    ("indices", "index"),
    ("analyses", "analysis"),
    ("news", "news"),
    ("heroes", "hero"),
];

fn shown(status: u16, value: &Json) -> Reply {
    Reply::new(status)
        .with_header("Content-Type", "application/json; charset=utf-8")
        .with_body(value.pretty())
}

fn missing() -> Reply {
    shown(404, &Json::Object(Object::new()))
}

fn problem(status: u16, why: &str) -> Reply {
    shown(status, &crate::json::object([("error", why.into())])).because(why)
}

#[cfg(test)]
mod tests;
