//! How long steps take: what has been measured elsewhere, until it has been measured here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Plan, Step};
use crate::address::{Address, Kind};
use crate::balancer::{Call, Child};

/// Seconds by `kind.verb`, as `container_instance.create`; `load_balancer.call` is one call on it, or one wait.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Durations(BTreeMap<String, f64>);

/// How much the newest of the measured weighs.
const WEIGHT: f64 = 0.3;
const CALL: &str = "load_balancer.call";

impl Durations {
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// How long a step should take.
    pub(super) fn of(&self, kind: Kind, action: &Action) -> f64 {
        if let Action::Update { calls, .. } = action
            && kind == Kind::LoadBalancer
        {
            return calls.iter().map(|call| self.of_call(call)).sum();
        }
        let key = key(kind, action);
        self.0.get(&key).copied().unwrap_or_else(|| usual(kind, action))
    }

    fn of_call(&self, call: &Call) -> f64 {
        self.0.get(CALL).copied().unwrap_or_else(|| usual_call(call))
    }

    /// Takes in how long the steps of a plan took, each with its address and verb.
    pub fn learn_all<'a>(
        &mut self,
        plan: &Plan,
        taken: impl Iterator<Item = (&'a Address, &'a str, f64)>,
    ) {
        let steps: BTreeMap<(&Address, &str), &Step> =
            plan.steps.iter().map(|step| ((&step.address, step.action.verb()), step)).collect();
        for (address, verb, seconds) in taken {
            if let Some(step) = steps.get(&(address, verb)) {
                self.learn(step, seconds);
            }
        }
    }

    /// Takes in how long a step has taken: a moving average.
    pub fn learn(&mut self, step: &Step, seconds: f64) {
        if !seconds.is_finite() || seconds < 0.0 {
            return;
        }
        let (key, seconds) = match &step.action {
            Action::Update { calls, .. } if step.address.kind == Kind::LoadBalancer => {
                #[expect(clippy::cast_precision_loss, reason = "a few calls")]
                let count = calls.len().max(1) as f64;
                (CALL.to_owned(), seconds / count)
            }
            action => (key(step.address.kind, action), seconds),
        };
        let average = self.0.entry(key).or_insert(seconds);
        *average += (seconds - *average) * WEIGHT;
    }
}

fn key(kind: Kind, action: &Action) -> String {
    format!("{kind}.{}", action.verb())
}

/// Seconds that users of the vendors have published. Load balancer 44 s, container instance 53 s and 40 s to delete,
/// subnet 2 to 12 s, other network parts 0 to 2 s (Terraform logs of public projects); Cloudflare answers at once. An
/// image and a certificate have no such figure: a compile in a warm folder and an order at Let's Encrypt.
fn usual(kind: Kind, action: &Action) -> f64 {
    match (kind, action) {
        (_, Action::Impossible { .. }) => 0.0,
        (Kind::ContainerInstance, Action::Create { .. }) => 53.0,
        (Kind::ContainerInstance, Action::Delete { .. }) => 40.0,
        (Kind::ContainerInstance, _) => 5.0,
        (Kind::LoadBalancer, Action::Create { .. }) => 44.0,
        (Kind::LoadBalancer, _) => 20.0,
        (Kind::Image, _) => 60.0,
        (Kind::Certificate, _) => 30.0,
        (Kind::Subnet, _) => 7.0,
        (Kind::ZoneSetting | Kind::DnsRecord | Kind::Repository, _) => 1.0,
        (
            Kind::Vcn
            | Kind::InternetGateway
            | Kind::NatGateway
            | Kind::RouteTable
            | Kind::SecurityList
            | Kind::NetworkSecurityGroup,
            _,
        ) => 2.0,
    }
}

/// Calls on one load balancer queue: certificate 19.8 s, listener 16.7 s, rule set 13.3 s, backend set 11.0 s, host
/// name 14 s (times of work requests in public logs). A health check runs every 10 s and has to succeed twice or so.
fn usual_call(call: &Call) -> f64 {
    match call {
        Call::Create { child, .. } | Call::Update { child, .. } | Call::Delete { child, .. } => {
            match child {
                Child::Certificate => 20.0,
                Child::Listener => 17.0,
                Child::Hostname => 14.0,
                Child::RuleSet | Child::PathRouteSet | Child::RoutingPolicy => 13.0,
                Child::BackendSet => 11.0,
            }
        }
        Call::AwaitHealthy { .. } => 20.0,
        _ => 15.0,
    }
}
