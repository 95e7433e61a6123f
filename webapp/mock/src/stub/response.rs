//! What a stub answers.

use super::delay::{Distribution, Dribble, within};
use crate::fields::{Field, Fields};
use crate::json::Json;
use crate::refusal::Refusal;
use crate::request::decode_base64;
use crate::template::Template;

/// The transformer that makes a response a template.
pub const TEMPLATING: &str = "response-template";

/// A response, as far as it does not depend on the request.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub message: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub delay: Option<Distribution>,
    pub dribble: Option<Dribble>,
    pub fault: Option<Fault>,
    /// The body as a template, where it is one.
    pub template: Option<Template>,
    /// The values of those headers that are templates, by their place.
    pub header_templates: Vec<(usize, Template)>,
    pub parameters: Json,
}

/// How a connection breaks instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    EmptyResponse,
    MalformedResponseChunk,
    RandomDataThenClose,
    ConnectionResetByPeer,
}

impl Fault {
    const ALL: [(&'static str, Self); 4] = [
        ("EMPTY_RESPONSE", Self::EmptyResponse),
        ("MALFORMED_RESPONSE_CHUNK", Self::MalformedResponseChunk),
        ("RANDOM_DATA_THEN_CLOSE", Self::RandomDataThenClose),
        ("CONNECTION_RESET_BY_PEER", Self::ConnectionResetByPeer),
    ];

    /// As WireMock writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, fault)| *fault == self).map_or("", |(name, _)| name)
    }

    fn read(field: &Field<'_>) -> Result<Self, Refusal> {
        let text = field.text()?;
        let found = Self::ALL.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, fault)| fault).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            field.refuse(format!("`{text}` is no fault; there are {names}"))
        })
    }
}

const PROXY: [&str; 6] = [
    "proxyBaseUrl",
    "additionalProxyRequestHeaders",
    "removeProxyRequestHeaders",
    "proxyUrlPrefixToRemove",
    "browserProxyUrl",
    "originalRequest",
];

impl Response {
    pub(super) fn read(field: &Field<'_>, template_all: bool) -> Result<Self, Refusal> {
        let mut fields = field.fields()?;
        for name in PROXY {
            fields.unsupported(name, "nothing is fetched from elsewhere")?;
        }
        fields.unsupported("bodyFileName", "there are no files; give the body itself")?;
        fields.take("fromConfiguredStub");
        let status = fields.number("status")?.unwrap_or(200);
        let status = u16::try_from(status).ok().filter(|status| (200..=999).contains(status));
        let status = status.ok_or_else(|| fields.refuse("a status is from 200 to 999"))?;
        let (body, is_text) = body(&mut fields)?;
        let headers = headers(&mut fields)?;
        let templated = transformers(&mut fields)? || template_all;
        let parameters =
            fields.take("transformerParameters").map_or(Json::Null, |field| field.value.clone());
        let mut response = Self {
            status,
            message: fields.text("statusMessage")?,
            delay: delay(&mut fields)?,
            dribble: fields
                .take("chunkedDribbleDelay")
                .map(|field| Dribble::read(&field))
                .transpose()?,
            fault: fields.take("fault").map(|field| Fault::read(&field)).transpose()?,
            headers,
            body,
            template: None,
            header_templates: Vec::new(),
            parameters,
        };
        if templated {
            response.compile(field, is_text)?;
        }
        fields.finish()?;
        Ok(response)
    }

    fn compile(&mut self, field: &Field<'_>, is_text: bool) -> Result<(), Refusal> {
        let refuse = |why: String| field.refuse(why);
        let text =
            std::str::from_utf8(&self.body).ok().filter(|text| is_text && text.contains("{{"));
        self.template = text.map(Template::compile).transpose().map_err(refuse)?;
        for (place, (_, value)) in self.headers.iter().enumerate() {
            if value.contains("{{") {
                self.header_templates.push((place, Template::compile(value).map_err(refuse)?));
            }
        }
        Ok(())
    }
}

fn body(fields: &mut Fields<'_>) -> Result<(Vec<u8>, bool), Refusal> {
    let given: Vec<&str> =
        ["body", "jsonBody", "base64Body"].into_iter().filter(|name| fields.has(name)).collect();
    if given.len() > 1 {
        return Err(fields.refuse(format!("only one of {} can be given", given.join(", "))));
    }
    let text = fields.text("body")?.map(String::into_bytes);
    let json = fields.take("jsonBody").map(|field| field.value.to_string().into_bytes());
    let Some(binary) = fields.take("base64Body") else {
        return Ok((text.or(json).unwrap_or_default(), true));
    };
    let bytes = decode_base64(binary.text()?).ok_or_else(|| binary.refuse("not base64"))?;
    Ok((bytes, false))
}

fn headers(fields: &mut Fields<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let Some(field) = fields.take("headers") else { return Ok(Vec::new()) };
    let mut headers = Vec::new();
    for (name, field) in field.entries()? {
        let values = if field.value.as_array().is_some() { field.items()? } else { vec![field] };
        for value in values {
            let text = value.scalar()?;
            if !is_token(name) || text.contains(['\r', '\n', '\0']) {
                return Err(
                    value.refuse("not a header: its name is a token and its value one line")
                );
            }
            headers.push((name.to_owned(), text));
        }
    }
    Ok(headers)
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn transformers(fields: &mut Fields<'_>) -> Result<bool, Refusal> {
    let Some(field) = fields.take("transformers") else { return Ok(false) };
    let items = field.items()?;
    for item in &items {
        if item.text()? != TEMPLATING {
            return Err(item.refuse(format!("the only transformer is {TEMPLATING}")));
        }
    }
    Ok(!items.is_empty())
}

fn delay(fields: &mut Fields<'_>) -> Result<Option<Distribution>, Refusal> {
    let fixed = fields.take("fixedDelayMilliseconds").map(|field| within(&field)).transpose()?;
    let drawn =
        fields.take("delayDistribution").map(|field| Distribution::read(&field)).transpose()?;
    Ok(fixed.map(Distribution::Fixed).or(drawn))
}
