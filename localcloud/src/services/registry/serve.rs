//! The socket: HTTP/1.1 on loopback, bounded in connections, time and size.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::RegistryService;
use crate::conversation::{Patient, Terms, converse};

const CONNECTIONS: usize = 256;

/// Time that a client has for the head of a request, and may take nothing of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing may move on a connection: layers are large, and disks slow.
const QUIET: Duration = Duration::from_secs(120);

impl RegistryService {
    /// Serves until it is dropped; open connections end with it.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(Arc::clone(&self), stream));
                    }
                    // Out of file descriptors, most likely; other connections will free some.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn connection(service: Arc<RegistryService>, stream: TcpStream) {
    let answer = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { service.handle(request).await }
    });
    let stream = Patient::new(stream, PATIENCE, Some(QUIET));
    converse(stream, Terms { http2: false, head: PATIENCE }, answer, pending()).await;
}
