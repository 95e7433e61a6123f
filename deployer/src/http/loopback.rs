//! A server for tests: HTTP/1.1 on loopback, one answer per connection, plain or TLS.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Answers with what `handle` makes of each request, until the test ends.
pub(crate) async fn serve<F, A>(tls: Option<TlsAcceptor>, handle: F) -> SocketAddr
where
    F: Fn(Request<Bytes>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<Bytes>> + Send,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Arc::new(handle);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (handle, tls) = (Arc::clone(&handle), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => exchange(stream, &*handle).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            exchange(stream, &*handle).await;
                        }
                    }
                }
            });
        }
    });
    address
}

async fn exchange<S, F, A>(mut stream: S, handle: &F)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(Request<Bytes>) -> A,
    A: Future<Output = Response<Bytes>>,
{
    let Some(request) = read(&mut stream).await else { return };
    let head = request.method() == http::Method::HEAD;
    let response = handle(request).await;
    let mut wire = BytesMut::from(
        format!("HTTP/1.1 {}\r\nconnection: close\r\n", response.status()).as_bytes(),
    );
    for (name, value) in response.headers() {
        wire.extend_from_slice(
            &[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat(),
        );
    }
    wire.extend_from_slice(format!("content-length: {}\r\n\r\n", response.body().len()).as_bytes());
    if !head {
        wire.extend_from_slice(response.body());
    }
    let _gone = stream.write_all(&wire).await;
    let _gone = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request<Bytes>> {
    let mut wire = BytesMut::new();
    let end = loop {
        if let Some(end) = wire.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut wire).await.ok()? == 0 {
            return None;
        }
    };
    let mut body = wire.split_off(end + 4);
    let head = String::from_utf8_lossy(&wire).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let mut request = Request::builder().method(first.next()?).uri(first.next()?);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let length =
        request.headers_ref()?.get("content-length").map_or("0", |value| value.to_str().unwrap());
    let length: usize = length.parse().ok()?;
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    request.body(body.freeze()).ok()
}
