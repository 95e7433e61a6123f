//! What a fault does to a call on its way there, and to its answer on the way back.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame};

use super::{Fault, Faults, Outcome};

/// An answer on its way back.
pub(crate) type Answer = BoxBody<Bytes, io::Error>;

/// A body that is at hand.
pub(crate) fn whole(bytes: Bytes) -> Answer {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

/// The journal's word for a call that met no trouble.
pub(crate) const ANSWERED: &str = "answered";

/// Why a connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("a planned fault closes the connection")]
pub(crate) struct Dropped;

/// What one call meets.
#[derive(Debug)]
pub(crate) struct Trouble(Option<Fault>);

impl Faults {
    /// What this call of an operation meets on its way; counts the call.
    pub(crate) fn trouble(&self, service: &str, operation: &str) -> Trouble {
        use Outcome::{Delay, DropAfter, DropBefore, Malform, Truncate};
        let ways = [Delay, DropAfter, DropBefore, Malform, Truncate];
        Trouble(self.hit(service, operation, |fault| ways.contains(&fault.outcome)))
    }
}

impl Trouble {
    /// Lets the call arrive, which may take a while.
    ///
    /// # Errors
    /// When it never does.
    pub(crate) async fn there(&self) -> Result<(), Dropped> {
        match &self.0 {
            Some(Fault { outcome: Outcome::DropBefore, .. }) => Err(Dropped),
            Some(Fault { outcome: Outcome::Delay, delay_ms, .. }) => {
                tokio::time::sleep(Duration::from_millis(*delay_ms)).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What of the answer comes back.
    ///
    /// # Errors
    /// When nothing does.
    pub(crate) async fn back(
        &self,
        response: Response<Answer>,
    ) -> Result<Response<Answer>, Dropped> {
        match self.0.as_ref().map(|fault| fault.outcome) {
            Some(Outcome::DropAfter) => Err(Dropped),
            Some(Outcome::Truncate) => {
                Ok(response.map(|body| Torn { body, is_torn: false }.boxed()))
            }
            Some(Outcome::Malform) => halved(response).await,
            _ => Ok(response),
        }
    }

    /// What the journal calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self.0.as_ref().map(|fault| fault.outcome) {
            Some(Outcome::Delay) => "late",
            Some(Outcome::DropBefore) => "never arrived",
            Some(Outcome::DropAfter) => "answer lost",
            Some(Outcome::Truncate) => "answer torn",
            Some(Outcome::Malform) => "answer malformed",
            _ => ANSWERED,
        }
    }
}

/// An answer whose length is right and whose second half is missing.
async fn halved(response: Response<Answer>) -> Result<Response<Answer>, Dropped> {
    let (mut parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(parts, whole(bytes.slice(..bytes.len() / 2))))
}

/// A body that breaks off in the middle of its first part.
struct Torn {
    body: Answer,
    is_torn: bool,
}

impl Body for Torn {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.is_torn {
            return Poll::Ready(Some(Err(io::Error::other(Dropped))));
        }
        self.is_torn = true;
        let halve = |frame: Frame<Bytes>| frame.map_data(|data| data.slice(..data.len() / 2));
        Pin::new(&mut self.body).poll_frame(context).map(|frame| match frame {
            Some(frame) => Some(frame.map(halve)),
            None => Some(Err(io::Error::other(Dropped))),
        })
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
