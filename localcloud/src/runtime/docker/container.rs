//! What the engine is told about a container, and what is read back from it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, HostConfig, HostConfigLogConfig, PortBinding,
    RestartPolicy, RestartPolicyNameEnum,
};

use super::super::image::tcp_port;
use super::super::{Launch, LaunchError};
use super::label;
use crate::network::Endpoint;

/// Label: hash of the state folder of the cloud that it belongs to.
pub(super) const STATE: &str = "localcloud.state";
/// Label: OCID of the container.
pub(super) const CONTAINER: &str = "localcloud.container";
/// Label: image url as it was asked for.
pub(super) const IMAGE: &str = "localcloud.image";
/// Label: address in the emulated subnet.
const PRIVATE_IP: &str = "localcloud.private-ip";

/// A container whose `published` ports (container's to host's) can be reached from this machine and no other.
pub(super) fn body(
    state: &str,
    image: &str,
    launch: &Launch,
    published: &HashMap<u16, u16>,
) -> ContainerCreateBody {
    let given = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
    let labels = [
        (STATE, state.to_owned()),
        (CONTAINER, launch.container_id.clone()),
        (IMAGE, launch.image_url.clone()),
        (PRIVATE_IP, launch.private_ip.to_string()),
    ];
    let environment = launch.environment.iter().map(|(name, value)| format!("{name}={value}"));
    ContainerCreateBody {
        image: Some(image.to_owned()),
        entrypoint: given(&launch.command),
        cmd: given(&launch.arguments),
        env: Some(environment.collect()),
        working_dir: launch.working_directory.clone(),
        labels: Some(labels.map(|(name, value)| (name.to_owned(), value)).into()),
        exposed_ports: Some(published.keys().map(|port| format!("{port}/tcp")).collect()),
        host_config: Some(host_config(launch, published)),
        ..ContainerCreateBody::default()
    }
}

fn host_config(launch: &Launch, published: &HashMap<u16, u16>) -> HostConfig {
    let binding = |host: &u16| PortBinding {
        host_ip: Some(Ipv4Addr::LOCALHOST.to_string()),
        host_port: Some(host.to_string()),
    };
    let bindings =
        published.iter().map(|(port, host)| (format!("{port}/tcp"), Some(vec![binding(host)])));
    let policy = if launch.restarts {
        RestartPolicyNameEnum::UNLESS_STOPPED
    } else {
        RestartPolicyNameEnum::NO
    };
    HostConfig {
        port_bindings: Some(bindings.collect()),
        memory: i64::try_from(launch.memory_bytes).ok().filter(|bytes| *bytes > 0),
        restart_policy: Some(RestartPolicy { name: Some(policy), ..RestartPolicy::default() }),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some([("max-size".to_owned(), "1m".to_owned())].into()),
        }),
        ..HostConfig::default()
    }
}

/// Each port that was to be published and where it is.
///
/// # Errors
/// When the engine did not publish one, or published it to more than this machine.
pub(super) fn published(
    container: &ContainerInspectResponse,
) -> Result<Vec<(u16, Endpoint)>, LaunchError> {
    let bound = container.network_settings.as_ref().and_then(|settings| settings.ports.as_ref());
    let place = |port: u16| {
        let bindings = bound?.get(&format!("{port}/tcp"))?.as_deref()?;
        let addresses = bindings.iter().map(address).collect::<Option<Vec<_>>>()?;
        addresses.iter().all(|a| a.ip().is_loopback()).then(|| addresses.first().copied())?
    };
    let endpoint = |port: u16| {
        let address = place(port).ok_or_else(|| {
            LaunchError::Start(format!(
                "the engine did not publish port {port} on 127.0.0.1; it needs its bridge network"
            ))
        })?;
        Ok((port, Endpoint::Published(address)))
    };
    ports(container).map(endpoint).collect()
}

/// The ports that were to be published.
pub(super) fn ports(container: &ContainerInspectResponse) -> impl Iterator<Item = u16> + '_ {
    let bindings = container.host_config.as_ref().and_then(|config| config.port_bindings.as_ref());
    bindings.into_iter().flatten().filter_map(|(port, _)| tcp_port(port))
}

pub(super) fn private_ip(container: &ContainerInspectResponse) -> Option<IpAddr> {
    label(container, PRIVATE_IP)?.parse().ok()
}

fn address(binding: &PortBinding) -> Option<SocketAddr> {
    let ip: IpAddr = binding.host_ip.as_deref()?.parse().ok()?;
    Some(SocketAddr::new(ip, binding.host_port.as_deref()?.parse().ok()?))
}
