//! A connection that can be told to break in the ways in which connections break.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use mock::stub::response::Fault;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is no HTTP and no chunk.
const RANDOM: &[u8] = b"lskdu018973t09sylgasjkfg1][]'./.sdlv";
const MALFORMED: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlskdu018973t09sylgasjkfg1][]'./.sdlv";

/// How the connection that a request came by breaks instead of answering; in the request's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Breaker(Arc<OnceLock<Fault>>);

impl Breaker {
    /// Breaks the connection as soon as something is to be sent. A connection breaks once.
    pub(crate) fn set(&self, fault: Fault) {
        let _ = self.0.set(fault);
    }
}

/// The stream of one connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    breaker: Breaker,
    /// How much of what a fault sends is sent.
    sent: usize,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, breaker: Breaker) -> Self {
        Self { stream, breaker, sent: 0 }
    }

    /// Sends what the fault sends; the error after it is what closes the connection.
    fn break_off(&mut self, fault: Fault, cx: &mut Context<'_>) -> Poll<io::Error> {
        let last_words = match fault {
            Fault::EmptyResponse | Fault::ConnectionResetByPeer => b"".as_slice(),
            Fault::MalformedResponseChunk => MALFORMED,
            Fault::RandomDataThenClose => RANDOM,
        };
        while let Some(rest) = last_words.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest)) {
                Ok(written) => self.sent += written,
                Err(error) => return Poll::Ready(error),
            }
        }
        if fault == Fault::ConnectionResetByPeer {
            // Closing a connection that does not linger sends RST instead of FIN.
            let _ = self.stream.set_zero_linger();
        }
        Poll::Ready(io::ErrorKind::ConnectionAborted.into())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.breaker.0.get().copied() {
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Some(fault) => self.break_off(fault, cx).map(Err),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.breaker.0.get().copied() {
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
            Some(fault) => self.break_off(fault, cx).map(Err),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
