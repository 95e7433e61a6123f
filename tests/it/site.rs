//! The companion site, as people use it: in a browser, by mouse, by keyboard and on a phone; and what it makes of documents, in
//! the eyes of others' tools.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::browser::browser;
use crate::clients::{environment, packages};
use crate::world::{program, skip, unique};

/// Scripts that know nothing of the code behind the site.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/site");

/// Believes `X-Forwarded-For`, so that a script can send more than one visitor may.
const TRUSTING: (&str, &str) = ("TRUSTED_HOPS", "1");

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
    let outcome = carry_out(&mut script);
    fs::remove_dir_all(&folder).unwrap();
    outcome.unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn the_explorer_goes_forty_levels_down_and_back_by_mouse_by_keyboard_and_on_a_phone() {
    let test = "the_explorer_goes_forty_levels_down_and_back_by_mouse_by_keyboard_and_on_a_phone";
    if browser().is_err() {
        return skip(test, "chromium is not installed");
    }
    let Some(python) = python() else {
        return skip(test, "no Python environment with axe-core can be made");
    };
    let site = Site::with(&[]);
    let mut script = Command::new(python);
    script.arg(format!("{FOLDER}/fractal.py")).arg(&site.url);
    carry_out(&mut script).unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn pages_taken_out_of_a_document_look_as_they_did_to_mutool_and_are_whole_to_qpdf() {
    let test = "pages_taken_out_of_a_document_look_as_they_did_to_mutool_and_are_whole_to_qpdf";
    let is_missing = |program: &&str| Command::new(*program).arg("--version").output().is_err();
    if let Some(program) = ["mutool", "qpdf"].into_iter().find(|program| is_missing(program)) {
        return skip(test, &format!("there is no {program}"));
    }
    let Some(archives) = packages("documents", &format!("{FOLDER}/documents.txt")) else {
        return skip(test, "the documents that others test with cannot be fetched");
    };
    let archives = fs::read_dir(archives).unwrap().map(|entry| entry.unwrap().path());
    let site = Site::with(&[TRUSTING]);
    let mut script = Command::new("python3");
    script.arg(format!("{FOLDER}/fidelity.py")).arg(&site.url).args(archives);
    println!("{}", carry_out(&mut script).unwrap_or_else(|said| panic!("{said}")));
}

/// What a script says; as an error if it fails.
fn carry_out(script: &mut Command) -> Result<String, String> {
    let output = script.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let (told, why) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(told.into_owned()) } else { Err(format!("{told}\n{why}")) }
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
