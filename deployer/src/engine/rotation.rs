//! The certificate that a rotation replaces: the one that was there when it began, and no other.

use deployer_core::address::Kind;
use deployer_core::observed::Observed;

use crate::failure::{self, Failure};
use crate::providers::certificate;
use crate::session::Session;

/// Remembers over the rounds of a run what is to be replaced.
#[derive(Debug, Default)]
pub(super) struct Rotation(Option<String>);

impl Rotation {
    /// Lets the certificate look as if it were due.
    pub(super) fn ask(
        &mut self,
        session: &Session,
        observed: &mut Observed,
    ) -> Result<(), Failure> {
        let mut certificates =
            observed.resources.iter_mut().filter(|(address, _)| address.kind == Kind::Certificate);
        let Some((_, certificate)) = certificates.next() else {
            let name = &session.clouds.environment.name;
            let message = format!("{name} has no certificate yet");
            return Err(Failure::new(failure::Kind::Usage, message)
                .hint(format!("deployer up --env {name}")));
        };
        if self.0.is_none() {
            certificate::forget_installed(&session.clouds);
        }
        if *self.0.get_or_insert_with(|| certificate.id.clone()) == certificate.id {
            certificate.broken = Some("rotation was asked for".to_owned());
        }
        Ok(())
    }
}
