//! Makes what runs match what the control plane published: tables, ports, health checks.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::cloud::Cloud;
use crate::dataplane::access_log::AccessLog;
use crate::dataplane::health::Target;
use crate::dataplane::lanes::Lanes;
use crate::dataplane::port::Door;
use crate::dataplane::table::Table;
use crate::dataplane::{Live, Overview};
use crate::loopback;
use crate::model::load_balancer::{LoadBalancer, World};
use crate::network::{Endpoint, Incoming};

/// Connections that wait to be accepted at one port.
const BACKLOG: usize = 128;

/// Owns every task of the data plane.
#[derive(Debug)]
pub(crate) struct Reconciler {
    cloud: Arc<Cloud>,
    log: AccessLog,
    lanes: Arc<Lanes>,
    overview: Arc<ArcSwap<Overview>>,
    running: BTreeMap<String, Running>,
    tasks: JoinSet<()>,
}

/// A load balancer as it runs.
#[derive(Debug)]
struct Running {
    live: Arc<Live>,
    /// What was applied last; the same again needs nothing.
    applied: LoadBalancer,
    ports: BTreeMap<u16, OpenPort>,
    checks: BTreeMap<(String, String), (Target, AbortHandle)>,
}

#[derive(Debug)]
struct OpenPort {
    attached: Vec<IpAddr>,
    sender: mpsc::Sender<Incoming>,
    loopback: SocketAddr,
    closing: CancellationToken,
}

impl Reconciler {
    pub(crate) fn new(
        cloud: Arc<Cloud>,
        log: AccessLog,
        lanes: Arc<Lanes>,
        overview: Arc<ArcSwap<Overview>>,
    ) -> Self {
        Self { cloud, log, lanes, overview, running: BTreeMap::new(), tasks: JoinSet::new() }
    }

    /// Brings everything to this state of the world.
    pub(crate) async fn apply(&mut self, world: &World) {
        while self.tasks.try_join_next().is_some() {}
        let carries =
            |id: &str| world.load_balancers.get(id).is_some_and(|b| b.lifecycle_state == "ACTIVE");
        let gone: Vec<String> = self.running.keys().filter(|id| !carries(id)).cloned().collect();
        for id in gone {
            self.close(&id);
        }
        let mut refused = Vec::new();
        for (id, balancer) in world.load_balancers.iter().filter(|(id, _)| carries(id)) {
            if let Err(why) = self.bring_up(id, balancer).await {
                refused.push((id.to_owned(), why));
            }
        }
        let addresses = self.running.values().flat_map(Running::addresses).collect();
        self.overview.store(Arc::new(Overview { addresses, refused }));
    }

    async fn bring_up(&mut self, id: &str, balancer: &LoadBalancer) -> Result<(), String> {
        let before = self.running.get(id);
        if before.is_some_and(|running| running.applied == *balancer) {
            return Ok(());
        }
        let table = before.map(|running| running.live.table.load_full());
        let table = Table::compile(balancer, table.as_deref()).map_err(|e| e.to_string())?;
        let mut running = self.running.remove(id).unwrap_or_else(|| Running {
            live: Arc::new(Live {
                cloud: self.cloud.clone(),
                id: id.to_owned(),
                table: ArcSwap::from_pointee(Table::default()),
                log: self.log.clone(),
                crowd: Arc::default(),
                lanes: self.lanes.clone(),
            }),
            applied: LoadBalancer::default(),
            ports: BTreeMap::new(),
            checks: BTreeMap::new(),
        });
        running.live.table.store(Arc::new(table));
        let opened = self.match_ports(&mut running).await;
        self.match_checks(&mut running, balancer);
        if opened.is_ok() {
            running.applied = balancer.clone();
        }
        self.running.insert(id.to_owned(), running);
        opened.map_err(|e| e.to_string())
    }

    async fn match_ports(&mut self, running: &mut Running) -> io::Result<()> {
        let table = running.live.table.load_full();
        let gone = running.ports.extract_if(.., |port, _| !table.ports.contains_key(port));
        for (port, open) in gone.collect::<Vec<_>>() {
            self.close_port(port, &open);
        }
        for port in table.ports.keys() {
            if !running.ports.contains_key(port) {
                let open = self.open_port(running.live.clone(), *port).await?;
                running.ports.insert(*port, open);
            }
        }
        for (port, open) in &mut running.ports {
            for address in open.attached.iter().filter(|a| !table.addresses.contains(a)) {
                self.cloud.fabric.detach(*address, *port);
            }
            for address in &table.addresses {
                let endpoint = Endpoint::Listener(open.sender.clone());
                self.cloud.fabric.attach(*address, *port, endpoint);
            }
            open.attached.clone_from(&table.addresses);
        }
        Ok(())
    }

    async fn open_port(&mut self, live: Arc<Live>, port: u16) -> io::Result<OpenPort> {
        let listener = loopback::listen(0).await?;
        let loopback = listener.local_addr()?;
        let (sender, incoming) = mpsc::channel(BACKLOG);
        let closing = CancellationToken::new();
        let door = Door { live, port, incoming, loopback: listener, closing: closing.clone() };
        self.tasks.spawn(door.serve());
        Ok(OpenPort { attached: Vec::new(), sender, loopback, closing })
    }

    /// Ends watches of what is gone or changed, begins those that are missing.
    fn match_checks(&mut self, running: &mut Running, balancer: &LoadBalancer) {
        let table = running.live.table.load_full();
        let mut wanted = BTreeMap::new();
        for (name, set) in &table.sets {
            let Some(model) = balancer.backend_sets.get(name) else { continue };
            for backend in &set.backends {
                let target = Target::new(&running.live.id, set, backend, &model.health_checker);
                wanted.insert((name.clone(), backend.name.clone()), target);
            }
        }
        running.checks.retain(|key, (target, task)| {
            let stays = wanted.get(key).is_some_and(|wanted| wanted.is_same(target));
            if !stays {
                task.abort();
            }
            stays
        });
        for (key, target) in wanted {
            running.checks.entry(key).or_insert_with(|| {
                let task = self.tasks.spawn(target.clone().watch(self.cloud.clone()));
                (target, task)
            });
        }
    }

    fn close(&mut self, id: &str) {
        let Some(running) = self.running.remove(id) else { return };
        for (port, open) in &running.ports {
            self.close_port(*port, open);
        }
        for (_, task) in running.checks.into_values() {
            task.abort();
        }
        self.cloud.health.forget(id);
    }

    /// Nobody new gets in; who is in may finish.
    fn close_port(&self, port: u16, open: &OpenPort) {
        for address in &open.attached {
            self.cloud.fabric.detach(*address, port);
        }
        open.closing.cancel();
    }
}

impl Running {
    fn addresses(&self) -> impl Iterator<Item = (SocketAddr, SocketAddr)> {
        self.ports.iter().flat_map(|(port, open)| {
            open.attached.iter().map(|address| (SocketAddr::new(*address, *port), open.loopback))
        })
    }
}
