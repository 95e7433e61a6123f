//! Who may do what: policy statements in the vendor's language, and whether they allow something.
//!
//! A cloud without statements allows its one user everything, as an administrator's tenancy does. With statements it
//! allows what one of them does; the user is a member of every group that they name. Which permissions an operation
//! needs is the services' to say.

mod condition;
mod resource;
mod statement;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

#[cfg(test)]
pub(crate) use self::resource::is_permission;
pub use self::statement::StatementError;
use self::statement::{Location, Statement};

/// Refusals that are remembered; later ones are not.
const REMEMBERED: usize = 1_000;

/// One permission that somebody wants to use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// In the vendor's words, `VCN_CREATE`.
    pub(crate) permission: &'a str,
    /// In the vendor's words, `CreateVcn`.
    pub(crate) operation: &'a str,
    /// The compartment that it is about and those around it, as OCID and name; without the tenancy.
    pub(crate) compartments: &'a [(String, String)],
    /// What conditions may ask for besides, such as `target.bucket.name`.
    pub(crate) variables: &'a BTreeMap<&'static str, String>,
}

/// The statements of a tenancy. They can be exchanged at any time.
#[derive(Debug, Default)]
pub struct Policies {
    statements: RwLock<Arc<[Statement]>>,
    denials: Mutex<Vec<String>>,
}

impl Policies {
    /// # Errors
    /// The first statement that is none.
    pub fn new(texts: &[String]) -> Result<Self, StatementError> {
        let policies = Self::default();
        policies.replace(texts)?;
        Ok(policies)
    }

    /// From now on these statements hold, and what was refused so far is forgotten.
    ///
    /// # Errors
    /// The first statement that is none; then everything stays as it was.
    pub fn replace(&self, texts: &[String]) -> Result<(), StatementError> {
        let parsed: Result<Vec<Statement>, StatementError> =
            texts.iter().map(|text| Statement::parse(text)).collect();
        *self.statements.write().unwrap_or_else(PoisonError::into_inner) = parsed?.into();
        self.denials.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// What was refused: operation, permission and compartment, the earliest first. No client is told as much.
    pub fn denials(&self) -> Vec<String> {
        self.denials.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether everything is allowed, because nobody said anything.
    pub(crate) fn are_silent(&self) -> bool {
        self.statements.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(crate) fn allow(&self, request: &Request<'_>) -> bool {
        let statements =
            Arc::clone(&self.statements.read().unwrap_or_else(PoisonError::into_inner));
        statements.is_empty() || statements.iter().any(|statement| allows(statement, request))
    }

    pub(crate) fn remember(&self, denial: String) {
        let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        if denials.len() < REMEMBERED {
            denials.push(denial);
        }
    }
}

fn allows(statement: &Statement, request: &Request<'_>) -> bool {
    let is_within = match &statement.location {
        Location::Tenancy => true,
        Location::Id(id) => request.compartments.iter().any(|(other, _)| other == id),
        Location::Name(name) => {
            request.compartments.iter().any(|(_, other)| other.eq_ignore_ascii_case(name))
        }
    };
    statement.is_for_users
        && is_within
        && statement.what.includes(request.permission)
        && statement.condition.as_ref().is_none_or(|condition| condition.holds(request))
}
