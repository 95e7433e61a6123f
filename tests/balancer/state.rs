//! A load balancer on its way: what the service makes of each call, and who is well.

use std::collections::{BTreeMap, BTreeSet};

use deployer_core::balancer::{self, Call, Child};
use localcloud::dataplane::reference::{self, Routed};
use localcloud::model::load_balancer::{BackendSet, LoadBalancer};
use localcloud::services::oci::balancer::model;
use serde_json::{Value, json};

/// A backend of a set.
type Member = (String, String);

/// What the load balancer knows of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    /// Well by a health check that is no longer asked: so until enough of the new ones failed.
    Fading,
}

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) balancer: LoadBalancer,
    conditions: BTreeMap<Member, Condition>,
    /// Who had time to end what it began.
    rested: BTreeSet<Member>,
}

impl State {
    /// A load balancer that was made and whose backends are all well.
    pub(crate) fn new(details: &Value) -> Result<Self, String> {
        let balancer = model::create(details)?;
        let mut state = Self { balancer, conditions: BTreeMap::new(), rested: BTreeSet::new() };
        state.conditions =
            members(&state.balancer).into_iter().map(|member| (member, Condition::Well)).collect();
        Ok(state)
    }

    pub(crate) fn found(&self) -> Value {
        serde_json::to_value(&self.balancer).expect("a load balancer is JSON")
    }

    /// What a killed run knew that nobody knows now.
    pub(crate) fn forget(&mut self) {
        self.rested.clear();
    }

    pub(crate) fn route(&self, port: u16, host: &str, path: &str) -> Routed {
        let well = |set: &str, backend: &str| {
            self.conditions.keys().any(|(other, name)| other == set && name == backend)
        };
        reference::route(&self.balancer, port, (host, path), &well)
    }

    pub(crate) fn certificate(&self, port: u16, host: &str) -> &str {
        reference::certificate(&self.balancer, port, host).unwrap_or_default()
    }

    /// Carries a call out, as far as the service takes it; `found` is what was read before, and becomes what is read
    /// after it.
    pub(crate) fn carry_out(&mut self, call: &Call, found: &mut Value) -> Result<(), String> {
        match call {
            Call::AwaitHealthy { backend_set, backends } => {
                return self.await_healthy(backend_set, backends);
            }
            Call::AwaitDrained { backend_set, backends, .. } => {
                return self.await_drained(backend_set, backends);
            }
            _ => {}
        }
        let (operation, name, body) = request(call);
        let after = model::changed(&self.balancer, &operation, &name, &body)?;
        let before = std::mem::replace(&mut self.balancer, after);
        if self.balancer == before {
            return Err("changes nothing".to_owned());
        }
        let expected = balancer::applied(found, call);
        *found = self.found();
        if !balancer::is_as_expected(&expected, found) {
            return Err(format!("foretold {expected:#}\nfound {found:#}"));
        }
        self.note(&before)
    }

    fn await_healthy(&mut self, set: &str, backends: &Value) -> Result<(), String> {
        let awaited: BTreeSet<String> = names(backends);
        let there = self.set(set)?.backends.iter().map(|b| b.name.clone()).collect();
        if !awaited.is_subset(&there) {
            return Err(format!("{awaited:?} are awaited, {there:?} are there"));
        }
        self.conditions.retain(|(other, _), now| other != set || *now == Condition::Well);
        let well = awaited.into_iter().map(|name| ((set.to_owned(), name), Condition::Well));
        self.conditions.extend(well);
        Ok(())
    }

    /// Whoever drains now has time to end what it began, whichever set is named.
    fn await_drained(&mut self, set: &str, backends: &Value) -> Result<(), String> {
        let draining = |set: &BackendSet| -> BTreeSet<String> {
            set.backends.iter().filter(|b| b.drain).map(|b| b.name.clone()).collect()
        };
        if !names(backends).is_subset(&draining(self.set(set)?)) {
            return Err("waits for backends that do not drain".to_owned());
        }
        for (name, set) in &self.balancer.backend_sets {
            self.rested.extend(draining(set).into_iter().map(|backend| (name.clone(), backend)));
        }
        Ok(())
    }

    fn set(&self, name: &str) -> Result<&BackendSet, String> {
        self.balancer.backend_sets.get(name).ok_or_else(|| format!("no backend set {name}"))
    }

    /// What a change means for those who serve.
    fn note(&mut self, before: &LoadBalancer) -> Result<(), String> {
        let now = members(&self.balancer);
        for (set, backend) in members(before).difference(&now) {
            let member = (set.clone(), backend.clone());
            let set_stays = self.balancer.backend_sets.contains_key(set);
            if set_stays && !self.rested.contains(&member) {
                return Err(format!("{backend} leaves {set} while it may be busy"));
            }
            self.conditions.remove(&member);
            self.rested.remove(&member);
        }
        for (name, set) in &self.balancer.backend_sets {
            let checker = before.backend_sets.get(name).map(|set| &set.health_checker);
            if checker.is_none_or(|checker| *checker == set.health_checker) {
                continue;
            }
            let trial = format!("{name}_trial");
            let tried = self.balancer.backend_sets.get(&trial);
            let is_tried = tried.is_some_and(|tried| tried.health_checker == set.health_checker);
            let proven = |backend: &str| {
                is_tried && self.conditions.contains_key(&(trial.clone(), backend.to_owned()))
            };
            let fading: Vec<Member> = self
                .conditions
                .keys()
                .filter(|(set, backend)| set == name && !proven(backend))
                .cloned()
                .collect();
            self.conditions.extend(fading.into_iter().map(|member| (member, Condition::Fading)));
        }
        Ok(())
    }
}

fn members(balancer: &LoadBalancer) -> BTreeSet<Member> {
    let sets = balancer.backend_sets.iter();
    sets.flat_map(|(name, set)| set.backends.iter().map(|b| (name.clone(), b.name.clone())))
        .collect()
}

fn names(backends: &Value) -> BTreeSet<String> {
    let name = |backend: &Value| {
        format!("{}:{}", backend["ipAddress"].as_str().unwrap_or_default(), backend["port"])
    };
    backends.as_array().into_iter().flatten().map(name).collect()
}

/// Operation, name and body of a call, as the contract has them.
fn request(call: &Call) -> (String, String, Value) {
    let noun = |child: &Child| match child {
        Child::Certificate => "certificate",
        Child::BackendSet => "backend_set",
        Child::Hostname => "hostname",
        Child::RuleSet => "rule_set",
        Child::PathRouteSet => "path_route_set",
        Child::RoutingPolicy => "routing_policy",
        Child::Listener => "listener",
    };
    match call {
        Call::Create { child, name, body } => {
            let mut body = body.clone();
            body["name"] = name.clone();
            (format!("create_{}", noun(child)), String::new(), body)
        }
        Call::Update { child, name, body } => {
            (format!("update_{}", noun(child)), name.clone(), body.clone())
        }
        Call::Delete { child, name } => {
            (format!("delete_{}", noun(child)), name.clone(), json!({}))
        }
        Call::Reshape { body } => {
            ("update_load_balancer_shape".to_owned(), String::new(), body.clone())
        }
        Call::SetSecurityGroups { body } => {
            ("update_network_security_groups".to_owned(), String::new(), body.clone())
        }
        Call::SetAttributes { body } => {
            ("update_load_balancer".to_owned(), String::new(), body.clone())
        }
        Call::AwaitHealthy { .. } | Call::AwaitDrained { .. } => unreachable!("a wait"),
    }
}
