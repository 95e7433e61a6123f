//! Mistakes that deployer could have, made for it on the wire, to see that they would be noticed.

use bytes::Bytes;
use http::{Request, Response};

use crate::world::Clouds;

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Creates carry no retry token.
    TokenDropped,
}

impl Bug {
    pub(super) async fn exchange(
        self,
        clouds: &Clouds,
        mut request: Request<Bytes>,
    ) -> Response<Bytes> {
        match self {
            Self::TokenDropped => {
                request.headers_mut().remove("opc-retry-token");
                clouds.send(request).await
            }
        }
    }
}
