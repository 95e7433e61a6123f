//! A request as the front received it, and the views of it that matchers and templates ask for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::json::{Json, Object, object};

pub mod form;
pub mod multipart;

/// A request with its whole body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Path and query as sent.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub scheme: String,
    /// Without port.
    pub host: String,
    pub port: u16,
    /// What stands before all paths, without a slash at its end; empty at a host of one's own.
    pub root: String,
    pub client_ip: String,
}

impl Request {
    /// A request without headers and body to `localhost:8080`.
    #[must_use]
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_ascii_uppercase(),
            url: url.to_owned(),
            scheme: "http".into(),
            host: "localhost".into(),
            port: 8080,
            client_ip: "127.0.0.1".into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The URL up to its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.split_once('?').map_or(self.url.as_str(), |(path, _)| path)
    }

    /// The query without its question mark, empty where there is none.
    #[must_use]
    pub fn query_text(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }

    /// Name and value of each query parameter, decoded.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        form::pairs(self.query_text())
    }

    /// The values of the query parameter of that name.
    #[must_use]
    pub fn query_values(&self, name: &str) -> Vec<String> {
        self.query().into_iter().filter(|(n, _)| n == name).map(|(_, value)| value).collect()
    }

    /// The values of the header of that name, whose case does not matter.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let same = move |(n, _): &&(String, String)| n.eq_ignore_ascii_case(name);
        self.headers.iter().filter(same).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The media type of the body without its parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> String {
        let header = self.header("content-type").unwrap_or_default();
        header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Name and value of each cookie.
    #[must_use]
    pub fn cookies(&self) -> Vec<(String, String)> {
        let pairs = self.header_values("cookie").flat_map(|header| header.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
            .collect()
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Name and value of each field of a form in the body.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        if self.media_type() == "application/x-www-form-urlencoded" {
            form::pairs(&self.text())
        } else {
            Vec::new()
        }
    }

    /// `scheme://host:port`, without the port that goes without saying.
    #[must_use]
    pub fn base_url(&self) -> String {
        let Self { scheme, host, root, .. } = self;
        match (scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) | (_, 0) => format!("{scheme}://{host}{root}"),
            (_, port) => format!("{scheme}://{host}:{port}{root}"),
        }
    }

    /// How many bytes it holds on to.
    #[must_use]
    pub fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(n, v)| n.len() + v.len() + 64).sum();
        self.url.len() + self.body.len() + headers + 256
    }

    /// As WireMock's admin API shows it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        object([
            ("url", self.url.as_str().into()),
            ("absoluteUrl", format!("{}{}", self.base_url(), self.url).into()),
            ("method", self.method.as_str().into()),
            ("clientIp", self.client_ip.as_str().into()),
            ("headers", grouped(&self.headers)),
            ("cookies", grouped(&self.cookies())),
            ("browserProxyRequest", false.into()),
            ("bodyAsBase64", encode_base64(&self.body).into()),
            ("body", self.text().into_owned().into()),
            ("protocol", "HTTP/1.1".into()),
            ("scheme", self.scheme.as_str().into()),
            ("host", self.host.as_str().into()),
            ("port", self.port.into()),
            ("queryParams", keyed(&self.query())),
            ("formParams", keyed(&self.form())),
        ])
    }
}

/// Base64 with padding.
#[must_use]
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Decodes base64, whether padded or not.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(text).ok()
}

/// Percent-decoded; what is not UTF-8 is replaced.
pub(crate) fn decode_percent(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// One string a name, or an array where a name has several values.
pub(crate) fn grouped(pairs: &[(String, String)]) -> Json {
    let fields = gathered(pairs).into_iter().map(|(name, mut values)| {
        let value = if values.len() == 1 { values.pop().into() } else { values.into() };
        (name, value)
    });
    Json::Object(fields.collect())
}

fn keyed(pairs: &[(String, String)]) -> Json {
    let entry = |(name, values): (String, Vec<String>)| {
        let value = object([("key", name.as_str().into()), ("values", values.into())]);
        (name, value)
    };
    Json::Object(gathered(pairs).into_iter().map(entry).collect::<Object>())
}

/// The values of each name, in the order of their first appearance.
pub(crate) fn gathered(pairs: &[(String, String)]) -> indexmap::IndexMap<String, Vec<String>> {
    let mut names: indexmap::IndexMap<String, Vec<String>> = indexmap::IndexMap::new();
    for (name, value) in pairs {
        names.entry(name.clone()).or_default().push(value.clone());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_is_seen_as_path_query_cookies_and_form() {
        let request = Request::new("POST", "/a/b?x=1&x=%20two&flag")
            .with_header("Cookie", "sid=7; theme=\"dark\"")
            .with_header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .with_body("name=J+R&empty=");
        assert_eq!(request.path(), "/a/b");
        assert_eq!(request.query_values("x"), ["1", " two"]);
        assert_eq!(request.cookies()[1], ("theme".into(), "dark".into()));
        assert_eq!(request.form()[0], ("name".into(), "J R".into()));
    }
}
