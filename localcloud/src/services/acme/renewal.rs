//! Renewal information: when a certificate should be replaced (RFC 9773).

use serde_json::json;

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::problem::Problem;
use super::state::{Certificate, rfc3339};

/// How long an answer holds, in seconds; Let's Encrypt says about six hours.
const RETRY_AFTER: &str = "21600";

impl AcmeService {
    pub(super) fn renewal_info(&self, id: &str) -> Result<Answer, Problem> {
        let world = self.world.read();
        let found = world.certificates.values().find(|each| each.renewal_id == id);
        let certificate = found.ok_or_else(|| absent("certificate"))?;
        let (start, end) = window(certificate);
        let body = json!({ "suggestedWindow": { "start": rfc3339(start), "end": rfc3339(end) } });
        Ok(Answer::json(200, &body).with("retry-after", RETRY_AFTER))
    }

    /// Makes renewal information say "at once" for every certificate of a name, as before a mass revocation.
    pub fn advise_renewal(&self, name: &str) {
        self.world.update(|world| {
            let named = |each: &Certificate| each.names.iter().any(|own| own == name);
            world.certificates.change_where(named, |each| each.renew_now = true);
        });
    }
}

/// Start and end, seconds since 1970: a thirtieth of the lifetime around its second third's end; in the past when
/// the certificate is or will be revoked (section 4.2).
fn window(certificate: &Certificate) -> (i64, i64) {
    let Certificate { not_before, not_after, .. } = *certificate;
    if certificate.revoked.is_some() || certificate.renew_now {
        return (not_before, not_before + 60);
    }
    let lifetime = not_after - not_before;
    let centre = not_before + lifetime * 2 / 3;
    (centre - lifetime / 60, centre + lifetime / 60)
}
