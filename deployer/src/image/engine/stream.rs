//! Reads what an engine tells while it works. Its answer is 200 before the work begins, so failure
//! is an entry of the stream, and a stream without the final entry is a failure too.

use bollard::{
    errors::Error,
    models::{BuildInfo, PushImageInfo},
};
use futures_util::{Stream, StreamExt};

use super::{Credentials, Digest, EngineError, failure};

const BUILD: &str = "build the image";
const PUSH: &str = "push the image";
/// Bollard keeps the `errorDetail` of an entry and drops its `error`: of an entry that has the
/// latter alone nothing is left.
const BARE: &str = "it reported an error without detail";

/// Reads a build to its end, where the engine names the image.
pub(super) async fn built(
    stream: impl Stream<Item = Result<BuildInfo, Error>>,
) -> Result<(), EngineError> {
    let mut stream = Box::pin(stream);
    let mut named = false;
    while let Some(entry) = stream.next().await {
        let entry = entry.map_err(|error| failure(BUILD, error))?;
        if entry == BuildInfo::default() || entry.error_detail.is_some() {
            return Err(EngineError::Refused { step: BUILD, message: BARE.to_owned() });
        }
        named |= entry.aux.is_some();
    }
    if named { Ok(()) } else { Err(cut_short(BUILD)) }
}

/// Reads a push to its end, where the engine tells the digest: `<tag>: digest: sha256:… size: n`.
/// Gives it, and the number of layers that the registry had.
pub(super) async fn pushed(
    stream: impl Stream<Item = Result<PushImageInfo, Error>>,
    credentials: &Credentials,
) -> Result<(Digest, usize), EngineError> {
    let mut stream = Box::pin(stream);
    let (mut digest, mut layers_skipped) = (None, 0);
    while let Some(entry) = stream.next().await {
        let entry = entry.map_err(|error| match failure(PUSH, error) {
            EngineError::Refused { step, message } => {
                EngineError::Refused { step, message: credentials.redact(&message) }
            }
            other => other,
        })?;
        if entry == PushImageInfo::default() || entry.error_detail.is_some() {
            return Err(EngineError::Refused { step: PUSH, message: BARE.to_owned() });
        }
        let status = entry.status.unwrap_or_default();
        digest = digest.or_else(|| told(&status));
        let there = status == "Layer already exists" || status.starts_with("Mounted from");
        layers_skipped += usize::from(there);
    }
    let digest = digest.ok_or_else(|| cut_short(PUSH))?;
    Ok((digest, layers_skipped))
}

fn told(status: &str) -> Option<Digest> {
    status.split_once("digest: ")?.1.split(' ').next()?.parse().ok()
}

fn cut_short(step: &'static str) -> EngineError {
    EngineError::Lost { step, message: "its report ended early".to_owned() }
}
