//! All workspaces of the process: made by anyone, found by their address, forgotten when nobody uses them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;
use mock::Workspace;

use super::store::Store;
use super::tenant::{Tenant, now};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::visitor;

/// The most workspaces at once.
const MOST: usize = 256;
/// The most that one visitor has at once.
const MOST_OF_ONE: usize = 16;
/// How long a workspace is kept that nobody uses, in days.
pub(crate) const DAYS_KEPT: i64 = 7;
const KEPT: i64 = DAYS_KEPT * 24 * 3_600_000;
/// A workspace unused for so long makes room for a new one when there is none, in milliseconds.
const QUIET: i64 = 3_600_000;
/// The most bytes of all journals together, shared evenly.
const JOURNALS: usize = 64 << 20;
/// The most bytes of all stubs, documents and data together, as JSON.
const CONTENT: usize = 64 << 20;

/// Every workspace by its identifier.
#[derive(Debug)]
pub(crate) struct Workspaces {
    tenants: RwLock<HashMap<String, Arc<Tenant>>>,
    store: Option<Store>,
    domain: Option<String>,
}

impl Workspaces {
    /// What the store has, if there is one.
    pub(crate) fn open(settings: &Settings) -> Self {
        let store = settings.mock_store.clone().map(Store::at);
        let kept = store.as_ref().map(Store::read).unwrap_or_default();
        let tenants = kept.into_iter().map(|tenant| (tenant.id.clone(), Arc::new(tenant)));
        let domain = settings.mock_domain.clone();
        Self { tenants: RwLock::new(tenants.collect()), store, domain }
    }

    /// Makes an empty workspace for a visitor.
    pub(crate) fn make(&self, visitor: Option<IpAddr>) -> Result<Arc<Tenant>, Problem> {
        let (id, token) = (secret(16)?, secret(26)?);
        let maker = visitor.map(visitor::network);
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let own =
            tenants.values().filter(|tenant| maker.is_some() && tenant.maker == maker).count();
        if own >= MOST_OF_ONE {
            let detail = format!(
                "this address has {own} workspaces already; delete one, or come back when one was unused for {DAYS_KEPT} days"
            );
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail));
        }
        if tenants.len() >= MOST {
            let oldest = tenants.values().min_by_key(|tenant| tenant.last_used());
            match oldest.filter(|tenant| now() - tenant.last_used() > QUIET).map(Arc::clone) {
                Some(quiet) => self.forget(&mut tenants, &quiet.id),
                None => {
                    let detail = "all places for workspaces are in use; try again in an hour";
                    return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
                }
            }
        }
        let tenant = Arc::new(Tenant::new(id.clone(), token, maker, Workspace::default()));
        tenants.insert(id, Arc::clone(&tenant));
        share(&tenants);
        Ok(tenant)
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Tenant>> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(id).map(Arc::clone)
    }

    /// Which workspace a host name means, if the site has names for them and this is one.
    pub(crate) fn named_by(&self, host: &str) -> Option<String> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        // A name may end in the dot of the root.
        let name = name.strip_suffix('.').unwrap_or(&name);
        let id = name.strip_suffix(self.domain.as_deref()?)?.strip_suffix('.')?;
        (!id.contains('.')).then(|| id.to_owned())
    }

    /// The address at which a workspace answers, without a slash at its end.
    pub(crate) fn address(&self, id: &str, origin: &str, base: &str) -> String {
        let Some(domain) = &self.domain else {
            return [origin, base, super::PATH, id].concat();
        };
        let (scheme, host) = origin.split_once("://").unwrap_or(("https", origin));
        let port = host.rsplit_once(':').map_or(String::new(), |(_, port)| format!(":{port}"));
        format!("{scheme}://{id}.{domain}{port}")
    }

    /// How many bytes of content a workspace may have while the others have what they have.
    pub(crate) fn room_for(&self, tenant: &Tenant) -> usize {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let all: usize = tenants.values().map(|tenant| tenant.weight()).sum();
        CONTENT.saturating_sub(all.saturating_sub(tenant.weight()))
    }

    pub(crate) fn remove(&self, id: &str) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        self.forget(&mut tenants, id);
        share(&tenants);
    }

    /// Whether workspaces outlive the process.
    pub(crate) const fn are_kept(&self) -> bool {
        self.store.is_some()
    }

    /// Forgets what was unused for long, and writes what changed to the store.
    pub(crate) fn tidy(&self) {
        let present: Vec<Arc<Tenant>> = {
            let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
            let old = now() - KEPT;
            let unused: Vec<String> = tenants
                .values()
                .filter(|tenant| tenant.last_used() < old)
                .map(|tenant| tenant.id.clone())
                .collect();
            unused.iter().for_each(|id| self.forget(&mut tenants, id));
            tenants.values().map(Arc::clone).collect()
        };
        let Some(store) = &self.store else { return };
        for tenant in present {
            store.keep(&tenant);
            // One that was removed meanwhile must not come back with the next start.
            if self.get(&tenant.id).is_none() {
                store.forget(&tenant.id);
            }
        }
    }

    fn forget(&self, tenants: &mut HashMap<String, Arc<Tenant>>, id: &str) {
        tenants.remove(id);
        if let Some(store) = &self.store {
            store.forget(id);
        }
    }
}

/// Gives every journal the same part of what there is for all.
fn share(tenants: &HashMap<String, Arc<Tenant>>) {
    let part = JOURNALS / tenants.len().max(6);
    tenants.values().for_each(|tenant| tenant.limit_journal(part));
}

/// Letters and digits that nobody can guess, each with 5 bits, fit for a host name.
fn secret(length: usize) -> Result<String, Problem> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| Problem::internal())?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests;
