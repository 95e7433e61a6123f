//! Walks: each call of a plan is carried out, and after each every URL is asked.

use std::collections::{BTreeMap, BTreeSet};

use deployer_core::balancer::{self, Call};
use localcloud::dataplane::reference::Routed;

use crate::bound;
use crate::environments::Target;
use crate::site::Site;
use crate::state::State;

pub(crate) struct Walk<'a> {
    from: Site<'a>,
    to: Site<'a>,
    start: State,
    /// Certificates, each with the hosts that it is for.
    certificates: BTreeMap<String, BTreeSet<String>>,
    /// Calls of the whole plan that change something.
    calls: usize,
}

/// A URL of a host that both environments declare, without the port.
struct Url<'a> {
    host: &'a str,
    path: String,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(from: &'a Target, to: &'a Target) -> Result<Self, String> {
        let (from, to) = (Site::new(from), Site::new(to));
        let start = State::new(&from.details())?;
        let mut certificates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for site in [&from, &to] {
            let hosts = site.hosts().keys().cloned();
            certificates.entry(site.certificate().to_owned()).or_default().extend(hosts);
        }
        let calls = changes(&balancer::calls(&to.desired, &start.found()));
        Ok(Self { from, to, start, certificates, calls })
    }

    /// From one to the other; every state on the way, the first and the last among them.
    pub(crate) fn forward(&self) -> Result<Vec<State>, String> {
        let least = bound::fewest(&self.to.desired, &self.start.found());
        if self.calls != least {
            return Err(format!("{} calls, where {least} suffice", self.calls));
        }
        let mut states = vec![self.start.clone()];
        self.walk(self.start.clone(), &self.to, |state| states.push(state.clone()))?;
        Ok(states)
    }

    /// After a run was killed: no call is made twice, but for a trial that has to be cleared away.
    pub(crate) fn resume(&self, mut state: State) -> Result<(), String> {
        state.forget();
        let calls = changes(&balancer::calls(&self.to.desired, &state.found()));
        if calls > self.calls {
            return Err(format!("{calls} calls are left, of {}", self.calls));
        }
        self.walk(state, &self.to, |_| {})
    }

    /// After a run was killed and somebody changed their mind.
    pub(crate) fn back(&self, mut state: State) -> Result<(), String> {
        state.forget();
        self.walk(state, &self.from, |_| {})
    }

    fn walk(
        &self,
        mut state: State,
        to: &Site<'_>,
        mut each: impl FnMut(&State),
    ) -> Result<(), String> {
        let mut found = state.found();
        let calls = balancer::calls(&to.desired, &found);
        let urls = self.urls();
        let mut moved = BTreeSet::new();
        for (number, call) in calls.iter().enumerate() {
            let told =
                |why| format!("call {number}, {}: {why}\nof {:#?}", short(call), shorts(&calls));
            state.carry_out(call, &mut found).map_err(told)?;
            for url in &urls {
                let is_there = self.ask(&state, url, to).map_err(told)?;
                let key = (url.host, url.path.as_str());
                if !is_there && moved.contains(&key) {
                    return Err(told(format!("{}{} went back", url.host, url.path)));
                }
                moved.extend(is_there.then_some(key));
            }
            each(&state);
        }
        let left = balancer::calls(&to.desired, &found);
        if !left.is_empty() {
            return Err(format!("in the end there is left {:?}", shorts(&left)));
        }
        arrived(&state, to).map_err(|why| format!("{why}\nafter {:#?}", shorts(&calls)))
    }

    /// What both declare, with whatever lies below.
    fn urls(&self) -> Vec<Url<'_>> {
        let mut urls = Vec::new();
        for (host, paths) in self.from.hosts() {
            let Some(others) = self.to.hosts().get(host) else { continue };
            let paths: BTreeSet<&String> = paths.keys().chain(others.keys()).collect();
            for path in paths {
                urls.push(Url { host, path: path.clone() });
                urls.push(Url { host, path: format!("{path}0") });
            }
        }
        urls
    }

    /// Whether a URL is answered as `to` has it. It is an error when neither environment has it so.
    fn ask(&self, state: &State, url: &Url<'_>, to: &Site<'_>) -> Result<bool, String> {
        let Url { host, path } = url;
        let sites = [&self.from, &self.to];
        let redirect = state.route(80, host, path);
        let leads_to = |site: &&Site<'_>| redirect == sent_to(host, site.port(host), path);
        let site = sites.into_iter().find(leads_to);
        let site = site.ok_or_else(|| format!("http://{host}{path} gets {redirect:?}"))?;
        let mut ports = BTreeSet::from([site.port(host)]);
        // A URL with this port is declared by both.
        ports.extend((self.from.port(host) == self.to.port(host)).then(|| to.port(host)));
        let mut is_there = true;
        for port in ports {
            let routed = state.route(port, host, path);
            let Routed::BackendSet { name, .. } = &routed else {
                return Err(format!("{host}:{port}{path} gets {routed:?}"));
            };
            if !sites.iter().any(|site| site.app(host, path) == name) {
                return Err(format!("{host}:{port}{path} is answered by {name}"));
            }
            is_there &= name == to.app(host, path);
            let certificate = state.certificate(port, host);
            if !self.certificates.get(certificate).is_some_and(|hosts| hosts.contains(*host)) {
                return Err(format!("{host}:{port} shows {certificate}"));
            }
        }
        Ok(is_there)
    }
}

fn sent_to(host: &str, port: u16, path: &str) -> Routed {
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    Routed::Redirect { status: 301, location: format!("https://{host}{port}{path}") }
}

/// Everything that was asked for is served, and nothing is for strangers.
fn arrived(state: &State, site: &Site<'_>) -> Result<(), String> {
    for (host, paths) in site.hosts() {
        let port = site.port(host);
        for path in paths.keys() {
            match state.route(port, host, path) {
                Routed::BackendSet { name, .. } if name == site.app(host, path) => {}
                other => return Err(format!("in the end {host}:{port}{path} gets {other:?}")),
            }
        }
        match state.route(port, "stranger.test", "/") {
            Routed::NoHealthyBackend { name } if name == deployer_core::desired::NOBODY => {}
            other => return Err(format!("a stranger on {port} gets {other:?}")),
        }
        if state.route(80, host, "/") != sent_to(host, port, "/") {
            return Err(format!("in the end {host} is not sent to {port}"));
        }
    }
    Ok(())
}

fn changes(calls: &[Call]) -> usize {
    calls.iter().filter(|call| !call.is_wait()).count()
}

fn short(call: &Call) -> String {
    match call {
        Call::Create { child, name, .. } => format!("+ {child:?} {name}"),
        Call::Update { child, name, .. } => format!("~ {child:?} {name}"),
        Call::Delete { child, name } => format!("- {child:?} {name}"),
        Call::AwaitHealthy { backend_set, .. } => format!("wait {backend_set}"),
        Call::AwaitDrained { backend_set, .. } => format!("drain {backend_set}"),
        Call::Reshape { .. } => "~ shape".to_owned(),
        Call::SetSecurityGroups { .. } => "~ groups".to_owned(),
        Call::SetAttributes { body } => format!("~ {body}"),
    }
}

fn shorts(calls: &[Call]) -> Vec<String> {
    calls.iter().map(short).collect()
}
