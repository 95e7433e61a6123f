//! The load balancers' data plane: reads what the control plane publishes, carries traffic.
//!
//! Every ACTIVE load balancer is compiled into an immutable table that is swapped as a whole. Connections outlive the swap;
//! each request sees the table of its moment. Nothing on the request path asks the control plane.

mod access_log;
mod balancer;
mod body;
mod crowd;
mod exchange;
mod forward;
mod headers;
mod health;
mod lanes;
mod port;
mod reconcile;
pub mod reference;
pub(crate) mod router;
mod table;
mod tls;
mod upstream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::task::JoinHandle;

use crate::cloud::Cloud;
use crate::dataplane::access_log::AccessLog;
use crate::dataplane::crowd::Crowd;
use crate::dataplane::lanes::Lanes;
use crate::dataplane::reconcile::Reconciler;
use crate::dataplane::table::Table;
use crate::model::load_balancer::LoadBalancer;

/// The running data plane; dropping it ends all of it.
#[derive(Debug)]
pub struct DataPlane {
    overview: Arc<ArcSwap<Overview>>,
    running: JoinHandle<()>,
}

/// What others may know of the data plane.
#[derive(Debug, Default, Clone)]
struct Overview {
    addresses: Vec<(SocketAddr, SocketAddr)>,
    refused: Vec<(String, String)>,
}

/// One load balancer that carries traffic.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) cloud: Arc<Cloud>,
    /// OCID.
    pub(crate) id: String,
    pub(crate) table: ArcSwap<Table>,
    pub(crate) log: AccessLog,
    pub(crate) crowd: Arc<Crowd>,
    pub(crate) lanes: Arc<Lanes>,
}

/// Whether a load balancer makes sense to the data plane: references, certificates, rules, conditions.
///
/// # Errors
/// The first part that does not, and why.
pub fn check(balancer: &LoadBalancer) -> Result<(), String> {
    Table::compile(balancer, None).map(drop).map_err(|e| e.to_string())
}

impl DataPlane {
    /// Starts to carry the traffic of every ACTIVE load balancer, now and whenever they change.
    ///
    /// # Errors
    /// When `<state>/access.log` cannot be opened, or there are no threads to be had.
    pub async fn start(cloud: Arc<Cloud>) -> io::Result<Self> {
        let log = AccessLog::open(Arc::clone(&cloud))?;
        let overview = Arc::new(ArcSwap::from_pointee(Overview::default()));
        let mut changes = cloud.balancers.subscribe();
        let lanes = Arc::new(Lanes::open()?);
        let mut reconciler = Reconciler::new(cloud, log, lanes, overview.clone());
        let world = changes.borrow_and_update().clone();
        reconciler.apply(&world).await;
        let running = tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                let world = changes.borrow_and_update().clone();
                reconciler.apply(&world).await;
            }
        });
        Ok(Self { overview, running })
    }

    /// Each load balancer's (address, port), and the loopback address that reaches it without the edge.
    pub fn addresses(&self) -> Vec<(SocketAddr, SocketAddr)> {
        self.overview.load().addresses.clone()
    }

    /// Load balancers whose present configuration makes no sense, by OCID, with the reason. They go on as they were.
    pub fn refused(&self) -> Vec<(String, String)> {
        self.overview.load().refused.clone()
    }
}

impl Drop for DataPlane {
    fn drop(&mut self) {
        self.running.abort();
    }
}

#[cfg(test)]
mod tests;
