//! Values made from a schema: its examples, else something of its type; bounded in depth and number.

use super::reference::Document;
use crate::json::{Json, Object};
use crate::random::{Random, Seeded};

/// How deeply made values are nested; circles of references end here.
const MAX_DEPTH: usize = 8;
/// The most values that one answer is made of.
const MAX_VALUES: usize = 2_000;

struct Maker<'a> {
    document: &'a Document,
    random: &'a mut Seeded,
    left: usize,
}

/// A value that the schema describes.
pub(super) fn generate(document: &Document, schema: &Json, random: &mut Seeded) -> Json {
    Maker { document, random, left: MAX_VALUES }.value(schema, 0)
}

impl Maker<'_> {
    fn value(&mut self, schema: &Json, depth: usize) -> Json {
        let schema = self.document.resolve(schema);
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || depth > MAX_DEPTH {
            return Json::Null;
        }
        let first =
            |name: &str| schema.get(name).and_then(Json::as_array).and_then(<[Json]>::first);
        let given = ["example", "const", "default"]
            .iter()
            .find_map(|name| schema.get(name))
            .or(first("examples"));
        if let Some(value) = given.or(first("enum")) {
            return value.clone();
        }
        if let Some(all) = schema.get("allOf").and_then(Json::as_array) {
            let mut fields = self.object(schema, depth);
            for part in all {
                if let Json::Object(more) = self.value(part, depth + 1) {
                    fields.extend(more);
                }
            }
            return Json::Object(fields);
        }
        if let Some(one) = first("oneOf").or(first("anyOf")) {
            return self.value(one, depth + 1);
        }
        match kind(schema) {
            "object" => Json::Object(self.object(schema, depth)),
            "array" => self.array(schema, depth),
            "integer" => self.integer(schema),
            "number" => schema.get("minimum").and_then(Json::as_f64).unwrap_or(1.5).into(),
            "boolean" => (self.random.below(2) == 0).into(),
            "null" => Json::Null,
            _ => self.text(schema),
        }
    }

    fn object(&mut self, schema: &Json, depth: usize) -> Object {
        let properties = schema.get("properties").and_then(Json::as_object).into_iter().flatten();
        let readable =
            properties.filter(|(_, value)| value.get("writeOnly") != Some(&Json::Bool(true)));
        readable.map(|(name, value)| (name.clone(), self.value(value, depth + 1))).collect()
    }

    fn array(&mut self, schema: &Json, depth: usize) -> Json {
        let Some(items) = schema.get("items") else { return Json::Array(Vec::new()) };
        let count = schema.get("minItems").and_then(Json::as_u64).unwrap_or(1).clamp(1, 20);
        Json::Array((0..count).map(|_| self.value(items, depth + 1)).collect())
    }

    fn integer(&mut self, schema: &Json) -> Json {
        let bound = |name: &str| schema.get(name).and_then(Json::as_u64);
        let least = bound("minimum").unwrap_or(0);
        let most = bound("maximum").unwrap_or(least.saturating_add(100)).max(least);
        (least + self.random.below(most - least + 1)).into()
    }

    fn text(&mut self, schema: &Json) -> Json {
        let format = schema.get("format").and_then(Json::as_str).unwrap_or_default();
        match format {
            "date-time" => return "2024-01-01T12:00:00Z".into(),
            "date" => return "2024-01-01".into(),
            "uuid" => return self.random.uuid().into(),
            "email" => return "user@example.com".into(),
            "uri" | "url" => return "https://example.com/".into(),
            "ipv4" => return "192.0.2.1".into(),
            _ => {}
        }
        let length = |name: &str| {
            schema.get(name).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let (least, most) =
            (length("minLength").unwrap_or(0).min(1_000), length("maxLength").unwrap_or(1_000));
        let mut text = "string".to_owned();
        text.extend(std::iter::repeat_n('x', least.saturating_sub(text.len())));
        text.chars().take(most).collect::<String>().into()
    }
}

/// The type of a schema, guessed where it is not said; of several, the first.
pub(super) fn kind(schema: &Json) -> &str {
    match schema.get("type") {
        Some(Json::String(kind)) => kind,
        Some(Json::Array(kinds)) => {
            kinds.iter().filter_map(Json::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}
