//! From sources to a registry that shows the image, and nothing done twice.

use std::sync::{LazyLock, Mutex};

use super::{
    registry::tests::{
        docker_registry::{self, DockerRegistry},
        http,
    },
    scratch::Scratch,
    *,
};

static CREDENTIALS: LazyLock<Credentials> =
    LazyLock::new(|| Credentials::new(docker_registry::USER, docker_registry::PASSWORD));

fn workspace() -> Scratch {
    let scratch = Scratch::new("image");
    scratch.append(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"site\"]\n\
         [profile.image]\ninherits = \"release\"\nopt-level = 0\nstrip = true\n",
    );
    scratch
        .append("Cargo.lock", "version = 4\n\n[[package]]\nname = \"site\"\nversion = \"1.0.0\"\n");
    scratch.append(
        "site/Cargo.toml",
        "[package]\nname = \"site\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
    );
    scratch.append("site/src/main.rs", "fn main() {}\n");
    scratch.append("templates/Dockerfile.hbs", include_str!("../../../templates/Dockerfile.hbs"));
    scratch
}

fn request<'a>(workspace: &'a Scratch, registry: &DockerRegistry, builder: Builder) -> Request<'a> {
    Request {
        workspace: workspace.path(),
        package: "site",
        port: 8080,
        repository: registry.repository.clone(),
        credentials: &CREDENTIALS,
        builder,
        http: http(),
    }
}

#[tokio::test]
async fn an_image_is_made_once_and_then_found() {
    let Some(registry) = DockerRegistry::start() else { return };
    let workspace = workspace();
    let request = request(&workspace, &registry, Builder::Daemonless);
    let events = Mutex::new(Vec::new());
    assert_eq!(find(&request).await.unwrap(), None);

    let first = ensure(&request, &|event| events.lock().unwrap().push(event)).await.unwrap();
    println!("{first:?}");
    assert_eq!((first.builder, first.blobs_skipped), ("daemonless", 0));
    assert_eq!(find(&request).await.unwrap(), Some(first.digest));
    let events = events.into_inner().unwrap();
    assert!(matches!(&events[0], Progress::Compiled(Compiled { done: 1, total: 1, .. })));
    assert_eq!(
        events.last(),
        Some(&Progress::Sent { bytes: first.bytes_sent, total: first.bytes_sent })
    );

    let second = ensure(&request, &|event| panic!("{event:?}")).await.unwrap();
    println!("{second:?}");
    assert_eq!((second.builder, second.bytes_sent), ("registry", 0));
    assert_eq!((second.digest, second.tag), (first.digest, first.tag));
}

#[tokio::test]
async fn equal_sources_in_two_folders_give_one_digest() {
    let Some(registry) = DockerRegistry::start() else { return };
    let (here, there) = (workspace(), workspace());
    let mut other = request(&there, &registry, Builder::Daemonless);
    other.repository.path = "ns/other".to_owned();
    let one = ensure(&request(&here, &registry, Builder::Daemonless), &|_| {}).await.unwrap();
    let two = ensure(&other, &|_| {}).await.unwrap();
    assert_eq!((one.tag, one.digest), (two.tag, two.digest));
}

#[tokio::test]
async fn sources_that_change_while_they_compile_are_not_pushed() {
    let Some(registry) = DockerRegistry::start() else { return };
    let workspace = workspace();
    let request = request(&workspace, &registry, Builder::Daemonless);
    let edit = |event| {
        if let Progress::Compiled(_) = event {
            workspace.append("site/src/main.rs", "// edited\n");
        }
    };
    let error = ensure(&request, &edit).await.unwrap_err();
    assert!(matches!(error, ImageError::Changed), "{error}");
}

#[tokio::test]
async fn docker_pushes_an_image_that_the_registry_shows() {
    let Some(registry) = DockerRegistry::start_guarded() else { return };
    if Engine::connect().await.is_none() {
        println!("skipped: no docker engine answers");
        return;
    }
    let workspace = workspace();
    let request = request(&workspace, &registry, Builder::Docker);
    let pushed = ensure(&request, &|_| {}).await.unwrap();
    println!("{pushed:?}");
    assert_eq!(pushed.builder, "docker");
    assert_eq!(find(&request).await.unwrap(), Some(pushed.digest));
}
