//! Every call that reached a control plane, in order.

mod actor;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

pub(crate) use self::actor::actor;

const KEPT: usize = 100_000;

/// One call and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Counts from 1.
    pub number: u64,
    pub time: String,
    /// `oci`, `cloudflare`, `acme`, `registry`.
    pub service: &'static str,
    /// The vendor's name of the operation, for example `CreateLoadBalancer`.
    pub operation: String,
    pub method: String,
    pub path: String,
    /// 0 when the call never arrived.
    pub status: u16,
    /// Whether the call asked for a change, whatever came of it.
    pub mutating: bool,
    /// Who called, as far as the call says: a user, an account, `token`; empty for nobody.
    pub actor: String,
    /// `answered`, or what a planned fault did to the call or its answer.
    pub outcome: &'static str,
    /// Time that it took, in microseconds.
    pub micros: u64,
}

/// A bounded record of calls.
#[derive(Debug, Default)]
pub struct Journal {
    kept: Mutex<(u64, VecDeque<Entry>)>,
}

impl Journal {
    /// Adds an entry; `entry.number` is set here.
    pub fn add(&self, mut entry: Entry) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        entry.number = kept.0;
        if kept.1.len() == KEPT {
            kept.1.pop_front();
        }
        kept.1.push_back(entry);
    }

    /// The entries with a number above `after`.
    pub fn since(&self, after: u64) -> Vec<Entry> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.iter().filter(|e| e.number > after).cloned().collect()
    }
}
