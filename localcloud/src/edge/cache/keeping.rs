//! A body on its way to the visitor, of which a copy is kept once it has passed whole.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::stored::Stored;
use super::{Cache, Epoch, Key, LARGEST};
use crate::cloud::Cloud;

/// Where a copy goes.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) key: Key,
    /// The answer without its content.
    pub(crate) stored: Stored,
    pub(crate) epoch: Epoch,
}

/// An origin's body; a copy of it is made when it is to be kept.
#[derive(Debug)]
pub(crate) struct Passing {
    body: Incoming,
    copy: Option<(Copy, BytesMut)>,
}

impl Passing {
    pub(crate) fn new(body: Incoming, copy: Option<Copy>) -> Self {
        let fits = body.size_hint().lower() <= LARGEST as u64;
        let mut passing = Self { body, copy: copy.filter(|_| fits).map(|c| (c, BytesMut::new())) };
        passing.finish_at_end();
        passing
    }

    fn note(&mut self, data: &Bytes) {
        if let Some((_, copied)) = &mut self.copy {
            copied.extend_from_slice(data);
            if copied.len() > LARGEST {
                self.copy = None;
            }
        }
        self.finish_at_end();
    }

    /// Whoever reads a body need not ask for the end when it is known.
    fn finish_at_end(&mut self) {
        if self.body.is_end_stream() {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if let Some((copy, copied)) = self.copy.take() {
            let Copy { cloud, key, stored, epoch } = copy;
            let cache: &Cache = &cloud.cache;
            cache.keep(key, Arc::new(Stored { body: copied.freeze(), ..stored }), epoch);
        }
    }
}

impl Body for Passing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let frame = std::task::ready!(Pin::new(&mut this.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.note(data);
                }
            }
            // Half of an answer is no answer.
            Some(Err(_)) => this.copy = None,
            None => this.finish(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
