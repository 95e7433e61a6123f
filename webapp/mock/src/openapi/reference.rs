//! `$ref` inside the document, within bounds.

use crate::json::Json;
use crate::refusal::Refusal;

/// How many references may lead to one another.
const MAX_HOPS: usize = 32;

/// A document in which references are followed.
#[derive(Debug, Clone)]
pub(super) struct Document(Json);

impl Document {
    pub(super) fn new(root: Json) -> Self {
        Self(root)
    }

    pub(super) fn root(&self) -> &Json {
        &self.0
    }

    /// Refuses references that leave the document or lead nowhere.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.check_below(&self.0, "")
    }

    fn check_below(&self, value: &Json, at: &str) -> Result<(), Refusal> {
        if let Some(reference) = value.get("$ref").and_then(Json::as_str) {
            let inside = reference.strip_prefix('#').map(crate::request::decode_percent);
            let Some(pointer) = inside else {
                return Err(Refusal::new(
                    at,
                    format!("`{reference}` leaves the document; nothing is fetched"),
                ));
            };
            if self.0.pointer(&pointer).is_none() {
                return Err(Refusal::new(at, format!("`{reference}` leads nowhere")));
            }
        }
        match value {
            Json::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(i, item)| self.check_below(item, &format!("{at}/{i}"))),
            Json::Object(fields) => {
                let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
                fields.iter().try_for_each(|(name, item)| {
                    self.check_below(item, &format!("{at}/{}", escaped(name)))
                })
            }
            _ => Ok(()),
        }
    }

    /// What a value stands for; where references go in a circle, the last that was seen.
    pub(super) fn resolve<'a>(&'a self, value: &'a Json) -> &'a Json {
        let mut value = value;
        for _ in 0..MAX_HOPS {
            let reference =
                value.get("$ref").and_then(Json::as_str).and_then(|text| text.strip_prefix('#'));
            let Some(found) =
                reference.and_then(|text| self.0.pointer(&crate::request::decode_percent(text)))
            else {
                break;
            };
            value = found;
        }
        value
    }

    pub(super) fn get<'a>(&'a self, value: &'a Json, name: &str) -> Option<&'a Json> {
        self.resolve(value).get(name).map(|value| self.resolve(value))
    }
}
