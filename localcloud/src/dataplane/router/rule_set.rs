//! Rule sets of a listener, compiled: who may ask, with which methods, what is redirected, which headers change.

use std::net::IpAddr;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde::Deserialize;

use crate::dataplane::crowd::Crowds;
use crate::dataplane::router::paths::Paths;
use crate::dataplane::router::redirect::{Redirect, RedirectUri, status};
use crate::model::load_balancer::PathMatch;
use crate::network::cidr::Cidr;

/// A rule as the vendor writes it (`RuleSet.items`).
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum Rule {
    AddHttpRequestHeader {
        header: String,
        value: String,
    },
    ExtendHttpRequestHeaderValue {
        header: String,
        prefix: Option<String>,
        suffix: Option<String>,
    },
    RemoveHttpRequestHeader {
        header: String,
    },
    AddHttpResponseHeader {
        header: String,
        value: String,
    },
    ExtendHttpResponseHeaderValue {
        header: String,
        prefix: Option<String>,
        suffix: Option<String>,
    },
    RemoveHttpResponseHeader {
        header: String,
    },
    Allow {
        conditions: Vec<Match>,
    },
    ControlAccessUsingHttpMethods {
        allowed_methods: Vec<String>,
        status_code: Option<u16>,
    },
    Redirect {
        conditions: Vec<Match>,
        response_code: Option<u16>,
        redirect_uri: Option<RedirectUri>,
    },
    HttpHeader {
        are_invalid_characters_allowed: Option<bool>,
        #[serde(rename = "httpLargeHeaderSizeInKB")]
        large_header_size_in_kb: Option<usize>,
    },
    IpBasedMaxConnections {
        default_max_connections: Option<usize>,
        #[serde(default)]
        ip_max_connections: Vec<IpMaxConnections>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IpMaxConnections {
    ip_addresses: Vec<String>,
    max_connections: usize,
}

#[derive(Debug, Deserialize)]
#[serde(
    tag = "attributeName",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
enum Match {
    SourceIpAddress { attribute_value: String },
    SourceVcnId { attribute_value: String },
    SourceVcnIpAddress { attribute_value: String },
    Path { attribute_value: String, operator: PathMatch },
}

/// The rules of one listener.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Empty: everybody may ask.
    allowed: Vec<Vec<Source>>,
    pub(crate) methods: Option<Methods>,
    pub(crate) redirects: Paths<Redirect>,
    pub(crate) request_headers: Vec<HeaderChange>,
    pub(crate) response_headers: Vec<HeaderChange>,
    /// Bytes of the longest header line.
    pub(crate) longest_header: usize,
    /// Whether headers with unusual names reach the backend.
    pub(crate) keeps_odd_headers: bool,
    /// Connections that one address may have at a time.
    pub(crate) crowds: Option<Crowds>,
}

/// The methods that a listener takes, and the answer to others.
#[derive(Debug)]
pub(crate) struct Methods {
    pub(crate) allowed: Vec<Method>,
    pub(crate) otherwise: StatusCode,
}

#[derive(Debug)]
enum Source {
    Address(Cidr),
    Vcn(String),
}

/// One change to the headers of a request or response.
#[derive(Debug)]
pub(crate) struct HeaderChange {
    name: HeaderName,
    edit: Edit,
}

#[derive(Debug)]
enum Edit {
    Add(HeaderValue),
    Extend { prefix: String, suffix: String },
    Remove,
}

/// The vendor's default of `httpLargeHeaderSizeInKB`.
const LONGEST_HEADER_KB: usize = 8;

impl Rules {
    /// Compiles the items of a listener's rule sets, in order.
    ///
    /// # Errors
    /// What is wrong with an item.
    pub(crate) fn compile<'a>(
        items: impl Iterator<Item = &'a serde_json::Value>,
    ) -> Result<Self, String> {
        let mut redirects = Vec::new();
        let mut rules = Self {
            allowed: Vec::new(),
            methods: None,
            redirects: Paths::from_iter([]),
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            longest_header: LONGEST_HEADER_KB * 1024,
            keeps_odd_headers: false,
            crowds: None,
        };
        for item in items {
            let rule = Rule::deserialize(item).map_err(|e| format!("rule {item}: {e}"))?;
            rules.add(rule, &mut redirects)?;
        }
        rules.redirects = redirects.into_iter().collect();
        Ok(rules)
    }

    /// Whether somebody at this address, inside this VCN, may ask.
    pub(crate) fn admits(&self, source: IpAddr, vcn: Option<&str>) -> bool {
        let fits = |part: &Source| match part {
            Source::Address(range) => range.contains(source),
            Source::Vcn(id) => vcn == Some(id),
        };
        self.allowed.is_empty() || self.allowed.iter().any(|all| all.iter().all(fits))
    }

    fn add(
        &mut self,
        rule: Rule,
        redirects: &mut Vec<(PathMatch, String, Redirect)>,
    ) -> Result<(), String> {
        match rule {
            Rule::AddHttpRequestHeader { header, value } => {
                self.request_headers.push(HeaderChange::add(&header, &value)?);
            }
            Rule::ExtendHttpRequestHeaderValue { header, prefix, suffix } => {
                self.request_headers.push(HeaderChange::extend(&header, prefix, suffix)?);
            }
            Rule::RemoveHttpRequestHeader { header } => {
                self.request_headers.push(HeaderChange::new(&header, Edit::Remove)?);
            }
            Rule::AddHttpResponseHeader { header, value } => {
                self.response_headers.push(HeaderChange::add(&header, &value)?);
            }
            Rule::ExtendHttpResponseHeaderValue { header, prefix, suffix } => {
                self.response_headers.push(HeaderChange::extend(&header, prefix, suffix)?);
            }
            Rule::RemoveHttpResponseHeader { header } => {
                self.response_headers.push(HeaderChange::new(&header, Edit::Remove)?);
            }
            Rule::Allow { conditions } => {
                self.allowed.push(conditions.into_iter().map(source).collect::<Result<_, _>>()?);
            }
            Rule::ControlAccessUsingHttpMethods { allowed_methods, status_code } => {
                self.methods = Some(methods(&allowed_methods, status_code)?);
            }
            Rule::Redirect { conditions, response_code, redirect_uri } => {
                let redirect = Redirect::new(response_code, redirect_uri)?;
                for condition in conditions {
                    let (kind, path) = path(condition)?;
                    redirects.push((kind, path, redirect.clone()));
                }
            }
            Rule::HttpHeader { are_invalid_characters_allowed, large_header_size_in_kb } => {
                self.keeps_odd_headers = are_invalid_characters_allowed.unwrap_or(false);
                self.longest_header = large_header_size_in_kb.unwrap_or(LONGEST_HEADER_KB) * 1024;
            }
            Rule::IpBasedMaxConnections { default_max_connections, ip_max_connections } => {
                let named = ip_max_connections.iter().flat_map(|named| {
                    named.ip_addresses.iter().map(|range| (range.as_str(), named.max_connections))
                });
                self.crowds = Some(Crowds::new(default_max_connections, named)?);
            }
        }
        Ok(())
    }
}

impl HeaderChange {
    /// Applies the change.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        match &self.edit {
            Edit::Add(value) => drop(headers.insert(self.name.clone(), value.clone())),
            Edit::Remove => drop(headers.remove(&self.name)),
            Edit::Extend { prefix, suffix } => {
                let Some(value) = headers.get_mut(&self.name) else { return };
                let extended = [prefix.as_bytes(), value.as_bytes(), suffix.as_bytes()].concat();
                // Both parts were checked when the rule was compiled, so this always is a value.
                if let Ok(extended) = HeaderValue::from_bytes(&extended) {
                    *value = extended;
                }
            }
        }
    }

    fn new(header: &str, edit: Edit) -> Result<Self, String> {
        let name = header.parse().map_err(|_| format!("`{header}` is no header name"))?;
        Ok(Self { name, edit })
    }

    fn add(header: &str, value: &str) -> Result<Self, String> {
        Self::new(header, Edit::Add(header_value(value)?))
    }

    fn extend(
        header: &str,
        prefix: Option<String>,
        suffix: Option<String>,
    ) -> Result<Self, String> {
        let (prefix, suffix) = (prefix.unwrap_or_default(), suffix.unwrap_or_default());
        header_value(&prefix)?;
        header_value(&suffix)?;
        Self::new(header, Edit::Extend { prefix, suffix })
    }
}

fn header_value(text: &str) -> Result<HeaderValue, String> {
    text.parse().map_err(|_| format!("{text:?} is no header value"))
}

fn source(condition: Match) -> Result<Source, String> {
    match condition {
        Match::SourceIpAddress { attribute_value }
        | Match::SourceVcnIpAddress { attribute_value } => {
            attribute_value.parse().map(Source::Address).map_err(|e| format!("{e}"))
        }
        Match::SourceVcnId { attribute_value } => Ok(Source::Vcn(attribute_value)),
        Match::Path { .. } => Err("ALLOW takes conditions on the source only".to_owned()),
    }
}

fn path(condition: Match) -> Result<(PathMatch, String), String> {
    match condition {
        Match::Path { attribute_value, operator } => Ok((operator, attribute_value)),
        _ => Err("REDIRECT takes conditions on the path only".to_owned()),
    }
}

fn methods(names: &[String], status_code: Option<u16>) -> Result<Methods, String> {
    let method = |name: &String| name.parse().map_err(|_| format!("`{name}` is no method"));
    Ok(Methods {
        allowed: names.iter().map(method).collect::<Result<_, _>>()?,
        otherwise: status(status_code.unwrap_or(405))?,
    })
}
