//! From TOML to [`Environment`]: types, required and unknown keys. What keys mean together is checked in `check`.

mod section;

use std::collections::BTreeMap;

use toml_edit::Document;

use super::{
    App, Certificates, Cloudflare, Environment, Issuer, Layout, LoadBalancer, Local, Network, Oci,
    check,
};
use crate::problem::Problem;
pub(super) use section::{Section, Source};

pub(super) fn environment(
    file: &str,
    name: &str,
    text: &str,
) -> (Option<Environment>, Vec<Problem>) {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return (None, vec![section::syntax(file, text, &error)]),
    };
    let source = Source::new(file, text);
    let root = Section::root(&source, document.as_table());
    let environment = read(&root, name);
    root.finish();
    if let Some(environment) = &environment {
        check::relations(&root, environment);
    }
    (environment, source.into_problems())
}

/// `None` when something that the rest leans on is missing; the problem is noted.
fn read(root: &Section<'_>, name: &str) -> Option<Environment> {
    let uid = root.text(
        "uid",
        "a random word that marks what belongs to this environment, for example \"k7f3a91c\"",
    );
    let oci = root.table("oci").map(|s| oci(&s));
    let network = root.table("network").map(|s| network(&s));
    let load_balancer = root.optional_table("load_balancer").map_or_else(
        || Some(LoadBalancer { minimum_mbps: 10, maximum_mbps: 10, layout: Layout::Shared }),
        |s| load_balancer(&s),
    );
    let apps = root.table("apps").map(|s| apps(&s));
    let hosts = root.table("hosts").map(|s| hosts(&s));
    let certificates = root.table("certificates").map(|s| certificates(&s));
    let cloudflare = root.table("cloudflare").map(|s| cloudflare(&s));
    let local = root.optional_table("local").map(|s| local(&s));
    Some(Environment {
        name: name.to_owned(),
        uid: uid?,
        oci: oci??,
        network: network??,
        load_balancer: load_balancer?,
        apps: apps?,
        hosts: hosts?,
        certificates: certificates??,
        cloudflare: cloudflare??,
        local: local.map_or(Some(None), |read| read.map(Some))?,
    })
}

fn oci(section: &Section<'_>) -> Option<Oci> {
    let region = section.text("region", "for example \"uk-london-1\"");
    let compartment = section
        .reference("compartment", "an OCID, or ${NAME} of a variable in .env that holds one");
    section.finish();
    Some(Oci { region: region?, compartment: compartment? })
}

fn network(section: &Section<'_>) -> Option<Network> {
    let network = if let Some(cidr) = section.optional_text("cidr") {
        section.reject_beside(
            "cidr",
            &["load_balancer_subnet", "app_subnet", "load_balancer_nsg", "app_nsg"],
        );
        Some(Network::Created { cidr })
    } else {
        let hint = "an OCID or ${NAME}; or write only `cidr` and the network is created";
        let load_balancer_subnet = section.reference("load_balancer_subnet", hint);
        let app_subnet = section.reference("app_subnet", hint);
        let load_balancer_nsg = section.reference("load_balancer_nsg", hint);
        let app_nsg = section.reference("app_nsg", hint);
        (|| {
            Some(Network::Existing {
                load_balancer_subnet: load_balancer_subnet?,
                app_subnet: app_subnet?,
                load_balancer_nsg: load_balancer_nsg?,
                app_nsg: app_nsg?,
            })
        })()
    };
    section.finish();
    network
}

fn load_balancer(section: &Section<'_>) -> Option<LoadBalancer> {
    let minimum_mbps = section.integer_or("minimum_mbps", 10, 10..=8000);
    let maximum_mbps = section.integer_or("maximum_mbps", 10, 10..=8000);
    let layout = section.choice("layout", "shared", &["shared", "port-per-app"]);
    section.finish();
    let layout = if layout? == "shared" { Layout::Shared } else { Layout::PortPerApp };
    Some(LoadBalancer { minimum_mbps: minimum_mbps?, maximum_mbps: maximum_mbps?, layout })
}

fn apps(section: &Section<'_>) -> BTreeMap<String, App> {
    section.tables().filter_map(|(name, s)| Some((name, app(&s)?))).collect()
}

fn app(section: &Section<'_>) -> Option<App> {
    let build = section.text("build", "the cargo package that is built into the image");
    let port = section.integer_or("port", 8080, 1..=65535);
    let health = section.text_or("health", "/health-check");
    let shape = section.choice(
        "shape",
        "CI.Standard.E4.Flex",
        &["CI.Standard.E3.Flex", "CI.Standard.E4.Flex", "CI.Standard.A1.Flex"],
    );
    let ocpus = section.number_or("ocpus", 1.0, 1.0..=64.0);
    let memory_gb = section.number_or("memory_gb", 2.0, 1.0..=1024.0);
    let replicas = section.integer_or("replicas", 1, 1..=16);
    let listener_port = section.optional_integer("listener_port", 1..=65535);
    let variables = section.optional_table("variables").map(|s| {
        s.keys()
            .filter_map(|key| Some((key.clone(), s.reference(&key, "text or ${NAME}")?)))
            .collect()
    });
    section.finish();
    Some(App {
        build: build?,
        port: port?,
        health: health?,
        shape: shape?,
        ocpus: ocpus?,
        memory_gb: memory_gb?,
        replicas: replicas?,
        variables: variables.unwrap_or_default(),
        listener_port: listener_port?,
    })
}

fn hosts(section: &Section<'_>) -> BTreeMap<String, BTreeMap<String, String>> {
    section
        .tables()
        .map(|(host, s)| {
            let paths = s
                .keys()
                .filter_map(|path| Some((path.clone(), s.text(&path, "the name of an app")?)));
            (host, paths.collect())
        })
        .collect()
}

fn certificates(section: &Section<'_>) -> Option<Certificates> {
    let issuer = section.text(
        "issuer",
        "\"letsencrypt\", \"letsencrypt-staging\", \"localcloud\" or the URL of a directory",
    );
    let contact = section.optional_text("contact");
    // P-256 is what every client and the load balancer take; the key exists so that another type is refused
    // with a reason instead of being ignored.
    let key = section.choice("key", "p256", &["p256"]);
    section.finish();
    key?;
    let issuer = match issuer?.as_str() {
        "letsencrypt" => Issuer::Letsencrypt,
        "letsencrypt-staging" => Issuer::LetsencryptStaging,
        "localcloud" => Issuer::Localcloud,
        url if url.starts_with("https://") => Issuer::Directory(url.to_owned()),
        other => {
            section.problem(
                "issuer",
                format!("`{other}` is no issuer"),
                "\"letsencrypt\", \"letsencrypt-staging\", \"localcloud\" or an https:// URL of an ACME directory",
            );
            return None;
        }
    };
    Some(Certificates { issuer, contact })
}

fn cloudflare(section: &Section<'_>) -> Option<Cloudflare> {
    let zone =
        section.text("zone", "the apex of the Cloudflare zone, for example \"codeharmony.net\"");
    let mut settings = BTreeMap::from([("ssl".to_owned(), "strict".to_owned())]);
    if let Some(s) = section.optional_table("settings") {
        let on_off: &[&str] = &["on", "off"];
        for (key, choices) in [
            ("ssl", &["strict"][..]),
            ("always_use_https", on_off),
            ("automatic_https_rewrites", on_off),
            ("min_tls_version", &["1.2", "1.3"]),
            ("tls_1_3", on_off),
        ] {
            if s.has(key)
                && let Some(value) = s.choice(key, "", choices)
            {
                settings.insert(key.to_owned(), value);
            }
        }
        s.finish();
    }
    section.finish();
    Some(Cloudflare { zone: zone?.to_ascii_lowercase(), settings })
}

fn local(section: &Section<'_>) -> Option<Local> {
    let https_port = section.integer_or("https_port", 8443, 0..=65535);
    let http_port = section.integer_or("http_port", 8080, 0..=65535);
    section.finish();
    Some(Local { https_port: https_port?, http_port: http_port? })
}
