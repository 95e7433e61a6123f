//! Listeners that somebody else named. A listener keeps its name for life, and no two of one port may answer for the
//! same host, so one that answers for a host of ours under another name has to go before ours can come. In between the
//! port's listener for all other hosts takes its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Call, Child, children};
use crate::diff;

/// The calls that bring ours into the place of others', and the listeners that there are afterwards. Without others in
/// the way there are no calls.
pub(super) fn listeners(desired: &Value, found: &Value) -> (Vec<Call>, Map<String, Value>) {
    let wanted = children(desired, Child::Listener);
    let listeners = children(found, Child::Listener).clone();
    let mut takeover = Takeover { desired, found, wanted, listeners, calls: Vec::new() };
    // HTTPS first: a redirect never leads where nobody listens.
    for secure in [true, false] {
        let is_one = |listener: &&Value| listener["sslConfiguration"].is_null() != secure;
        let ports: BTreeSet<u64> =
            wanted.values().filter(is_one).filter_map(|l| l["port"].as_u64()).collect();
        ports.into_iter().for_each(|port| takeover.port(port));
    }
    (takeover.calls, takeover.listeners)
}

struct Takeover<'a> {
    desired: &'a Value,
    found: &'a Value,
    wanted: &'a Map<String, Value>,
    /// As they are after the calls so far.
    listeners: Map<String, Value>,
    calls: Vec<Call>,
}

impl Takeover<'_> {
    fn port(&mut self, port: u64) {
        let Some(default) =
            self.name(self.wanted, |listener| listener["port"] == port && is_for_all(listener))
        else {
            return;
        };
        self.speak_one_tls(port, &default);
        if !self.is_in_the_way(port) {
            return;
        }
        self.create_free(port);
        while let Some(name) = self.blocking(port) {
            self.give_to_default(port, &name, &default);
            self.create_free(port);
        }
        self.exchange_default(port, &default);
    }

    /// Whether somebody else's listener answers for what one of ours is to answer for.
    fn is_in_the_way(&self, port: u64) -> bool {
        self.blocking(port).is_some() || self.foreign_default(port).is_some()
    }

    fn name(
        &self,
        listeners: &Map<String, Value>,
        is_it: impl Fn(&Value) -> bool,
    ) -> Option<String> {
        let found = listeners.iter().find(|(_, listener)| is_it(listener));
        found.map(|(name, _)| name.clone())
    }

    /// The hosts of a listener, as visitors write them.
    fn hosts(&self, listener: &Value) -> BTreeSet<String> {
        let named = listener["hostnameNames"].as_array().into_iter().flatten();
        let host = |name: &str| {
            [self.found, self.desired]
                .iter()
                .find_map(|lb| children(lb, Child::Hostname).get(name)?["hostname"].as_str())
                .unwrap_or(name)
                .to_owned()
        };
        named.filter_map(Value::as_str).map(host).collect()
    }

    /// Whether a listener is what ours of that name shall be: at the same port, for the same hosts.
    fn is_placed(&self, name: &str, listener: &Value) -> bool {
        self.wanted.get(name).is_some_and(|wanted| {
            wanted["port"] == listener["port"] && self.hosts(wanted) == self.hosts(listener)
        })
    }

    fn taken(&self, port: u64) -> BTreeSet<String> {
        let here = self.listeners.values().filter(|listener| listener["port"] == port);
        here.flat_map(|listener| self.hosts(listener)).collect()
    }

    /// The first listener of others that has a host which one of ours shall have.
    fn blocking(&self, port: u64) -> Option<String> {
        let ours: BTreeSet<String> = self
            .wanted
            .values()
            .filter(|listener| listener["port"] == port)
            .flat_map(|listener| self.hosts(listener))
            .collect();
        let mut here = self.listeners.iter().filter(|(_, listener)| listener["port"] == port);
        let found = here.find(|(name, listener)| {
            !self.is_placed(name, listener) && !self.hosts(listener).is_disjoint(&ours)
        });
        found.map(|(name, _)| name.clone())
    }

    fn foreign_default(&self, port: u64) -> Option<String> {
        let of_others = |name: &str, listener: &Value| {
            listener["port"] == port && is_for_all(listener) && !self.is_placed(name, listener)
        };
        let found = self.listeners.iter().find(|(name, listener)| of_others(name, listener));
        found.map(|(name, _)| name.clone())
    }

    /// Listeners of one port speak the same versions of TLS.
    fn speak_one_tls(&mut self, port: u64, default: &str) {
        let ssl = self.wanted[default]["sslConfiguration"].clone();
        let others: Vec<String> = self
            .listeners
            .iter()
            .filter(|(_, listener)| {
                listener["port"] == port
                    && !ssl.is_null()
                    && !diff::same(&ssl["protocols"], &listener["sslConfiguration"]["protocols"])
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in others {
            let mut body = self.listeners[&name].clone();
            body["sslConfiguration"] = ssl.clone();
            self.update(&name, body);
        }
    }

    /// Ours whose hosts nobody has.
    fn create_free(&mut self, port: u64) {
        for (name, wanted) in self.wanted {
            let hosts = self.hosts(wanted);
            let is_free = wanted["port"] == port
                && !hosts.is_empty()
                && !self.listeners.contains_key(name)
                && hosts.is_disjoint(&self.taken(port));
            if is_free {
                self.create(name, wanted.clone());
            }
        }
    }

    /// The listener for all other hosts serves what `name` served, which goes.
    fn give_to_default(&mut self, port: u64, name: &str, default: &str) {
        let body = self.without_hosts(name, default);
        let present =
            self.name(&self.listeners, |listener| listener["port"] == port && is_for_all(listener));
        match present {
            Some(present) => {
                if !diff::same(&body, &self.listeners[&present]) {
                    self.update(&present, body);
                }
                self.delete(name);
            }
            None if name == default => self.update(name, body),
            None => {
                self.create(default, body);
                self.delete(name);
            }
        }
    }

    fn without_hosts(&self, name: &str, default: &str) -> Value {
        let listener = &self.listeners[name];
        let mut body = self.wanted[default].clone();
        for kept in ["defaultBackendSetName", "pathRouteSetName", "ruleSetNames"] {
            body[kept] = listener[kept].clone();
        }
        body
    }

    /// By now every host of ours on HTTPS has a listener; on HTTP those without one are redirected by the one for all,
    /// and get a listener for as long as that is exchanged.
    fn exchange_default(&mut self, port: u64, default: &str) {
        let Some(foreign) = self.foreign_default(port) else { return };
        if self.wanted[default]["sslConfiguration"].is_null() {
            let taken = self.taken(port);
            let free: Vec<&str> = children(self.desired, Child::Hostname)
                .iter()
                .filter(|(_, host)| !host["hostname"].as_str().is_some_and(|h| taken.contains(h)))
                .map(|(name, _)| name.as_str())
                .collect();
            if !free.is_empty() {
                let mut body = self.wanted[default].clone();
                body["hostnameNames"] = json!(free);
                self.create(&format!("meanwhile-{port}"), body);
            }
        }
        self.delete(&foreign);
        let body = self.wanted[default].clone();
        if self.listeners.contains_key(default) {
            self.update(default, body);
        } else {
            self.create(default, body);
        }
    }

    fn create(&mut self, name: &str, body: Value) {
        self.listeners.insert(name.to_owned(), body.clone());
        self.calls.push(Call::Create { child: Child::Listener, name: json!(name), body });
    }

    fn update(&mut self, name: &str, body: Value) {
        self.listeners.insert(name.to_owned(), body.clone());
        self.calls.push(Call::Update { child: Child::Listener, name: name.to_owned(), body });
    }

    fn delete(&mut self, name: &str) {
        self.listeners.remove(name);
        self.calls.push(Call::Delete { child: Child::Listener, name: name.to_owned() });
    }
}

fn is_for_all(listener: &Value) -> bool {
    listener["hostnameNames"].as_array().is_none_or(Vec::is_empty)
}

#[cfg(test)]
mod tests;
