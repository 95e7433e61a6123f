//! What all named children of a load balancer have in common: create, replace, delete, get, list.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{backend_set, certificate, hostname, listener, routing, rule_set, tls};
use crate::model::load_balancer::LoadBalancer;
use crate::services::oci::call::{Call, json as to_json, typed};
use crate::services::oci::failure::Failure;
use crate::services::oci::work::Change;

/// One kind of children.
pub(super) struct Kind<T: 'static> {
    /// Field of the load balancer and segment of the path, `backendSets`.
    pub(super) collection: &'static str,
    /// In messages, `backend set`.
    pub(super) title: &'static str,
    pub(super) items: fn(&LoadBalancer) -> &BTreeMap<String, T>,
    pub(super) items_mut: fn(&mut LoadBalancer) -> &mut BTreeMap<String, T>,
    /// Fills what the vendor fills, and checks what needs no other child.
    pub(super) settle: fn(&mut T) -> Result<(), Failure>,
    /// Why a child cannot go.
    pub(super) in_use: fn(&LoadBalancer, &str) -> Option<Failure>,
}

/// Calls `$function` with the kind that a noun of the contract (`backend_set`, `backend_sets`) names.
macro_rules! with_kind {
    ($noun:expr, $kind:ident => $action:expr, $otherwise:expr) => {
        match $noun {
            "backend_set" | "backend_sets" => {
                let $kind = &backend_set::KIND;
                $action
            }
            "certificate" | "certificates" => {
                let $kind = &certificate::KIND;
                $action
            }
            "hostname" | "hostnames" => {
                let $kind = &hostname::KIND;
                $action
            }
            "listener" | "listeners" => {
                let $kind = &listener::KIND;
                $action
            }
            "path_route_set" | "path_route_sets" => {
                let $kind = &routing::PATH_ROUTE_SETS;
                $action
            }
            "routing_policy" | "routing_policies" => {
                let $kind = &routing::POLICIES;
                $action
            }
            "rule_set" | "rule_sets" => {
                let $kind = &rule_set::KIND;
                $action
            }
            "ssl_cipher_suite" | "ssl_cipher_suites" => {
                let $kind = &tls::SUITES;
                $action
            }
            _ => $otherwise,
        }
    };
}

/// A child, or all of a kind.
pub(super) fn show(call: &Call, lb: &LoadBalancer) -> Result<Value, Failure> {
    let (verb, noun) = call.name().split_once('_').unwrap_or_default();
    with_kind!(noun, kind => match verb {
        "list" => Ok((kind.items)(lb).values().map(to_json).collect()),
        _ => kind.find(lb, last(call.operation.path.as_str(), |name| call.parameter(name))).map(to_json),
    }, Err(Failure::not_implemented(&call.operation.title())))
}

/// Creates, replaces or deletes a child.
pub(super) fn change(lb: &mut LoadBalancer, change: &Change) -> Result<(), Failure> {
    let (verb, noun) = change.operation.split_once('_').unwrap_or_default();
    with_kind!(noun, kind => match verb {
        "create" => kind.create(lb, &change.body),
        "update" => kind.replace(lb, own_name(change), &change.body),
        _ => kind.delete(lb, own_name(change)),
    }, Err(Failure::not_implemented(&change.operation)))
}

/// Puts the children that a `CreateLoadBalancer` brings along into the new load balancer.
pub(super) fn nest(lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
    certificate::KIND.nest(lb, body)?;
    tls::SUITES.nest(lb, body)?;
    backend_set::KIND.nest(lb, body)?;
    hostname::KIND.nest(lb, body)?;
    rule_set::KIND.nest(lb, body)?;
    routing::PATH_ROUTE_SETS.nest(lb, body)?;
    listener::KIND.nest(lb, body)
}

/// What a create makes, for its retry token: `<load balancer>/<collection>/<name>`.
pub(super) fn made(call: &Call, lb: &str) -> Option<String> {
    let noun = call.name().strip_prefix("create_")?;
    let name = call.text("name").or_else(|| call.text("certificateName"));
    if noun == "backend" {
        let set = call.parameter("backendSetName");
        return Some(format!("{lb}/backendSets/{set}/{}", backend_set::backend_name(&call.body)));
    }
    with_kind!(noun, kind => Some(format!("{lb}/{}/{}", kind.collection, name?)), None)
}

/// What a delete takes away, in the words of [`made`].
pub(super) fn unmade(change: &Change, lb: &str) -> Option<String> {
    let noun = change.operation.strip_prefix("delete_")?;
    if noun == "backend" {
        let (set, backend) = (change.parameter("backendSetName"), change.parameter("backendName"));
        return Some(format!("{lb}/backendSets/{set}/{backend}"));
    }
    with_kind!(noun, kind => Some(format!("{lb}/{}/{}", kind.collection, own_name(change))), None)
}

/// The name of the child that a change is about: the parameter that is not the load balancer.
fn own_name(change: &Change) -> &str {
    let mut names =
        change.parameters.iter().filter(|(parameter, _)| *parameter != "loadBalancerId");
    names.next().map_or("", |(_, name)| name)
}

fn last<'a>(path: &str, parameter: impl Fn(&str) -> &'a str) -> &'a str {
    let name = path.rsplit('/').find_map(|p| p.strip_prefix('{')?.strip_suffix('}'));
    parameter(name.unwrap_or_default())
}

impl<T: Clone + Serialize + DeserializeOwned> Kind<T> {
    pub(super) fn find<'a>(&self, lb: &'a LoadBalancer, name: &str) -> Result<&'a T, Failure> {
        (self.items)(lb).get(name).ok_or_else(|| self.absent(lb, name))
    }

    fn create(&self, lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
        let name = body.get("name").or_else(|| body.get("certificateName")).and_then(Value::as_str);
        let name = name.unwrap_or_default();
        if (self.items)(lb).contains_key(name) {
            let message = format!("Load balancer {} already has {} '{name}'", lb.id, self.title);
            return Err(Failure::conflict(message));
        }
        self.put(lb, name, body)
    }

    fn replace(&self, lb: &mut LoadBalancer, name: &str, body: &Value) -> Result<(), Failure> {
        let present = to_json(self.find(lb, name)?);
        let mut body = body.clone();
        // These two may be left out of a replacement and stay; everything else that is left out goes.
        for field in ["conditionLanguageVersion", "hostname"] {
            if let (None, Some(kept)) = (body.get(field), present.get(field)) {
                body[field] = kept.clone();
            }
        }
        self.put(lb, name, &body)
    }

    fn delete(&self, lb: &mut LoadBalancer, name: &str) -> Result<(), Failure> {
        self.find(lb, name)?;
        if let Some(failure) = (self.in_use)(lb, name) {
            return Err(failure);
        }
        (self.items_mut)(lb).remove(name);
        Ok(())
    }

    fn nest(&self, lb: &mut LoadBalancer, body: &Value) -> Result<(), Failure> {
        let nested = body.get(self.collection).and_then(Value::as_object);
        for (name, details) in nested.into_iter().flatten() {
            let own = details.get("certificateName").or_else(|| details.get("name"));
            if own.is_some_and(|own| own != name) {
                let message =
                    format!("{}.{name}: the name inside differs from its key", self.collection);
                return Err(Failure::invalid(message));
            }
            self.put(lb, name, details)?;
        }
        Ok(())
    }

    fn put(&self, lb: &mut LoadBalancer, name: &str, details: &Value) -> Result<(), Failure> {
        let mut fields = Map::from_iter([("name".to_owned(), json!(name))]);
        fields.extend(details.as_object().cloned().unwrap_or_default());
        let mut item: T = typed(Value::Object(fields), self.title)?;
        (self.settle)(&mut item)?;
        (self.items_mut)(lb).insert(name.to_owned(), item);
        Ok(())
    }

    fn absent(&self, lb: &LoadBalancer, name: &str) -> Failure {
        Failure::not_found(format_args!("load balancer {} has no {} '{name}'", lb.id, self.title))
    }
}

/// A refusal because listeners use something, if any does.
pub(super) fn used_by_listener(
    lb: &LoadBalancer,
    title: &str,
    name: &str,
    uses: impl Fn(&crate::model::load_balancer::Listener) -> bool,
) -> Option<Failure> {
    let user = lb.listeners.values().find(|listener| uses(listener))?;
    Some(Failure::conflict(format!("{title} '{name}' is used by listener '{}'", user.name)))
}
