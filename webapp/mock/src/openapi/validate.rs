//! What is wrong with a request: parameters and body against their schemas.

use super::problem::Mistake;
use super::reference::Document;
use crate::json::Json;
use crate::request::Request;

/// How deeply a body is compared with its schema.
const MAX_DEPTH: usize = 32;
/// After so many mistakes nobody reads on.
const MAX_MISTAKES: usize = 20;
/// The most pairs of value and schema that are compared.
const MAX_STEPS: usize = 20_000;

struct Check<'a> {
    document: &'a Document,
    mistakes: Vec<Mistake>,
    left: usize,
}

pub(super) fn validate(
    document: &Document,
    (item, operation): (&Json, &Json),
    request: &Request,
    variables: &[(String, String)],
) -> Vec<Mistake> {
    let mut check = Check { document, mistakes: Vec::new(), left: MAX_STEPS };
    let listed = |value: &'_ Json| {
        value.get("parameters").and_then(Json::as_array).unwrap_or_default().to_vec()
    };
    for parameter in listed(item).iter().chain(&listed(operation)) {
        check.parameter(document.resolve(parameter), request, variables);
    }
    if let Some(body) = document.get(operation, "requestBody") {
        let required = body.get("required") == Some(&Json::Bool(true));
        let schema = body
            .get("content")
            .and_then(|all| all.get("application/json"))
            .and_then(|m| m.get("schema"));
        check.body(request, required, schema);
    }
    check.mistakes
}

impl Check<'_> {
    fn report(&mut self, location: &[String], code: &'static str, message: String) {
        if self.mistakes.len() < MAX_MISTAKES {
            self.mistakes.push(Mistake { location: location.to_vec(), code, message });
        }
    }

    fn parameter(&mut self, parameter: &Json, request: &Request, variables: &[(String, String)]) {
        let text = |name: &str| parameter.get(name).and_then(Json::as_str).unwrap_or_default();
        let (name, place) = (text("name"), text("in"));
        let required = parameter.get("required") == Some(&Json::Bool(true));
        let first = |pairs: &[(String, String)]| {
            pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
        };
        let found = match place {
            "query" => first(&request.query()),
            "header" => request.header(name).map(str::to_owned),
            "path" => first(variables),
            "cookie" => first(&request.cookies()),
            "formData" => first(&request.form()),
            "body" => return self.body(request, required, parameter.get("schema")),
            _ => return,
        };
        let location = [place.to_owned(), name.to_owned()];
        match found {
            None if required => {
                let what = format!("Request {place} parameter '{name}' is required");
                self.report(&location, "required", what);
            }
            None => {}
            Some(value) => {
                let schema = self.document.get(parameter, "schema").unwrap_or(parameter);
                if super::generate::kind(schema) != "array"
                    && super::generate::kind(schema) != "object"
                {
                    self.value(
                        &coerced(&value, super::generate::kind(schema)),
                        schema,
                        (&location, 0),
                    );
                }
            }
        }
    }

    fn body(&mut self, request: &Request, required: bool, schema: Option<&Json>) {
        let location = ["body".to_owned()];
        if request.body.is_empty() {
            if required {
                self.report(&location, "required", "Body parameter is required".into());
            }
            return;
        }
        let Some(schema) = schema.filter(|_| request.media_type().contains("json")) else { return };
        match Json::parse(&request.body) {
            Ok(json) => self.value(&json, schema, (&location, 0)),
            Err(why) => self.report(&location, "type", format!("Request body is not JSON: {why}")),
        }
    }

    fn value(&mut self, value: &Json, schema: &Json, (location, depth): (&[String], usize)) {
        let schema = self.document.resolve(schema);
        self.left = self.left.saturating_sub(1);
        if depth > MAX_DEPTH || self.left == 0 {
            return;
        }
        let what = format!("Request {}", location.join("."));
        let nullable = schema.get("nullable") == Some(&Json::Bool(true));
        if value.is_null() && nullable {
            return;
        }
        if !has_type(value, schema.get("type")) {
            let kind = super::generate::kind(schema);
            return self.report(location, "type", format!("{what} must be {kind}"));
        }
        if let Some(allowed) =
            schema.get("enum").and_then(Json::as_array).filter(|all| !all.contains(value))
        {
            let allowed: Vec<String> = allowed.iter().map(Json::plain).collect();
            self.report(
                location,
                "enum",
                format!(
                    "{what} must be equal to one of the allowed values: {}",
                    allowed.join(", ")
                ),
            );
        }
        self.bounds(value, schema, location);
        for part in schema.get("allOf").and_then(Json::as_array).unwrap_or_default() {
            self.value(value, part, (location, depth + 1));
        }
        let below =
            |name: &str| location.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
        for name in schema.get("required").and_then(Json::as_array).unwrap_or_default() {
            if value.as_object().is_some_and(|fields| !fields.contains_key(&name.plain())) {
                self.report(
                    location,
                    "required",
                    format!("{what} must have required property '{}'", name.plain()),
                );
            }
        }
        for (name, schema) in
            schema.get("properties").and_then(Json::as_object).into_iter().flatten()
        {
            if let Some(value) = value.get(name) {
                self.value(value, schema, (&below(name), depth + 1));
            }
        }
        if let (Some(schema), Json::Array(items)) = (schema.get("items"), value) {
            for (i, item) in items.iter().enumerate() {
                self.value(item, schema, (&below(&i.to_string()), depth + 1));
            }
        }
    }

    fn bounds(&mut self, value: &Json, schema: &Json, location: &[String]) {
        let what = format!("Request {}", location.join("."));
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        if let Some(number) = value.as_f64() {
            if bound("minimum").is_some_and(|least| number < least) {
                self.report(
                    location,
                    "minimum",
                    format!("{what} must be >= {}", bound("minimum").unwrap_or(0.0)),
                );
            }
            if bound("maximum").is_some_and(|most| number > most) {
                self.report(
                    location,
                    "maximum",
                    format!("{what} must be <= {}", bound("maximum").unwrap_or(0.0)),
                );
            }
        }
        let Some(text) = value.as_str() else { return };
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        if schema.get("minLength").and_then(Json::as_u64).is_some_and(|least| length < least) {
            self.report(location, "minLength", format!("{what} is too short"));
        }
        if schema.get("maxLength").and_then(Json::as_u64).is_some_and(|most| length > most) {
            self.report(location, "maxLength", format!("{what} is too long"));
        }
        if let Some(pattern) = schema.get("pattern").and_then(Json::as_str)
            && crate::java_regex::compile(pattern).is_ok_and(|regex| !regex.is_match(text))
        {
            self.report(location, "pattern", format!("{what} must match pattern \"{pattern}\""));
        }
    }
}

fn coerced(text: &str, kind: &str) -> Json {
    match kind {
        "integer" | "number" | "boolean" => {
            Json::parse(text.as_bytes()).unwrap_or_else(|_| text.into())
        }
        _ => text.into(),
    }
}

fn has_type(value: &Json, expected: Option<&Json>) -> bool {
    let fits = |kind: &str| match kind {
        "integer" => value.as_f64().is_some_and(|number| number.fract().abs() <= 0.0),
        "number" => value.as_f64().is_some(),
        "string" => value.as_str().is_some(),
        "boolean" => value.as_bool().is_some(),
        "array" => value.as_array().is_some(),
        "object" => value.as_object().is_some(),
        "null" => value.is_null(),
        _ => true,
    };
    match expected {
        Some(Json::String(kind)) => fits(kind),
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).any(fits),
        _ => true,
    }
}
