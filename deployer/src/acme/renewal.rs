//! When to renew: by what is left of the lifetime, and by what the authority suggests (RFC 9773).

use time::{Duration, OffsetDateTime};

use super::{AcmeError, Authority, chain};

/// Below this lifetime half of it must be left, above a third.
const SHORT: Duration = Duration::days(10);

/// Whether a certificate is due: a third of its lifetime is left, or half when it lives less than ten days. No
/// number of days is fixed, because lifetimes are shrinking.
pub fn renewal_due(
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    now: OffsetDateTime,
) -> bool {
    let lifetime = not_after - not_before;
    let reserve = if lifetime < SHORT { lifetime / 2 } else { lifetime / 3 };
    not_after - now <= reserve
}

/// When the authority would like a certificate to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub start: OffsetDateTime,
    pub end: OffsetDateTime,
    /// A page that tells why, if the window was moved.
    pub explanation_url: Option<String>,
}

impl Authority {
    /// What the authority suggests for a certificate; `None` when it makes no suggestions.
    ///
    /// # Errors
    /// When the chain is none, or the authority fails.
    pub async fn suggestion(&self, chain_pem: &str) -> Result<Option<Suggestion>, AcmeError> {
        let leaf = chain::leaf(chain_pem)?;
        let Ok(identifier) = (&leaf).try_into() else { return Ok(None) };
        match self.account.renewal_info(&identifier).await {
            Ok((info, _)) => Ok(Some(Suggestion {
                start: info.suggested_window.start,
                end: info.suggested_window.end,
                explanation_url: info.explanation_url,
            })),
            Err(instant_acme::Error::Unsupported(_)) => Ok(None),
            Err(error) => Err(self.wire.explain("read the renewal information", error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, OffsetDateTime, renewal_due};

    fn due(lifetime_days: i64, left_days: i64) -> bool {
        let start = OffsetDateTime::UNIX_EPOCH;
        let end = start + Duration::days(lifetime_days);
        renewal_due(start, end, end - Duration::days(left_days))
    }

    #[test]
    fn a_certificate_is_due_when_a_third_of_its_life_is_left() {
        assert!(!due(90, 31));
        assert!(due(90, 30));
        assert!(!due(45, 16));
        assert!(due(45, 15));
    }

    #[test]
    fn a_short_lived_one_is_due_when_half_is_left() {
        assert!(!due(6, 4));
        assert!(due(6, 3));
    }

    #[test]
    fn an_expired_one_is_due() {
        assert!(due(90, -1));
    }
}
