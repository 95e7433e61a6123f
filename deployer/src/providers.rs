//! Every kind of resource, one file each. Planning is handed [`observe`], which only reads; [`writer`] carries out
//! single steps of a plan.

pub mod adopted;
pub mod certificate;
mod change;
mod container_instance;
mod create;
mod dns_record;
mod image;
mod listing;
pub mod load_balancer;
pub(crate) mod mark;
mod network_security_group;
mod preflight;
mod simple;
mod strays;
pub mod writer;
mod zone_setting;

use std::sync::Arc;

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::environment::Environment;
use deployer_core::observed::{Found, Observed};

use crate::acme::NameServers;
use crate::cloudflare::Cloudflare;
use crate::event::{Event, Listener};
use crate::failure::{self, Failure};
use crate::http::HttpTransport;
use crate::image::Images;
use crate::site::Site;
use crate::stop::Stop;
use crate::store::Store;
pub(crate) use listing::{LAG, Patience};
pub use preflight::preflight;
pub use strays::strays;

/// What resources are listed from and made with.
#[derive(Clone)]
pub struct Clouds {
    pub environment: Environment,
    pub site: Site,
    pub http: HttpTransport,
    /// What time it is; every wait is the runtime's.
    pub clock: Arc<dyn oci::Clock>,
    pub oci: oci::Client,
    pub compartment: String,
    pub cloudflare: Cloudflare,
    /// Id of the Cloudflare zone.
    pub zone: String,
    pub namespace: String,
    /// Values of the variables that the environment file names.
    pub variables: std::collections::BTreeMap<String, String>,
    /// Host of the registry.
    pub registry: String,
    /// Where small secrets are kept between runs.
    pub store: Store,
    /// URL of the ACME directory.
    pub directory: String,
    /// Who must see a proof before the ACME authority is told to look.
    pub name_servers: NameServers,
    /// Where images come from.
    pub images: Arc<dyn Images>,
    pub listener: Arc<dyn Listener>,
    /// Ends waits for what was refused so far.
    pub stop: Stop,
}

impl std::fmt::Debug for Clouds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clouds")
            .field("environment", &self.environment.name)
            .finish_non_exhaustive()
    }
}

impl Clouds {
    /// The same environment in another region, to remove there what was left; none where all regions are behind one
    /// address.
    pub fn in_region(&self, region: &str) -> Option<Self> {
        let here = self.oci.region()?;
        let there = oci::Region::named(region).unwrap_or_else(|_| here.beside(region, region));
        let mut clouds = self.clone();
        region.clone_into(&mut clouds.environment.oci.region);
        clouds.registry = there.registry_host();
        clouds.oci = self.oci.in_region(there)?;
        Some(clouds)
    }

    /// Tells what a step is doing.
    pub fn note(&self, address: &Address, note: impl Into<String>) {
        self.listener.event(Event::StepNote {
            address: address.to_string(),
            note: note.into(),
            passing: false,
        });
    }

    /// Tells how far a step is: for a screen, not for a log.
    pub fn progress(&self, address: &Address, note: impl Into<String>) {
        self.listener.event(Event::StepNote {
            address: address.to_string(),
            note: note.into(),
            passing: true,
        });
    }
}

/// What a kind's list gives.
type Listed = Result<Vec<(Address, Found)>, Failure>;

/// Lists everything that carries the environment's mark, the kinds side by side. One list that fails fails all:
/// what a partial list lacks would look as if it were gone.
///
/// # Errors
/// The first list that failed.
pub async fn observe(clouds: &Clouds, desired: &Desired) -> Result<Observed, Failure> {
    let simple = futures_util::future::join_all(
        simple::KINDS.map(|simple| listing::ours(clouds, simple.kind)),
    );
    let (simple, groups, images, instances, balancers, settings, records, strays) = tokio::join!(
        simple,
        network_security_group::list(clouds),
        image::list(clouds, desired),
        container_instance::list(clouds),
        load_balancer::list(clouds),
        zone_setting::list(clouds, desired),
        dns_record::list(clouds, desired),
        strays(clouds),
    );
    let mut observed = Observed { strays: strays?, ..Observed::default() };
    for listed in
        simple.into_iter().chain([groups, images, instances, balancers, settings, records])
    {
        for (address, found) in listed? {
            observed.insert(address, found);
        }
    }
    certificate::add(clouds, &mut observed);
    Ok(observed)
}

/// A call to OCI that failed, as a person is told of it.
pub fn oci_failure(what: &str, error: &oci::Error) -> Failure {
    use oci::Kind as From;
    let kind = match error.kind() {
        From::NotAuthenticated | From::Denied => failure::Kind::Denied,
        From::TimedOut => failure::Kind::TimedOut,
        From::NotFound
        | From::Conflict
        | From::EtagMismatch
        | From::IncorrectState
        | From::Invalid
        | From::InvalidatedRetryToken
        | From::LimitExceeded
        | From::OutOfCapacity
        | From::RateLimited
        | From::Unexpected
        | From::Unreachable
        | From::Unavailable
        | From::WorkRequestFailed => failure::Kind::Provider,
    };
    let failure = Failure::because(kind, what, error);
    match error.kind() {
        From::NotAuthenticated => failure
            .hint("check user, fingerprint and key of the OCI profile: the fingerprint is shown beside the key in the console, under API keys")
            .hint("a clock that is more than five minutes off is refused, too"),
        From::Denied | From::NotFound => {
            let failure = failure.hint(
                "404 means absent or not allowed: check the compartment's OCID and region",
            );
            if may_lack_policy(error) { failure.hint(POLICIES) } else { failure }
        }
        From::LimitExceeded => failure.hint("ask for a higher limit in the console, under Limits, Quotas and Usage"),
        From::OutOfCapacity => failure.hint("try again later, or another shape in the environment file"),
        From::EtagMismatch => failure.hint("somebody else changed it meanwhile; run the command again"),
        From::Unreachable => failure.hint("check the network and the region's name"),
        _ => failure,
    }
}

/// The next step of whoever may not be allowed what failed.
pub(crate) const POLICIES: &str = "a policy may be missing: `deployer policy print --env NAME` \
     prints the statements that an administrator must add";

/// Whether it may be for want of a policy. What is made or listed is named by a compartment, and of that the answer to
/// everything else would speak as well; of a single thing it is likelier that it is gone.
fn may_lack_policy(error: &oci::Error) -> bool {
    let about_many =
        ["Create", "List", "Put"].iter().any(|verb| error.operation().starts_with(verb));
    error.kind() == oci::Kind::Denied || about_many
}

/// A call to Cloudflare that failed, as a person is told of it.
pub fn cloudflare_failure(what: &str, error: &crate::cloudflare::CloudflareError) -> Failure {
    use crate::cloudflare::Kind as From;
    match error.kind() {
        From::Denied => Failure::because(failure::Kind::Denied, what, error)
            .hint("the token needs Zone:Read, DNS:Edit and Zone Settings:Edit on this zone"),
        _ => Failure::because(failure::Kind::Provider, what, error),
    }
}

/// Name of a resource within its kind.
fn address(kind: Kind, name: &str) -> Address {
    Address::new(kind, name)
}

#[cfg(test)]
mod tests;
