//! The vendor's API as data: operations and models of the official SDK (`tests/contracts/oci.json`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::Method;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// What this cloud does not have; calls to it are refused with 501.
pub const NOT_IMPLEMENTED: &[&str] = &[
    "bulk_create_private_ips",
    "bulk_delete_private_ips",
    "bulk_detach_private_ips",
    "bulk_update_private_ips",
    "create_drg_route_table",
    "delete_drg_route_table",
    "get_drg_route_table",
    "get_fast_connect_provider_service",
    "get_vcn_dns_resolver_association",
    "list_drg_route_tables",
    "list_fast_connect_provider_services",
    "patch_subnet",
    "patch_vcn",
    "update_drg_route_table",
];

/// The contract that this cloud keeps to; parsed when the first request arrives.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let text = include_str!("../../../../tests/contracts/oci.json");
    let parsed: Parsed = serde_json::from_str(text).expect("the contract is part of the program");
    Contract::new(parsed)
});

/// All services, ready for look-ups.
#[derive(Debug)]
pub(crate) struct Contract {
    operations: Vec<Operation>,
    models: BTreeMap<String, BTreeMap<String, Model>>,
}

/// One operation of one service.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Operation {
    #[serde(skip)]
    pub(crate) service: String,
    /// As the Python SDK has it, `create_load_balancer`.
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(skip)]
    pub(crate) segments: Vec<String>,
    #[serde(default)]
    pub(crate) query: Vec<String>,
    /// By the SDK's argument name, `lifecycle_state`.
    #[serde(default)]
    pub(crate) query_enums: BTreeMap<String, Vec<String>>,
    /// Path and query parameters without which the SDK does not send.
    #[serde(default)]
    pub(crate) required: Vec<String>,
    /// Headers that the SDK can send, as they are on the wire.
    #[serde(default)]
    pub(crate) headers: Vec<String>,
    /// Model of the body, or `stream`.
    pub(crate) body: Option<String>,
    /// Type of the answer.
    pub(crate) response: Option<String>,
}

/// An object's fields, or a family of objects told apart by one of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) fields: BTreeMap<String, Field>,
    pub(crate) discriminator: Option<Discriminator>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Field {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(rename = "enum")]
    pub(crate) values: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Discriminator {
    pub(crate) field: String,
    pub(crate) mapping: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Parsed {
    services: BTreeMap<String, ParsedService>,
}

#[derive(Deserialize)]
struct ParsedService {
    models: BTreeMap<String, Model>,
    operations: BTreeMap<String, Operation>,
}

/// A type of the contract, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape<'a> {
    List(&'a str),
    Map(&'a str),
    Scalar(&'a str),
}

impl<'a> Shape<'a> {
    pub(crate) fn of(kind: &'a str) -> Self {
        if let Some(item) = kind.strip_prefix("list[").and_then(|k| k.strip_suffix(']')) {
            Self::List(item)
        } else if let Some(value) =
            kind.strip_prefix("dict(str, ").and_then(|k| k.strip_suffix(')'))
        {
            Self::Map(value)
        } else {
            Self::Scalar(kind)
        }
    }
}

/// A path that leads to an operation, with the parameters in it, decoded.
pub(crate) type Route = (&'static Operation, BTreeMap<String, String>);

impl Contract {
    fn new(parsed: Parsed) -> Self {
        let mut operations = Vec::new();
        let mut models = BTreeMap::new();
        for (service, content) in parsed.services {
            for (name, mut operation) in content.operations {
                operation.service.clone_from(&service);
                operation.name = name;
                operations.push(operation);
            }
            models.insert(service, content.models);
        }
        operations.push(super::limits::operation());
        for operation in &mut operations {
            operation.segments = segments(&operation.path).map(str::to_owned).collect();
        }
        // The fewer parameters, the closer the fit.
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        Self { operations, models }
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    pub(crate) fn model(&self, service: &str, name: &str) -> Option<&Model> {
        self.models.get(service)?.get(name)
    }

    /// The operation of a method and a path as it was sent; a literal segment goes before a parameter.
    pub(crate) fn route(&'static self, method: &Method, path: &str) -> Option<Route> {
        let sent: Vec<Cow<'_, str>> = segments(path)
            .map(|s| percent_decode_str(s).decode_utf8())
            .collect::<Result<_, _>>()
            .ok()?;
        let found =
            self.operations.iter().find(|o| o.method == method.as_str() && o.fits(&sent))?;
        Some((found, found.bind(sent)))
    }
}

impl Operation {
    /// The vendor's own name, `CreateLoadBalancer`.
    pub(crate) fn title(&self) -> String {
        title(&self.name)
    }

    /// Whether a path leads here. Each segment was decoded once and by itself: an encoded slash is part of a name.
    fn fits(&self, sent: &[Cow<'_, str>]) -> bool {
        let fit = |(own, sent): (&String, &Cow<'_, str>)| match parameter(own) {
            Some(_) => !sent.is_empty(),
            None => own == sent,
        };
        self.segments.len() == sent.len() && self.segments.iter().zip(sent).all(fit)
    }

    fn bind(&self, sent: Vec<Cow<'_, str>>) -> BTreeMap<String, String> {
        let pairs = self.segments.iter().zip(sent);
        pairs
            .filter_map(|(own, sent)| Some((parameter(own)?.to_owned(), sent.into_owned())))
            .collect()
    }

    /// Whether a query parameter must be there.
    pub(crate) fn requires(&self, parameter: &str) -> bool {
        self.required.iter().any(|r| r == parameter)
    }
}

/// `create_load_balancer` to `CreateLoadBalancer`.
pub(crate) fn title(name: &str) -> String {
    let words = name.split('_').map(|word| match word {
        "ssl" => "SSL".to_owned(),
        word => capitalized(word),
    });
    words.collect()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// `lifecycle_state` to `lifecycleState`.
pub(crate) fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capitalized(word))
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

/// The name of a segment that is a parameter.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &Method, path: &str) -> Option<(String, BTreeMap<String, String>)> {
        CONTRACT.route(method, path).map(|(operation, parameters)| (operation.title(), parameters))
    }

    #[test]
    fn a_backend_is_found_by_its_encoded_and_by_its_plain_name() {
        for name in ["10.0.0.3%3A8080", "10.0.0.3:8080"] {
            let path = format!("/20170115/loadBalancers/lb/backendSets/web/backends/{name}");
            let (operation, parameters) = route(&Method::GET, &path).unwrap();
            assert_eq!(operation, "GetBackend");
            assert_eq!(parameters["backendName"], "10.0.0.3:8080");
        }
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        let (operation, parameters) =
            route(&Method::PUT, "/n/ns/b/state/o/leases%2Flondon").unwrap();
        assert_eq!(operation, "PutObject");
        assert_eq!(parameters["objectName"], "leases/london");
    }

    #[test]
    fn what_the_vendor_does_not_have_leads_nowhere() {
        assert_eq!(route(&Method::GET, "/20170115/loadBalancers/"), None);
        assert_eq!(route(&Method::PATCH, "/20170115/loadBalancers"), None);
        assert_eq!(route(&Method::GET, "/20170115/nothing"), None);
    }

    #[test]
    fn operations_carry_the_names_of_the_vendor() {
        let (operation, _) =
            route(&Method::POST, "/20170115/loadBalancers/lb/sslCipherSuites").unwrap();
        assert_eq!(operation, "CreateSSLCipherSuite");
    }
}
