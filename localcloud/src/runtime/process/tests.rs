//! Images of one shell script, pushed to a real registry and run from there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::cloud::Cloud;
use crate::model::repository::Repository;
use crate::network::Endpoint;
use crate::options::{Conduct, Options, Ports, RuntimeChoice, Seed};
use crate::runtime::image::Platform;
use crate::runtime::{Launch, LaunchError, Runtime, Status};
use crate::services::registry::digest::Digest;
use crate::services::registry::{RegistryCredentials, RegistryService};
use crate::{ids, loopback};

const IP: [u8; 4] = [10, 0, 0, 7];
/// Says where it was told to listen, and lives until it is stopped.
const WAITS: &str = "#!/bin/sh\necho \"listening on $HOST:$PORT\"\nexec sleep 600\n";

struct Bench {
    cloud: Arc<Cloud>,
    runtime: Runtime,
    host: String,
    folder: PathBuf,
    _server: JoinSet<()>,
}

impl Bench {
    async fn new() -> Self {
        // Another test may have been first.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = std::env::temp_dir().join(format!("localcloud-process-{}", ids::hex::<8>()));
        let cloud = Cloud::open(options(folder.clone())).unwrap();
        let credentials = RegistryCredentials {
            tenancy: "ocid1.tenancy.oc1..root".to_owned(),
            namespace: "ns".to_owned(),
            username: "ci".to_owned(),
            password: "auth-token".to_owned(),
        };
        let service = RegistryService::open(Arc::clone(&cloud), credentials).unwrap();
        let listener = loopback::listen(0).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let mut server = JoinSet::new();
        server.spawn(service.serve(listener));
        let id = ids::ocid("containerrepo", "uk-london-1");
        let display_name = "web".to_owned();
        let repository = Repository { id: id.clone(), display_name, ..Repository::default() };
        cloud.repositories.update(|world| world.repositories.insert(id, repository));
        let runtime = Runtime::open(Arc::clone(&cloud)).await.unwrap();
        Self { cloud, runtime, host, folder, _server: server }
    }

    async fn put(&self, path: &str, kind: &str, body: Vec<u8>) {
        let client = reqwest::Client::new();
        let request = if kind.is_empty() {
            client.post(format!("http://{}/v2/ns/web/{path}", self.host))
        } else {
            client
                .put(format!("http://{}/v2/ns/web/{path}", self.host))
                .header("content-type", kind)
        };
        let request = request.basic_auth("ns/ci", Some("auth-token")).body(body);
        assert_eq!(request.send().await.unwrap().status(), 201);
    }

    async fn blob(&self, body: &[u8]) -> Value {
        let digest = Digest::of(body);
        self.put(&format!("blobs/uploads/?digest={digest}"), "", body.to_vec()).await;
        json!({ "mediaType": "application/octet-stream", "digest": digest, "size": body.len() })
    }

    /// Pushes an image that runs `script`; returns its launch.
    async fn image(&self, script: &str, platform: &Platform) -> Launch {
        let mut layer = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(script.len() as u64);
        header.set_mode(0o755);
        layer.append_data(&mut header, "app/run", script.as_bytes()).unwrap();
        let config = json!({
            "os": platform.os, "architecture": platform.architecture,
            "config": {
                "Entrypoint": ["run"], "Env": ["PATH=/bin:/app"],
                "ExposedPorts": { "8080/tcp": {} }, "WorkingDir": "/app",
            },
        });
        let manifest = json!({
            "schemaVersion": 2,
            "config": self.blob(config.to_string().as_bytes()).await,
            "layers": [self.blob(&layer.into_inner().unwrap()).await],
        })
        .to_string();
        let digest = Digest::of(manifest.as_bytes());
        let kind = "application/vnd.oci.image.manifest.v1+json";
        self.put(&format!("manifests/{digest}"), kind, manifest.into_bytes()).await;
        Launch {
            container_id: "ocid1.computecontainer.oc1..a".to_owned(),
            image_url: format!("{}/ns/web@{digest}", self.host),
            command: Vec::new(),
            arguments: Vec::new(),
            environment: [("GREETING".to_owned(), "hello".to_owned())].into(),
            working_directory: None,
            private_ip: IP.into(),
            memory_bytes: 0,
            credentials: Some(("ns/ci".to_owned(), "auth-token".to_owned())),
            restarts: false,
        }
    }

    async fn log_holds(&self, launch: &Launch, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let log = self.runtime.logs(&launch.container_id).await;
            let log = String::from_utf8_lossy(&log).into_owned();
            if log.contains(text) {
                return log;
            }
            assert!(Instant::now() < deadline, "{text} is not in the log: {log}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn reaches(&self, launch: &Launch, wanted: Status) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.runtime.status(&launch.container_id).await != wanted {
            assert!(Instant::now() < deadline, "{wanted:?} is not reached");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn options(state: PathBuf) -> Options {
    Options {
        state,
        ports: Ports::default(),
        runtime: RuntimeChoice::Process,
        seed: Seed::default(),
        latency_ms: 0,
        conduct: Conduct::default(),
    }
}

#[tokio::test]
async fn a_container_gets_a_loopback_port_that_stands_for_its_own() {
    let bench = Bench::new().await;
    let launch = bench.image(WAITS, &Platform::here()).await;
    bench.runtime.launch(launch.clone()).await.unwrap();
    assert_eq!(bench.runtime.status(&launch.container_id).await, Status::Running);
    let found = bench.cloud.fabric.find(IP.into(), 8080);
    let Some(Endpoint::Published(address)) = found else { panic!("{found:?}") };
    assert!(address.ip().is_loopback());
    bench.log_holds(&launch, &format!("listening on {address}")).await;
    bench.runtime.launch(launch.clone()).await.unwrap();
    bench.runtime.stop(&launch.container_id, Duration::from_secs(5)).await;
    assert_eq!(bench.runtime.status(&launch.container_id).await, Status::Absent);
    assert!(bench.cloud.fabric.find(IP.into(), 8080).is_none());
}

#[tokio::test]
async fn a_container_sees_its_own_environment_and_nothing_of_the_clouds() {
    let bench = Bench::new().await;
    let script = "#!/bin/sh\nexport -p; pwd; exec sleep 600\n";
    let launch = bench.image(script, &Platform::here()).await;
    bench.runtime.launch(launch.clone()).await.unwrap();
    let log = bench.log_holds(&launch, "/rootfs/app").await;
    assert!(log.contains("GREETING='hello'") || log.contains("GREETING=\"hello\""), "{log}");
    assert!(!log.contains("CARGO") && !log.contains("HOME="), "{log}");
    bench.runtime.shut_down().await;
}

#[tokio::test]
async fn a_program_that_exits_at_once_fails_the_launch_with_its_last_words() {
    let bench = Bench::new().await;
    let script = "#!/bin/sh\necho no configuration >&2\nexit 3\n";
    let launch = bench.image(script, &Platform::here()).await;
    let error = bench.runtime.launch(launch).await.unwrap_err().to_string();
    assert!(error.contains("code 3") && error.contains("no configuration"), "{error}");
    assert!(bench.cloud.fabric.find(IP.into(), 8080).is_none());
}

#[tokio::test]
async fn a_container_that_restarts_comes_back_and_one_that_does_not_stays_down() {
    let bench = Bench::new().await;
    // Lives long enough to count as started, then ends.
    let script = "#!/bin/sh\necho one run\nsleep 1.3\nexit 4\n";
    let launch = bench.image(script, &Platform::here()).await;
    bench.runtime.launch(launch.clone()).await.unwrap();
    bench.reaches(&launch, Status::Exited { code: 4 }).await;
    let launch = Launch { restarts: true, ..launch };
    bench.runtime.launch(launch.clone()).await.unwrap();
    bench.log_holds(&launch, "one run\none run\n").await;
    bench.runtime.stop(&launch.container_id, Duration::ZERO).await;
    assert_eq!(bench.runtime.status(&launch.container_id).await, Status::Absent);
}

#[tokio::test]
async fn a_stop_ends_a_program_that_ignores_it_and_what_it_started() {
    let bench = Bench::new().await;
    let script = "#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho child $!\nwhile :; do sleep 1; done\n";
    let launch = bench.image(script, &Platform::here()).await;
    bench.runtime.launch(launch.clone()).await.unwrap();
    let log = bench.log_holds(&launch, "child ").await;
    let child = log.trim().rsplit(' ').next().unwrap().to_owned();
    bench.runtime.stop(&launch.container_id, Duration::from_millis(50)).await;
    is_ended(&child).await;
}

#[tokio::test]
async fn what_a_killed_cloud_left_running_is_ended_when_the_next_one_opens() {
    let bench = Bench::new().await;
    let launch = bench.image("#!/bin/sh\necho pid $$\nexec sleep 600\n", &Platform::here()).await;
    bench.runtime.launch(launch.clone()).await.unwrap();
    let log = bench.log_holds(&launch, "pid ").await;
    let pid = log.trim().rsplit(' ').next().unwrap().to_owned();
    let _next = Runtime::open(Arc::clone(&bench.cloud)).await.unwrap();
    is_ended(&pid).await;
}

#[tokio::test]
async fn an_image_for_another_machine_or_without_access_is_refused() {
    let bench = Bench::new().await;
    let other = Platform { os: "linux".to_owned(), architecture: "s390x".to_owned() };
    let launch = bench.image(WAITS, &other).await;
    let error = bench.runtime.launch(launch.clone()).await.unwrap_err();
    assert!(matches!(error, LaunchError::Start(ref why) if why.contains("linux/s390x")), "{error}");
    let anonymous = Launch { credentials: None, ..launch.clone() };
    let error = bench.runtime.launch(anonymous).await.unwrap_err().to_string();
    assert!(error.contains("Anonymous users are only allowed read access"), "{error}");
    let absent = format!("{}/ns/web:absent", bench.host);
    let error = bench.runtime.launch(Launch { image_url: absent, ..launch }).await.unwrap_err();
    assert!(matches!(error, LaunchError::Pull(ref why) if why.contains("404")), "{error}");
}

/// Waits until a process is gone, or is only waiting to be collected.
async fn is_ended(pid: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let alive = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    };
    while alive() {
        assert!(Instant::now() < deadline, "{pid} still runs");
        sleep(Duration::from_millis(10)).await;
    }
}
