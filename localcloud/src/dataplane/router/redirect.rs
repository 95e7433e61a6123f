//! Where a REDIRECT rule sends a browser (`RedirectRule`, `RedirectUri`).

use http::StatusCode;
use serde::Deserialize;

/// The vendor's URI parts. An absent part keeps the original, an empty path or query removes it. An absent port keeps the
/// port of the request, also when the protocol changes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedirectUri {
    protocol: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    path: Option<String>,
    query: Option<String>,
}

/// A compiled rule without its conditions.
#[derive(Debug, Clone)]
pub(crate) struct Redirect {
    pub(crate) status: StatusCode,
    uri: RedirectUri,
}

/// What the tokens of a [`RedirectUri`] stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Original<'a> {
    pub(crate) secure: bool,
    /// Without port.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) path: &'a str,
    /// Without question mark; may be empty.
    pub(crate) query: &'a str,
}

impl Redirect {
    /// # Errors
    /// When the status is none.
    pub(crate) fn new(status_code: Option<u16>, uri: Option<RedirectUri>) -> Result<Self, String> {
        Ok(Self { status: status(status_code.unwrap_or(302))?, uri: uri.unwrap_or_default() })
    }

    /// The value of `Location`. A port that is the protocol's own is not written.
    pub(crate) fn location(&self, original: Original<'_>) -> String {
        let part = |template: &Option<String>, default: &str| {
            original.fill(template.as_deref().unwrap_or(default))
        };
        let protocol = part(&self.uri.protocol, "{protocol}").to_ascii_lowercase();
        let host = part(&self.uri.host, "{host}");
        let port = match (self.uri.port.unwrap_or(original.port), protocol.as_str()) {
            (80, "http") | (443, "https") => String::new(),
            (port, _) => format!(":{port}"),
        };
        let mut path = part(&self.uri.path, "{path}");
        if !path.starts_with('/') {
            path.insert(0, '/');
        }
        let query = part(&self.uri.query, "{query}");
        let query = match query.trim_start_matches(['?', '&']) {
            "" => String::new(),
            query => format!("?{query}"),
        };
        format!("{protocol}://{host}{port}{path}{query}")
    }
}

impl Original<'_> {
    /// Replaces each token once, from left to right: text that comes from the request is not looked at again.
    fn fill(&self, template: &str) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            filled.push_str(&rest[..start]);
            rest = &rest[start..];
            let Some((token, after)) = rest.split_once('}') else { break };
            match &token[1..] {
                "protocol" => filled.push_str(if self.secure { "https" } else { "http" }),
                "host" => filled.push_str(self.host),
                "port" => filled.push_str(&self.port.to_string()),
                "path" => filled.push_str(self.path),
                "query" => filled.push_str(self.query),
                _ => filled.extend([token, "}"]),
            }
            rest = after;
        }
        filled + rest
    }
}

pub(crate) fn status(code: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(code).map_err(|_| format!("{code} is no HTTP status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(uri: serde_json::Value) -> String {
        let uri = serde_json::from_value(uri).unwrap();
        let original =
            Original { secure: false, host: "a.example", port: 80, path: "/x/y", query: "q=1" };
        Redirect::new(Some(301), Some(uri)).unwrap().location(original)
    }

    #[test]
    fn parts_are_kept_replaced_or_removed() {
        use serde_json::json;
        for (uri, expected) in [
            (json!({}), "http://a.example/x/y?q=1"),
            (json!({"protocol": "HTTPS", "port": 443}), "https://a.example/x/y?q=1"),
            (json!({"protocol": "HTTPS"}), "https://a.example:80/x/y?q=1"),
            (json!({"protocol": "{protocol}", "port": 8080}), "http://a.example:8080/x/y?q=1"),
            (
                json!({"host": "www.{host}", "path": "/new{path}"}),
                "http://www.a.example/new/x/y?q=1",
            ),
            (json!({"path": "", "query": ""}), "http://a.example/"),
            (json!({"query": "?lang=en"}), "http://a.example/x/y?lang=en"),
            (json!({"query": "{query}&lang=en"}), "http://a.example/x/y?q=1&lang=en"),
            (
                json!({"path": "/{port}/{host}/{other}"}),
                "http://a.example/80/a.example/{other}?q=1",
            ),
        ] {
            assert_eq!(location(uri.clone()), expected, "{uri}");
        }
    }

    #[test]
    fn text_of_the_request_is_not_taken_for_a_token() {
        let original =
            Original { secure: true, host: "{path}", port: 443, path: "/{query}", query: "" };
        let redirect = Redirect::new(None, None).unwrap();
        assert_eq!(redirect.location(original), "https://{path}/{query}");
    }
}
