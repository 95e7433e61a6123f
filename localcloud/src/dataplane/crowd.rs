//! How many connections one address has at a listener, and how many it may have (`IP_BASED_MAX_CONNECTIONS`).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dataplane::table::Listener;
use crate::network::cidr::Cidr;

/// Connections at a time by address: the strictest range that names it counts, else the default.
#[derive(Debug)]
pub(crate) struct Crowds {
    default: Option<usize>,
    named: Vec<(Cidr, usize)>,
}

impl Crowds {
    /// # Errors
    /// When an address is none.
    pub(crate) fn new<'a>(
        default: Option<usize>,
        named: impl Iterator<Item = (&'a str, usize)>,
    ) -> Result<Self, String> {
        let range = |(text, most): (&str, usize)| {
            let whole = match text.parse::<IpAddr>() {
                Ok(IpAddr::V4(_)) => format!("{text}/32"),
                Ok(IpAddr::V6(_)) => format!("{text}/128"),
                Err(_) => text.to_owned(),
            };
            whole.parse().map(|range| (range, most)).map_err(|e| format!("{text}: {e}"))
        };
        Ok(Self { default, named: named.map(range).collect::<Result<_, _>>()? })
    }

    fn most(&self, source: IpAddr) -> Option<usize> {
        let fitting = self.named.iter().filter(|(range, _)| range.contains(source));
        fitting.map(|(_, most)| *most).min().or(self.default)
    }
}

/// Connections of a load balancer that are counted. Asked once for each connection, and only where a rule counts.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    present: Mutex<HashMap<(String, IpAddr), usize>>,
}

/// A connection's place, given back when it is dropped; none where nobody counts.
#[derive(Debug)]
pub(crate) struct Place {
    counted: Option<(Arc<Crowd>, (String, IpAddr))>,
}

impl Crowd {
    /// Lets a connection in, unless its address has as many as it may.
    pub(crate) fn enter(self: &Arc<Self>, listener: &Listener, source: IpAddr) -> Option<Place> {
        let most = listener.rules.crowds.as_ref().and_then(|crowds| crowds.most(source));
        let Some(most) = most else { return Some(Place { counted: None }) };
        let key = (listener.name.clone(), source);
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        let count = present.entry(key.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { counted: Some((Arc::clone(self), key)) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((crowd, key)) = self.counted.take() else { return };
        let mut present = crowd.present.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = present.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                present.remove(&key);
            }
        }
    }
}
