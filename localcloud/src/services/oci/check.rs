//! Holds requests against the contract, and cuts answers to it.

use serde_json::{Map, Value};

use super::contract::{CONTRACT, Field, Model, Operation, Shape, camel};
use super::failure::Failure;

/// Numbers that the contract calls `int` and the vendor bounds: suffix of the model, field, least, most.
pub(crate) const RANGES: &[(&str, &str, i64, i64)] = &[
    ("ListenerDetails", "port", 1, 65_535),
    ("BackendDetails", "port", 1, 65_535),
    ("BackendDetails", "weight", 1, 100),
    ("BackendDetails", "maxConnections", 0, 65_535),
    ("BackendSetDetails", "backendMaxConnections", 0, 65_535),
    ("HealthCheckerDetails", "port", 0, 65_535),
    ("HealthCheckerDetails", "returnCode", 0, 599),
    ("HealthCheckerDetails", "retries", 1, 10_000),
    ("HealthCheckerDetails", "timeoutInMillis", 1, 600_000),
    ("HealthCheckerDetails", "intervalInMillis", 1_000, 1_800_000),
    ("ConnectionConfiguration", "idleTimeout", 1, 7_200),
    ("ConnectionConfiguration", "backendTcpProxyProtocolVersion", 1, 2),
    ("SSLConfigurationDetails", "verifyDepth", 0, 100),
    ("ShapeDetails", "minimumBandwidthInMbps", 10, 8_000),
    ("ShapeDetails", "maximumBandwidthInMbps", 10, 8_000),
    ("RedirectUri", "port", 1, 65_535),
    ("PortRange", "min", 1, 65_535),
    ("PortRange", "max", 1, 65_535),
    ("CreateContainerInstanceDetails", "gracefulShutdownTimeoutInSeconds", 0, 300),
];

/// Checks the query: what must be there, words of a fixed set, the page size.
///
/// # Errors
/// A 400 that names the parameter.
pub(crate) fn query(
    operation: &Operation,
    sent: impl Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    for name in operation.query.iter().filter(|name| operation.requires(name)) {
        if sent(name).is_none_or(|value| value.is_empty()) {
            return Err(Failure::missing(format!("Missing required query parameter: {name}")));
        }
    }
    for (name, allowed) in &operation.query_enums {
        let name = camel(name);
        if let Some(value) = sent(&name).filter(|value| !allowed.contains(value)) {
            return Err(Failure::invalid(not_allowed(&name, &value, allowed)));
        }
    }
    match sent("limit") {
        Some(limit) if !limit.parse().is_ok_and(|n: u32| (1..=1000).contains(&n)) => {
            Err(Failure::invalid(format!("limit must be between 1 and 1000, was '{limit}'")))
        }
        _ => Ok(()),
    }
}

/// Checks a body against the operation's model and returns it without its nulls.
///
/// # Errors
/// A 400 that names the field.
pub(crate) fn body(operation: &Operation, bytes: &[u8]) -> Result<Value, Failure> {
    let Some(model) = operation.body.as_deref().filter(|model| *model != "stream") else {
        return Ok(Value::Null);
    };
    let mut value: Value = serde_json::from_slice(bytes).map_err(|e| {
        let message = format!("Incorrectly formatted request: {model}: {e}");
        Failure::new(http::StatusCode::BAD_REQUEST, "CannotParseRequest", message)
    })?;
    Checker { service: &operation.service }.scalar(model, &mut value, "")?;
    Ok(value)
}

struct Checker<'a> {
    service: &'a str,
}

impl Checker<'_> {
    fn value(&self, kind: &str, value: &mut Value, path: &str) -> Result<(), Failure> {
        match (Shape::of(kind), value) {
            (Shape::List(kind), Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(kind, item, &format!("{path}[{index}]"))?;
                }
                Ok(())
            }
            (Shape::Map(kind), Value::Object(entries)) => {
                for (key, entry) in entries {
                    self.value(kind, entry, &join(path, key))?;
                }
                Ok(())
            }
            (Shape::Scalar(kind), value) => self.scalar(kind, value, path),
            (_, value) => Err(wrong_type(path, kind, value)),
        }
    }

    fn scalar(&self, kind: &str, value: &mut Value, path: &str) -> Result<(), Failure> {
        let fits = match kind {
            "str" => value.is_string(),
            "bool" => value.is_boolean(),
            "int" => value.is_i64() || value.is_u64(),
            "float" => value.is_number(),
            "object" => true,
            "datetime" => value.as_str().is_some_and(is_moment),
            model => {
                let model_name = model;
                let Some(model) = CONTRACT.model(self.service, model) else { return Ok(()) };
                return match value {
                    Value::Object(fields) => self.object(model_name, model, fields, path),
                    value => Err(wrong_type(path, model_name, value)),
                };
            }
        };
        if fits { Ok(()) } else { Err(wrong_type(path, kind, value)) }
    }

    fn object(
        &self,
        name: &str,
        model: &Model,
        fields: &mut Map<String, Value>,
        path: &str,
    ) -> Result<(), Failure> {
        fields.retain(|_, value| !value.is_null());
        let (name, model) = self.member(name, model, fields, path)?;
        if let Some(unknown) = fields.keys().find(|field| !model.fields.contains_key(*field)) {
            let field = join(path, unknown);
            return Err(Failure::invalid(format!("Unrecognized field '{field}' ({name})")));
        }
        for (field, expected) in &model.fields {
            let path = join(path, field);
            match fields.get_mut(field) {
                Some(value) => {
                    self.value(&expected.kind, value, &path)?;
                    words(expected, value, &path)?;
                    range(name, field, value, &path)?;
                }
                None if expected.required => {
                    return Err(Failure::missing(format!(
                        "Missing required field '{path}' ({name})"
                    )));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The member of a family that the discriminating field names.
    fn member<'m>(
        &self,
        name: &'m str,
        model: &'m Model,
        fields: &Map<String, Value>,
        path: &str,
    ) -> Result<(&'m str, &'m Model), Failure> {
        let Some(discriminator) = &model.discriminator else { return Ok((name, model)) };
        let field = join(path, &discriminator.field);
        let Some(word) = fields.get(&discriminator.field).and_then(Value::as_str) else {
            return Err(Failure::missing(format!("Missing required field '{field}' ({name})")));
        };
        let member = discriminator.mapping.get(word);
        let found = member.and_then(|m| Some((m.as_str(), CONTRACT.model(self.service, m)?)));
        found.ok_or_else(|| {
            let allowed: Vec<String> = discriminator.mapping.keys().cloned().collect();
            Failure::invalid(not_allowed(&field, word, &allowed))
        })
    }
}

/// A word, or each of a list of words, is of the field's fixed set.
fn words(expected: &Field, value: &Value, path: &str) -> Result<(), Failure> {
    let Some(allowed) = &expected.values else { return Ok(()) };
    let words = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let foreign = |word: &&str| !allowed.iter().any(|a| a == word);
    match words.iter().filter_map(Value::as_str).find(foreign) {
        Some(word) => Err(Failure::invalid(not_allowed(path, word, allowed))),
        None => Ok(()),
    }
}

fn range(model: &str, field: &str, value: &Value, path: &str) -> Result<(), Failure> {
    let range = RANGES.iter().find(|(m, f, ..)| model.ends_with(m) && field == *f);
    match (range, value.as_i64()) {
        (Some((_, _, least, most)), Some(number)) if !(*least..=*most).contains(&number) => {
            let message = format!("{path} must be between {least} and {most}, was {number}");
            Err(Failure::invalid(message))
        }
        _ => Ok(()),
    }
}

/// Cuts an answer to what the contract shows, so that nothing kept for ourselves (a private key, an owner) leaves.
pub(crate) fn cut(service: &str, kind: &str, value: &mut Value) {
    match (Shape::of(kind), value) {
        (Shape::List(kind), Value::Array(items)) => {
            items.iter_mut().for_each(|item| cut(service, kind, item));
        }
        (Shape::Map(kind), Value::Object(entries)) => {
            entries.values_mut().for_each(|entry| cut(service, kind, entry));
        }
        (Shape::Scalar(kind), Value::Object(fields)) => {
            let Some(model) = member_shown(service, kind, fields) else { return };
            fields.retain(|name, value| {
                let field = model.fields.get(name);
                if let Some(field) = field {
                    cut(service, &field.kind, value);
                }
                field.is_some()
            });
        }
        _ => {}
    }
}

fn member_shown(service: &str, kind: &str, fields: &Map<String, Value>) -> Option<&'static Model> {
    let model = CONTRACT.model(service, kind)?;
    let member = model.discriminator.as_ref().and_then(|d| {
        let word = fields.get(&d.field)?.as_str()?;
        CONTRACT.model(service, d.mapping.get(word)?)
    });
    member.or(Some(model))
}

fn is_moment(text: &str) -> bool {
    time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).is_ok()
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn not_allowed(field: &str, value: &str, allowed: &[String]) -> String {
    format!("Invalid {field}: '{value}' is none of {}", allowed.join(", "))
}

fn wrong_type(path: &str, kind: &str, value: &Value) -> Failure {
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let path = if path.is_empty() { "body" } else { path };
    Failure::invalid(format!("Invalid {path}: expected {kind}, found {is}"))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;

    fn refused(path: &str, body: &Value) -> (&'static str, String) {
        let (operation, _) = CONTRACT.route(&Method::POST, path).unwrap();
        let failure = super::body(operation, body.to_string().as_bytes()).unwrap_err();
        (failure.code, failure.message)
    }

    #[test]
    fn each_kind_of_mistake_is_refused_by_the_name_of_its_field() {
        let listeners = "/20170115/loadBalancers/lb/listeners";
        let good =
            json!({"name": "a", "defaultBackendSetName": "b", "port": 80, "protocol": "HTTP"});
        let with = |field: &str, value: Value| {
            let mut body = good.clone();
            body[field] = value;
            body
        };
        let cases = [
            (with("portt", json!(1)), "InvalidParameter", "portt"),
            (with("port", json!("80")), "InvalidParameter", "port"),
            (with("port", json!(70_000)), "InvalidParameter", "port"),
            (with("port", Value::Null), "MissingParameter", "port"),
            (with("hostnameNames", json!([1])), "InvalidParameter", "hostnameNames[0]"),
            (
                with("sslConfiguration", json!({"serverOrderPreference": "MAYBE"})),
                "InvalidParameter",
                "sslConfiguration.serverOrderPreference",
            ),
        ];
        for (body, code, field) in cases {
            let (found, message) = refused(listeners, &body);
            assert_eq!(found, code, "{message}");
            assert!(message.contains(field), "{message}");
        }
    }

    #[test]
    fn a_member_of_a_family_is_checked_as_what_it_says_it_is() {
        let rule_sets = "/20170115/loadBalancers/lb/ruleSets";
        let body =
            json!({"name": "a", "items": [{"action": "ADD_HTTP_REQUEST_HEADER", "header": "x"}]});
        assert_eq!(
            refused(rule_sets, &body),
            (
                "MissingParameter",
                "Missing required field 'items[0].value' (AddHttpRequestHeaderRule)".to_owned()
            )
        );
        let body = json!({"name": "a", "items": [{"action": "DANCE"}]});
        assert!(refused(rule_sets, &body).1.contains("items[0].action"));
    }

    #[test]
    fn an_answer_never_shows_what_the_contract_does_not() {
        let mut kept =
            json!([{"certificateName": "a", "publicCertificate": "b", "privateKey": "secret"}]);
        cut("load_balancer", "list[Certificate]", &mut kept);
        assert_eq!(kept, json!([{"certificateName": "a", "publicCertificate": "b"}]));
    }
}
