//! A client of a simulated cloud that knows how to deploy a small site.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::options::Seed;
use crate::services::registry::digest::Digest;
use crate::simulation::{Options, SimulatedCloud};

pub(super) const COMPARTMENT: &str = "ocid1.compartment.oc1..web";

pub(super) struct Site {
    pub(super) cloud: Arc<SimulatedCloud>,
}

pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Bytes,
}

impl Got {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        assert!(self.status < 300, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn code(&self) -> (u16, String) {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        (self.status, body["code"].as_str().unwrap_or_default().to_owned())
    }

    pub(super) fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    }
}

pub(super) fn options(seed: u64) -> Options {
    let seeds = Seed {
        compartments: vec![COMPARTMENT.to_owned()],
        zones: vec!["example.com".to_owned()],
        ..Seed::default()
    };
    Options { seed, seeds, ..Options::default() }
}

impl Site {
    pub(super) fn new(options: Options) -> Self {
        Self { cloud: SimulatedCloud::open(options).unwrap() }
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Got {
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        self.request(Request::builder().method(method).uri(path).body(body).unwrap()).await
    }

    pub(super) async fn request(&self, mut request: Request<Bytes>) -> Got {
        let access = self.cloud.access();
        let path = request.uri().path().to_owned();
        let authorization = if path.starts_with("/v2") {
            use base64::Engine as _;
            let pair = format!("{}:{}", access.registry_username, access.registry_password);
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
        } else {
            format!("Bearer {}", access.cloudflare_token)
        };
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        let (parts, body) = self.cloud.send(request).await.into_parts();
        Got { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await.json()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Creates something of the network; returns its OCID.
    pub(super) async fn make(&self, noun: &str, name: &str, mut details: Value) -> String {
        details["compartmentId"] = json!(COMPARTMENT);
        details["displayName"] = json!(name);
        let made = self.post(&format!("/20160918/{noun}"), &details).await.json();
        made["id"].as_str().unwrap().to_owned()
    }

    /// A VCN with a subnet behind an internet gateway that lets everything in.
    pub(super) async fn network(&self) -> String {
        let vcn = self.make("vcns", "web", json!({"cidrBlocks": ["10.0.0.0/16"]})).await;
        let gateway = json!({"vcnId": vcn, "isEnabled": true});
        let gateway = self.make("internetGateways", "internet", gateway).await;
        let rules = json!([{"destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK",
            "networkEntityId": gateway}]);
        let table = json!({"vcnId": vcn, "routeRules": rules});
        let table = self.make("routeTables", "public", table).await;
        let lists = json!({"vcnId": vcn,
            "ingressSecurityRules": [{"protocol": "all", "source": "0.0.0.0/0"}],
            "egressSecurityRules": [{"protocol": "all", "destination": "0.0.0.0/0"}]});
        let list = self.make("securityLists", "open", lists).await;
        let subnet = json!({"vcnId": vcn, "cidrBlock": "10.0.0.0/24", "routeTableId": table,
            "securityListIds": [list]});
        self.make("subnets", "web", subnet).await
    }

    /// Pushes an image that consists of a configuration alone; returns its URL.
    pub(super) async fn image(&self, repository: &str, tag: &str) -> String {
        let details = json!({"compartmentId": COMPARTMENT, "displayName": repository,
            "isPublic": false});
        let made = self.post("/20160918/container/repositories", &details).await;
        assert!([200, 409].contains(&made.status));
        let access = self.cloud.access().clone();
        let name = format!("{}/{repository}", access.namespace);
        let config = format!("{{\"tag\":\"{tag}\"}}");
        let digest = Digest::of(config.as_bytes());
        let uploads = format!("/v2/{name}/blobs/uploads/?digest={digest}");
        let started = Request::post(uploads).body(Bytes::from(config.clone())).unwrap();
        assert_eq!(self.request(started).await.status, 201);
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({"schemaVersion": 2, "mediaType": media_type, "layers": [], "config":
            {"mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": digest.as_str(), "size": config.len()}});
        let manifest = Request::put(format!("/v2/{name}/manifests/{tag}"))
            .header("content-type", media_type)
            .body(Bytes::from(manifest.to_string()))
            .unwrap();
        assert_eq!(self.request(manifest).await.status, 201);
        format!("{}/{name}:{tag}", access.registry)
    }

    pub(super) async fn domains(&self) -> Vec<String> {
        let path = format!("/20160918/availabilityDomains?compartmentId={COMPARTMENT}");
        let domains = self.get(&path).await;
        let name = |domain: &Value| domain["name"].as_str().unwrap().to_owned();
        domains.as_array().unwrap().iter().map(name).collect()
    }

    pub(super) async fn instance_details(&self, name: &str, image: &str, subnet: &str) -> Value {
        json!({"compartmentId": COMPARTMENT, "displayName": name,
            "availabilityDomain": self.domains().await[0], "shape": "CI.Standard.E4.Flex",
            "shapeConfig": {"ocpus": 1, "memoryInGBs": 4}, "vnics": [{"subnetId": subnet}],
            "containers": [{"displayName": "web", "imageUrl": image}]})
    }

    /// Starts an instance; returns its OCID and private address.
    pub(super) async fn instance(&self, name: &str, image: &str, subnet: &str) -> (String, String) {
        let details = self.instance_details(name, image, subnet).await;
        let made = self.post("/20210415/containerInstances", &details).await.json();
        let id = made["id"].as_str().unwrap().to_owned();
        let path = format!("/20210415/containerInstances/{id}");
        let active = self.until(&path, |instance| instance["lifecycleState"] != "CREATING").await;
        assert_eq!(active["lifecycleState"], "ACTIVE", "{active}");
        let vnic = active["vnics"][0]["vnicId"].as_str().unwrap();
        let vnic = self.get(&format!("/20160918/vnics/{vnic}")).await;
        (id, vnic["privateIp"].as_str().unwrap().to_owned())
    }

    /// Starts a load balancer with one backend; returns its OCID.
    pub(super) async fn balancer(&self, name: &str, subnet: &str, backends: &[String]) -> String {
        let backends: Vec<Value> =
            backends.iter().map(|ip| json!({"ipAddress": ip, "port": 8080})).collect();
        let details = json!({
            "compartmentId": COMPARTMENT, "displayName": name, "shapeName": "flexible",
            "shapeDetails": {"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10},
            "subnetIds": [subnet],
            "backendSets": {"web": {"policy": "ROUND_ROBIN", "backends": backends,
                "healthChecker": {"protocol": "HTTP", "urlPath": "/healthz", "port": 8080}}},
            "listeners": {"http": {"defaultBackendSetName": "web", "port": 80, "protocol": "HTTP"}},
        });
        let accepted = self.post("/20170115/loadBalancers", &details).await;
        let work = self.finished(&accepted).await;
        assert_eq!(work["lifecycleState"], "SUCCEEDED", "{work}");
        work["loadBalancerId"].as_str().unwrap().to_owned()
    }

    /// Waits for a work request of a load balancer.
    pub(super) async fn finished(&self, accepted: &Got) -> Value {
        assert_eq!(accepted.status, 204, "{}", String::from_utf8_lossy(&accepted.body));
        let id = accepted.header("opc-work-request-id");
        let path = format!("/20170115/loadBalancerWorkRequests/{id}");
        let over = |work: &Value| work["timeFinished"].is_string();
        self.until(&path, over).await
    }

    pub(super) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..60 {
            let found = self.get(path).await;
            if wanted(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("{path} did not become what was waited for");
    }
}
