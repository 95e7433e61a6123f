//! `CreateContainerInstance`: what is checked before anything is begun.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Container, ContainerName, Instance, VnicName, accept, shape};
use crate::faults::Outcome;
use crate::ids;
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, typed};
use crate::services::oci::failure::Failure;
use crate::services::oci::identity::FAULT_DOMAINS;
use crate::services::oci::network::vnic;

const MOST_CONTAINERS: usize = 60;
const DEFAULT_GRACE: u64 = 30;
const LARGEST_ENVIRONMENT: usize = 64 * 1024;

pub(super) fn create(service: &Arc<OciService>, call: &Call) -> Result<Answer, Failure> {
    refuse_what_cannot_be_done(call)?;
    let mut instance = draft(service, call)?;
    vnic::check(service, &interface(&instance)?)?;
    let containers = containers(call, &instance)?;
    instance.containers = containers.iter().map(name).collect();
    instance.container_count = containers.len();
    service.instances.update(|world| {
        world.containers.extend(containers.into_iter().map(|c| (c.id.clone(), c)));
        world.instances.insert(instance.id.clone(), instance.clone());
    });
    let work = accept(service, &instance, call);
    Ok(Answer::made(&instance).with("opc-work-request-id", work))
}

/// An instance that silently lacked these would only look like the vendor's.
fn refuse_what_cannot_be_done(call: &Call) -> Result<(), Failure> {
    let volumes = call.body["volumes"].as_array().is_some_and(|volumes| !volumes.is_empty());
    if volumes || call.body.get("dnsConfig").is_some() {
        return Err(Failure::not_implemented("CreateContainerInstance with volumes or dnsConfig"));
    }
    let mut secrets = call.body["imagePullSecrets"].as_array().into_iter().flatten();
    if secrets.any(|secret| secret["secretType"] == "VAULT") {
        return Err(Failure::not_implemented("CreateContainerInstance with a VAULT secret"));
    }
    Ok(())
}

fn draft(service: &OciService, call: &Call) -> Result<Instance, Failure> {
    let domain: String = call.field("availabilityDomain")?;
    if !service.availability_domains().any(|known| known == domain) {
        return Err(Failure::invalid(format!("Invalid availabilityDomain: '{domain}'")));
    }
    let policy = call.text("containerRestartPolicy").unwrap_or("ALWAYS");
    if !["ALWAYS", "NEVER", "ON_FAILURE"].contains(&policy) {
        return Err(Failure::invalid(format!("Invalid containerRestartPolicy: '{policy}'")));
    }
    let vnics = call.body["vnics"].as_array().map_or(&[][..], Vec::as_slice);
    let [wanted_vnic] = vnics else {
        return Err(Failure::invalid(format!(
            "vnics: exactly one is needed, found {}",
            vnics.len()
        )));
    };
    let shape: String = call.field("shape")?;
    let unnamed = || format!("container-instance-{}", ids::hex::<4>());
    Ok(Instance {
        id: ids::ocid("computecontainerinstance", service.region()),
        etag: ids::hex::<16>(),
        display_name: call.text("displayName").map_or_else(unnamed, str::to_owned),
        compartment_id: call.field("compartmentId")?,
        fault_domain: Some(fault_domain(service, call, &domain)?.to_owned()),
        availability_domain: domain,
        lifecycle_state: "CREATING".to_owned(),
        time_created: service.cloud.clock.stamp(),
        shape_config: shape::settle(&shape, call.field("shapeConfig")?)?,
        shape,
        vnics: vec![VnicName::default()],
        container_restart_policy: policy.to_owned(),
        graceful_shutdown_timeout_in_seconds: call
            .body
            .get("gracefulShutdownTimeoutInSeconds")
            .and_then(Value::as_u64)
            .unwrap_or(DEFAULT_GRACE),
        image_pull_secrets: call.field("imagePullSecrets")?,
        wanted_vnic: wanted_vnic.clone(),
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
        ..Instance::default()
    })
}

/// The fault domain that is asked for, or one that has room.
fn fault_domain(service: &OciService, call: &Call, domain: &str) -> Result<&'static str, Failure> {
    let asked = call.text("faultDomain");
    if let Some(asked) = asked.filter(|asked| !FAULT_DOMAINS.contains(asked)) {
        return Err(Failure::invalid(format!("Invalid faultDomain: '{asked}'")));
    }
    let mut possible =
        FAULT_DOMAINS.into_iter().filter(|name| asked.is_none_or(|asked| asked == *name));
    let has_room = |name: &&str| !service.cloud.faults.fill(Outcome::NoCapacity, &[domain, name]);
    possible.find(has_room).ok_or_else(Failure::out_of_capacity)
}

/// The interface that an instance asked for.
pub(super) fn interface(instance: &Instance) -> Result<vnic::Wanted, Failure> {
    let details = &instance.wanted_vnic;
    let text = |field: &str| details[field].as_str().map(str::to_owned);
    let groups = details.get("nsgIds").cloned().unwrap_or_else(|| json!([]));
    Ok(vnic::Wanted {
        owner: instance.id.clone(),
        name: text("displayName").unwrap_or_else(|| instance.display_name.clone()),
        compartment: instance.compartment_id.clone(),
        subnet: text("subnetId").unwrap_or_default(),
        groups: typed(groups, "vnics[0].nsgIds")?,
        reserved: None,
        public: details["isPublicIpAssigned"].as_bool().unwrap_or_default(),
        private_ip: text("privateIp"),
        hostname: text("hostnameLabel"),
        availability_domain: Some(instance.availability_domain.clone()),
    })
}

fn containers(call: &Call, instance: &Instance) -> Result<Vec<Container>, Failure> {
    let details = call.body["containers"].as_array().map_or(&[][..], Vec::as_slice);
    if details.is_empty() || details.len() > MOST_CONTAINERS {
        return Err(Failure::invalid(format!("containers: 1 to {MOST_CONTAINERS} are possible")));
    }
    details.iter().map(|details| container(details, instance)).collect()
}

fn container(details: &Value, instance: &Instance) -> Result<Container, Failure> {
    let sent: Container = typed(details.clone(), "container")?;
    let size: usize =
        sent.environment_variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > LARGEST_ENVIRONMENT {
        return Err(Failure::invalid("environmentVariables: more than 64 KB"));
    }
    if details.get("volumeMounts").is_some_and(|mounts| mounts != &json!([])) {
        return Err(Failure::not_implemented("CreateContainerInstance with volumeMounts"));
    }
    let unnamed = || format!("container-{}", ids::hex::<4>());
    let unchecked = |mut check: Value| {
        check["status"] = json!("UNKNOWN");
        check
    };
    let region = instance.id.split('.').nth(3).unwrap_or_default();
    Ok(Container {
        id: ids::ocid("computecontainer", region),
        etag: ids::hex::<16>(),
        display_name: details["displayName"].as_str().map_or_else(unnamed, str::to_owned),
        compartment_id: instance.compartment_id.clone(),
        availability_domain: instance.availability_domain.clone(),
        container_instance_id: instance.id.clone(),
        lifecycle_state: "CREATING".to_owned(),
        time_created: instance.time_created.clone(),
        health_checks: sent.health_checks.into_iter().map(unchecked).collect(),
        ..sent
    })
}

fn name(container: &Container) -> ContainerName {
    ContainerName {
        container_id: container.id.clone(),
        display_name: container.display_name.clone(),
    }
}
