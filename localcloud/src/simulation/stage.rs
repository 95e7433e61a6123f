//! What stands behind the control plane in a simulation: when a backend is checked, and which instances are sick.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

use crate::model::load_balancer::LoadBalancer;

/// Says of an instance whether it is sick.
pub(crate) type Diagnosis = Box<dyn Fn(&Patient<'_>) -> bool + Send + Sync>;

/// An instance whose health is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Patient<'a> {
    pub display_name: &'a str,
    pub availability_domain: &'a str,
    pub fault_domain: &'a str,
    pub freeform_tags: &'a BTreeMap<String, String>,
    /// Image and environment of its first container.
    pub image_url: &'a str,
    pub environment: &'a BTreeMap<String, String>,
}

/// The state of a simulation beside the documents.
pub(crate) struct Stage {
    check_time: Duration,
    sick: Mutex<Diagnosis>,
    /// Since when a backend is in its set: load balancer, backend set, backend.
    since: Mutex<BTreeMap<[String; 3], OffsetDateTime>>,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("check_time", &self.check_time).finish_non_exhaustive()
    }
}

impl Stage {
    pub(crate) fn new(check_time: Duration) -> Self {
        Self { check_time, sick: Mutex::new(Box::new(|_| false)), since: Mutex::default() }
    }

    pub(crate) fn sicken(&self, diagnosis: Diagnosis) {
        *self.sick.lock().unwrap_or_else(PoisonError::into_inner) = diagnosis;
    }

    pub(crate) fn is_sick(&self, patient: &Patient<'_>) -> bool {
        self.sick.lock().unwrap_or_else(PoisonError::into_inner)(patient)
    }

    /// Takes note of the backends that came and went with a change.
    pub(crate) fn note(&self, lb: &LoadBalancer, now: OffsetDateTime) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let sets = lb.backend_sets.values();
        let present = sets.flat_map(|set| set.backends.iter().map(|b| key(lb, &set.name, &b.name)));
        let before = since.extract_if(.., |[id, ..], _| *id == lb.id).collect::<BTreeMap<_, _>>();
        since.extend(present.map(|key| {
            let known = before.get(&key).copied();
            (key, known.unwrap_or(now))
        }));
    }

    /// Whether a backend has been checked.
    pub(crate) fn is_checked(
        &self,
        lb: &LoadBalancer,
        set: &str,
        backend: &str,
        now: OffsetDateTime,
    ) -> bool {
        let since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.get(&key(lb, set, backend)).is_some_and(|since| *since + self.check_time <= now)
    }
}

fn key(lb: &LoadBalancer, set: &str, backend: &str) -> [String; 3] {
    [lb.id.clone(), set.to_owned(), backend.to_owned()]
}
