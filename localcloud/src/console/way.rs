//! The boxes that a request came through.

use super::balancers::listener_id;
use super::containers::backend_id;
use super::graph::{Column, Graph};
use super::names::name_id;
use crate::traffic::{AnsweredBy, Request};

/// Ids of the boxes, in order; those that are not there any more are left out.
pub(super) fn of(graph: &Graph, request: &Request) -> Vec<String> {
    let name = name(graph, &request.host);
    let mut way: Vec<String> = name.iter().cloned().collect();
    let edge = name.and_then(|name| next(graph, &name, Column::Edge));
    match &request.answered_by {
        AnsweredBy::Edge => way.extend(edge),
        AnsweredBy::LoadBalancer { id, listener, backends } => {
            way.extend(edge);
            way.push(format!("rules {id}"));
            let listener = listener_id(id, listener);
            way.push(listener.clone());
            if let Some(backend) = backends.last() {
                let backend = backend_id(backend);
                let set = graph.nodes.iter().find(|node| {
                    graph.leads(&listener, &node.id) && graph.leads(&node.id, &backend)
                });
                way.extend(set.map(|set| set.id.clone()));
                way.push(backend);
            }
        }
    }
    way.retain(|id| graph.has(id));
    way
}

/// The box of a host, else of the wildcard that stands for it.
fn name(graph: &Graph, host: &str) -> Option<String> {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_lowercase();
    let wildcard = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
    [Some(host), wildcard].into_iter().flatten().map(|name| name_id(&name)).find(|id| graph.has(id))
}

fn next(graph: &Graph, from: &str, column: Column) -> Option<String> {
    let found =
        graph.nodes.iter().find(|node| node.column == column && graph.leads(from, &node.id));
    found.map(|node| node.id.clone())
}
