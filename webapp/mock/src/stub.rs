//! A stub: which requests it is for and what it answers, in WireMock's format.

use crate::fields::Field;
use crate::json::{Json, Object};
use crate::refusal::Refusal;
use crate::template::Template;

pub mod asks;
pub mod delay;
pub mod response;
pub mod url;

use asks::RequestPattern;
use response::Response;

/// The priority of a stub that has none; lower ones come first.
pub const DEFAULT_PRIORITY: u64 = 5;
/// The most bytes of one stub, written as JSON.
pub const MAX_STUB: usize = 1 << 20;

/// A stub that was understood as a whole.
#[derive(Debug)]
pub struct Stub {
    pub id: String,
    pub name: Option<String>,
    pub priority: u64,
    pub request: RequestPattern,
    pub response: Response,
    pub scenario: Option<Step>,
    /// As it was written, with its identifier: what goes in comes out.
    pub source: Json,
}

/// A stub's part in a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub scenario: String,
    pub required: Option<String>,
    pub next: Option<String>,
}

impl Stub {
    /// Reads a mapping. `id` is taken where it has none of its own; with `template_all`, every response is a template.
    ///
    /// # Errors
    /// Names the field that is unknown, unsupported or wrong, by its path.
    pub fn read(
        json: &Json,
        id: impl FnOnce() -> String,
        template_all: bool,
    ) -> Result<Self, Refusal> {
        let root = Field::root(json);
        let mut fields = root.fields()?;
        let (uuid, own) = (fields.text("uuid")?, fields.text("id")?);
        let id = own.or(uuid).unwrap_or_else(id);
        if !is_uuid(&id) {
            return Err(Refusal::new("/id", format!("`{id}` is not a UUID")));
        }
        let name = fields.text("name")?;
        let priority = fields.number("priority")?.unwrap_or(DEFAULT_PRIORITY);
        fields.flag("persistent")?;
        fields.take("metadata").map(|metadata| metadata.fields()).transpose()?;
        fields.take("insertionIndex");
        for name in ["postServeActions", "serveEventListeners"] {
            fields.unsupported(name, "nothing is called when a stub has answered")?;
        }
        let scenario = step(
            fields.text("scenarioName")?,
            fields.text("requiredScenarioState")?,
            fields.text("newScenarioState")?,
        );
        let request = match fields.take("request") {
            Some(request) => RequestPattern::read(&request)?,
            None => RequestPattern::default(),
        };
        let response = match fields.take("response") {
            Some(response) => Response::read(&response, template_all)?,
            None => Response::read(
                &Field { value: &Json::Object(Object::new()), at: "/response".into() },
                template_all,
            )?,
        };
        fields.finish()?;
        let source = complete(json, &id);
        Ok(Self { id, name, priority, request, response, scenario, source })
    }

    /// How many bytes of template it holds.
    #[must_use]
    pub fn template(&self) -> Option<&Template> {
        self.response.template.as_ref()
    }
}

fn step(scenario: Option<String>, required: Option<String>, next: Option<String>) -> Option<Step> {
    Some(Step { scenario: scenario?, required, next })
}

/// The mapping with what WireMock adds to it: identifier, method and status.
fn complete(json: &Json, id: &str) -> Json {
    let mut fields = Object::new();
    fields.insert("id".into(), id.into());
    for (name, value) in json.as_object().into_iter().flatten() {
        if !value.is_null() {
            fields.insert(name.clone(), value.clone());
        }
    }
    let defaults =
        [("request", "method", Json::from("ANY")), ("response", "status", Json::from(200))];
    for (part, name, value) in defaults {
        let part = fields.entry(part.into()).or_insert_with(|| Json::Object(Object::new()));
        if let Some(part) = part.as_object_mut() {
            part.entry(name.into()).or_insert(value);
        }
    }
    fields.insert("id".into(), id.into());
    fields.insert("uuid".into(), id.into());
    Json::Object(fields)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Stub, Refusal> {
        Stub::read(
            &Json::parse(text.as_bytes()).unwrap(),
            || "00000000-0000-4000-8000-000000000000".into(),
            false,
        )
    }

    #[test]
    fn unknown_and_unsupported_fields_are_refused_by_name_and_path() {
        let typo = read(r#"{"request":{"urlx":"/a"}}"#).unwrap_err();
        assert!(typo.to_string().starts_with("/request/urlx: unknown field `urlx`"), "{typo}");
        let proxy = read(r#"{"response":{"proxyBaseUrl":"http://a"}}"#).unwrap_err();
        assert!(
            proxy
                .to_string()
                .starts_with("/response/proxyBaseUrl: `proxyBaseUrl` is not supported"),
            "{proxy}"
        );
        let xpath = read(r#"{"request":{"bodyPatterns":[{"matchesXPath":"//a"}]}}"#).unwrap_err();
        assert_eq!(xpath.at, "/request/bodyPatterns/0/matchesXPath");
    }

    #[test]
    fn what_goes_in_comes_out_with_an_identifier() {
        let text = r#"{"id":"00000000-0000-4000-8000-000000000001","name":"n","priority":1,
            "request":{"method":"GET","url":"/a","headers":{"X":{"equalTo":"1"}}},
            "response":{"status":201,"jsonBody":{"z":1,"a":2}},"metadata":{"k":[1]},
            "uuid":"00000000-0000-4000-8000-000000000001"}"#;
        let stub = read(text).unwrap();
        let packed: String = text.split_whitespace().collect();
        assert_eq!(stub.source.to_string(), packed);
        assert_eq!(read(&stub.source.to_string()).unwrap().source, stub.source);
    }
}
