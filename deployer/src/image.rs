//! The web app's container image: named after its sources, made only when the registry lacks that
//! name, and counted as pushed only when the registry shows the digest. Says nothing about where
//! the image then runs.

pub mod compile;
pub mod daemonless;
pub mod digest;
pub mod engine;
pub mod images;
pub mod layer;
pub mod manifest;
pub mod registry;
pub mod source;
pub mod toolchain;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use bytes::Bytes;

use self::{
    compile::{Compilation, CompileError, Compiled},
    daemonless::{Image, PackError},
    engine::{ContextError, Engine, EngineError, context},
    manifest::{Platform, Runtime},
    registry::{Registry, RegistryError, Upload},
    source::{Inputs, SourceError, source_tag},
    toolchain::{Toolchain, ToolchainError},
};
pub use self::{
    digest::Digest,
    images::{Images, Wanted, Workshop},
    registry::{Credentials, Repository},
};

/// Which image is wanted, and where.
#[derive(Debug)]
pub struct Request<'a> {
    /// The root of the cargo workspace.
    pub workspace: &'a Path,
    /// The member whose binary the image holds.
    pub package: &'a str,
    /// The TCP port that the program serves.
    pub port: u16,
    /// Where the image goes.
    pub repository: Repository,
    /// Who pushes it.
    pub credentials: &'a Credentials,
    /// Who makes it.
    pub builder: Builder,
    /// The client for every request to the registry.
    pub http: reqwest::Client,
}

/// Who makes and pushes an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builder {
    /// Docker when an engine answers and can do it, else the deployer itself.
    Auto,
    /// The deployer itself.
    Daemonless,
    /// A Docker engine, or failure.
    Docker,
}

/// What happens on the way to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A crate was compiled.
    Compiled(Compiled),
    /// The Docker engine failed for this reason; the deployer goes on without it.
    FellBack(String),
    /// So many bytes of the image have been sent.
    Sent { bytes: u64, total: u64 },
}

/// An image that the registry shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    /// The tag, which names the sources.
    pub tag: String,
    /// The digest, which names the image: what to run.
    pub digest: Digest,
    /// `registry` when it was there already, else `docker` or `daemonless`.
    pub builder: &'static str,
    /// Bytes of blobs that were sent.
    pub bytes_sent: u64,
    /// Blobs that the registry had.
    pub blobs_skipped: usize,
    /// Wall time of the whole.
    pub seconds: f64,
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The program does not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// There is no Dockerfile to build from.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The Docker engine failed, and was asked for by name.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Docker was asked for by name.
    #[error("no docker engine answers; start one, set DOCKER_HOST, or choose another builder")]
    NoEngine,
    /// What this machine compiles, no container host runs.
    #[error("container hosts run linux programs and this machine compiles for {0}; build on linux")]
    NotLinux(&'static str),
    /// The image cannot be packed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A file that was there a moment ago.
    #[error("{0} cannot be read")]
    Read(PathBuf, #[source] io::Error),
    /// The registry refused or did not answer.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The tag would name other sources than those that were compiled.
    #[error("the sources changed while they were compiled; run it again")]
    Changed,
    /// The sources cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no compiler.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
}

impl ImageError {
    /// Whether the registry would not let us in.
    pub fn is_denied(&self) -> bool {
        let Self::Registry(error) = self else { return false };
        matches!(error.failure, registry::Failure::Status { status: 401 | 403, .. })
    }
}

/// The tag that an image of `package` has, made from the sources as they are now.
///
/// # Errors
/// No toolchain, or sources that cannot be read.
pub fn tag(workspace: &Path, package: &str, port: u16) -> Result<String, ImageError> {
    name(workspace, package, port).map(|(_, tag)| tag)
}

/// The digest of the image of the sources as they are now, if the registry has it. Builds nothing.
///
/// # Errors
/// As [`tag`], or a registry that does not answer.
pub async fn find(request: &Request<'_>) -> Result<Option<Digest>, ImageError> {
    let (_, tag) = identify(request).await?;
    Ok(open(request)?.head_manifest(&tag).await?)
}

/// Makes sure that the registry has the image of the sources as they are now.
///
/// # Errors
/// [`ImageError`].
pub async fn ensure(
    request: &Request<'_>,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Pushed, ImageError> {
    let started = Instant::now();
    let (toolchain, tag) = identify(request).await?;
    let registry = open(request)?;
    let mut pushed = match registry.head_manifest(&tag).await? {
        Some(digest) => Pushed {
            tag,
            digest,
            builder: "registry",
            bytes_sent: 0,
            blobs_skipped: 0,
            seconds: 0.0,
        },
        None => build(request, &registry, &toolchain, tag, progress).await?,
    };
    pushed.seconds = started.elapsed().as_secs_f64();
    Ok(pushed)
}

/// Off the async threads: it runs the compiler for its version and reads every source file.
async fn identify(request: &Request<'_>) -> Result<(Toolchain, String), ImageError> {
    let Request { workspace, package, port, .. } = *request;
    let (workspace, package) = (workspace.to_owned(), package.to_owned());
    let name = move || name(&workspace, &package, port);
    tokio::task::spawn_blocking(name).await.expect("reading sources does not panic")
}

fn name(workspace: &Path, package: &str, port: u16) -> Result<(Toolchain, String), ImageError> {
    let toolchain = Toolchain::detect()?;
    let tag = source_tag(&Inputs::of(workspace, package)?, &toolchain, port)?;
    Ok((toolchain, tag))
}

fn open<'a>(request: &'a Request<'_>) -> Result<Registry<'a>, RegistryError> {
    Registry::open(request.http.clone(), &request.repository, request.credentials)
}

async fn build(
    request: &Request<'_>,
    registry: &Registry<'_>,
    toolchain: &Toolchain,
    tag: String,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Pushed, ImageError> {
    let platform = Platform::of(&toolchain.host);
    let is_local = request.repository.plain_http && request.builder != Builder::Docker;
    if platform.os != "linux" && !is_local {
        return Err(ImageError::NotLinux(platform.os));
    }
    let workspace = fs::canonicalize(request.workspace).map_err(unreadable(request.workspace))?;
    let compilation = Compilation { workspace: &workspace, package: request.package, toolchain };
    let told = |compiled| progress(Progress::Compiled(compiled));
    let (executable, engine) = tokio::join!(compilation.run(&told), engine(request, &platform));
    let executable = executable?;
    if identify(request).await?.1 != tag {
        return Err(ImageError::Changed);
    }
    let program = fs::read(&executable).map_err(unreadable(&executable))?;
    let runtime = Runtime::new(request.package, request.port, &tag);

    if let Some(engine) = engine? {
        let path = workspace.join("templates/Dockerfile.hbs");
        let template = fs::read_to_string(&path).map_err(unreadable(&path))?;
        let context = context(&template, &runtime, &program)?;
        match docker(&engine, &context, &tag, registry).await {
            Err(error) if request.builder == Builder::Auto => {
                progress(Progress::FellBack(error.to_string()));
            }
            other => return other,
        }
    }
    let pack = move || Image::pack(&runtime, &platform, &program);
    let image = tokio::task::spawn_blocking(pack).await.expect("packing does not panic")?;
    daemonless(image, tag, registry, progress).await
}

/// The engine to use, unless the image is to be made without one.
async fn engine(request: &Request<'_>, platform: &Platform) -> Result<Option<Engine>, ImageError> {
    match request.builder {
        Builder::Auto if platform.os == "linux" => Ok(Engine::connect().await),
        Builder::Auto | Builder::Daemonless => Ok(None),
        Builder::Docker => Engine::connect().await.map(Some).ok_or(ImageError::NoEngine),
    }
}

async fn docker(
    engine: &Engine,
    context: &Bytes,
    tag: &str,
    registry: &Registry<'_>,
) -> Result<Pushed, ImageError> {
    let published = engine.publish(context, tag, registry).await?;
    Ok(Pushed {
        tag: tag.to_owned(),
        digest: published.digest,
        builder: "docker",
        bytes_sent: published.bytes_sent,
        blobs_skipped: published.layers_skipped,
        seconds: 0.0,
    })
}

async fn daemonless(
    image: Image,
    tag: String,
    registry: &Registry<'_>,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Pushed, ImageError> {
    let digest = image.manifest.digest;
    let uploads = image.push(&tag, registry, progress).await?;
    let bytes = |upload: &Upload| if let Upload::Sent(bytes) = upload { *bytes } else { 0 };
    Ok(Pushed {
        tag,
        digest,
        builder: "daemonless",
        bytes_sent: uploads.iter().map(bytes).sum(),
        blobs_skipped: uploads.iter().filter(|upload| **upload == Upload::Skipped).count(),
        seconds: 0.0,
    })
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    |error| ImageError::Read(path, error)
}

#[cfg(test)]
mod scratch;
#[cfg(test)]
mod tests;
