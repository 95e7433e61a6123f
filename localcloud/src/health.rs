//! What the data plane last found out about each backend; the control plane shows it.
//!
//! Not kept on disk: after a restart nothing is known until the first check.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

/// Outcome of one health check, in the vendor's words (`HealthCheckResult.healthCheckStatus`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckResult {
    Ok,
    InvalidStatusCode,
    TimedOut,
    RegexMismatch,
    ConnectFailed,
    IoError,
    Offline,
    #[default]
    Unknown,
}

/// The latest check of one backend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub status: CheckResult,
    /// When it was found out, as [`crate::clock::stamp`] writes it.
    pub time: String,
}

/// The latest check of every backend of every load balancer.
#[derive(Debug, Default)]
pub struct HealthBoard {
    checks: RwLock<HashMap<[String; 3], Health>>,
}

impl HealthBoard {
    /// Publishes a check; `backend` is the vendor's name, `ip:port`.
    pub fn set(&self, load_balancer: &str, backend_set: &str, backend: &str, health: Health) {
        let mut checks = self.checks.write().unwrap_or_else(PoisonError::into_inner);
        checks.insert(key(load_balancer, backend_set, backend), health);
    }

    /// The latest check of a backend; none before the first.
    pub fn get(&self, load_balancer: &str, backend_set: &str, backend: &str) -> Option<Health> {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        checks.get(&key(load_balancer, backend_set, backend)).cloned()
    }

    /// Forgets a load balancer that was deleted.
    pub fn forget(&self, load_balancer: &str) {
        let mut checks = self.checks.write().unwrap_or_else(PoisonError::into_inner);
        checks.retain(|[id, ..], _| id != load_balancer);
    }
}

fn key(load_balancer: &str, backend_set: &str, backend: &str) -> [String; 3] {
    [load_balancer.to_owned(), backend_set.to_owned(), backend.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_load_balancer_leaves_no_health_behind() {
        let board = HealthBoard::default();
        for id in ["a", "b"] {
            board.set(id, "web", "10.0.0.3:80", Health::default());
        }
        board.forget("a");
        assert_eq!(board.get("a", "web", "10.0.0.3:80"), None);
        assert_eq!(board.get("b", "web", "10.0.0.3:80"), Some(Health::default()));
    }
}
