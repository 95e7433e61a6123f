//! Compiles the program that the image holds: static, optimised, and the same bytes in whatever
//! folder the sources lie. Leaves every decision about crates and profiles to cargo.

use std::{
    collections::{BTreeSet, VecDeque},
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
};

use super::toolchain::Toolchain;

/// How many lines of the compiler's talk an error carries.
const TALK: usize = 40;

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// Cargo did not start, or its output could not be read.
    #[error("{0} did not run")]
    Run(PathBuf, #[source] io::Error),
    /// Cargo or the compiler refused; holds the last lines they said.
    #[error("cargo build of {package} failed:\n{talk}")]
    Failed { package: String, talk: String },
    /// The package built and has no binary, or several and none of its own name.
    #[error("package {0} has no binary named {0}")]
    NoBinary(String),
}

/// How far a build is, in crates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The crate that was just finished.
    pub name: String,
    /// Crates finished, this one included.
    pub done: usize,
    /// Crates in all.
    pub total: usize,
}

/// One compilation.
#[derive(Debug, Clone, Copy)]
pub struct Compilation<'a> {
    /// The workspace's root; build output goes to `target/container` in it.
    pub workspace: &'a Path,
    /// A member with a binary of its own name.
    pub package: &'a str,
    /// Who compiles, and for which triple.
    pub toolchain: &'a Toolchain,
}

impl Compilation<'_> {
    /// Runs `cargo build --profile image --locked` and gives the path of the executable.
    ///
    /// # Errors
    /// [`CompileError`], with the compiler's own words.
    pub async fn run(
        &self,
        progress: &(dyn Fn(Compiled) + Send + Sync),
    ) -> Result<PathBuf, CompileError> {
        let total = self.count().await;
        let run = |error| CompileError::Run(self.toolchain.cargo.clone(), error);
        let mut cargo = self.cargo("build");
        cargo
            .args(["--profile", "image", "--message-format=json-render-diagnostics"])
            .arg("--target-dir")
            .arg(self.workspace.join("target/container"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = cargo.spawn().map_err(run)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (executables, talk, status) = tokio::try_join!(
            self.follow(stdout, total, progress),
            last_lines(stderr),
            child.wait()
        )
        .map_err(run)?;
        if !status.success() {
            return Err(CompileError::Failed { package: self.package.to_owned(), talk });
        }
        executables.ok_or_else(|| CompileError::NoBinary(self.package.to_owned()))
    }

    /// Reads cargo's messages to their end and keeps the executable named like the package.
    async fn follow(
        &self,
        messages: Option<impl AsyncRead + Unpin>,
        total: usize,
        progress: &(dyn Fn(Compiled) + Send + Sync),
    ) -> io::Result<Option<PathBuf>> {
        let Some(messages) = messages else { return Ok(None) };
        let mut lines = BufReader::new(messages).lines();
        let mut executable = None;
        let mut crates = BTreeSet::new();
        while let Some(line) = lines.next_line().await? {
            let Ok(Artifact { package_id, target, executable: path }) = serde_json::from_str(&line)
            else {
                continue; // another kind of message, or a line printed by a build script
            };
            if target.name == self.package && path.is_some() {
                executable = path;
            }
            if crates.insert(package_id) {
                let done = crates.len();
                progress(Compiled { name: target.name, done, total: total.max(done) });
            }
        }
        Ok(executable)
    }

    /// How many packages take part; 0 when cargo cannot say, which the build will then explain.
    async fn count(&self) -> usize {
        let mut tree = self.cargo("tree");
        tree.args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
        let Ok(output) = tree.output().await else { return 0 };
        let listing = String::from_utf8_lossy(&output.stdout);
        let packages = listing.lines().filter(|line| !line.is_empty());
        packages.map(|line| line.trim_end_matches(" (*)")).collect::<BTreeSet<_>>().len()
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(&self.toolchain.cargo);
        cargo
            .arg(command)
            .args(["--locked", "--package", self.package, "--target", &self.toolchain.host])
            .current_dir(self.workspace)
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags())
            .env("SOURCE_DATE_EPOCH", "0")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        cargo
    }

    /// Flags in cargo's encoding, which lets paths have spaces and beats every other source of flags.
    ///
    /// Cargo leaves `--remap-path-prefix` out of a crate's metadata hash and hashes path dependencies
    /// relative to the workspace, so these flags make the binary independent of its folder.
    fn flags(&self) -> OsString {
        let mut flags = vec![remap(self.workspace, "/workspace")];
        flags.extend(self.toolchain.cargo_home.as_deref().map(|home| remap(home, "/cargo")));
        // macOS has no static C library and its linker no build id: there the program is dynamic,
        // and runs as a child process of localcloud on that same machine only.
        if self.toolchain.host.contains("-linux-") {
            flags.extend(
                ["-Ctarget-feature=+crt-static", "-Clink-arg=-Wl,--build-id=none"].map(Into::into),
            );
        }
        flags.join(OsStr::new("\x1f"))
    }
}

/// The part of cargo's `compiler-artifact` message that matters here.
#[derive(Deserialize)]
struct Artifact {
    package_id: String,
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

async fn last_lines(talk: Option<impl AsyncRead + Unpin>) -> io::Result<String> {
    let Some(talk) = talk else { return Ok(String::new()) };
    let mut lines = BufReader::new(talk).lines();
    let mut last = VecDeque::with_capacity(TALK);
    while let Some(line) = lines.next_line().await? {
        if last.len() == TALK {
            last.pop_front();
        }
        last.push_back(line);
    }
    Ok(Vec::from(last).join("\n"))
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Mutex};

    use super::*;
    use crate::image::scratch::Scratch;

    fn workspace(name: &str, main: &str) -> Scratch {
        let scratch = Scratch::new(name);
        scratch.append(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"site\", \"part\"]\n\
             [profile.image]\ninherits = \"release\"\nopt-level = 0\nstrip = true\n",
        );
        let package = |name: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        };
        let dependency = "[dependencies]\npart = { path = \"../part\" }\n";
        scratch.append("site/Cargo.toml", &(package("site") + dependency));
        scratch.append("part/Cargo.toml", &package("part"));
        scratch.append("part/src/lib.rs", "pub fn place() -> &'static str { file!() }\n");
        scratch.append("site/src/main.rs", main);
        scratch.append(
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"part\"\nversion = \"0.1.0\"\n\n\
             [[package]]\nname = \"site\"\nversion = \"0.1.0\"\ndependencies = [\n \"part\",\n]\n",
        );
        scratch
    }

    async fn compile(scratch: &Scratch) -> (Result<PathBuf, CompileError>, Vec<Compiled>) {
        let toolchain = Toolchain::detect().unwrap();
        let events = Mutex::new(Vec::new());
        let workspace = scratch.path();
        let compilation = Compilation { workspace, package: "site", toolchain: &toolchain };
        let result = compilation.run(&|event| events.lock().unwrap().push(event)).await;
        (result, events.into_inner().unwrap())
    }

    #[tokio::test]
    async fn two_folders_give_byte_identical_programs() {
        let main = "fn main() { assert!(part::place().is_empty(), \"{}\", file!()); }";
        let (here, there) = (workspace("here", main), workspace("some where else", main));
        let (one, _) = compile(&here).await;
        let (two, events) = compile(&there).await;
        let (one, two) = (fs::read(one.unwrap()).unwrap(), fs::read(two.unwrap()).unwrap());
        assert!(one == two, "the folder is in the program");
        let step = |name: &str, done| Compiled { name: name.to_owned(), done, total: 2 };
        assert_eq!(events, [step("part", 1), step("site", 2)]);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_program_asks_for_no_dynamic_linker() {
        let scratch = workspace("static", "fn main() {}");
        let program = fs::read(compile(&scratch).await.0.unwrap()).unwrap();
        assert!(!program.windows(4).any(|bytes| bytes == b"/ld-"), "PT_INTERP names a linker");
    }

    #[tokio::test]
    async fn a_failure_carries_the_compilers_own_words() {
        let scratch = workspace("broken", "fn main() { let number: u8 = \"text\"; }");
        let error = compile(&scratch).await.0.unwrap_err().to_string();
        assert!(error.starts_with("cargo build of site failed:\n"), "{error}");
        assert!(error.contains("error[E0308]: mismatched types"), "{error}");
        assert!(error.contains("site/src/main.rs:1"), "{error}");
    }
}
