//! One request at the backends: choosing, connecting, sending once, streaming the answer back.

use std::sync::PoisonError;
use std::time::Instant;

use http::header::HeaderMap;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::conversation;
use crate::dataplane::access_log::Entry;
use crate::dataplane::balancer::{Asker, Backend, Lease, Set};
use crate::dataplane::body::{Body, Watched, while_moving, whole};
use crate::dataplane::forward::{Visit, page};
use crate::dataplane::table::Listener;
use crate::dataplane::{Live, headers, upstream};
use crate::network::ConnectError;

/// What is known of a request before a backend is asked.
pub(crate) struct Exchange<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) listener: &'a Listener,
    pub(crate) set: &'a Set,
    /// As the client sent them.
    pub(crate) headers: &'a HeaderMap,
}

/// A backend's answer.
struct Answer<'a> {
    response: Response<Incoming>,
    backend: &'a Backend,
    lease: Lease,
}

impl Exchange<'_> {
    /// Sends the request, gives back the client's answer; failures become the vendor's statuses.
    pub(crate) async fn run(
        &self,
        request: Request<Body>,
        upgrade: OnUpgrade,
        mut entry: Entry,
    ) -> Response<Body> {
        let received = entry.received.clone();
        let sending = self.send(request, &mut entry);
        let answer = match while_moving(self.listener.idle, &received, sending).await {
            None => return page(StatusCode::GATEWAY_TIMEOUT, entry),
            Some(Err(status)) => return page(status, entry),
            Some(Ok(answer)) => answer,
        };
        entry.status = Some(answer.response.status());
        entry.backend_status = entry.status;
        self.relay(answer, upgrade, entry)
    }

    /// Asks backends until one takes the request. It is sent at most once: another attempt is made only when a backend
    /// could not be connected to, or a kept connection turned out to be closed before the request was on its way.
    async fn send(
        &self,
        mut request: Request<Body>,
        entry: &mut Entry,
    ) -> Result<Answer<'_>, StatusCode> {
        let mut tried = Vec::new();
        let mut failure = StatusCode::BAD_GATEWAY;
        let mut reuse = true;
        while let Some(backend) = self.choose(&tried) {
            let lease = backend.lease();
            entry.note_backend(&backend.name);
            let began = Instant::now();
            let mut connection = match self.connection(backend, reuse).await {
                Ok(connection) => connection,
                Err(status) => {
                    failure = status;
                    tried.push(backend.name.clone());
                    continue;
                }
            };
            entry.connecting = Some(began.elapsed());
            match connection.try_send_request(request).await {
                Ok(response) => {
                    entry.processing = Some(began.elapsed());
                    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                        backend.pool.put(self.visit.lane, connection);
                    }
                    return Ok(Answer { response, backend, lease });
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) if reuse => {
                        request = unsent;
                        reuse = false;
                    }
                    _ => return Err(StatusCode::BAD_GATEWAY),
                },
            }
        }
        Err(failure)
    }

    fn choose(&self, tried: &[String]) -> Option<&Backend> {
        let asker = Asker { source: self.visit.peer.ip(), tried };
        let persistence = self.set.persistence.as_ref();
        let session = persistence.and_then(|p| Some((p, p.named(self.set, self.headers)?)));
        let Some((persistence, named)) = session else { return self.set.pick(asker) };
        let kept = self.set.pick_named(&named.name, asker);
        kept.or_else(|| self.set.pick(asker).filter(|_| persistence.falls_back))
    }

    async fn connection(
        &self,
        backend: &Backend,
        reuse: bool,
    ) -> Result<SendRequest<Body>, StatusCode> {
        if reuse && let Some(kept) = backend.pool.take(self.visit.lane) {
            return Ok(kept);
        }
        let Live { cloud, id, .. } = self.visit.live.as_ref();
        let stream = upstream::open(cloud, id, backend.address, self.set.tls.as_ref()).await;
        let stream = stream.map_err(|error| match error {
            ConnectError::Filtered { .. } => StatusCode::GATEWAY_TIMEOUT,
            ConnectError::Refused { .. } | ConnectError::Io { .. } => StatusCode::BAD_GATEWAY,
        })?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_closed| StatusCode::BAD_GATEWAY)?;
        // Ends with its sender, which the pool or the request owns.
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }

    /// Turns a backend's answer into the client's, body and all.
    fn relay(&self, answer: Answer<'_>, upgrade: OnUpgrade, entry: Entry) -> Response<Body> {
        let Answer { mut response, backend, lease } = answer;
        let switched = conversation::upgrade(response.headers())
            .filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS);
        let ahead = hyper::upgrade::on(&mut response);
        let (mut parts, body) = response.into_parts();
        headers::remove_hop_by_hop(&mut parts.headers);
        if let Some(persistence) = &self.set.persistence {
            let named = persistence.named(self.set, self.headers);
            if named.is_none_or(|named| named.name != backend.name) {
                persistence.mark_response(self.set, &backend.name, &mut parts.headers);
            }
        }
        if let Some(protocol) = switched {
            headers::set_upgrade(&mut parts.headers, protocol);
            self.tunnel(upgrade, ahead, (lease, entry));
            return Response::from_parts(parts, whole(""));
        }
        let meter = entry.sent.clone();
        let body = Watched::boxed(body, meter, self.listener.idle, (lease, entry));
        Response::from_parts(parts, body)
    }

    /// Joins client and backend once both have left HTTP.
    fn tunnel(&self, client: OnUpgrade, backend: OnUpgrade, guard: (Lease, Entry)) {
        let idle = self.listener.idle;
        let mut tunnels = self.visit.tunnels.lock().unwrap_or_else(PoisonError::into_inner);
        tunnels.spawn(async move {
            let _until_done = guard;
            if let (Ok(client), Ok(backend)) = (client.await, backend.await) {
                upstream::join(TokioIo::new(client), TokioIo::new(backend), idle).await;
            }
        });
    }
}
