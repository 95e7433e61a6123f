//! Reads the fields of a JSON object one by one, and refuses by name and path whatever nobody asked for.

use crate::json::{Json, Object};
use crate::refusal::Refusal;

/// An object being read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    object: &'a Object,
    at: String,
    taken: Vec<&'a str>,
}

/// One value with the place where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    pub(crate) value: &'a Json,
    pub(crate) at: String,
}

impl<'a> Fields<'a> {
    /// The field of that name; null counts as absent, as it does for WireMock.
    pub(crate) fn take(&mut self, name: &str) -> Option<Field<'a>> {
        let (name, value) = self.object.get_key_value(name)?;
        self.taken.push(name);
        (!value.is_null()).then(|| Field { value, at: format!("{}/{name}", self.at) })
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.take(name).map(|field| field.text().map(str::to_owned)).transpose()
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        self.take(name).map_or(Ok(false), |field| field.flag())
    }

    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>, Refusal> {
        self.take(name).map(|field| field.number()).transpose()
    }

    /// Refuses a field that is known but not offered here.
    pub(crate) fn unsupported(&mut self, name: &str, why: &str) -> Result<(), Refusal> {
        match self.take(name) {
            Some(field) if !is_empty(field.value) => {
                Err(field.refuse(format!("`{name}` is not supported: {why}")))
            }
            _ => Ok(()),
        }
    }

    /// The fields that were not taken yet.
    pub(crate) fn rest(&mut self) -> Vec<(&'a str, Field<'a>)> {
        let names: Vec<&'a str> =
            self.object.keys().map(String::as_str).filter(|n| !self.taken.contains(n)).collect();
        names.into_iter().filter_map(|name| Some((name, self.take(name)?))).collect()
    }

    /// Ends the reading: a field that nobody took is refused.
    pub(crate) fn finish(mut self) -> Result<(), Refusal> {
        match self.rest().first() {
            None => Ok(()),
            Some((name, field)) => Err(field.refuse(format!(
                "unknown field `{name}`; known here: {}",
                if self.taken.is_empty() { "none".to_owned() } else { self.known(name) }
            ))),
        }
    }

    fn known(&self, unknown: &str) -> String {
        let names: Vec<&str> = self.taken.iter().copied().filter(|n| *n != unknown).collect();
        if names.is_empty() { "other names".to_owned() } else { names.join(", ") }
    }

    pub(crate) fn refuse(&self, why: impl Into<String>) -> Refusal {
        Refusal::new(self.at.clone(), why)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

impl<'a> Field<'a> {
    pub(crate) fn root(value: &'a Json) -> Self {
        Self { value, at: String::new() }
    }

    pub(crate) fn fields(&self) -> Result<Fields<'a>, Refusal> {
        let object = self.value.as_object().ok_or_else(|| self.expected("an object"))?;
        Ok(Fields { object, at: self.at.clone(), taken: Vec::new() })
    }

    /// Name and value of each field, for objects whose names are free.
    pub(crate) fn entries(&self) -> Result<Vec<(&'a str, Self)>, Refusal> {
        Ok(self.fields()?.rest())
    }

    pub(crate) fn items(&self) -> Result<Vec<Self>, Refusal> {
        let items = self.value.as_array().ok_or_else(|| self.expected("an array"))?;
        let place = |(i, value)| Self { value, at: format!("{}/{i}", self.at) };
        Ok(items.iter().enumerate().map(place).collect())
    }

    pub(crate) fn text(&self) -> Result<&'a str, Refusal> {
        self.value.as_str().ok_or_else(|| self.expected("a string"))
    }

    /// A string, or a number or boolean written as one.
    pub(crate) fn scalar(&self) -> Result<String, Refusal> {
        match self.value {
            Json::Array(_) | Json::Object(_) => Err(self.expected("a string")),
            value => Ok(value.plain()),
        }
    }

    pub(crate) fn flag(&self) -> Result<bool, Refusal> {
        match self.value {
            Json::Bool(value) => Ok(*value),
            Json::String(text) if text == "true" || text == "false" => Ok(text == "true"),
            _ => Err(self.expected("true or false")),
        }
    }

    pub(crate) fn number(&self) -> Result<u64, Refusal> {
        self.value.as_u64().ok_or_else(|| self.expected("a whole number from 0"))
    }

    pub(crate) fn decimal(&self) -> Result<f64, Refusal> {
        self.value.as_f64().ok_or_else(|| self.expected("a number"))
    }

    pub(crate) fn expected(&self, what: &str) -> Refusal {
        self.refuse(format!("expected {what}, found {}", self.value.kind()))
    }

    pub(crate) fn refuse(&self, why: impl Into<String>) -> Refusal {
        Refusal::new(self.at.clone(), why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_nobody_asked_for_is_refused_with_its_path() {
        let json = Json::parse(br#"{"a":{"b":1,"typo":2}}"#).unwrap();
        let mut outer = Field::root(&json).fields().unwrap();
        let mut inner = outer.take("a").unwrap().fields().unwrap();
        inner.number("b").unwrap();
        let refusal = inner.finish().unwrap_err();
        assert_eq!(refusal.to_string(), "/a/typo: unknown field `typo`; known here: b");
    }
}
