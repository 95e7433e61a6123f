//! Uploads one blob (OCI distribution spec, "Pushing blobs"): at once when small, in chunks when
//! not. A session that failed is never used again: what it holds is not known.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Response, StatusCode, Url,
    header::{CONTENT_RANGE, CONTENT_TYPE, HeaderValue, LOCATION, RANGE},
};

use super::{super::digest::Digest, Failure, Registry, RegistryError, retry};

/// Largest body of one request, in bytes.
const CHUNK: usize = 8 * 1024 * 1024;
/// Time for one chunk: 8 MiB at 0.25 Mbit/s.
const DEADLINE: Duration = Duration::from_secs(270);
const STEP: &str = "upload a layer";
const BINARY: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What it took to have a blob in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// It was there.
    Skipped,
    /// It was sent: so many bytes, repeated ones not counted.
    Sent(u64),
}

impl Registry<'_> {
    /// Makes sure that the blob is there, sending it if not; `progress` hears the bytes of each
    /// finished chunk.
    ///
    /// # Errors
    /// What the last of four tries met.
    pub async fn upload_blob(
        &self,
        digest: Digest,
        content: &Bytes,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Upload, RegistryError> {
        let mut attempt = 1;
        loop {
            // After a failure too: the answer may have been lost, not the blob.
            if self.has_blob(digest).await? {
                let size = content.len() as u64;
                return Ok(if attempt == 1 { Upload::Skipped } else { Upload::Sent(size) });
            }
            let error = match self.upload_once(digest, content, progress).await {
                Ok(()) => return Ok(Upload::Sent(content.len() as u64)),
                Err(error) => error,
            };
            let another_may_do =
                error.failure.is_transient() || matches!(error.failure, Failure::Session(_));
            if !another_may_do || attempt == retry::TRIES {
                return Err(error);
            }
            retry::pause(attempt, error.failure.retry_after()).await;
            attempt += 1;
        }
    }

    async fn upload_once(
        &self,
        digest: Digest,
        content: &Bytes,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), RegistryError> {
        let mut session = self.start_upload().await?;
        let mut rest = content.clone();
        if content.len() > CHUNK {
            let mut start = 0;
            while !rest.is_empty() {
                let chunk = rest.split_to(CHUNK.min(rest.len()));
                let end = start + chunk.len();
                session = self.upload_chunk(session, start, chunk).await?;
                progress((end - start) as u64);
                start = end;
            }
        }
        session.query_pairs_mut().append_pair("digest", &digest.to_string());
        let size = rest.len() as u64;
        let put = self.http.put(session).header(CONTENT_TYPE, BINARY).body(rest).timeout(DEADLINE);
        let response = self.send(STEP, put).await?;
        self.in_session(response, StatusCode::CREATED).await?;
        progress(size);
        Ok(())
    }

    /// `POST /v2/<name>/blobs/uploads/`: the address of a fresh session.
    async fn start_upload(&self) -> Result<Url, RegistryError> {
        const STEP: &str = "start an upload";
        let url = self.url("blobs/uploads/");
        let post = || self.http.post(url.clone()).body(Bytes::new());
        let response = self.authorized(STEP, &post).await?;
        let response = self.accept(STEP, response, StatusCode::ACCEPTED).await?;
        self.location(&response)
    }

    /// `PATCH <session>`: the session's next address.
    async fn upload_chunk(
        &self,
        session: Url,
        start: usize,
        chunk: Bytes,
    ) -> Result<Url, RegistryError> {
        let last = start + chunk.len() - 1;
        let patch = self
            .http
            .patch(session)
            .header(CONTENT_TYPE, BINARY)
            .header(CONTENT_RANGE, format!("{start}-{last}"))
            .body(chunk)
            .timeout(DEADLINE);
        let response = self.send(STEP, patch).await?;
        let response = self.in_session(response, StatusCode::ACCEPTED).await?;
        let held = response.headers().get(RANGE).and_then(|range| range.to_str().ok());
        match held {
            Some(held) if held != format!("0-{last}") => {
                let reason = format!("the registry holds bytes {held}, not 0-{last}");
                Err(self.failed(STEP, Failure::Session(reason)))
            }
            _ => self.location(&response),
        }
    }

    /// Tells the refusals that another session would not meet from those that it would.
    async fn in_session(
        &self,
        response: Response,
        expected: StatusCode,
    ) -> Result<Response, RegistryError> {
        match response.status() {
            StatusCode::UNAUTHORIZED
            | StatusCode::NOT_FOUND
            | StatusCode::RANGE_NOT_SATISFIABLE => {
                let refusal = self.refusal(STEP, response).await;
                Err(self.failed(STEP, Failure::Session(refusal.failure.to_string())))
            }
            _ => self.accept(STEP, response, expected).await,
        }
    }

    fn location(&self, response: &Response) -> Result<Url, RegistryError> {
        response
            .headers()
            .get(LOCATION)
            .and_then(|value| self.base.join(value.to_str().ok()?).ok())
            .ok_or_else(|| {
                let reason = "the answer names no place for the upload".to_owned();
                self.failed(STEP, Failure::Session(reason))
            })
    }
}
