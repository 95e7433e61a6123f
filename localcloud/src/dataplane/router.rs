//! What happens to a request: a pure function of the table and the request's head.

pub(crate) mod condition;
pub(crate) mod hosts;
pub(crate) mod paths;
pub(crate) mod redirect;
pub(crate) mod rule_set;

use std::net::IpAddr;

use http::{HeaderMap, Method, StatusCode};

use crate::dataplane::router::condition::Subject;
use crate::dataplane::router::redirect::Original;
use crate::dataplane::table::{Listener, Port, Routes};

/// The part of a request that routing looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    /// `Host` or `:authority`, with or without port.
    pub(crate) host: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// Without question mark; empty when there is none.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) from: Origin<'a>,
}

/// How a request came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) source: IpAddr,
    /// OCID of the VCN that the source is in.
    pub(crate) vcn: Option<&'a str>,
    /// The listener's port.
    pub(crate) port: u16,
    pub(crate) secure: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision<'t> {
    Forward {
        backend_set: &'t str,
    },
    Redirect {
        status: StatusCode,
        location: String,
    },
    Deny {
        status: StatusCode,
    },
    /// As `Deny`, with the methods that are allowed.
    DenyMethod {
        status: StatusCode,
        allow: String,
    },
}

/// The listener for a request's host, if the port has one.
pub(crate) fn listener<'t>(port: &'t Port, host: &str) -> Option<&'t Listener> {
    port.find(without_port(host)).map(AsRef::as_ref)
}

/// Applies a listener's rules and routes, in the vendor's order: access control, methods, redirects, routes.
pub(crate) fn decide<'t>(listener: &'t Listener, head: Head<'_>) -> Decision<'t> {
    let rules = &listener.rules;
    if !rules.admits(head.from.source, head.from.vcn) {
        return Decision::Deny { status: StatusCode::FORBIDDEN };
    }
    if head.headers.values().any(|value| value.len() > rules.longest_header) {
        return Decision::Deny { status: StatusCode::BAD_REQUEST };
    }
    if head.path.len() + head.query.len() > rules.longest_header {
        return Decision::Deny { status: StatusCode::URI_TOO_LONG };
    }
    if head.method == Method::CONNECT {
        return Decision::Deny { status: StatusCode::METHOD_NOT_ALLOWED };
    }
    if let Some(methods) = rules.methods.as_ref().filter(|m| !m.allowed.contains(head.method)) {
        let allow: Vec<_> = methods.allowed.iter().map(Method::as_str).collect();
        return Decision::DenyMethod { status: methods.otherwise, allow: allow.join(", ") };
    }
    if let Some(redirect) = rules.redirects.find(head.path) {
        let location = redirect.location(original(head));
        return Decision::Redirect { status: redirect.status, location };
    }
    let route = match &listener.routes {
        Routes::None => None,
        Routes::Paths(paths) => paths.find(head.path),
        Routes::Policy(rules) => {
            let subject = Subject { path: head.path, query: head.query, headers: head.headers };
            rules.iter().find(|(condition, _)| condition.holds(subject)).map(|(_, set)| set)
        }
    };
    Decision::Forward { backend_set: route.unwrap_or(&listener.default_set) }
}

fn original(head: Head<'_>) -> Original<'_> {
    Original {
        secure: head.from.secure,
        host: without_port(head.host),
        port: head.from.port,
        path: head.path,
        query: head.query,
    }
}

/// The name in `name:port`; IPv6 addresses keep their brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests;
