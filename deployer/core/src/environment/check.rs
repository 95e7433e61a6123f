//! What keys mean together: routes lead to apps, hosts lie in the zone, ports and names do not collide.

mod names;

use std::collections::BTreeMap;

use super::read::Section;
use super::{Environment, Layout, LoadBalancer, Network, Source, Text};
use crate::desired::NOBODY;
use crate::problem::nearest;
pub(super) use names::protected;

/// Ports that Cloudflare proxies HTTPS on (developers.cloudflare.com, "Network ports").
pub(super) const PROXIED_PORTS: [u16; 6] = [443, 2053, 2083, 2087, 2096, 8443];

/// Path route sets hold at most 20 rules, load balancers 16 backend sets: one is for strangers, one for trials.
const ROUTES_PER_HOST: usize = 20;
const APPS: usize = 14;

pub(super) fn relations(root: &Section<'_>, environment: &Environment) {
    names(root, environment);
    apps(root, environment);
    hosts(root, environment);
    ports(root, environment);
    load_balancer(root, environment);
    names::moved(root, environment);
}

fn names(root: &Section<'_>, environment: &Environment) {
    if !environment.uid.is_empty() && !is_name(&environment.uid, 20) {
        root.problem(
            "uid",
            "is not a name",
            "2 to 20 lower-case letters, digits and -, beginning with a letter",
        );
    }
    if let Network::Created { cidr } = &environment.network
        && !cidr.is_empty()
        && let Err(why) = network_cidr(cidr)
    {
        root.problem_at(&["network", "cidr"], why, "a private range such as \"10.20.0.0/16\"");
    }
    if !environment.cloudflare.zone.is_empty() && !is_host(&environment.cloudflare.zone) {
        root.problem_at(
            &["cloudflare", "zone"],
            "is not a domain name",
            "for example \"codeharmony.net\"",
        );
    }
}

fn apps(root: &Section<'_>, environment: &Environment) {
    if environment.apps.is_empty() && root.has("apps") {
        root.problem("apps", "holds no app", "add a table such as [apps.web]");
    }
    if environment.apps.len() > APPS {
        let count = environment.apps.len();
        root.problem(
            "apps",
            format!("{count} apps are more than a load balancer takes"),
            format!("at most {APPS}"),
        );
    }
    images(root, environment);
    for (name, app) in &environment.apps {
        if !is_name(name, 20) {
            root.problem_at(
                &["apps", name],
                "is not a name",
                "2 to 20 lower-case letters, digits and -",
            );
        } else if name == NOBODY {
            root.problem_at(
                &["apps", name],
                "is the name of the backend set for unknown hosts",
                "take another",
            );
        }
        if !app.health.is_empty() && !app.health.starts_with('/') {
            root.problem_at(
                &["apps", name, "health"],
                "is not a path",
                "for example \"/health-check\"",
            );
        }
        if app.memory_gb < app.ocpus {
            root.problem_at(
                &["apps", name, "memory_gb"],
                "is less than 1 GB for each OCPU",
                format!("at least {}", app.ocpus),
            );
        }
        for (variable, value) in &app.variables {
            let text = match value {
                Text::Literal(literal) => literal,
                Text::Reference(_) => "",
            };
            if [variable, text].iter().any(|text| text.contains('\0')) {
                root.problem_at(
                    &["apps", name, "variables", variable],
                    "holds a NUL character, which no container can be given",
                    "remove it",
                );
            }
        }
        let reserved: &[&str] = match app.source {
            Source::Package(_) => &["PORT", "HOST", "BUILD_ID", "APP_NAME"],
            Source::Image(_) => &["PORT"],
        };
        for reserved in reserved {
            if app.variables.contains_key(*reserved) {
                root.problem_at(
                    &["apps", name, "variables", reserved],
                    "is set by deployer",
                    "remove it",
                );
            }
        }
    }
}

fn images(root: &Section<'_>, environment: &Environment) {
    let mut built: BTreeMap<&str, (&str, u16)> = BTreeMap::new();
    for (name, app) in &environment.apps {
        match &app.source {
            Source::Image(image) if !is_image(image) => root.problem_at(
                &["apps", name, "image"],
                "is not the name of an image",
                "for example \"lhr.ocir.io/namespace/repository@sha256:…\"; a digest cannot move, a tag can",
            ),
            Source::Image(_) => {}
            // The port is part of the image: it is what the image exposes.
            Source::Package(package) => {
                let (first, port) = *built.entry(package).or_insert((name, app.port));
                if port != app.port {
                    root.problem_at(
                        &["apps", name, "port"],
                        format!(
                            "{} differs from port {port} of app `{first}`, which has the same image",
                            app.port
                        ),
                        "apps that are built from one package listen on one port",
                    );
                }
            }
        }
    }
}

/// `registry/path`, then a tag, a digest, both, or nothing.
fn is_image(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(n, d)| (n, Some(d)));
    let is_digest = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"./:_-".contains(&b);
    let (registry, path) = name.split_once('/').unwrap_or_default();
    let is_registry = registry.contains(['.', ':']) || registry == "localhost";
    is_registry
        && !path.is_empty()
        && name.split('/').all(|part| !part.is_empty())
        && name.bytes().all(is_plain)
        && digest.is_none_or(is_digest)
}

fn hosts(root: &Section<'_>, environment: &Environment) {
    let zone = &environment.cloudflare.zone;
    if environment.hosts.is_empty() && root.has("hosts") {
        root.problem(
            "hosts",
            "holds no host",
            "add a table such as [hosts.\"www.example.net\"] with \"/\" = \"web\"",
        );
    }
    for (host, paths) in &environment.hosts {
        if !is_host(host) {
            root.problem_at(
                &["hosts", host],
                "is not a host name",
                "lower case, without scheme, port or path",
            );
        } else if zone.is_empty() {
            // Its own problem is told already.
        } else if host != zone
            && !host.strip_suffix(zone.as_str()).is_some_and(|label| label.ends_with('.'))
        {
            root.problem_at(
                &["hosts", host],
                format!("lies outside the zone {zone}"),
                format!("hosts are {zone} or one label before it"),
            );
        } else if host.len() > zone.len() && host[..host.len() - zone.len() - 1].contains('.') {
            root.problem_at(
                &["hosts", host],
                "is more than one label below the zone",
                "Cloudflare's universal certificate covers the apex and one label only",
            );
        }
        paths_of(root, environment, host, paths);
    }
}

fn paths_of(
    root: &Section<'_>,
    environment: &Environment,
    host: &str,
    paths: &BTreeMap<String, String>,
) {
    if !paths.contains_key("/") {
        root.problem_at(&["hosts", host], "has no app for \"/\"", "add \"/\" = \"…\"");
    }
    if paths.len() > ROUTES_PER_HOST {
        root.problem_at(
            &["hosts", host],
            "has too many paths",
            format!("at most {ROUTES_PER_HOST}"),
        );
    }
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (path, app) in paths {
        let key = ["hosts", host, path];
        if !path.starts_with('/') || path.contains(['*', '?', '#', ' ']) {
            root.problem_at(&key, "is not a path prefix", "for example \"/files/\"; no wildcards");
        }
        if !environment.apps.contains_key(app) {
            let meant = nearest(app, environment.apps.keys().map(String::as_str));
            let known = environment.apps.keys().cloned().collect::<Vec<_>>().join(", ");
            let hint =
                meant.map_or(format!("apps: {known}"), |meant| format!("did you mean `{meant}`?"));
            root.problem_at(&key, format!("leads to `{app}`, which is no app"), hint);
        }
        // The load balancer compares paths without regard to case, and `/files` means the same as `/files/`.
        let canonical = path.trim_end_matches('/').to_ascii_lowercase();
        if let Some(first) = owners.insert(canonical, path) {
            root.problem_at(
                &key,
                format!("is owned twice: `{first}` means the same path"),
                "keep one of them",
            );
        }
    }
}

fn ports(root: &Section<'_>, environment: &Environment) {
    let mut owners: BTreeMap<u16, &str> = BTreeMap::new();
    for (name, app) in &environment.apps {
        let key = ["apps", name, "listener_port"];
        match (environment.load_balancer.layout, app.listener_port) {
            (Layout::Shared, Some(_)) => {
                root.problem_at(
                    &key,
                    "has no meaning with the shared layout",
                    "set load_balancer.layout = \"port-per-app\"",
                );
            }
            (Layout::PortPerApp, None) => {
                root.problem_at(
                    &key,
                    "is missing",
                    format!("with port-per-app each app has a port: {PROXIED_PORTS:?}"),
                );
            }
            (Layout::PortPerApp, Some(port)) if !PROXIED_PORTS.contains(&port) => {
                root.problem_at(
                    &key,
                    format!("{port} is not proxied by Cloudflare"),
                    format!("{PROXIED_PORTS:?}"),
                );
            }
            (Layout::PortPerApp, Some(port)) => {
                if let Some(first) = owners.insert(port, name) {
                    root.problem_at(
                        &key,
                        format!("{port} belongs to app `{first}`"),
                        "each app has a port of its own",
                    );
                }
            }
            (Layout::Shared, None) => {}
        }
    }
}

fn load_balancer(root: &Section<'_>, environment: &Environment) {
    let LoadBalancer { minimum_mbps, maximum_mbps, .. } = environment.load_balancer;
    if minimum_mbps > maximum_mbps {
        let hint = format!("maximum_mbps is {maximum_mbps}");
        root.problem_at(&["load_balancer", "minimum_mbps"], "is above maximum_mbps", hint);
    }
    if environment.load_balancer.layout == Layout::PortPerApp {
        for (host, paths) in environment.hosts.iter().filter(|(_, paths)| paths.len() > 1) {
            let extra = paths.keys().find(|path| *path != "/").map_or("", String::as_str);
            root.problem_at(
                &["hosts", host, extra],
                "routes by path need the shared layout",
                "with port-per-app a host leads to one app",
            );
        }
    }
    redirects(root, environment);
}

/// The zone's own redirect to HTTPS comes before the load balancer's and knows port 443 only. A setting that is not
/// declared stays what it was, so it has to be declared off.
fn redirects(root: &Section<'_>, environment: &Environment) {
    let setting = environment.cloudflare.settings.get("always_use_https");
    let is_off = setting.is_some_and(|value| value == "off");
    let mut others = environment.hosts.keys().map(|host| (host, environment.host_port(host)));
    let other = others.find(|(_, port)| *port != 443 && PROXIED_PORTS.contains(port));
    if let (false, Some((host, port))) = (is_off, other) {
        root.problem_at(
            &["cloudflare", "settings", "always_use_https"],
            format!("unless it is \"off\", http://{host} is sent to port 443 instead of {port}"),
            "always_use_https = \"off\": the load balancer sends each host to its own port",
        );
    }
}

fn is_name(word: &str, longest: usize) -> bool {
    (2..=longest).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

pub(super) fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.len() <= 253 && host.contains('.') && host.split('.').all(label)
}

/// A private IPv4 range that leaves room for two subnets.
fn network_cidr(cidr: &str) -> Result<(), String> {
    let (address, length) =
        cidr.split_once('/').ok_or("is not a range in the form address/length")?;
    let address: std::net::Ipv4Addr =
        address.parse().map_err(|_| "does not begin with an IPv4 address")?;
    let length: u32 = length.parse().map_err(|_| "does not end with a length")?;
    if !(16..=24).contains(&length) {
        return Err(format!("/{length} is not possible: a network of two subnets is /16 to /24"));
    }
    if u32::from(address) & (u32::MAX >> length) != 0 {
        return Err("has bits set behind its length".to_owned());
    }
    if !address.is_private() {
        return Err("is not a private range".to_owned());
    }
    Ok(())
}
