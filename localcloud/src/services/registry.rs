//! OCIR: a registry after the OCI distribution specification 1.1, behind OCIR's token service.
//!
//! Owns the way of one call: whose it is, what it asks for, what the journal keeps. Which repositories and images
//! exist is the catalogue's ([`crate::model::repository`]): an image that is deleted there can no longer be pulled.

mod access;
mod blobs;
mod contents;
pub(crate) mod digest;
mod manifests;
mod referrers;
mod refusal;
mod route;
mod serve;
mod store;
#[cfg(test)]
mod tests;
mod uploads;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use http_body_util::{BodyExt as _, Full};

use self::access::{Access, Caller};
use self::contents::Contents;
use self::refusal::Refusal;
pub(super) use self::route::OPERATIONS;
use self::route::{Operation, Route};
use self::store::Store;
use crate::cloud::Cloud;
use crate::credentials::Credentials;
use crate::document::Document;
use crate::model::repository::Repository;
use crate::server::{self, Done};

/// What the registry sends; blobs stream from where they are kept.
pub type Body = BoxBody<Bytes, io::Error>;

/// What a client sends.
type Sent = UnsyncBoxBody<Bytes, io::Error>;

type Answer = Result<Response<Body>, Refusal>;

/// Most bytes of a refused upload that are read so that the client sees the refusal instead of a reset.
const DRAINED: usize = 16 << 20;

/// The one account of the registry: user `<namespace>/<username>` with an auth token as its password.
#[derive(Clone)]
pub struct RegistryCredentials {
    /// The root compartment, where a push makes a repository that does not exist.
    pub tenancy: String,
    pub namespace: String,
    pub username: String,
    pub password: String,
}

impl From<&Credentials> for RegistryCredentials {
    fn from(credentials: &Credentials) -> Self {
        Self {
            tenancy: credentials.tenancy.clone(),
            namespace: credentials.namespace.clone(),
            username: credentials.registry_username.clone(),
            password: credentials.registry_password.clone(),
        }
    }
}

impl std::fmt::Debug for RegistryCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryCredentials")
            .field("namespace", &self.namespace)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// The registry of one tenancy's namespace.
#[derive(Debug)]
pub struct RegistryService {
    cloud: Arc<Cloud>,
    access: Access,
    store: Store,
    contents: Document<Contents>,
}

/// One authorised call to a repository.
struct Call<'a> {
    parts: &'a Parts,
    /// Full path, with the namespace.
    name: &'a str,
    repository: Repository,
}

impl RegistryService {
    /// Opens `<state>/registry`, and drops from it what the catalogue no longer knows.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(cloud: Arc<Cloud>, credentials: RegistryCredentials) -> io::Result<Arc<Self>> {
        let folder = cloud.folder().map(|state| state.join("registry"));
        let store = folder.as_deref().map_or_else(|| Ok(Store::in_memory()), Store::open)?;
        let contents: Document<Contents> = Document::keep(folder.as_deref(), "contents")?;
        contents.update(|contents| contents.keep_only(&cloud.repositories.read()));
        store.sweep(&contents.read())?;
        Ok(Arc::new(Self { cloud, access: Access::new(credentials), store, contents }))
    }

    /// Whether a path is one of the registry's.
    pub(crate) fn serves(path: &str) -> bool {
        path == "/v2" || path.starts_with("/v2/") || path == route::TOKEN_PATH
    }

    /// Answers one request and writes it into the journal.
    pub(crate) async fn handle<B>(&self, request: Request<B>) -> server::Outcome
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync,
    {
        let (parts, body) = request.into_parts();
        let route = Route::parse(&parts.method, parts.uri.path());
        let operation = route.as_ref().map(|route| route.operation.name()).unwrap_or_default();
        let call = server::Call::of("registry", operation, &parts, b"");
        let work = self.respond(parts, route, Sent::new(body.map_err(io::Error::other)));
        call.pass(&self.cloud, work).await
    }

    async fn respond(&self, parts: Parts, route: Result<Route, Refusal>, mut body: Sent) -> Done {
        let mutating = route.as_ref().is_ok_and(|route| route.operation.writes());
        let answer = match route {
            Ok(route) => self.answer(&parts, &route, &mut body).await,
            Err(refusal) => Err(refusal),
        };
        let response = match answer {
            Ok(response) => response,
            Err(refusal) => {
                drain(&mut body).await;
                refusal.into_response()
            }
        };
        Done { mutating, response }
    }

    async fn answer(&self, parts: &Parts, route: &Route, body: &mut Sent) -> Answer {
        let host = match self.cloud.simulated {
            Some(_) => access::host(parts).unwrap_or_default().to_owned(),
            None => access::local_host(parts)?,
        };
        if let Some(status) = self.cloud.faults.strike("registry", route.operation.name()) {
            return Err(Refusal::planned(status));
        }
        if route.operation == Operation::IssueToken {
            return self.issue_token(parts);
        }
        let caller = self
            .access
            .caller(&parts.headers, self.cloud.clock.now())
            .ok_or_else(|| access::challenge(&host, route))?;
        if route.operation == Operation::Ping {
            return reply(StatusCode::OK, &[("content-type", "application/json")], "{}");
        }
        let repository = self.repository(route, caller)?;
        self.dispatch(Call { parts, name: &route.name, repository }, &route.operation, body).await
    }

    async fn dispatch(&self, call: Call<'_>, operation: &Operation, body: &mut Sent) -> Answer {
        match operation {
            Operation::IssueToken | Operation::Ping => Err(Refusal::unsupported()),
            Operation::StartUpload => self.start_upload(&call, body).await,
            Operation::UploadChunk { id } => self.upload_chunk(&call, id, body).await,
            Operation::FinishUpload { id } => self.finish_upload(&call, id, body).await,
            Operation::GetUpload { id } => self.upload_status(&call, id),
            Operation::CancelUpload { id } => self.cancel_upload(&call, id),
            Operation::GetBlob { digest } => self.read_blob(&call, digest).await,
            Operation::HeadBlob { digest } => self.head_blob(&call, digest).await,
            Operation::DeleteBlob { digest } => self.delete_blob(&call, digest),
            Operation::GetManifest { reference } | Operation::HeadManifest { reference } => {
                self.read_manifest(&call, reference).await
            }
            Operation::PushManifest { reference } => {
                self.push_manifest(&call, reference, body).await
            }
            Operation::DeleteManifest { reference } => self.delete_manifest(&call, reference),
            Operation::ListTags => self.list_tags(&call),
            Operation::ListReferrers { digest } => self.list_referrers(&call, digest),
        }
    }

    /// The repository that is meant, if the caller may do to it what it asks for.
    fn repository(&self, route: &Route, caller: Caller) -> Result<Repository, Refusal> {
        let name = self.access.within_namespace(&route.name);
        let found = name.and_then(|name| self.cloud.repositories.read().named(name).cloned());
        if caller == Caller::Anonymous {
            return found
                .filter(|repository| repository.is_public && !route.operation.writes())
                .ok_or_else(Refusal::anonymous);
        }
        if let Some(repository) = found {
            self.authorize(&repository, &route.operation)?;
            return Ok(repository);
        }
        if route.operation.writes() {
            let made = name.and_then(|name| self.make_repository(name));
            return made.ok_or_else(|| Refusal::absent_for_push(&route.name));
        }
        Err(Refusal::absent(&route.name))
    }

    /// Unless the tenancy is configured not to (`isRepositoryCreatedOnFirstPush`), a push makes a private repository.
    fn make_repository(&self, name: &str) -> Option<Repository> {
        if self.cloud.repositories.read().refuses_unknown_repositories {
            return None;
        }
        let repository = Repository {
            id: crate::ids::ocid("containerrepo", &self.cloud.options.seed.region),
            compartment_id: self.access.credentials.tenancy.clone(),
            display_name: name.to_owned(),
            time_created: self.cloud.clock.stamp(),
            etag: crate::ids::hex::<8>(),
            ..Repository::default()
        };
        self.cloud.repositories.update(|world| {
            let known = world.named(name).cloned();
            Some(known.unwrap_or_else(|| {
                world.repositories.insert(repository.id.clone(), repository.clone());
                repository
            }))
        })
    }
}

async fn drain(body: &mut Sent) {
    let mut left = DRAINED;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            return;
        }
    }
}

/// A reply with a body that is at hand.
fn reply(status: StatusCode, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let whole = Full::new(body.into()).map_err(|never| match never {}).boxed();
    respond(status, headers, whole)
}

fn respond(status: StatusCode, headers: &[(&str, &str)], body: Body) -> Answer {
    let mut response = Response::builder()
        .status(status)
        .header("docker-distribution-api-version", "registry/2.0");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body).map_err(|_| Refusal::internal("a header of the reply"))
}
