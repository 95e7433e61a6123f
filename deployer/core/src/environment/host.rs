//! Adds a host to the text of an environment file and keeps everything else as it was written, comments included.

use toml_edit::{DocumentMut, Item, Table, value};

use super::{Environment, check, check::is_host};

/// Why a host was not added.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddHostError {
    #[error("{host} is not a host name: lower case, without scheme, port or path")]
    NotAHost { host: String },
    #[error("{host} lies outside the zone {zone}")]
    OutsideZone { host: String, zone: String },
    #[error("{host} is there already, its \"/\" leads to app `{app}`")]
    Taken { host: String, app: String },
    #[error("the file has no table {0}")]
    Damaged(&'static str),
}

/// The text with `host` leading to `app`, and with a table for `app` when there was none (built from `build`).
///
/// # Errors
/// When the host is not one, or is there already. The caller parses the result, which finds everything else.
pub fn add_host(
    text: &str,
    environment: &Environment,
    host: &str,
    app: &str,
    build: &str,
) -> Result<String, AddHostError> {
    let zone = &environment.cloudflare.zone;
    if !is_host(host) {
        return Err(AddHostError::NotAHost { host: host.to_owned() });
    }
    if host != zone && !host.ends_with(&format!(".{zone}")) {
        return Err(AddHostError::OutsideZone { host: host.to_owned(), zone: zone.clone() });
    }
    if let Some(paths) = environment.hosts.get(host) {
        let app = paths.get("/").cloned().unwrap_or_default();
        return Err(AddHostError::Taken { host: host.to_owned(), app });
    }
    let mut document: DocumentMut = text.parse().map_err(|_| AddHostError::Damaged("hosts"))?;
    if !environment.apps.contains_key(app) {
        let port = environment.load_balancer.layout == super::Layout::PortPerApp;
        let port = port.then(|| free_port(environment)).flatten();
        add_table(&mut document, "apps", app, |table| {
            table["build"] = value(build);
            if let Some(port) = port {
                table["listener_port"] = value(i64::from(port));
            }
        })?;
    }
    add_table(&mut document, "hosts", host, |table| table["/"] = value(app))?;
    Ok(document.to_string())
}

fn free_port(environment: &Environment) -> Option<u16> {
    let taken = |port: &u16| environment.apps.values().any(|app| app.listener_port == Some(*port));
    check::PROXIED_PORTS.into_iter().find(|port| !taken(port))
}

/// Adds `[parent.key]` behind the last table of `parent`.
fn add_table(
    document: &mut DocumentMut,
    parent: &'static str,
    key: &str,
    fill: impl FnOnce(&mut Table),
) -> Result<(), AddHostError> {
    let parent_table = document
        .get_mut(parent)
        .and_then(Item::as_table_mut)
        .ok_or(AddHostError::Damaged(parent))?;
    let last = parent_table.iter().filter_map(|(_, item)| last_position(item.as_table()?)).max();
    let mut table = Table::new();
    fill(&mut table);
    table.set_position(last);
    table.decor_mut().set_prefix("\n");
    parent_table.insert(key, Item::Table(table));
    Ok(())
}

/// Tables are written in the order of their positions; equal positions keep the order of insertion.
fn last_position(table: &Table) -> Option<isize> {
    let below = table.iter().filter_map(|(_, item)| last_position(item.as_table()?)).max();
    table.position().max(below)
}
