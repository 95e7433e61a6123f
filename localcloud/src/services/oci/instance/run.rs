//! Carries the work requests of container instances out: interfaces come and go, containers start and stop.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Container, Instance, VnicName, alter, alter_containers, create, find};
use crate::faults::Outcome;
use crate::ids;
use crate::runtime::{Launch, Status};
use crate::services::oci::call::typed;
use crate::services::oci::failure::Failure;
use crate::services::oci::network::vnic;
use crate::services::oci::work::{Problem, Work};
use crate::services::oci::{OciService, contract};

const GIBIBYTE: f64 = 1_073_741_824.0;

/// Begins with a work request that was accepted.
pub(in crate::services::oci) fn proceed(service: &Arc<OciService>, work: String) {
    let service = Arc::clone(service);
    tokio::spawn(async move {
        service.work.start(&service.cloud, &work);
        let latency = service.work.duration(&service.cloud, &work);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        if let Ok(found) = service.work.get(&work) {
            let outcome = carry_out(&service, &found).await;
            service.work.finish(&service.cloud, &work, outcome);
        }
    });
}

/// After a restart: starts the containers of active instances that are not there any more.
pub(in crate::services::oci) async fn relaunch(service: &Arc<OciService>) {
    let world = service.instances.read();
    for instance in world.instances.values().filter(|instance| instance.lifecycle_state == "ACTIVE")
    {
        if let Err(problem) = launch_all(service, instance, None).await {
            fail(service, &instance.id, &problem);
        }
    }
}

async fn carry_out(service: &OciService, work: &Work) -> Result<(), Problem> {
    let instance = find(service, &work.resource)?;
    if service.cloud.faults.strikes_work(&contract::title(&work.change.operation)) {
        let problem = Problem::planned("InternalError");
        give_up(service, &instance, &work.change.operation, &problem);
        return Err(problem);
    }
    match work.change.operation.as_str() {
        "create_container_instance" => {
            let outcome = create_all(service, &instance, work).await;
            if let Err(problem) = &outcome {
                stop_all(service, &instance).await;
                fail(service, &instance.id, problem);
            }
            outcome
        }
        "delete_container_instance" => {
            stop_all(service, &instance).await;
            vnic::detach(service, &instance.id);
            settle(service, &instance.id, "DELETED");
            service.work.forget(&instance.id);
            Ok(())
        }
        "stop_container_instance" => {
            stop_all(service, &instance).await;
            settle(service, &instance.id, "INACTIVE");
            Ok(())
        }
        "start_container_instance" => start(service, &instance, work).await,
        "restart_container_instance" => {
            stop_all(service, &instance).await;
            start(service, &instance, work).await
        }
        "change_container_instance_compartment" => {
            relocate(service, &instance, &work.change.body);
            Ok(())
        }
        "update_container_instance" => Ok(rename(service, &instance, &work.change.body)?),
        "update_container" => {
            Ok(rename_container(service, work.change.parameter("containerId"), &work.change.body)?)
        }
        other => Err(Failure::not_implemented(other).into()),
    }
}

/// What is left of an instance whose work failed before it began.
fn give_up(service: &OciService, instance: &Instance, operation: &str, problem: &Problem) {
    let id = &instance.id;
    match operation {
        // One that never came to be is not alive for not being deleted.
        "delete_container_instance" if instance.lifecycle_details.is_some() => {
            settle(service, id, "FAILED");
        }
        "create_container_instance" => fail(service, id, problem),
        "start_container_instance" => settle(service, id, "INACTIVE"),
        "delete_container_instance" | "stop_container_instance" | "restart_container_instance" => {
            settle(service, id, "ACTIVE");
        }
        _ => {}
    }
}

async fn create_all(service: &OciService, instance: &Instance, work: &Work) -> Result<(), Problem> {
    let fault_domain = instance.fault_domain.as_deref().unwrap_or_default();
    let domains = [instance.availability_domain.as_str(), fault_domain];
    if service.cloud.faults.fill(Outcome::NoCapacityLate, &domains) {
        let Failure { code, message, .. } = Failure::out_of_capacity();
        return Err(Problem { code: code.to_owned(), message });
    }
    // A restart may have come between the interface and the end of this.
    vnic::detach(service, &instance.id);
    let vnic = vnic::attach(service, create::interface(instance)?)?;
    let name = VnicName { vnic_id: Some(vnic.common.id) };
    alter(service, &instance.id, |instance| instance.vnics = vec![name]);
    start(service, instance, work).await
}

async fn start(service: &OciService, instance: &Instance, work: &Work) -> Result<(), Problem> {
    launch_all(service, instance, Some(work)).await?;
    settle(service, &instance.id, "ACTIVE");
    Ok(())
}

async fn launch_all(
    service: &OciService,
    instance: &Instance,
    work: Option<&Work>,
) -> Result<(), Problem> {
    let log = |text: String| {
        if let Some(work) = work {
            service.work.log(&service.cloud, &work.id, text);
        }
    };
    let address = address(service, &instance.id);
    let world = service.instances.read();
    for name in &instance.containers {
        let Some(container) = world.containers.get(&name.container_id) else { continue };
        if service.runtime.status(&container.id).await == Status::Running {
            continue;
        }
        log(format!(
            "Pulling image {} for container {}",
            container.image_url, container.display_name
        ));
        let launched = service.runtime.launch(launch(service, instance, container, address)).await;
        launched.map_err(|error| {
            let message = format!("Container {}: {error}", container.display_name);
            log(message.clone());
            Problem { code: "ContainerLaunchFailed".to_owned(), message }
        })?;
        log(format!("Container {} is running", container.display_name));
    }
    Ok(())
}

fn address(service: &OciService, instance: &str) -> IpAddr {
    let world = service.cloud.network.read();
    let vnic = world.vnics.values().find(|vnic| vnic.owner_id == instance);
    vnic.and_then(|vnic| vnic.private_ip.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn launch(
    service: &OciService,
    instance: &Instance,
    container: &Container,
    address: IpAddr,
) -> Launch {
    let limit =
        container.resource_config.as_ref().and_then(|config| config["memoryLimitInGBs"].as_f64());
    Launch {
        container_id: container.id.clone(),
        image_url: local_image(service, &container.image_url),
        command: container.command.clone(),
        arguments: container.arguments.clone(),
        environment: container.environment_variables.clone(),
        working_directory: container.working_directory.clone(),
        private_ip: address,
        memory_bytes: bytes(limit.unwrap_or(instance.shape_config.memory)),
        credentials: credentials(instance, &container.image_url),
        restarts: instance.container_restart_policy != "NEVER",
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few gibibytes, above zero"
)]
fn bytes(gibibytes: f64) -> u64 {
    (gibibytes * GIBIBYTE) as u64
}

/// The image's address with this cloud's registry in place of the vendor's.
fn local_image(service: &OciService, image: &str) -> String {
    let region = service.region();
    let short = format!("{}/", OciService::registry_name(region));
    let long = format!("ocir.{region}.oci.oraclecloud.com/");
    match image.strip_prefix(&short).or_else(|| image.strip_prefix(&long)) {
        Some(path) => format!("{}/{path}", service.registry_host),
        None => image.to_owned(),
    }
}

/// User and password of the pull secret for the image's registry; the API has them in base64.
fn credentials(instance: &Instance, image: &str) -> Option<(String, String)> {
    let host = image.split('/').next()?;
    let secret =
        instance.image_pull_secrets.iter().find(|secret| secret["registryEndpoint"] == host)?;
    let plain =
        |field: &str| String::from_utf8(STANDARD.decode(secret[field].as_str()?).ok()?).ok();
    Some((plain("username")?, plain("password")?))
}

async fn stop_all(service: &OciService, instance: &Instance) {
    let grace = Duration::from_secs(instance.graceful_shutdown_timeout_in_seconds);
    let stops = instance.containers.iter().map(|c| service.runtime.stop(&c.container_id, grace));
    futures_util::future::join_all(stops).await;
}

fn settle(service: &OciService, id: &str, state: &str) {
    alter(service, id, |instance| {
        state.clone_into(&mut instance.lifecycle_state);
        if state == "DELETED" {
            instance.image_pull_secrets.clear();
        }
    });
    alter_containers(service, id, |container| state.clone_into(&mut container.lifecycle_state));
}

fn fail(service: &OciService, id: &str, problem: &Problem) {
    settle(service, id, "FAILED");
    alter(service, id, |instance| instance.lifecycle_details = Some(problem.message.clone()));
}

fn relocate(service: &OciService, instance: &Instance, body: &Value) {
    let compartment = body["compartmentId"].as_str().unwrap_or_default();
    alter(service, &instance.id, |instance| compartment.clone_into(&mut instance.compartment_id));
    alter_containers(service, &instance.id, |c| compartment.clone_into(&mut c.compartment_id));
}

fn rename(service: &OciService, instance: &Instance, body: &Value) -> Result<(), Failure> {
    let mut next = instance.clone();
    next.display_name = body["displayName"].as_str().unwrap_or(&instance.display_name).to_owned();
    if let Some(tags) = body.get("freeformTags") {
        next.freeform_tags = typed(tags.clone(), "freeformTags")?;
    }
    if let Some(tags) = body.get("definedTags") {
        next.defined_tags = typed(tags.clone(), "definedTags")?;
    }
    alter(service, &instance.id, |instance| {
        instance.display_name = next.display_name;
        instance.freeform_tags = next.freeform_tags;
        instance.defined_tags = next.defined_tags;
    });
    Ok(())
}

fn rename_container(service: &OciService, id: &str, body: &Value) -> Result<(), Failure> {
    service.instances.try_update(|world| {
        let container = world.containers.get_mut(id);
        let container =
            container.ok_or_else(|| Failure::not_found(format_args!("container {id}")))?;
        if let Some(name) = body["displayName"].as_str() {
            name.clone_into(&mut container.display_name);
        }
        if let Some(tags) = body.get("freeformTags") {
            container.freeform_tags = typed(tags.clone(), "freeformTags")?;
        }
        if let Some(tags) = body.get("definedTags") {
            container.defined_tags = typed(tags.clone(), "definedTags")?;
        }
        container.etag = ids::hex::<16>();
        Ok(())
    })
}
