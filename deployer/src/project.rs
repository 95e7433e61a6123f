//! The folder that holds `environments/`, and what is read from it.

use std::fs;
use std::path::{Path, PathBuf};

use deployer_core::environment::{self, Environment};
use deployer_core::problem::Problem;

use crate::dotenv;
use crate::failure::{Failure, Kind};
use crate::settings::Settings;

/// Makes sure that this is the name of an environment, and no way to a file elsewhere: what deployer keeps of one lies in a
/// folder of its name, which `down` removes.
///
/// # Errors
/// When it is not.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && !name.starts_with('.') && name.chars().all(is_plain) {
        return Ok(());
    }
    let message = format!("`{}` is no name of an environment", name.escape_debug());
    let hint = "letters, digits, -, _ and . only, and no . in front: the file in environments/ without .toml";
    Err(Failure::new(Kind::Usage, message).hint(hint))
}

/// A project's folder.
#[derive(Debug, Clone)]
pub struct Project {
    pub folder: PathBuf,
}

impl Project {
    /// The nearest folder, from `start` upwards, that holds `environments/`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(start: &Path) -> Result<Self, Failure> {
        let folder = start.ancestors().find(|folder| folder.join("environments").is_dir());
        folder.map(|folder| Self { folder: folder.to_owned() }).ok_or_else(|| {
            Failure::new(
                Kind::Usage,
                format!("no folder `environments` in {} or above it", start.display()),
            )
            .hint("run deployer inside the project, or give --project FOLDER")
        })
    }

    /// Path of an environment's file.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join("environments").join(format!("{name}.toml"))
    }

    /// Folder for what deployer keeps of an environment; nothing in it is needed to go on.
    pub fn store(&self, name: &str) -> PathBuf {
        self.folder.join(".deployer").join(name)
    }

    /// Names of the environments, sorted.
    pub fn environments(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.join("environments")).into_iter().flatten().flatten();
        let mut names: Vec<String> = files
            .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".toml")?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// The text of an environment's file.
    ///
    /// # Errors
    /// When there is no such file, with the names that exist, or it is no text.
    pub fn text(&self, name: &str) -> Result<String, Failure> {
        check_name(name)?;
        let path = self.file(name);
        let bytes = fs::read(&path).map_err(|error| {
            let names = self.environments();
            let meant = deployer_core::problem::nearest(name, names.iter().map(String::as_str));
            let meant = meant.map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
            Failure::because(Kind::Usage, path.display(), &error)
                .hint(format!("{meant}environments: {}", names.join(", ")))
        })?;
        String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let message =
                format!("environments/{name}.toml:{line}: is not UTF-8 text from here on");
            Failure::new(Kind::Usage, message).hint("save it as UTF-8")
        })
    }

    /// The environment of that name, free of problems.
    ///
    /// # Errors
    /// Every problem of its file.
    pub fn environment(&self, name: &str) -> Result<Environment, Failure> {
        let text = self.text(name)?;
        let shown = format!("environments/{name}.toml");
        environment::parse(&shown, name, &text)
            .map_err(|problems| problems_failure(&shown, &problems))
    }

    /// The process's variables and those of `.env`.
    ///
    /// # Errors
    /// Every problem of `.env`.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let file = dotenv::read(&self.folder.join(".env"))
            .map_err(|problems| problems_failure(".env", &problems))?;
        Ok(Settings::new(file))
    }
}

fn problems_failure(file: &str, problems: &[Problem]) -> Failure {
    let list: Vec<String> = problems.iter().map(|problem| format!("\n{problem}")).collect();
    let count = if problems.len() == 1 {
        "1 problem".to_owned()
    } else {
        format!("{} problems", problems.len())
    };
    Failure::new(Kind::Usage, format!("{count} in {file}{}", list.concat()))
}
