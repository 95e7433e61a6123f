//! Equality of JSON with json-unit's licences: other orders, more elements, and placeholders such as
//! `${json-unit.any-number}`.

use regex::Regex;

use super::distance;
use crate::java_regex;
use crate::json::{Json, Object};

/// The most pairs of array elements that are compared when order does not matter.
const MAX_PAIRS: usize = 250_000;

/// An expected document.
#[derive(Debug, Clone)]
pub struct EqualJson {
    expected: Json,
    text: String,
    ignore_order: bool,
    ignore_extra: bool,
}

impl EqualJson {
    /// # Errors
    /// When a placeholder in the document is none of json-unit's, or its expression is refused.
    pub fn new(expected: Json, ignore_order: bool, ignore_extra: bool) -> Result<Self, String> {
        check_placeholders(&expected)?;
        Ok(Self { text: expected.to_string(), expected, ignore_order, ignore_extra })
    }

    #[must_use]
    pub fn accepts(&self, found: &Json) -> bool {
        self.same(&self.expected, found, &mut MAX_PAIRS.clone())
    }

    /// How unlike a text is to the expected document.
    #[must_use]
    pub fn distance(&self, found: &str) -> f64 {
        let found = Json::parse(found.as_bytes())
            .map_or_else(|_| found.to_owned(), |json| json.to_string());
        distance::between(&self.text, &found)
    }

    fn same(&self, expected: &Json, found: &Json, budget: &mut usize) -> bool {
        match (expected, found) {
            (Json::String(text), _)
                if text.starts_with("${json-unit.") || text.starts_with("#{json-unit.") =>
            {
                placeholder(text).is_ok_and(|placeholder| placeholder.accepts(found))
            }
            (Json::Object(expected), Json::Object(found)) => {
                self.same_fields(expected, found, budget)
            }
            (Json::Array(expected), Json::Array(found)) => self.same_items(expected, found, budget),
            (Json::Number(expected), Json::Number(found)) => {
                expected == found || expected.as_f64() == found.as_f64()
            }
            _ => expected == found,
        }
    }

    fn same_fields(&self, expected: &Object, found: &Object, budget: &mut usize) -> bool {
        let known = found.keys().all(|name| self.ignore_extra || expected.contains_key(name));
        known
            && expected.iter().all(|(name, value)| match found.get(name) {
                Some(found) => self.same(value, found, budget),
                None => matches!(value.as_str(), Some("${json-unit.ignore-element}")),
            })
    }

    fn same_items(&self, expected: &[Json], found: &[Json], budget: &mut usize) -> bool {
        if expected.len() > found.len() || (!self.ignore_extra && expected.len() < found.len()) {
            return false;
        }
        if !self.ignore_order {
            return expected
                .iter()
                .zip(found)
                .all(|(expected, found)| self.same(expected, found, budget));
        }
        let mut free: Vec<&Json> = found.iter().collect();
        expected.iter().all(|expected| {
            let place = free.iter().position(|found| {
                let left = budget.checked_sub(1);
                *budget = left.unwrap_or(0);
                left.is_some() && self.same(expected, found, budget)
            });
            place.map(|place| free.swap_remove(place)).is_some()
        })
    }
}

enum Placeholder {
    Anything,
    Kind(&'static str),
    Matching(Regex),
}

impl Placeholder {
    fn accepts(&self, found: &Json) -> bool {
        match self {
            Self::Anything => true,
            Self::Kind(kind) => found.kind() == *kind,
            Self::Matching(regex) => found.as_str().is_some_and(|text| regex.is_match(text)),
        }
    }
}

fn placeholder(text: &str) -> Result<Placeholder, String> {
    let name = text[2..].strip_prefix("json-unit.").unwrap_or_default();
    if let Some(pattern) = name.strip_prefix("regex}") {
        return java_regex::compile_whole(pattern).map(Placeholder::Matching);
    }
    let name = name.strip_suffix('}').unwrap_or_default();
    Ok(match name {
        "ignore" | "ignore-element" => Placeholder::Anything,
        "any-string" => Placeholder::Kind("a string"),
        "any-number" => Placeholder::Kind("a number"),
        "any-boolean" => Placeholder::Kind("a boolean"),
        _ => {
            return Err(format!(
                "the placeholder `{text}` is not known; known are json-unit.ignore, ignore-element, any-string, \
                 any-number, any-boolean and regex"
            ));
        }
    })
}

fn check_placeholders(expected: &Json) -> Result<(), String> {
    match expected {
        Json::String(text) if text.starts_with("${json-unit.") => placeholder(text).map(|_| ()),
        Json::Array(items) => items.iter().try_for_each(check_placeholders),
        Json::Object(fields) => fields.values().try_for_each(check_placeholders),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(expected: &str, found: &str, order: bool, extra: bool) -> bool {
        let read = |text: &str| Json::parse(text.as_bytes()).unwrap();
        EqualJson::new(read(expected), order, extra).unwrap().accepts(&read(found))
    }

    #[test]
    fn order_of_fields_never_matters_and_order_of_items_only_when_asked() {
        assert!(equal(r#"{"a":1,"b":[1,2]}"#, r#"{"b":[1,2],"a":1.0}"#, false, false));
        assert!(!equal("[1,2]", "[2,1]", false, false));
        assert!(equal("[1,2]", "[2,1]", true, false));
    }

    #[test]
    fn extra_elements_are_forgiven_only_when_asked() {
        assert!(!equal(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false, false));
        assert!(equal(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false, true));
    }

    #[test]
    fn placeholders_stand_for_any_value_of_a_kind() {
        assert!(equal(r#"{"id":"${json-unit.any-number}"}"#, r#"{"id":7}"#, false, false));
        assert!(!equal(r#"{"id":"${json-unit.any-number}"}"#, r#"{"id":"7"}"#, false, false));
        assert!(equal(r#"["${json-unit.regex}[A-Z]+"]"#, r#"["ABC"]"#, false, false));
        assert!(EqualJson::new(Json::from("${json-unit.any-thing}"), false, false).is_err());
    }
}
