//! A test's own environment in the shared project, the commands run on it, and the cloud behind it, which ends with
//! the test, be it in a panic.

mod hands;
mod hold;
mod pebble;
mod processes;
mod project;
mod visitor;
mod zone;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use toml_edit::{DocumentMut, value};

pub(crate) use hands::Hands;
pub(crate) use hold::Side;
pub(crate) use pebble::Pebble;
pub(crate) use processes::{is_alive, kill};
pub(crate) use visitor::Visit;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Told {
    /// Insists on an exit code; what was said is shown otherwise.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Insists on a failure with this code that says all of `words`, gives a hint, and is no crash.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) {
        let told = self.exits(code);
        for word in words.iter().chain(&["hint: "]) {
            assert!(told.stderr.contains(word), "`{word}` is not said:\n{}", told.stderr);
        }
        assert!(!told.stderr.contains("panicked"), "{}", told.stderr);
    }

    /// The lines of `--json`.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

/// One environment, alone in its cloud.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) project: PathBuf,
    pub(crate) name: String,
    pub(crate) variables: Vec<(&'static str, String)>,
    pub(crate) builder: &'static str,
    owns_project: bool,
}

impl World {
    /// `environments/local.toml` as it is shipped, under another name and on free ports.
    pub(crate) fn local() -> Self {
        Self::edited(|_| {})
    }

    /// `environments/local.toml` with changes of the test's own.
    pub(crate) fn edited(edit: impl FnOnce(&mut DocumentMut)) -> Self {
        let project = project::shared();
        let shipped = fs::read_to_string(project.join("environments/local.toml")).unwrap();
        let mut file: DocumentMut = shipped.parse().unwrap();
        let world = Self::new(project, false);
        file["uid"] = value(&world.name);
        file["local"]["https_port"] = value(0);
        file["local"]["http_port"] = value(0);
        edit(&mut file);
        world.write(&file.to_string());
        world
    }

    /// A project of its own that holds this one environment and nothing to build.
    pub(crate) fn bare(text: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("deployer-it-{}", unique()));
        fs::create_dir_all(folder.join("environments")).unwrap();
        let world = Self::new(folder, true);
        world.write(text);
        world
    }

    fn new(project: PathBuf, owns_project: bool) -> Self {
        let variables = [("DEPLOYER_RUNTIME", "process"), ("DEPLOYER_LOCAL_STRICT", "1")];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { project, name: unique(), variables, builder: "daemonless", owns_project }
    }

    /// The environment's file.
    pub(crate) fn file(&self) -> PathBuf {
        self.project.join("environments").join(format!("{}.toml", self.name))
    }

    pub(crate) fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    /// Changes the environment's file as a user with an editor does.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut DocumentMut)) {
        let mut file: DocumentMut = fs::read_to_string(self.file()).unwrap().parse().unwrap();
        edit(&mut file);
        self.write(&file.to_string());
    }

    /// What deployer keeps of the environment.
    pub(crate) fn store(&self) -> PathBuf {
        self.project.join(".deployer").join(&self.name)
    }

    /// Runs `deployer` with these arguments.
    pub(crate) fn deployer(&self, arguments: &[&str]) -> Told {
        let output = self.command(arguments).output().unwrap();
        Told {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command such as `certs rotate` on the environment.
    pub(crate) fn run(&self, command: &str, more: &[&str]) -> Told {
        let words = command.split(' ').chain(["--env", &self.name]).chain(more.iter().copied());
        self.deployer(&words.collect::<Vec<_>>())
    }

    pub(crate) fn up(&self) -> Told {
        self.run("up", &["--builder", self.builder])
    }

    /// Begins an `up` that the test goes on beside.
    pub(crate) fn begin_up(&self) -> Child {
        self.begin(&["up", "--env", &self.name, "--builder", self.builder])
    }

    /// Begins a command that the test goes on beside.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("deployer"));
        let inherited = std::env::vars().map(|(name, _)| name);
        let meant_for_us = ["DEPLOYER_", "OCI_", "OCIR_", "CLOUDFLARE_", "NO_COLOR"];
        for name in inherited.filter(|n| meant_for_us.iter().any(|prefix| n.starts_with(prefix))) {
            command.env_remove(name);
        }
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command.args(arguments).arg("--project").arg(&self.project).envs(variables);
        command.stdin(Stdio::null());
        command
    }

    /// What the cloud says of how it is reached, once it runs.
    pub(crate) fn ready(&self) -> Value {
        let path = self.store().join("cloud/ready.json");
        eventually("the cloud runs", || serde_json::from_slice(&fs::read(&path).ok()?).ok())
    }

    /// The cloud's process.
    pub(crate) fn cloud(&self) -> i32 {
        i32::try_from(self.ready()["pid"].as_i64().unwrap()).unwrap()
    }

    /// Asks the cloud about itself.
    pub(crate) fn admin(&self, path: &str) -> Value {
        visitor::admin(&self.ready(), Method::GET, path, None).unwrap()
    }

    /// Tells the cloud to change something about itself.
    pub(crate) fn tell(&self, path: &str, body: &Value) {
        visitor::admin(&self.ready(), Method::POST, path, Some(body)).unwrap();
    }

    /// Calls the zone's API behind deployer's back: the path goes on behind `zones/<id>/`.
    pub(crate) fn zone(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let ready = self.ready();
        let zones = visitor::cloudflare(&ready, Method::GET, "zones", None).unwrap();
        let path = format!("zones/{}/{path}", zones["result"][0]["id"].as_str().unwrap());
        visitor::cloudflare(&ready, method, &path, body).unwrap()["result"].clone()
    }

    /// The mutating calls that reached the control planes, in order, from the call `after` on.
    pub(crate) fn mutations(&self, after: u64) -> Vec<String> {
        self.operations(after, |call| call["mutating"] == true)
    }

    /// All those calls.
    pub(crate) fn operations(&self, after: u64, counts: impl Fn(&Value) -> bool) -> Vec<String> {
        let calls = self.admin(&format!("journal?after={after}"));
        let calls = calls.as_array().unwrap().iter().filter(|call| counts(call));
        calls.map(|call| call["operation"].as_str().unwrap().to_owned()).collect()
    }

    /// How many calls reached the control planes so far.
    pub(crate) fn calls(&self) -> u64 {
        let calls = self.admin("journal?after=0");
        calls.as_array().unwrap().last().map_or(0, |call| call["number"].as_u64().unwrap())
    }

    /// Visits a URL from outside: its address from DNS, a new connection to the edge, the root of the cloud trusted.
    pub(crate) fn visit(&self, url: &str) -> Result<Visit, String> {
        visitor::visit(&self.ready(), url)
    }

    /// The URLs that the environment's file declares, as `deployer` prints them.
    pub(crate) fn urls(&self) -> Vec<String> {
        let told = self.run("status", &["--json"]).exits(0);
        let status = told.json().pop().unwrap();
        let urls = status["urls"].as_array().unwrap().iter();
        urls.map(|url| url.as_str().unwrap().to_owned()).collect()
    }

    /// Programs that run out of the environment's containers.
    pub(crate) fn programs(&self) -> Vec<i32> {
        processes::running_below(&self.store())
    }
}

impl World {
    /// Ends the cloud and forgets it, which takes less time than `down`.
    pub(crate) fn discard(&self) {
        processes::end(&self.store());
        eventually("nothing runs any more", || self.programs().is_empty().then_some(()));
        fs::remove_dir_all(self.store()).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.store().exists() {
            if std::thread::panicking() {
                let log = fs::read_to_string(self.store().join("cloud/log")).unwrap_or_default();
                println!("log of the cloud of {}:\n{log}", self.name);
            }
            let down = self.run("down", &[]);
            if down.code != 0 {
                processes::end(&self.store());
                let _gone = fs::remove_dir_all(self.store());
            }
        }
        let _gone = fs::remove_file(self.file());
        if self.owns_project {
            let _gone = fs::remove_dir_all(&self.project);
        }
    }
}

/// A binary under test, which lies two folders above the tests'.
pub(crate) fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap_or(Path::new("/")).join(name);
    assert!(program.exists(), "{} is missing: cargo build --workspace", program.display());
    program
}

pub(crate) fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Looks until there is something to see.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

/// Says why a test was not carried out; `tests/run` shows and counts these lines.
pub(crate) fn skip(test: &str, why: &str) {
    println!("skipped: {test}: {why}");
}
