//! Rule sets: what a listener does to a request or an answer on the way through.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{noun::Noun, operations::child_operations, region::Service};

const RULE_SET: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancers/{}/ruleSets" };

child_operations! {
    of RULE_SET;
    create = CreateRuleSet(RuleSet);
    update = UpdateRuleSet(RuleSetDetails);
    delete = DeleteRuleSet();
}

/// Rules without the name of their set: what `UpdateRuleSet` and `CreateLoadBalancer` take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleSetDetails {
    pub items: Vec<Rule>,
}

/// A rule set: what `CreateRuleSet` takes and `GetLoadBalancer` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Unique in its load balancer, and cannot be changed.
    pub name: String,
    /// The rest of it.
    #[serde(flatten)]
    pub details: RuleSetDetails,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Rule {
    /// Adds a header to the request; an equal header that came in is replaced.
    AddHttpRequestHeader { header: String, value: String },
    /// Adds a header to the answer.
    AddHttpResponseHeader { header: String, value: String },
    /// Lets in what meets all conditions, and nothing that no rule of this kind lets in.
    Allow {
        conditions: Vec<Condition>,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// Answers `status_code` (default 405) to a request with any other method.
    ControlAccessUsingHttpMethods {
        allowed_methods: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status_code: Option<u16>,
    },
    /// Puts text around the value of a header of the request.
    ExtendHttpRequestHeaderValue {
        header: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        suffix: Option<String>,
    },
    /// Puts text around the value of a header of the answer.
    ExtendHttpResponseHeaderValue {
        header: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        suffix: Option<String>,
    },
    /// Which headers are accepted; the size is 8, 16, 32 or 64.
    HttpHeader {
        #[serde(skip_serializing_if = "Option::is_none")]
        are_invalid_characters_allowed: Option<bool>,
        #[serde(rename = "httpLargeHeaderSizeInKB", skip_serializing_if = "Option::is_none")]
        http_large_header_size_in_kb: Option<u32>,
    },
    /// How many connections a client address may hold.
    IpBasedMaxConnections {
        #[serde(skip_serializing_if = "Option::is_none")]
        default_max_connections: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        ip_max_connections: Option<Vec<IpMaxConnections>>,
    },
    /// Answers with a redirect (default 302). For HTTP listeners, with path conditions only.
    Redirect {
        conditions: Vec<Condition>,
        #[serde(skip_serializing_if = "Option::is_none")]
        redirect_uri: Option<RedirectUri>,
        #[serde(skip_serializing_if = "Option::is_none")]
        response_code: Option<u16>,
    },
    /// Removes a header of the request.
    RemoveHttpRequestHeader { header: String },
    /// Removes a header of the answer.
    RemoveHttpResponseHeader { header: String },
    /// A rule that this crate does not know.
    #[serde(untagged)]
    Other(Value),
}

/// What a request must meet for a rule to apply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "attributeName", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all_fields = "camelCase")]
pub enum Condition {
    /// The path; `operator` is one of those of a path route.
    Path { attribute_value: String, operator: String },
    /// The client's address or CIDR block.
    SourceIpAddress { attribute_value: String },
    /// The client's VCN.
    SourceVcnId { attribute_value: String },
    /// The client's address in its VCN.
    SourceVcnIpAddress { attribute_value: String },
    /// A condition that this crate does not know.
    #[serde(untagged)]
    Other(Value),
}

/// Where a redirect leads. What is absent stays as it was asked for, the port too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedirectUri {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Name 443 when `protocol` is `HTTPS`: absent, the incoming port stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Starts with `?`, or is `{query}`; empty removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

/// How many connections some addresses may hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpMaxConnections {
    pub ip_addresses: Vec<String>,
    pub max_connections: u32,
}
