//! One listener from start to orderly end: a bounded number of connections, none of which may stay silent for long.

mod patience;
pub(crate) mod wire;

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::io::InspectReader;
use tower::ServiceExt;

use crate::visitor::Peer;
use patience::Patience;
use wire::{Breaker, Wire};

/// How long a connection may wait for a request. The load balancer's 60 s must end first, or it would reuse a connection that
/// is being closed.
const SILENCE: Duration = Duration::from_secs(75);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// The most connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 1024;
/// The most bytes of a request's head.
const LONGEST_HEAD: usize = 64 * 1024;

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Requests were still unfinished when the grace was over.
    Abandoned,
    /// Every accepted request got its answer.
    Fully,
}

/// Answers on `listener` until `stop` completes, then accepts nothing more, closes idle connections
/// and lets requests in flight finish for at most `grace`.
///
/// # Errors
/// Whatever the listener cannot recover from.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send,
    grace: Duration,
) -> io::Result<Drained> {
    let (connections, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS)));
    let mut stop = pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => return Err(error),
        };
        let talk = connections.watch(converse(stream, Peer(peer), router.clone()));
        tokio::spawn(async move {
            // A visitor who breaks off is no error of ours.
            let _ = talk.await;
            drop(place);
        });
    }
    drop(listener);
    match tokio::time::timeout(grace, connections.shutdown()).await {
        Ok(()) => Ok(Drained::Fully),
        Err(_) => Ok(Drained::Abandoned),
    }
}

fn converse(
    stream: TcpStream,
    peer: Peer,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send {
    // Small answers must not wait for more.
    let _ = stream.set_nodelay(true);
    let breaker = Breaker::default();
    let wire = Wire::new(stream, breaker.clone());
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(breaker.clone());
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router.oneshot(request).await.unwrap_or_else(|never| match never {}),
            )
        }
    });
    let patience = Patience::new(HEAD);
    let ear = patience.clone();
    let stream = InspectReader::new(wire, move |bytes: &[u8]| ear.hear(bytes));
    http1::Builder::new()
        .timer(patience)
        .header_read_timeout(SILENCE)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), answer)
}

/// Whether only the connection that was about to be accepted is lost. Too many open files is not that, but passes as well.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
        || matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}
