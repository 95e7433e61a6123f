//! A client of one repository of an image registry (OCI distribution spec 1.1), over the HTTP
//! client it is given: what is there, and the steps of a push. Pulls no layers, deletes nothing.

mod challenge;
mod credentials;
mod error;
mod retry;
mod upload;

use std::{sync::Mutex, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde::Deserialize;

use self::challenge::Challenge;
pub use self::{
    credentials::Credentials,
    error::{Failure, RegistryError},
    upload::Upload,
};
use super::{
    digest::Digest,
    manifest::{Document, MANIFEST},
};

/// Manifests of one image: ours, and the one that Docker pushes.
const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
const DEADLINE: Duration = Duration::from_secs(30);
/// Longest error body that is read, in bytes.
const MESSAGE: usize = 16 * 1024;

/// Where images go: `registry/path:tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Host, and port unless it is the scheme's own: `lhr.ocir.io`, `127.0.0.1:5000`.
    pub registry: String,
    /// Path within the registry: `namespace/name`.
    pub path: String,
    /// HTTP instead of HTTPS; only for a registry on this machine.
    pub plain_http: bool,
}

/// A repository, and the right to use it.
#[derive(Debug)]
pub struct Registry<'a> {
    http: Client,
    /// `scheme://host/v2/path/`
    base: Url,
    repository: &'a Repository,
    credentials: &'a Credentials,
    /// What the last challenge was answered with.
    authorization: Mutex<Option<HeaderValue>>,
}

impl<'a> Registry<'a> {
    /// Checks the address; sends nothing.
    ///
    /// # Errors
    /// A registry or path that is not one, or plain HTTP to another machine.
    pub fn open(
        http: Client,
        repository: &'a Repository,
        credentials: &'a Credentials,
    ) -> Result<Self, RegistryError> {
        let Repository { registry, path, plain_http } = repository;
        let base = address(registry, path, *plain_http)
            .map_err(|reason| failed(repository, "use the registry", Failure::Address(reason)))?;
        Ok(Self { http, base, repository, credentials, authorization: Mutex::new(None) })
    }

    /// Where it is.
    pub fn repository(&self) -> &'a Repository {
        self.repository
    }

    /// Who uses it.
    pub fn credentials(&self) -> &'a Credentials {
        self.credentials
    }

    /// The digest that a tag (or digest) shows, or `None`: `HEAD /v2/<name>/manifests/<reference>`.
    ///
    /// # Errors
    /// Anything but a yes or a no.
    pub async fn head_manifest(&self, reference: &str) -> Result<Option<Digest>, RegistryError> {
        const STEP: &str = "look for the image";
        let url = self.url(&format!("manifests/{reference}"));
        let head = || self.http.request(Method::HEAD, url.clone()).header(ACCEPT, ACCEPTED);
        let response = self.persist(STEP, &head).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let response = self.accept(STEP, response, StatusCode::OK).await?;
        match response.headers().get("docker-content-digest").map(|value| value.to_str()) {
            Some(Ok(text)) => {
                let digest = text.parse().map_err(|error: super::digest::DigestError| {
                    self.failed(STEP, Failure::Session(error.to_string()))
                })?;
                Ok(Some(digest))
            }
            // The header is a SHOULD of the specification only; the content is its own digest.
            _ => self.get_manifest(reference).await.map(|bytes| Some(Digest::of(&bytes))),
        }
    }

    /// The manifest of a tag or digest: `GET /v2/<name>/manifests/<reference>`.
    ///
    /// # Errors
    /// No such manifest, or no answer.
    pub async fn get_manifest(&self, reference: &str) -> Result<Bytes, RegistryError> {
        const STEP: &str = "read the image's manifest";
        let url = self.url(&format!("manifests/{reference}"));
        let get = || self.http.get(url.clone()).header(ACCEPT, ACCEPTED);
        let response = self.persist(STEP, &get).await?;
        let response = self.accept(STEP, response, StatusCode::OK).await?;
        response.bytes().await.map_err(|error| self.failed(STEP, Failure::lost(error)))
    }

    /// Tags a manifest whose blobs are there, and looks that the tag then shows it:
    /// `PUT /v2/<name>/manifests/<tag>`.
    ///
    /// # Errors
    /// A refusal, or [`Failure::Mismatch`] when the tag shows something else.
    pub async fn put_manifest(&self, tag: &str, manifest: &Document) -> Result<(), RegistryError> {
        const STEP: &str = "tag the image";
        let url = self.url(&format!("manifests/{tag}"));
        let body = Bytes::from(manifest.bytes.clone());
        let put = || self.http.put(url.clone()).header(CONTENT_TYPE, MANIFEST).body(body.clone());
        let response = self.persist(STEP, &put).await?;
        self.accept(STEP, response, StatusCode::CREATED).await?;
        self.verify(tag, manifest.digest).await
    }

    /// Makes sure that `tag` shows `pushed`.
    ///
    /// # Errors
    /// [`Failure::Mismatch`], or no answer.
    pub async fn verify(&self, tag: &str, pushed: Digest) -> Result<(), RegistryError> {
        let found = self.head_manifest(tag).await?;
        if found == Some(pushed) {
            return Ok(());
        }
        Err(self.failed("verify the push", Failure::Mismatch { pushed, found }))
    }

    /// Is the blob there? `HEAD /v2/<name>/blobs/<digest>`.
    ///
    /// # Errors
    /// Anything but a yes or a no.
    pub async fn has_blob(&self, digest: Digest) -> Result<bool, RegistryError> {
        const STEP: &str = "look for a layer";
        let url = self.url(&format!("blobs/{digest}"));
        let response = self.persist(STEP, &|| self.http.head(url.clone())).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        self.accept(STEP, response, StatusCode::OK).await.map(|_| true)
    }

    /// Sends a request that may be repeated, until it is answered with something lasting.
    async fn persist(
        &self,
        step: &'static str,
        request: &(dyn Fn() -> RequestBuilder + Sync),
    ) -> Result<Response, RegistryError> {
        let mut attempt = 1;
        loop {
            let result = match self.authorized(step, request).await {
                Ok(answer) if retry::is_transient(answer.status()) => {
                    Err(self.refusal(step, answer).await)
                }
                other => other,
            };
            match result {
                Err(error) if error.failure.is_transient() && attempt < retry::TRIES => {
                    retry::pause(attempt, error.failure.retry_after()).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    /// Sends a request, answers a challenge, and sends it again.
    async fn authorized(
        &self,
        step: &'static str,
        request: &(dyn Fn() -> RequestBuilder + Sync),
    ) -> Result<Response, RegistryError> {
        let response = self.send(step, request()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        self.log_in(&response).await?;
        self.send(step, request()).await
    }

    async fn send(
        &self,
        step: &'static str,
        request: RequestBuilder,
    ) -> Result<Response, RegistryError> {
        let lost = |error| self.failed(step, Failure::lost(error));
        let mut request = request.build().map_err(lost)?;
        request.timeout_mut().get_or_insert(DEADLINE);
        // An upload may be sent elsewhere by its Location header; the token is not for there.
        if request.url().origin() == self.base.origin()
            && let Some(value) = &*self.authorization.lock().expect("no holder of the lock panics")
        {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        self.http.execute(request).await.map_err(lost)
    }

    /// Answers the challenge of a 401, and remembers the answer for later requests.
    async fn log_in(&self, response: &Response) -> Result<(), RegistryError> {
        const STEP: &str = "log in";
        let scope = format!("repository:{}:pull,push", self.repository.path);
        let challenge = Challenge::read(response.headers(), &self.base, &scope)
            .map_err(|reason| self.failed(STEP, Failure::Challenge(reason)))?;
        let text = match challenge {
            Challenge::Basic => {
                let pair = format!("{}:{}", self.credentials.user(), self.credentials.password());
                format!("Basic {}", STANDARD.encode(pair))
            }
            Challenge::Bearer(url) => format!("Bearer {}", self.token(STEP, url).await?),
        };
        let mut value = HeaderValue::try_from(text).map_err(|_| {
            self.failed(STEP, Failure::Challenge("its token is not header text".to_owned()))
        })?;
        value.set_sensitive(true);
        *self.authorization.lock().expect("no holder of the lock panics") = Some(value);
        Ok(())
    }

    async fn token(&self, step: &'static str, url: Url) -> Result<String, RegistryError> {
        // One or the other or both, which are then equal (token specification, "Token Response Fields").
        #[derive(Deserialize)]
        struct Answer {
            token: Option<String>,
            access_token: Option<String>,
        }
        let (user, password) = (self.credentials.user(), self.credentials.password());
        let request = self.http.get(url).basic_auth(user, Some(password)).timeout(DEADLINE);
        let lost = |error| self.failed(step, Failure::lost(error));
        let response =
            self.accept(step, request.send().await.map_err(lost)?, StatusCode::OK).await?;
        let Answer { token, access_token } = response.json().await.map_err(lost)?;
        token.or(access_token).ok_or_else(|| {
            self.failed(step, Failure::Challenge("its token service gave no token".to_owned()))
        })
    }

    async fn accept(
        &self,
        step: &'static str,
        response: Response,
        expected: StatusCode,
    ) -> Result<Response, RegistryError> {
        if response.status() == expected {
            return Ok(response);
        }
        Err(self.refusal(step, response).await)
    }

    /// Makes an error of an answer, with the registry's own message in it.
    async fn refusal(&self, step: &'static str, mut response: Response) -> RegistryError {
        let status = response.status();
        let retry_after = retry::asked(response.headers());
        let mut body = Vec::new();
        while let Ok(Some(part)) = response.chunk().await {
            body.extend(part);
            if body.len() > MESSAGE {
                break;
            }
        }
        let hint = matches!(status.as_u16(), 401 | 403).then(|| self.hint());
        let message = self.credentials.redact(&message(&body));
        self.failed(step, Failure::Status { status: status.as_u16(), message, hint, retry_after })
    }

    fn hint(&self) -> String {
        format!(
            "logged in as {:?}; OCIR wants <namespace>/<user> or <namespace>/<identity domain>/<user>, \
             an auth token as password (not the console password), and a policy that lets the user \
             manage repos",
            self.credentials.user()
        )
    }

    fn url(&self, rest: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{rest}", self.base.path()));
        url
    }

    fn failed(&self, step: &'static str, failure: Failure) -> RegistryError {
        failed(self.repository, step, failure)
    }
}

fn failed(repository: &Repository, step: &'static str, failure: Failure) -> RegistryError {
    let Repository { registry, path, .. } = repository;
    RegistryError { repository: format!("{registry}/{path}"), step, failure }
}

fn address(registry: &str, path: &str, plain_http: bool) -> Result<Url, String> {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let is_name = |name: &str| {
        name.bytes().all(allowed) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
    };
    if !path.split('/').all(is_name) {
        return Err(format!("{path:?} is not a repository path of lower case names"));
    }
    let scheme = if plain_http { "http" } else { "https" };
    let url = Url::parse(&format!("{scheme}://{registry}/v2/{path}/"))
        .ok()
        .filter(|url| url.path() == format!("/v2/{path}/") && url.username().is_empty())
        .ok_or_else(|| format!("{registry:?} is not a host"))?;
    if plain_http && !challenge::is_loopback(&url) {
        return Err("plain HTTP would show the password to the network; it is for 127.0.0.1 only"
            .to_owned());
    }
    Ok(url)
}

/// The first error of the registry's list (distribution spec, "Error Codes"), else the text's start.
fn message(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        code: String,
        #[serde(default)]
        message: String,
    }
    let text = match serde_json::from_slice(body) {
        Ok(Errors { errors }) => errors
            .first()
            .map(|Entry { code, message }| format!("{code}: {message}"))
            .unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
pub(in crate::image) mod tests;
