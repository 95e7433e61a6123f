//! A request that was understood, and the answer to it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Response};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check;
use super::contract::{Operation, Route};
use super::failure::Failure;
use super::listing::Horizon;
use crate::ids;

/// A request that fits the contract.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    parameters: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    /// The body, checked and without nulls; `Null` when the operation has none or takes bytes.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) bytes: Bytes,
    /// What lists do not show yet.
    pub(crate) horizon: Option<Horizon>,
}

impl Call {
    /// Holds a request against the contract.
    ///
    /// # Errors
    /// A 400 that names the parameter or field.
    pub(crate) fn new(route: Route, request: http::Request<Bytes>) -> Result<Self, Failure> {
        let (operation, parameters) = route;
        let (parts, bytes) = request.into_parts();
        let query = parts.uri.query().map(form).unwrap_or_default();
        check::query(operation, |name| query.get(name).cloned())?;
        let body = check::body(operation, &bytes)?;
        Ok(Self {
            operation,
            parameters,
            query,
            headers: parts.headers,
            body,
            bytes,
            horizon: None,
        })
    }

    /// The operation as the contract has it, `create_load_balancer`.
    pub(crate) fn name(&self) -> &'static str {
        &self.operation.name
    }

    /// A parameter of the path; the router saw to it that it is there.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    pub(crate) fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// The first parameter of the path, which is the object that the call is about.
    pub(crate) fn subject(&self) -> &str {
        let template = self.operation.path.split('/');
        let name = template.filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')).next();
        self.parameter(name.unwrap_or_default())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A text of the body.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field)?.as_str()
    }

    pub(crate) fn flag(&self, field: &str) -> Option<bool> {
        self.body.get(field)?.as_bool()
    }

    /// Texts of a list of the body; none when the list is absent.
    pub(crate) fn texts(&self, field: &str) -> Vec<String> {
        let items = self.body.get(field).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The body, or a part of it, as a type of ours.
    ///
    /// # Errors
    /// A 400: the contract is looser than the type.
    pub(crate) fn field<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Failure> {
        self.body.get(name).map_or_else(|| Ok(T::default()), |value| typed(value.clone(), name))
    }

    /// The compartment that the call names, in its query or its body.
    pub(crate) fn compartment(&self) -> Option<&str> {
        self.query("compartmentId").or_else(|| self.text("compartmentId"))
    }

    /// # Errors
    /// 412 when the caller read another version.
    pub(crate) fn if_match(&self, etag: &str) -> Result<(), Failure> {
        match self.header("if-match") {
            Some(wanted) if wanted != "*" && wanted.trim_matches('"') != etag => {
                Err(Failure::no_etag_match())
            }
            _ => Ok(()),
        }
    }
}

/// A JSON value as a type of ours.
///
/// # Errors
/// A 400 that names `what`.
pub(crate) fn typed<T: DeserializeOwned>(value: Value, what: &str) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|e| Failure::invalid(format!("Invalid {what}: {e}")))
}

/// A type of ours as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// `value` with the fields of `changes` put over it, as the vendor's partial updates do.
///
/// # Errors
/// A 400: the contract is looser than the type.
pub(crate) fn merged<T: Serialize + DeserializeOwned>(
    value: &T,
    changes: &Value,
) -> Result<T, Failure> {
    let mut merged = json(value);
    let changes = changes.as_object().cloned().unwrap_or_else(Map::new);
    if let Some(fields) = merged.as_object_mut() {
        fields.extend(changes);
    }
    typed(merged, "body")
}

/// A form-encoded query.
fn form(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decode(k), decode(v)))
        .collect()
}

/// What a call comes to. Kept for calls with a retry token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    json: Option<Value>,
    #[serde(skip)]
    bytes: Option<Bytes>,
    /// What the call made: an OCID, for a child of a load balancer with its collection and name after it.
    pub(crate) made: Option<String>,
}

impl Answer {
    /// 200 with a body; its `etag`, when it has one, becomes the header.
    pub(crate) fn shows<T: Serialize>(value: &T) -> Self {
        Self::of(json(value))
    }

    /// 200 with what is JSON already.
    pub(crate) fn of(json: Value) -> Self {
        let etag = json.get("etag").and_then(Value::as_str).map(str::to_owned);
        let answer =
            Self { status: 200, headers: Vec::new(), json: Some(json), bytes: None, made: None };
        match etag {
            Some(etag) => answer.with("etag", etag),
            None => answer,
        }
    }

    /// As [`Self::shows`], of something that the call made.
    pub(crate) fn made<T: Serialize>(value: &T) -> Self {
        let mut answer = Self::shows(value);
        answer.made = answer.json.as_ref().and_then(|j| j.get("id")?.as_str().map(str::to_owned));
        answer
    }

    /// 204.
    pub(crate) fn empty() -> Self {
        Self { status: 204, headers: Vec::new(), json: None, bytes: None, made: None }
    }

    /// 200 with bytes.
    pub(crate) fn raw(content_type: &str, bytes: Bytes) -> Self {
        let answer =
            Self { status: 200, headers: Vec::new(), json: None, bytes: Some(bytes), made: None };
        answer.with("content-type", content_type)
    }

    /// 204, with the work request to follow.
    pub(crate) fn accepted(work_request: &str) -> Self {
        Self::empty().with("opc-work-request-id", work_request)
    }

    pub(crate) fn with(mut self, header: &str, value: impl Into<String>) -> Self {
        self.headers.push((header.to_owned(), value.into()));
        self
    }

    /// The HTTP response, cut to what the contract shows.
    pub(crate) fn into_response(self, operation: &Operation) -> Response<Bytes> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        let body = match self.json {
            Some(mut json) => {
                if let Some(kind) = &operation.response {
                    check::cut(&operation.service, kind, &mut json);
                }
                response = response.header("content-type", "application/json");
                Bytes::from(json.to_string())
            }
            None => self.bytes.unwrap_or_default(),
        };
        response.body(body).unwrap_or_default()
    }
}

/// The vendor's error body.
pub(crate) fn refusal(failure: &Failure) -> Response<Bytes> {
    let body = serde_json::json!({"code": failure.code, "message": failure.message});
    let response =
        Response::builder().status(failure.status).header("content-type", "application/json");
    response.body(Bytes::from(body.to_string())).unwrap_or_default()
}

/// `<client's id>/<32 hex>/<32 hex>`, upper case as the vendor has it.
pub(crate) fn request_id(client: Option<&str>) -> String {
    let own = || ids::hex::<16>().to_ascii_uppercase();
    format!("{}/{}/{}", client.map_or_else(own, str::to_owned), own(), own())
}
