//! What is tried again: everything after a rate limit, and after trouble on the way whatever can be repeated safely.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use tokio::time::sleep;

use super::{Call, CloudflareError, Kind};

/// How long to wait between tries.
#[derive(Debug, Clone)]
pub struct Patience {
    /// Waits after trouble on the way; as many tries follow. A quarter is added at random.
    pub trouble: Vec<Duration>,
    /// How many rate limits are sat out within one call.
    pub limits: usize,
    /// The longest wait for a rate limit; the vendor's block lasts five minutes.
    pub longest_limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            trouble: [1, 4, 16].map(Duration::from_secs).to_vec(),
            limits: 2,
            longest_limit: Duration::from_secs(310),
        }
    }
}

/// Sends until an answer comes that another try would not better.
pub(super) async fn send<F: Future<Output = Result<Response<Bytes>, CloudflareError>>>(
    patience: &Patience,
    call: &Call,
    exchange: impl Fn() -> F,
) -> Result<Response<Bytes>, CloudflareError> {
    let mut trouble = patience.trouble.iter();
    let mut limits = 0..patience.limits;
    loop {
        let error = match exchange().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let wait = match error.kind() {
            Kind::RateLimited { after } => limits.next().map(|_| after.min(patience.longest_limit)),
            Kind::Unavailable if repeatable(call, &error) => {
                trouble.next().map(|wait| jittered(*wait))
            }
            _ => None,
        };
        match wait {
            Some(wait) => sleep(wait).await,
            None => return Err(error),
        }
    }
}

/// A POST may have been carried out although its answer was lost, and would then be carried out twice.
fn repeatable(call: &Call, error: &CloudflareError) -> bool {
    let never_sent =
        matches!(error, CloudflareError::Transport { source, .. } if source.never_sent());
    call.method != Method::POST || never_sent
}

fn jittered(wait: Duration) -> Duration {
    let mut byte = [0];
    // Without randomness the wait is merely regular.
    let _regular = aws_lc_rs::rand::fill(&mut byte);
    wait + wait.mul_f64(f64::from(byte[0]) / 1024.0)
}
