//! Somebody who makes a site by hand, with calls of his own and names as they came to mind.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use oci::container_instance::{self, UpdateContainerInstanceDetails};
use oci::load_balancer::{self, LoadBalancer};
use oci::work_request::{self, Poll};
use oci::{Client, Config, Credentials, Endpoints, Mutation, network_security_group, vnic};
use reqwest::Method;
use serde_json::{Value, json};

use super::World;
use super::visitor::wait;

/// His tools.
pub(crate) struct Hands<'a> {
    world: &'a World,
    client: Client,
    compartment: String,
}

impl<'a> Hands<'a> {
    /// At work in the world's cloud.
    pub(crate) fn in_cloud_of(world: &'a World) -> Self {
        let ready = world.ready();
        let config = ready["oci_config"].as_str().unwrap();
        let credentials = Credentials::from_file(Path::new(config), "DEFAULT", None).unwrap();
        let endpoints = Endpoints::at(ready["api"].as_str().unwrap()).unwrap();
        let http = deployer::http::client(&[], &[]).unwrap();
        let transport = Arc::new(deployer::http::HttpTransport::new(http));
        let client = Client::new(Config::new(credentials, endpoints, transport));
        let compartment = "ocid1.compartment.oc1..localk7f3a9".to_owned();
        Self { world, client, compartment }
    }

    /// Turns what `up` made into what nobody would take for deployer's: no marks, another load balancer, names of his
    /// own, a certificate that he signed himself, and no environment file.
    pub(crate) fn make_it_theirs(&self) {
        std::fs::remove_file(self.world.file()).unwrap();
        for (id, _) in self.instances() {
            self.tag(&id, &[("team", "shop")]);
        }
        let old = self.balancer();
        wait(async {
            let deleted = load_balancer::delete(&self.client, &old.id, &Mutation::default()).await;
            self.done(deleted.unwrap().work_request_id).await;
        });
        self.create_balancer(&old);
        self.world.zone(Method::PATCH, "settings/ssl", Some(&json!({ "value": "full" })));
        let address = self.balancer().ip_addresses[0].ip_address.clone();
        for record in self.records() {
            let path = format!("dns_records/{}", record["id"].as_str().unwrap());
            let change = json!({ "content": address, "comment": "the shop" });
            self.world.zone(Method::PATCH, &path, Some(&change));
        }
    }

    fn create_balancer(&self, old: &LoadBalancer) {
        let signed = rcgen::generate_simple_self_signed(vec!["codeharmony.localhost".to_owned()]);
        let signed = signed.unwrap();
        let set = |name: &str| {
            let backend = &old.backend_sets[name].backends[0];
            json!({
                "policy": "ROUND_ROBIN",
                "backends": [{ "ipAddress": backend.details.ip_address, "port": 8080 }],
                "healthChecker": { "protocol": "HTTP", "urlPath": "/health-check", "port": 8080, "intervalInMillis": 3000 },
            })
        };
        let redirect = json!({
            "action": "REDIRECT", "responseCode": 302,
            "conditions": [{ "attributeName": "PATH", "attributeValue": "/", "operator": "FORCE_LONGEST_PREFIX_MATCH" }],
            "redirectUri": { "protocol": "HTTPS", "port": 443, "host": "{host}", "path": "{path}", "query": "{query}" },
        });
        let details = json!({
            "compartmentId": self.compartment,
            "displayName": "lb for the shop",
            "shapeName": "flexible",
            "shapeDetails": { "minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 20 },
            "subnetIds": old.subnet_ids,
            "networkSecurityGroupIds": old.network_security_group_ids,
            "freeformTags": { "team": "shop" },
            "certificates": { "self-signed": {
                "certificateName": "self-signed",
                "publicCertificate": signed.cert.pem(), "privateKey": signed.signing_key.serialize_pem(),
            } },
            "backendSets": { "BS_web": set("web"), "BS_tools": set("tools") },
            "hostnames": { "host1": { "name": "host1", "hostname": "codeharmony.localhost" } },
            "pathRouteSets": { "paths": { "pathRoutes": [{
                "path": "/tools/", "backendSetName": "BS_tools",
                "pathMatchType": { "matchType": "PREFIX_MATCH" },
            }] } },
            "ruleSets": { "redirect": { "items": [redirect] } },
            "listeners": {
                "l1": {
                    "port": 443, "protocol": "HTTP", "defaultBackendSetName": "BS_web", "hostnameNames": ["host1"],
                    "pathRouteSetName": "paths", "sslConfiguration": { "certificateName": "self-signed", "verifyPeerCertificate": false,
                        // The default suite has nothing for a key that is not RSA.
                        "cipherSuiteName": "oci-modern-ssl-cipher-suite-v1" },
                },
                "plain": { "port": 80, "protocol": "HTTP", "defaultBackendSetName": "BS_web", "ruleSetNames": ["redirect"] },
            },
        });
        let details = serde_json::from_value(details).unwrap();
        wait(async {
            let made = load_balancer::create(&self.client, &details, &Mutation::default()).await;
            self.done(made.unwrap().work_request_id).await;
        });
    }

    async fn done(&self, work: Option<String>) {
        work_request::load_balancer(&self.client, &work.unwrap(), &Poll::default()).await.unwrap();
    }

    fn tag(&self, id: &str, tags: &[(&str, &str)]) {
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let details =
            UpdateContainerInstanceDetails { freeform_tags: Some(tags), ..Default::default() };
        wait(async {
            let update =
                container_instance::update(&self.client, id, &details, &Mutation::default()).await;
            let work = update.unwrap().work_request_id.unwrap();
            work_request::container_instance(&self.client, &work, &Poll::default()).await.unwrap();
        });
    }

    /// Takes the load balancer out of its security groups.
    pub(crate) fn leave_groups(&self) {
        let id = self.balancer().id;
        wait(async {
            let none: [String; 0] = [];
            let mutation = Mutation::default();
            let left =
                load_balancer::update_network_security_groups(&self.client, &id, &none, &mutation);
            self.done(left.await.unwrap().work_request_id).await;
        });
    }

    /// Takes every instance out of its security groups.
    pub(crate) fn leave_groups_of_apps(&self) {
        wait(async {
            let list = container_instance::list(&self.client, &self.compartment).await.unwrap();
            for listed in list.iter().filter(|i| !i.lifecycle_state.is_ending()) {
                let one = container_instance::get(&self.client, &listed.id).await.unwrap();
                let id = one.value.vnics[0].vnic_id.clone().unwrap();
                let now = vnic::get(&self.client, &id).await.unwrap();
                let guard = Mutation::matching(now.etag.unwrap());
                let none =
                    vnic::UpdateVnicDetails { nsg_ids: Some(Vec::new()), ..Default::default() };
                vnic::update(&self.client, &id, &none, &guard).await.unwrap();
            }
        });
    }

    /// Sends `set` over a way that its backends do not speak, and a listener past its routes.
    pub(crate) fn lead_astray(&self, set: &str, listener: &str) {
        let balancer = self.balancer();
        let (client, id) = (&self.client, &balancer.id);
        let mut spoilt = json!(balancer.backend_sets[set]);
        spoilt["sslConfiguration"] = json!({ "verifyPeerCertificate": false, "verifyDepth": 1 });
        let policy = json!({ "name": "theirs", "conditionLanguageVersion": "V1", "rules": [{
            "name": "all", "condition": "any(http.request.url.path sw '/')",
            "actions": [{ "name": "FORWARD_TO_BACKENDSET", "backendSetName": "nobody" }],
        }] });
        let mut routed = json!(balancer.listeners[listener]);
        routed["pathRouteSetName"] = Value::Null;
        routed["routingPolicyName"] = json!("theirs");
        let name = json!({ "displayName": "theirs", "isDeleteProtectionEnabled": true });
        let spoilt = serde_json::from_value(spoilt).unwrap();
        let policy = serde_json::from_value(policy).unwrap();
        let routed = serde_json::from_value(routed).unwrap();
        let name = serde_json::from_value(name).unwrap();
        wait(async {
            let once = self.guard(id).await;
            let work = load_balancer::backend_set::update(client, id, set, &spoilt, &once).await;
            self.done(work.unwrap().work_request_id).await;
            let once = self.guard(id).await;
            let work = load_balancer::routing_policy::create(client, id, &policy, &once).await;
            self.done(work.unwrap().work_request_id).await;
            let once = self.guard(id).await;
            let work = load_balancer::listener::update(client, id, listener, &routed, &once).await;
            self.done(work.unwrap().work_request_id).await;
            let once = self.guard(id).await;
            let work = load_balancer::update(client, id, &name, &once).await;
            self.done(work.unwrap().work_request_id).await;
        });
    }

    /// Guards the load balancer against being deleted.
    pub(crate) fn guard_balancer(&self) {
        let (id, details) = (self.balancer().id, json!({ "isDeleteProtectionEnabled": true }));
        wait(async {
            let details = serde_json::from_value(details).unwrap();
            let once = self.guard(&id).await;
            let work = load_balancer::update(&self.client, &id, &details, &once).await;
            self.done(work.unwrap().work_request_id).await;
        });
    }

    /// The guard of a change of the load balancer as it is now.
    async fn guard(&self, id: &str) -> Mutation {
        let etag = load_balancer::get(&self.client, id).await.unwrap().etag.unwrap();
        Mutation { retry_token: Some(etag.clone()), ..Mutation::matching(etag) }
    }

    /// The load balancer that is there.
    pub(crate) fn balancer(&self) -> LoadBalancer {
        let list = wait(async { load_balancer::list(&self.client, &self.compartment).await });
        let mut live = list.unwrap().into_iter().filter(|lb| !lb.lifecycle_state.is_ending());
        live.next().unwrap()
    }

    /// Ids of the instances, with their tags.
    pub(crate) fn instances(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let list = wait(async { container_instance::list(&self.client, &self.compartment).await });
        let live = list.unwrap().into_iter().filter(|i| !i.lifecycle_state.is_ending());
        live.map(|i| (i.id, i.freeform_tags.into_iter().collect())).collect()
    }

    /// The records that lead visitors.
    pub(crate) fn records(&self) -> Vec<Value> {
        let records = self.world.zone(Method::GET, "dns_records", None);
        records.as_array().unwrap().iter().filter(|r| r["type"] == "A").cloned().collect()
    }

    /// Ids of the rules that lie in security groups and say so themselves.
    pub(crate) fn rules(&self) -> Vec<String> {
        wait(async {
            let groups = network_security_group::list(&self.client, &self.compartment, None).await;
            let mut ids = Vec::new();
            for group in groups.unwrap() {
                let rules = network_security_group::list_rules(&self.client, &group.id).await;
                ids.extend(rules.unwrap().into_iter().map(|rule| rule.id));
            }
            ids
        })
    }
}
