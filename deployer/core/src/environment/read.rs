//! From TOML to [`Environment`]: types, required and unknown keys. What keys mean together is checked in `check`.

mod section;

use std::collections::BTreeMap;

use toml_edit::Document;

use super::{
    App, Certificates, Cloudflare, Environment, Issuer, Layout, LoadBalancer, Local, Move, Network,
    Oci, Protected, Source as ImageSource, Text, check,
};
use crate::problem::Problem;
pub(super) use section::{Section, Source};

/// Reads everything there is to read. Where something is missing or wrong its problem is noted and an empty value
/// stands in, so that the rest is looked at, too; `check` passes over what is empty.
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
    check::relations(&root, &environment);
    (Some(environment), source.into_problems())
}

fn read(root: &Section<'_>, name: &str) -> Environment {
    let uid = root.text(
        "uid",
        "a random word that marks what belongs to this environment, for example \"k7f3a91c\"",
    );
    Environment {
        name: name.to_owned(),
        uid: uid.unwrap_or_default(),
        lease: root.boolean_or("lease", true),
        oci: root.table("oci").map_or_else(nowhere, |s| oci(&s)),
        network: root.table("network").map_or_else(Network::default, |s| network(&s)),
        load_balancer: root
            .optional_table("load_balancer")
            .map_or_else(LoadBalancer::default, |s| load_balancer(&s)),
        apps: root.table("apps").map(|s| apps(&s)).unwrap_or_default(),
        hosts: root.table("hosts").map(|s| hosts(&s)).unwrap_or_default(),
        certificates: root
            .table("certificates")
            .map_or_else(Certificates::default, |s| certificates(&s)),
        cloudflare: root.table("cloudflare").map(|s| cloudflare(&s)).unwrap_or_default(),
        local: root.optional_table("local").map(|s| local(&s)),
        protect: protect(root),
        moved: root.list_of_tables("moved").iter().filter_map(moved).collect(),
    }
}

fn protect(root: &Section<'_>) -> Vec<Protected> {
    let words = root.list_of_texts("protect").into_iter();
    words
        .filter_map(|(offset, word)| match check::protected(&word) {
            Ok(protected) => Some(protected),
            Err((message, hint)) => {
                root.problem_in("protect", offset, message, hint);
                None
            }
        })
        .collect()
}

/// What is moved is checked where it is known which apps there are.
fn moved(section: &Section<'_>) -> Option<Move> {
    let [from, to] = ["from", "to"].map(|key| {
        let text = section.text(key, "for example \"app.web\"")?;
        let app = text.strip_prefix("app.").map(str::to_owned);
        if app.is_none() {
            section.problem(
                key,
                format!("`{text}` is no app"),
                "\"app.\" and a name; hosts and networks cannot keep anything under another name",
            );
        }
        app
    });
    section.finish();
    Some(Move { from: from?, to: to? })
}

fn nowhere() -> Oci {
    Oci { region: String::new(), compartment: Text::default() }
}

fn oci(section: &Section<'_>) -> Oci {
    let region = section.text("region", "for example \"uk-london-1\"");
    let compartment = section
        .reference("compartment", "an OCID, or ${NAME} of a variable in .env that holds one");
    section.finish();
    Oci { region: region.unwrap_or_default(), compartment: compartment.unwrap_or_default() }
}

fn network(section: &Section<'_>) -> Network {
    let keys = ["load_balancer_subnet", "app_subnet", "load_balancer_nsg", "app_nsg"];
    let network = if let Some(cidr) = section.optional_text("cidr") {
        section.reject_beside("cidr", &keys);
        Network::Created { cidr }
    } else {
        let hint = "an OCID or ${NAME}; or write only `cidr` and the network is created";
        let [load_balancer_subnet, app_subnet, load_balancer_nsg, app_nsg] =
            keys.map(|key| section.reference(key, hint).unwrap_or_default());
        Network::Existing { load_balancer_subnet, app_subnet, load_balancer_nsg, app_nsg }
    };
    section.finish();
    network
}

fn load_balancer(section: &Section<'_>) -> LoadBalancer {
    let default = LoadBalancer::default();
    let minimum_mbps = section.integer_or("minimum_mbps", default.minimum_mbps, 10..=8000);
    let maximum_mbps = section.integer_or("maximum_mbps", default.maximum_mbps, 10..=8000);
    let layout = section.choice("layout", "shared", &["shared", "port-per-app"]);
    section.finish();
    let layout =
        if layout.as_deref() == Some("port-per-app") { Layout::PortPerApp } else { Layout::Shared };
    LoadBalancer { minimum_mbps, maximum_mbps, layout }
}

fn apps(section: &Section<'_>) -> BTreeMap<String, App> {
    section.tables().map(|(name, s)| (name, app(&s))).collect()
}

fn app(section: &Section<'_>) -> App {
    let shapes = ["CI.Standard.E3.Flex", "CI.Standard.E4.Flex", "CI.Standard.A1.Flex"];
    let app = App {
        source: image_source(section),
        port: section.integer_or("port", 8080, 1..=65535),
        health: section.text_or("health", "/health-check").unwrap_or_default(),
        shape: section.choice("shape", "CI.Standard.E4.Flex", &shapes).unwrap_or_default(),
        ocpus: section.number_or("ocpus", 1.0, 1.0..=64.0),
        memory_gb: section.number_or("memory_gb", 2.0, 1.0..=1024.0),
        replicas: section.integer_or("replicas", 1, 1..=16),
        listener_port: section.optional_integer("listener_port", 1..=65535),
        variables: section.optional_table("variables").map(|s| variables(&s)).unwrap_or_default(),
    };
    section.finish();
    app
}

fn image_source(section: &Section<'_>) -> ImageSource {
    if let Some(image) = section.optional_text("image") {
        section.reject_beside("image", &["build"]);
        return ImageSource::Image(image);
    }
    let hint =
        "the cargo package that is built into the image; or `image`, one that is there already";
    ImageSource::Package(section.text("build", hint).unwrap_or_default())
}

fn variables(section: &Section<'_>) -> BTreeMap<String, Text> {
    let value = |key: String| Some((key.clone(), section.variable(&key)?));
    section.keys().filter_map(value).collect()
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

fn certificates(section: &Section<'_>) -> Certificates {
    let issuer = section.text(
        "issuer",
        "\"letsencrypt\", \"letsencrypt-staging\", \"localcloud\" or the URL of a directory",
    );
    let contact = section.optional_text("contact");
    // P-256 is what every client and the load balancer take; the key exists so that another type is refused
    // with a reason instead of being ignored.
    section.choice("key", "p256", &["p256"]);
    section.finish();
    let issuer = match issuer.as_deref() {
        None | Some("letsencrypt") => Issuer::Letsencrypt,
        Some("letsencrypt-staging") => Issuer::LetsencryptStaging,
        Some("localcloud") => Issuer::Localcloud,
        Some(url) if url.starts_with("https://") => Issuer::Directory(url.to_owned()),
        Some(other) => {
            section.problem(
                "issuer",
                format!("`{other}` is no issuer"),
                "\"letsencrypt\", \"letsencrypt-staging\", \"localcloud\" or an https:// URL of an ACME directory",
            );
            Issuer::Letsencrypt
        }
    };
    Certificates { issuer, contact }
}

fn cloudflare(section: &Section<'_>) -> Cloudflare {
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
            if let Some(value) = s.optional_choice(key, choices) {
                settings.insert(key.to_owned(), value);
            }
        }
        s.finish();
    }
    section.finish();
    Cloudflare { zone: zone.unwrap_or_default().to_ascii_lowercase(), settings }
}

fn local(section: &Section<'_>) -> Local {
    let https_port = section.integer_or("https_port", 8443, 0..=65535);
    let http_port = section.integer_or("http_port", 8080, 0..=65535);
    section.finish();
    Local { https_port, http_port }
}
