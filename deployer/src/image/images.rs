//! Where images come from, behind a trait: a workspace that is compiled, or, in a simulation, out of thin air.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;

use super::{Builder, Credentials, Digest, ImageError, Progress, Pushed, Repository, Request};

/// Which image is wanted, and where it goes.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The member of the workspace whose binary the image holds.
    pub package: &'a str,
    /// The TCP port that the program serves.
    pub port: u16,
    pub repository: Repository,
    /// Who pushes it.
    pub credentials: &'a Credentials,
}

/// Something under way that ends with an image, or the lack of one.
pub type Making<'a, T> = Pin<Box<dyn Future<Output = Result<T, ImageError>> + Send + 'a>>;

/// Hears how far an image is.
pub type Tell<'a> = dyn Fn(Progress) + Send + Sync + 'a;

/// Names, finds and makes images.
pub trait Images: Send + Sync + fmt::Debug {
    /// The tag that an image of `package` has, made from the sources as they are now.
    ///
    /// # Errors
    /// No toolchain, or sources that cannot be read.
    fn tag(&self, package: &str, port: u16) -> Result<String, ImageError>;

    /// The digest of the image of the sources as they are now, if the registry has it. Builds nothing.
    fn find<'a>(&'a self, wanted: &'a Wanted<'a>) -> Making<'a, Option<Digest>>;

    /// Makes sure that the registry has it.
    fn ensure<'a>(&'a self, wanted: &'a Wanted<'a>, tell: &'a Tell<'a>) -> Making<'a, Pushed>;
}

/// Compiles a cargo workspace.
#[derive(Debug)]
pub struct Workshop {
    /// The root of the workspace.
    pub workspace: PathBuf,
    pub builder: Builder,
    /// The client for every request to the registry.
    pub http: reqwest::Client,
}

impl Workshop {
    fn request<'a>(&'a self, wanted: &'a Wanted<'a>) -> Request<'a> {
        Request {
            workspace: &self.workspace,
            package: wanted.package,
            port: wanted.port,
            repository: wanted.repository.clone(),
            credentials: wanted.credentials,
            builder: self.builder,
            http: self.http.clone(),
        }
    }
}

impl Images for Workshop {
    fn tag(&self, package: &str, port: u16) -> Result<String, ImageError> {
        super::tag(&self.workspace, package, port)
    }

    fn find<'a>(&'a self, wanted: &'a Wanted<'a>) -> Making<'a, Option<Digest>> {
        Box::pin(async move { super::find(&self.request(wanted)).await })
    }

    fn ensure<'a>(&'a self, wanted: &'a Wanted<'a>, tell: &'a Tell<'a>) -> Making<'a, Pushed> {
        Box::pin(async move { super::ensure(&self.request(wanted), tell).await })
    }
}
