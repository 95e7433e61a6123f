//! A folder with a file for each workspace, so that they outlive the process.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use mock::{Json, Seeded, Workspace};

use super::tenant::Tenant;

/// The folder.
#[derive(Debug)]
pub(crate) struct Store(PathBuf);

impl Store {
    pub(crate) const fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Every workspace that was kept. What cannot be read is left where it is and told in the log.
    pub(crate) fn read(&self) -> Vec<Tenant> {
        if let Err(error) = fs::create_dir_all(&self.0) {
            tracing::error!(folder = %self.0.display(), %error, "workspaces cannot be kept");
        }
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let files =
            entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "json"));
        let tenants = files.filter_map(|file| match tenant(&file.path()) {
            Ok(tenant) => Some(tenant),
            Err(error) => {
                tracing::error!(file = %file.path().display(), error, "a workspace is not taken up");
                None
            }
        });
        tenants.collect()
    }

    /// Writes a workspace if it changed.
    pub(crate) fn keep(&self, tenant: &Tenant) {
        let Some(content) = tenant.changes() else { return };
        let text = format!(r#"{{"token":"{}","workspace":{content}}}"#, tenant.token);
        if let Err(error) = self.write(&tenant.id, text.as_bytes()) {
            tenant.not_kept();
            tracing::error!(folder = %self.0.display(), %error, "a workspace was not kept");
        }
    }

    pub(crate) fn forget(&self, id: &str) {
        // One that was never written has no file.
        let _ = fs::remove_file(self.0.join(format!("{id}.json")));
    }

    /// A file is there as it was or as it is, never in part. It has the token in it, so it is nobody else's.
    fn write(&self, id: &str, text: &[u8]) -> io::Result<()> {
        let new = self.0.join(format!("{id}.new"));
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, self.0.join(format!("{id}.json")))
    }
}

fn tenant(path: &std::path::Path) -> Result<Tenant, String> {
    let text = fs::read(path).map_err(|error| error.to_string())?;
    let json = Json::parse(&text)?;
    let id = path.file_stem().and_then(|stem| stem.to_str()).ok_or("its name is no identifier")?;
    let token = json.get("token").and_then(Json::as_str).ok_or("it has no token")?;
    let content = json.get("workspace").ok_or("it has no workspace")?;
    let workspace =
        Workspace::import(content, &mut Seeded(1)).map_err(|refusal| refusal.to_string())?;
    Ok(Tenant::new(id.to_owned(), token.to_owned(), None, workspace))
}
