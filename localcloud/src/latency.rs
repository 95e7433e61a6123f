//! How long asynchronous work takes: not at all, the same for all, or as long as people saw it take at the vendor's.

use std::fmt;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// Work requests as people saw them finish, in seconds, by the contract's name of the operation; those that nobody
/// wrote about take [`USUAL`]. Sources: logs in issues and READMEs of the vendor's Terraform provider and of others.
const SEEN: [(&str, f64); 10] = [
    ("create_load_balancer", 44.0),
    ("create_backend_set", 11.0),
    ("create_certificate", 19.8),
    ("create_listener", 16.7),
    ("update_listener", 16.6),
    ("create_rule_set", 13.3),
    ("create_container_instance", 53.0),
    ("delete_container_instance", 40.0),
    // Of the authority: an order is signed some seconds after it is finalized.
    ("finalize", 3.0),
    ("delete_load_balancer", 30.0),
];
/// Of one change of a load balancer.
const USUAL: f64 = 15.0;

/// A profile of durations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Profile {
    None,
    /// All work takes as long.
    Fixed(Duration),
    /// The durations that were seen, times a factor.
    Oci(f64),
}

impl Profile {
    fn of(self, operation: &str) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(time) => time,
            Self::Oci(factor) => {
                let seen = SEEN.iter().find(|(name, _)| *name == operation);
                Duration::from_secs_f64(seen.map_or(USUAL, |(_, seconds)| *seconds) * factor)
            }
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Fixed(time) => write!(f, "{}ms", time.as_millis()),
            #[expect(clippy::float_cmp, reason = "1 is written as it is read")]
            Self::Oci(factor) if *factor == 1.0 => f.write_str("oci"),
            Self::Oci(factor) => write!(f, "oci*{factor}"),
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("`{text}` is no profile: none, 200ms, oci or oci*0.1");
        if let Some(factor) = text.strip_prefix("oci*") {
            let factor: f64 = factor.parse().map_err(|_| unknown())?;
            return if (0.0..=100.0).contains(&factor) {
                Ok(Self::Oci(factor))
            } else {
                Err(unknown())
            };
        }
        match text {
            "none" => Ok(Self::None),
            "oci" => Ok(Self::Oci(1.0)),
            _ => {
                let millis = text.strip_suffix("ms").and_then(|number| number.parse().ok());
                millis.map(|millis| Self::Fixed(Duration::from_millis(millis))).ok_or_else(unknown)
            }
        }
    }
}

/// The profile that holds now; it can be changed while the cloud runs.
#[derive(Debug)]
pub struct Latency(RwLock<Profile>);

impl Latency {
    /// The same for all work.
    pub fn fixed(millis: u64) -> Self {
        let profile = match millis {
            0 => Profile::None,
            _ => Profile::Fixed(Duration::from_millis(millis)),
        };
        Self(RwLock::new(profile))
    }

    pub fn profile(&self) -> Profile {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds for work that begins from now on.
    pub fn set(&self, profile: Profile) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = profile;
    }

    /// How long the work of an operation takes, by the contract's name of it.
    pub(crate) fn of(&self, operation: &str) -> Duration {
        self.profile().of(operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_shown_as_it_is_written() {
        for text in ["none", "200ms", "oci", "oci*0.1"] {
            assert_eq!(text.parse::<Profile>().unwrap().to_string(), text);
        }
        for text in ["", "aws", "oci*", "oci*-1", "oci*NaN", "5"] {
            assert!(text.parse::<Profile>().unwrap_err().contains("oci*0.1"), "{text}");
        }
    }

    #[test]
    fn what_people_saw_take_long_takes_long_and_the_factor_shortens_all() {
        let latency = Latency::fixed(0);
        assert_eq!(latency.of("create_listener"), Duration::ZERO);
        latency.set(Profile::Oci(0.1));
        assert_eq!(latency.of("create_load_balancer"), Duration::from_millis(4400));
        assert_eq!(latency.of("update_backend_set"), Duration::from_millis(1500));
    }
}
