//! Settings of the Cloudflare zone that the environment holds at a value. Others are never touched.

use deployer_core::address::Kind;
use deployer_core::desired::Desired;
use deployer_core::observed::Found;
use serde_json::{Value, json};

use super::change::{self, Target};
use super::{Clouds, Listed, cloudflare_failure};
use crate::cloudflare::Setting;
use crate::failure::Failure;

pub(super) async fn list(clouds: &Clouds, desired: &Desired) -> Listed {
    let names = desired.keys().filter(|address| address.kind == Kind::ZoneSetting);
    let read = names.map(|address| async move {
        let setting = clouds.cloudflare.setting(&clouds.zone, &address.name).await;
        let setting = setting.map_err(|error| cloudflare_failure(&address.to_string(), &error))?;
        Ok((address.clone(), found(&setting)))
    });
    futures_util::future::try_join_all(read).await
}

fn found(setting: &Setting) -> Found {
    Found {
        id: setting.id.clone(),
        spec: json!({ "value": setting.value }),
        state: setting.value.as_str().unwrap_or_default().to_owned(),
        ..Found::default()
    }
}

pub(super) async fn update(target: &Target<'_>, spec: &Value) -> Result<Found, Failure> {
    let Target { clouds, address, seen, .. } = target;
    let failed = |error| cloudflare_failure(&address.to_string(), &error);
    let now = clouds.cloudflare.setting(&clouds.zone, &address.name).await.map_err(failed)?;
    change::unchanged(address, &seen.spec, &found(&now).spec)?;
    let set = clouds.cloudflare.set_setting(&clouds.zone, &address.name, &spec["value"]).await;
    set.map(|setting| found(&setting)).map_err(failed)
}
