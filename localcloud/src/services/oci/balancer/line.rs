//! One line per load balancer: its changes happen one after another, in the order in which they were accepted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::mpsc;

use super::{change, lifecycle};
use crate::ids;
use crate::model::load_balancer::LoadBalancer;
use crate::services::oci::failure::Failure;
use crate::services::oci::work::{Change, Problem, Subject, Work};
use crate::services::oci::{OciService, contract};

/// The lines that somebody waits in, by load balancer.
#[derive(Debug, Default)]
pub(in crate::services::oci) struct Lines {
    open: Mutex<HashMap<String, mpsc::UnboundedSender<String>>>,
}

/// Writes a change down and puts it at the end of the line; returns its work request.
pub(super) fn accept(service: &Arc<OciService>, lb: &LoadBalancer, change: Change) -> String {
    let subject = Subject {
        kind: "loadbalancerworkrequest",
        resource: &lb.id,
        compartment: &lb.compartment_id,
    };
    // Held over both steps, or two calls could be accepted in one order and carried out in the other.
    let mut open = service.lines.open.lock().unwrap_or_else(PoisonError::into_inner);
    let id = service.work.accept(&service.cloud, &subject, change);
    push(service, &mut open, &lb.id, id.clone());
    id
}

/// Puts a work request that was accepted before a restart into the line.
pub(in crate::services::oci) fn enqueue(service: &Arc<OciService>, lb: &str, work: String) {
    let mut open = service.lines.open.lock().unwrap_or_else(PoisonError::into_inner);
    push(service, &mut open, lb, work);
}

fn push(
    service: &Arc<OciService>,
    open: &mut HashMap<String, mpsc::UnboundedSender<String>>,
    lb: &str,
    work: String,
) {
    let line = open.entry(lb.to_owned()).or_insert_with(|| {
        let (line, waiting) = mpsc::unbounded_channel();
        tokio::spawn(serve(Arc::downgrade(service), waiting));
        line
    });
    // The other end lives as long as the line: it ends when the service is dropped, and the line with it.
    let _sent = line.send(work);
}

/// Holds the service only while it works, so that an idle line does not keep a dropped cloud alive.
async fn serve(service: Weak<OciService>, mut waiting: mpsc::UnboundedReceiver<String>) {
    while let Some(id) = waiting.recv().await {
        let begin = |service: Arc<OciService>| {
            service.work.start(&service.cloud, &id);
            service.work.duration(&service.cloud, &id)
        };
        let Some(latency) = service.upgrade().map(begin) else { return };
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let Some(service) = service.upgrade() else { return };
        if let Ok(work) = service.work.get(&id) {
            let outcome = carry_out(&service, &work);
            take_note(&service, &work);
            service.work.finish(&service.cloud, &id, outcome);
        }
    }
}

/// In a simulation, health begins with the arrival of a backend.
fn take_note(service: &OciService, work: &Work) {
    if let Some(stage) = &service.cloud.simulated
        && let Some(lb) = service.cloud.balancers.read().load_balancers.get(&work.resource)
    {
        stage.note(lb, service.cloud.clock.now());
    }
}

fn carry_out(service: &OciService, work: &Work) -> Result<(), Problem> {
    let operation = work.change.operation.as_str();
    if service.cloud.faults.strikes_work(&contract::title(operation)) {
        lifecycle::give_up(service, &work.resource, operation);
        return Err(Problem::planned("INTERNAL_ERROR"));
    }
    let outcome = match operation {
        "create_load_balancer" => lifecycle::created(service, &work.resource),
        "delete_load_balancer" => lifecycle::deleted(service, &work.resource),
        _ => commit(service, &work.resource, &work.change),
    };
    outcome.map_err(Problem::from)
}

fn commit(service: &OciService, lb: &str, change: &Change) -> Result<(), Failure> {
    service.cloud.balancers.try_update(|world| {
        let found = world.load_balancers.get_mut(lb).filter(|lb| lb.lifecycle_state == "ACTIVE");
        let lb = found.ok_or_else(|| Failure::not_found(format_args!("load balancer {lb}")))?;
        let mut next = lb.clone();
        change::apply(service, &mut next, change)?;
        next.etag = ids::hex::<16>();
        *lb = next;
        Ok(())
    })?;
    change::after(service, lb, change);
    Ok(())
}
