//! `deployer local console`: the URL of the page that shows the cloud.

use std::path::PathBuf;

use serde_json::json;

use super::{Which, running};
use crate::failure::Failure;
use crate::ui::Ui;

pub(super) async fn run(which: &Which, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    let site = running(folder, which).await?;
    let Some(local) = &site.local else { return Ok(()) };
    // What follows the # stays in the browser.
    let url = format!("{}/_localcloud/console#token={}", local.api, local.admin_token);
    if ui.is_json() {
        ui.json(&json!({ "type": "console", "url": url }));
    } else {
        ui.data(&format!("{url}\n"));
    }
    Ok(())
}
