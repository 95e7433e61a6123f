//! Zones and their settings.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Cloudflare, CloudflareError, escaped};

/// A zone, as far as a deployment looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Zone {
    pub id: String,
    /// Apex.
    pub name: String,
    /// `initializing`, `pending`, `active` or `moved`; only an active zone is proxied.
    pub status: String,
    /// Whether the zone acts as plain DNS, which exposes origins.
    #[serde(default)]
    pub paused: bool,
    /// What the registrar must name.
    #[serde(default)]
    pub name_servers: Vec<String>,
    /// What the registrar named when the zone was added.
    #[serde(default)]
    pub original_name_servers: Option<Vec<String>>,
}

/// A setting of a zone.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Setting {
    pub id: String,
    pub value: Value,
    /// Whether the plan lets it be changed.
    #[serde(default = "yes")]
    pub editable: bool,
}

fn yes() -> bool {
    true
}

impl Cloudflare {
    /// The zone that holds a name: the apex itself, or the nearest ancestor that is a zone.
    ///
    /// `GET /zones?name=`
    ///
    /// # Errors
    /// When the token sees no such zone, or the call fails.
    pub async fn find_zone(&self, name: &str) -> Result<Zone, CloudflareError> {
        let mut apex = name.trim_start_matches("*.");
        loop {
            let path = format!("/zones?name={}&per_page=50", escaped(apex));
            let zones: Vec<Zone> = self.call(Call::new("find the zone", Method::GET, path)).await?;
            if let Some(zone) = zones.into_iter().find(|zone| zone.name.eq_ignore_ascii_case(apex))
            {
                return Ok(zone);
            }
            match apex.split_once('.').filter(|(_, parent)| parent.contains('.')) {
                Some((_, parent)) => apex = parent,
                None => return Err(CloudflareError::ZoneAbsent { name: name.to_owned() }),
            }
        }
    }

    /// `GET /zones/{zone}/settings/{name}`
    ///
    /// # Errors
    /// When the call fails; [`super::Kind::Denied`] when the token lacks Zone Settings:Read.
    pub async fn setting(&self, zone: &str, name: &str) -> Result<Setting, CloudflareError> {
        self.call(Call::new("read the zone setting", Method::GET, setting_path(zone, name))).await
    }

    /// `PATCH /zones/{zone}/settings/{name}`; the setting as it then is.
    ///
    /// # Errors
    /// When the call fails; [`super::Kind::Denied`] when the token lacks Zone Settings:Edit.
    pub async fn set_setting(
        &self,
        zone: &str,
        name: &str,
        value: &Value,
    ) -> Result<Setting, CloudflareError> {
        let call = Call::new("change the zone setting", Method::PATCH, setting_path(zone, name));
        self.call(call.with(&json!({ "value": value }))).await
    }
}

fn setting_path(zone: &str, name: &str) -> String {
    format!("/zones/{}/settings/{}", escaped(zone), escaped(name))
}
