//! Planned failures: of calls, of the way there and back, of the work that follows them, and of room for instances.

pub(crate) mod trouble;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::services;

/// What goes wrong, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The vendor's name of the operation, for example `CreateLoadBalancer`; a `*` at its end stands for any rest.
    pub operation: String,
    /// One of [`services::NAMES`]; none: any.
    #[serde(default)]
    pub service: Option<String>,
    /// Status that is answered; the service adds its vendor's error body.
    #[serde(default = "internal_error")]
    pub status: u16,
    /// Calls that pass before the fault begins.
    #[serde(default)]
    pub after: u32,
    /// Calls that fail; then the fault is over.
    #[serde(default = "once")]
    pub times: u32,
    #[serde(default)]
    pub outcome: Outcome,
    /// How late a call is that is to be late.
    #[serde(default)]
    pub delay_ms: u64,
    /// How likely a call is hit, from 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// Calls that are hit with the same seed are the same ones.
    #[serde(default)]
    pub seed: u64,
    /// Availability domain or fault domain that is full; none: all are.
    #[serde(default)]
    pub domain: Option<String>,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            operation: String::new(),
            service: None,
            status: internal_error(),
            after: 0,
            times: once(),
            outcome: Outcome::Answer,
            delay_ms: 0,
            probability: always(),
            seed: 0,
            domain: None,
        }
    }
}

impl Fault {
    /// What is wrong with it, if it could never be hit or would be no failure.
    fn objection(&self) -> Option<String> {
        if self.operation.is_empty() {
            return Some("operation: which one? `*` stands for any".to_owned());
        }
        if let Some(service) =
            self.service.as_deref().filter(|service| !services::NAMES.contains(service))
        {
            return Some(format!("service: {service} is none of {}", services::NAMES.join(", ")));
        }
        let knows = |service: &&str| {
            services::operations(service).iter().any(|operation| self.is_about(service, operation))
        };
        if !services::NAMES.iter().any(knows) {
            return Some(format!("operation: none is named {}", self.operation));
        }
        if !(400..600).contains(&self.status) {
            return Some(format!("status: {} is no failure: 400 to 599", self.status));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Some(format!("probability: {} is not from 0 to 1", self.probability));
        }
        (self.outcome == Outcome::Delay && self.delay_ms == 0)
            .then(|| "delay_ms: how late?".to_owned())
    }

    fn is_about(&self, service: &str, operation: &str) -> bool {
        let named = match self.operation.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => operation == self.operation,
        };
        named && self.service.as_deref().is_none_or(|own| own == service)
    }
}

/// What comes of a call that a fault hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is answered with the status, and nothing is done.
    #[default]
    Answer,
    /// It arrives late.
    Delay,
    /// The connection breaks before it arrives: nothing is done.
    DropBefore,
    /// It is carried out, and the connection breaks before its answer.
    DropAfter,
    /// It is carried out, and the connection breaks in the middle of its answer.
    Truncate,
    /// It is carried out, and the second half of its answer is missing.
    Malform,
    /// It is accepted; its work request fails when its turn comes, and nothing is done.
    FailedWork,
    /// `CreateContainerInstance`: there is no room in the domain, which the answer says.
    NoCapacity,
    /// The same, which the work request says.
    NoCapacityLate,
}

fn once() -> u32 {
    1
}

fn always() -> f64 {
    1.0
}

fn internal_error() -> u16 {
    500
}

/// A fault, and what it did so far.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    #[serde(flatten)]
    pub fault: Fault,
    /// Calls that it hit.
    pub hits: u32,
    /// Calls that it could have hit.
    pub met: u64,
}

impl Planned {
    /// Whether it hits the next call that it is about; counts the call.
    fn hits(&mut self) -> bool {
        self.met += 1;
        let is_begun = self.met > u64::from(self.fault.after);
        let is_hit = is_begun && chance(self.fault.seed, self.met) < self.fault.probability;
        self.hits += u32::from(is_hit);
        is_hit
    }

    fn is_over(&self) -> bool {
        self.hits >= self.fault.times
    }
}

/// A number from 0 to 1 that depends on nothing else (SplitMix64, Steele et al. 2014).
fn chance(seed: u64, number: u64) -> f64 {
    let mut bits = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let high = u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or_default();
    f64::from(high) / f64::from(u32::MAX)
}

/// The faults that are planned.
#[derive(Debug, Default)]
pub struct Faults {
    planned: Mutex<Vec<Planned>>,
}

impl Faults {
    pub fn plan(&self, fault: Fault) {
        self.planned().push(Planned { fault, hits: 0, met: 0 });
    }

    /// As [`Self::plan`], of a fault that somebody wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn try_plan(&self, fault: Fault) -> Result<(), String> {
        if let Some(objection) = fault.objection() {
            return Err(objection);
        }
        self.plan(fault);
        Ok(())
    }

    /// Everything that is planned, what is over included.
    pub fn list(&self) -> Vec<Planned> {
        self.planned().clone()
    }

    /// Forgets everything that is planned.
    pub fn clear(&self) {
        self.planned().clear();
    }

    /// The status that this call of an operation must fail with, if any; counts the call.
    pub fn strike(&self, service: &str, operation: &str) -> Option<u16> {
        let answers = |fault: &Fault| fault.outcome == Outcome::Answer;
        self.hit(service, operation, answers).map(|fault| fault.status)
    }

    /// Whether the work of this call of `operation` must fail; counts it.
    pub(crate) fn strikes_work(&self, operation: &str) -> bool {
        self.hit("oci", operation, |fault| fault.outcome == Outcome::FailedWork).is_some()
    }

    /// Whether there is no room in any of these domains; counts the instance that was to go there.
    pub(crate) fn fill(&self, outcome: Outcome, domains: &[&str]) -> bool {
        let inside = |fault: &Fault| {
            fault.domain.as_ref().is_none_or(|domain| domains.contains(&domain.as_str()))
        };
        let full = |fault: &Fault| fault.outcome == outcome && inside(fault);
        self.hit("oci", "CreateContainerInstance", full).is_some()
    }

    fn hit(&self, service: &str, operation: &str, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut planned = self.planned();
        let is_meant = |planned: &&mut Planned| {
            let fault = &planned.fault;
            !planned.is_over() && fault.is_about(service, operation) && fits(fault)
        };
        let planned = planned.iter_mut().find(is_meant)?;
        planned.hits().then(|| planned.fault.clone())
    }

    fn planned(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_says_no_more_than_a_status_answers_it_once() {
        let text = r#"{"operation": "CreateVcn", "status": 503}"#;
        let faults = Faults::default();
        faults.plan(serde_json::from_str(text).unwrap());
        assert_eq!(
            (faults.strike("oci", "CreateVcn"), faults.strike("oci", "CreateVcn")),
            (Some(503), None)
        );
    }

    #[test]
    fn a_fault_may_be_about_a_service_and_the_start_of_a_name() {
        let fault = Fault { service: Some("oci".to_owned()), times: 9, ..named("Create*") };
        let faults = Faults::default();
        faults.plan(fault);
        let struck = [("oci", "CreateVcn"), ("oci", "GetVcn"), ("cloudflare", "CreateZone")]
            .map(|(service, operation)| faults.strike(service, operation).is_some());
        assert_eq!(struck, [true, false, false]);
    }

    #[test]
    fn a_probable_fault_hits_about_as_many_calls_as_it_says_and_the_same_ones_again() {
        let struck = || {
            let faults = Faults::default();
            faults.plan(Fault { probability: 0.2, times: u32::MAX, seed: 7, ..named("*") });
            (0..1000).map(|_| faults.strike("acme", "NewOrder").is_some()).collect::<Vec<_>>()
        };
        let hits = struck().iter().filter(|hit| **hit).count();
        assert!((150..250).contains(&hits), "{hits}");
        assert_eq!(struck(), struck());
    }

    #[test]
    fn a_fault_that_could_never_be_hit_is_refused() {
        let refused = |fault| Faults::default().try_plan(fault).unwrap_err();
        assert!(refused(named("")).starts_with("operation"));
        assert!(refused(Fault { status: 200, ..named("*") }).starts_with("status"));
        assert!(refused(Fault { probability: 2.0, ..named("*") }).starts_with("probability"));
        assert!(refused(Fault { outcome: Outcome::Delay, ..named("*") }).starts_with("delay_ms"));
        assert!(refused(named("CreateVpc")).starts_with("operation"));
        assert!(refused(named("*Vcn")).starts_with("operation"));
        let service = Some("acme".to_owned());
        assert!(refused(Fault { service, ..named("CreateVcn") }).starts_with("operation"));
        let service = Some("aws".to_owned());
        assert!(refused(Fault { service, ..named("*") }).starts_with("service"));
    }

    fn named(operation: &str) -> Fault {
        Fault { operation: operation.to_owned(), ..Fault::default() }
    }
}
