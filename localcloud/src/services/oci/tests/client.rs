//! A client of the vendor's API. Everything that succeeds is held against the contract on its way back.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc2822;

use super::conformance;
use crate::cloud::Cloud;
use crate::credentials::Credentials;
use crate::ids;
use crate::options::{Conduct, Options, Ports, RuntimeChoice, Seed, SeedSubnet};
use crate::runtime::Runtime;
use crate::services::oci::OciService;
use crate::services::oci::contract::CONTRACT;

const HOST: &str = "127.0.0.1:8080";

/// One cloud with one client; the state folder goes with it.
pub(super) struct Client {
    pub(super) cloud: Arc<Cloud>,
    pub(super) service: Arc<OciService>,
    pub(super) credentials: Credentials,
    pub(super) key: RsaKeyPair,
    pub(super) state: PathBuf,
    /// Service and operation of every answer that was held against the contract.
    pub(super) seen: Mutex<BTreeSet<(String, String)>>,
}

impl Drop for Client {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.state);
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Got {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and message of a refusal.
    pub(super) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        (self.status, text("code"), text("message"))
    }

    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

pub(super) fn private_key(credentials: &Credentials) -> RsaKeyPair {
    let pem = fs::read(credentials.config_path.with_file_name("oci_api_key.pem")).unwrap();
    RsaKeyPair::from_pkcs8(PrivatePkcs8KeyDer::from_pem_slice(&pem).unwrap().secret_pkcs8_der())
        .unwrap()
}

/// A seed with one public and one private subnet and one group.
pub(super) fn seed() -> Seed {
    let subnet = |id: &str, cidr: &str, public| SeedSubnet {
        id: id.to_owned(),
        cidr: cidr.to_owned(),
        public,
    };
    Seed {
        compartments: vec!["ocid1.compartment.oc1..web".to_owned()],
        subnets: vec![
            subnet("ocid1.subnet.oc1..public", "10.0.0.0/24", true),
            subnet("ocid1.subnet.oc1..private", "10.0.1.0/24", false),
        ],
        network_security_groups: vec!["ocid1.networksecuritygroup.oc1..lb".to_owned()],
        ..Seed::default()
    }
}

pub(super) const COMPARTMENT: &str = "ocid1.compartment.oc1..web";
pub(super) const PUBLIC: &str = "ocid1.subnet.oc1..public";
pub(super) const PRIVATE: &str = "ocid1.subnet.oc1..private";
pub(super) const GROUP: &str = "ocid1.networksecuritygroup.oc1..lb";

impl Client {
    pub(super) async fn new() -> Self {
        let state = std::env::temp_dir().join(format!("oci-{}", ids::hex::<8>()));
        Self::open(state, 0).await
    }

    /// A cloud whose asynchronous work takes this long.
    pub(super) async fn slow(latency_ms: u64) -> Self {
        let state = std::env::temp_dir().join(format!("oci-{}", ids::hex::<8>()));
        Self::open(state, latency_ms).await
    }

    pub(super) async fn open(state: PathBuf, latency_ms: u64) -> Self {
        let options = Options {
            state: state.clone(),
            ports: Ports::default(),
            runtime: RuntimeChoice::Process,
            seed: seed(),
            latency_ms,
            conduct: Conduct::default(),
        };
        let cloud = Cloud::open(options).unwrap();
        let runtime = Arc::new(Runtime::open(Arc::clone(&cloud)).await.unwrap());
        let service =
            OciService::open(Arc::clone(&cloud), runtime, "127.0.0.1:5000".to_owned()).unwrap();
        let credentials = Credentials::open(&state, &cloud.options.seed).unwrap();
        let key = private_key(&credentials);
        Self { cloud, service, credentials, key, state, seen: Mutex::default() }
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, None, &[]).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Got {
        self.send(Method::PUT, path, Some(body), &[]).await
    }

    pub(super) async fn delete(&self, path: &str) -> Got {
        self.send(Method::DELETE, path, None, &[]).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Got {
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        self.send_bytes(method, path, body, headers).await
    }

    pub(super) async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        headers: &[(&str, &str)],
    ) -> Got {
        let mut request = Request::builder().method(&method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = self.sign(request.body(body).unwrap());
        let got = self.raw(request).await;
        if got.status < 300 {
            self.check(&method, path, &got);
        }
        got
    }

    /// Sends what may not be signed, or not well.
    pub(super) async fn raw(&self, request: Request<Bytes>) -> Got {
        let reply = self.service.handle(request).await;
        let (parts, body) = reply.response.into_parts();
        Got { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Signs as the vendor's SDKs do.
    pub(super) fn sign(&self, request: Request<Bytes>) -> Request<Bytes> {
        self.sign_at(time::Duration::ZERO, request)
    }

    /// Signs with a clock that is so far off.
    pub(super) fn sign_at(
        &self,
        off: time::Duration,
        mut request: Request<Bytes>,
    ) -> Request<Bytes> {
        let now = self.cloud.clock.undisplaced() + off;
        let date = now.format(&Rfc2822).unwrap().replace("+0000", "GMT");
        let hash = STANDARD.encode(digest(&SHA256, request.body()));
        let length = request.body().len().to_string();
        let with_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
        let target = request.uri().path_and_query().unwrap().to_string();
        let target = format!("{} {target}", request.method().as_str().to_ascii_lowercase());
        let mut signed =
            vec![("date", date), ("(request-target)", target), ("host", HOST.to_owned())];
        if with_body {
            signed.push(("content-length", length));
            signed.push(("content-type", "application/json".to_owned()));
            signed.push(("x-content-sha256", hash));
        }
        let lines: Vec<String> =
            signed.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                lines.join("\n").as_bytes(),
                &mut signature,
            )
            .unwrap();
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let authorization = format!(
            "Signature algorithm=\"rsa-sha256\",headers=\"{}\",keyId=\"{}\",signature=\"{}\",version=\"1\"",
            names.join(" "),
            self.credentials.key_id(),
            STANDARD.encode(signature),
        );
        for (name, value) in signed.iter().filter(|(name, _)| !name.starts_with('(')) {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        request
    }

    /// Polls a work request of a load balancer until it is over.
    pub(super) async fn finished(&self, accepted: &Got) -> Value {
        let id = accepted.header("opc-work-request-id");
        let path = format!("/20170115/loadBalancerWorkRequests/{id}");
        self.until(&path, |work| {
            ["SUCCEEDED", "FAILED"].contains(&work["lifecycleState"].as_str().unwrap())
        })
        .await
    }

    /// Polls an object until it is as wanted.
    pub(super) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2000 {
            let found = self.get(path).await.expect(200).json();
            if wanted(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("{path} did not become what was waited for");
    }

    /// Creates a load balancer and waits for it; returns its OCID.
    pub(super) async fn load_balancer(&self, body: &Value) -> String {
        let accepted = self.post("/20170115/loadBalancers", body).await.expect(204);
        let work = self.finished(&accepted).await;
        assert_eq!(work["lifecycleState"], "SUCCEEDED", "{work}");
        work["loadBalancerId"].as_str().unwrap().to_owned()
    }

    /// Carries out a change of a load balancer that must succeed.
    pub(super) async fn change(&self, method: Method, path: &str, body: Option<&Value>) {
        let accepted = self.send(method, path, body, &[]).await.expect(204);
        let work = self.finished(&accepted).await;
        assert_eq!(work["lifecycleState"], "SUCCEEDED", "{work}");
    }

    fn check(&self, method: &Method, path: &str, got: &Got) {
        let path = path.split('?').next().unwrap();
        let (operation, _) = CONTRACT.route(method, path).unwrap();
        let Some(kind) = &operation.response else { return };
        if kind != "stream" {
            let problems = conformance::problems(&operation.service, kind, &got.json());
            assert!(problems.is_empty(), "{}: {problems:?}\n{}", operation.name, got.json());
        }
        self.seen.lock().unwrap().insert((operation.service.clone(), operation.name.clone()));
    }
}

/// The smallest load balancer that serves something.
pub(super) fn small(name: &str) -> Value {
    json!({
        "compartmentId": COMPARTMENT,
        "displayName": name,
        "shapeName": "flexible",
        "shapeDetails": {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10},
        "subnetIds": [PUBLIC],
        "networkSecurityGroupIds": [GROUP],
        "backendSets": {"web": set(json!([{"ipAddress": "10.0.1.2", "port": 8080}]))},
        "listeners": {"http": {"defaultBackendSetName": "web", "port": 80, "protocol": "HTTP"}},
    })
}

pub(super) fn set(backends: Value) -> Value {
    let checker = json!({"protocol": "HTTP", "urlPath": "/healthz", "port": 8080});
    let mut set = json!({"policy": "ROUND_ROBIN", "healthChecker": checker});
    set["backends"] = backends;
    set
}
