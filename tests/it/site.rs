//! The companion site, as people use it: in a browser, by mouse, by keyboard and on a phone.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::browser::browser;
use crate::clients::environment;
use crate::world::{program, skip, unique};

/// Scripts that know nothing of the code behind the site.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/site");

#[test]
fn every_tool_for_files_is_done_in_a_browser_by_mouse_by_keyboard_and_on_a_phone() {
    let test = "every_tool_for_files_is_done_in_a_browser_by_mouse_by_keyboard_and_on_a_phone";
    if browser().is_err() {
        return skip(test, "chromium is not installed");
    }
    let Some(python) = python() else {
        return skip(test, "no Python environment with axe-core can be made");
    };
    let (site, folder) = (Site::with(&[]), std::env::temp_dir().join(unique()));
    fs::create_dir(&folder).unwrap();
    let mut script = Command::new(python);
    script.arg(format!("{FOLDER}/tools.py")).arg(&site.url).arg(&folder);
    let output = script.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let (told, why) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{told}\n{why}");
}

/// The Python of an environment that has axe-core. It needs nothing that the package asks for, but for a file in it.
pub(crate) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let requirements = format!("{FOLDER}/requirements.txt");
    PYTHON.get_or_init(|| environment("browser", &requirements, &["--no-deps"])).as_deref()
}

/// The web app as a process, ended with the test.
pub(crate) struct Site {
    child: Child,
    pub(crate) url: String,
}

impl Site {
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(program("webapp"))
            .env_clear()
            .envs([("HOST", "127.0.0.1"), ("PORT", "0")])
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let url = format!("http://{}", line.trim().rsplit(' ').next().unwrap());
        // A log that nobody reads would stop the site once the pipe is full.
        std::thread::spawn(move || log.lines().for_each(drop));
        Self { child, url }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
