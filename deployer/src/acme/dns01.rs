//! Publishing proofs in DNS, and where to look for them (RFC 8555 section 8.4).

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::dns::{self, DnsError};

/// Why a proof could not be published or withdrawn.
pub type PublishError = Box<dyn Error + Send + Sync>;

/// Somebody who can write TXT records. Several values may stand at one name: `x` and `*.x` are proven at the same.
pub trait Dns01: Sync {
    /// Adds a value, unless it is there. Returns the name where it stands: another one if `name` is an alias.
    fn publish(
        &self,
        name: &str,
        value: &str,
    ) -> impl Future<Output = Result<String, PublishError>> + Send;

    /// Takes away what [`Self::publish`] added; `name` is what that returned. Nothing there is fine.
    fn withdraw(
        &self,
        name: &str,
        value: &str,
    ) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Who must have a proof before the authority is told to look.
#[derive(Debug, Clone)]
pub enum NameServers {
    /// These.
    Known(Vec<SocketAddr>),
    /// Those that speak for the name, found through these recursive resolvers.
    FoundBy(Vec<SocketAddr>),
    /// Somebody who sees the zone itself: a simulated world has no sockets to ask.
    SeenBy(Arc<dyn Witness>),
}

/// Who can say which texts stand at a name.
pub trait Witness: Send + Sync + fmt::Debug {
    fn texts(&self, name: &str) -> Vec<String>;
}

/// One address of an anycast server is a sample; its siblings get this much longer.
const GRACE: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

impl NameServers {
    /// Waits until every server has the value.
    ///
    /// # Errors
    /// When the servers cannot be found, or one has not got it in time.
    pub async fn wait_for(
        &self,
        name: &str,
        value: &str,
        within: Duration,
    ) -> Result<(), DnsError> {
        match self {
            Self::Known(servers) => dns::wait_for_text(servers, name, value, within).await,
            Self::FoundBy(resolvers) => {
                let servers = dns::authorities(resolvers, name).await?;
                dns::wait_for_text(&servers, name, value, within).await?;
                sleep(GRACE).await;
                Ok(())
            }
            Self::SeenBy(witness) => see(&**witness, name, value, within).await,
        }
    }
}

async fn see(
    witness: &dyn Witness,
    name: &str,
    value: &str,
    within: Duration,
) -> Result<(), DnsError> {
    let deadline = Instant::now() + within;
    while !witness.texts(name).iter().any(|text| text == value) {
        if Instant::now() > deadline {
            return Err(DnsError::NoAuthority { name: name.to_owned() });
        }
        sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
}
