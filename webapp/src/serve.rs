//! One listener from start to orderly end. There is no idle timeout on kept-alive connections: the load
//! balancer's 60 s must end first, or it would reuse a connection that is being closed.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

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
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<Drained> {
    let (stopping, stopped) = oneshot::channel::<()>();
    let mut serving = pin!(
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                stop.await;
                drop(stopping);
            })
            .into_future()
    );
    tokio::select! {
        ended = &mut serving => return ended.map(|()| Drained::Fully),
        _ = stopped => {}
    }
    match tokio::time::timeout(grace, serving).await {
        Ok(ended) => ended.map(|()| Drained::Fully),
        Err(_) => Ok(Drained::Abandoned),
    }
}
