//! One run of a program: a process group of its own, with its output in the log.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Signal, kill_process_group};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::leftovers::{self, MARKER};
use super::log::Log;
use crate::runtime::free_port;
use crate::runtime::image::Program;

/// Time in which a program that does not listen must not exit to count as started.
const SETTLING: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Child {
    process: tokio::process::Child,
    pid: u32,
    /// Where it was told to listen.
    pub(super) address: Option<SocketAddr>,
    output: JoinSet<()>,
}

impl Child {
    /// Starts the program, with a new loopback port if it has one.
    pub(super) async fn start(
        program: &Program,
        container_id: &str,
        folder: &Path,
        log: &Arc<Log>,
    ) -> io::Result<Self> {
        let root = folder.join("rootfs").canonicalize()?;
        let directory = resolve(&root, &root, &program.directory)?;
        let executable = find(&root, &directory, program)?;
        let mut command = Command::new(executable);
        command.args(&program.words[1..]).current_dir(directory);
        command.env_clear().envs(&program.environment).env(MARKER, container_id);
        let mut address = None;
        if program.port.is_some() {
            let port = free_port().await?;
            command.env("HOST", "127.0.0.1").env("PORT", port.to_string());
            address = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.process_group(0).kill_on_drop(true).spawn()?;
        let pid = process.id().ok_or(io::ErrorKind::NotFound)?;
        leftovers::note(folder, pid, container_id)?;
        let mut output = JoinSet::new();
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        let (first, second) = (Arc::clone(log), Arc::clone(log));
        output.spawn(async move { first.take(stdout.expect("it is piped")).await });
        output.spawn(async move { second.take(stderr.expect("it is piped")).await });
        Ok(Self { process, pid, address, output })
    }

    /// Waits until the program listens or has lived for a while.
    ///
    /// # Errors
    /// The exit code of a program that ended before.
    pub(super) async fn settle(&mut self) -> Result<(), i32> {
        let deadline = Instant::now() + SETTLING;
        while Instant::now() < deadline {
            if timeout(POLL, self.process.wait()).await.is_ok() {
                return Err(self.wait().await);
            }
            if let Some(address) = self.address
                && TcpStream::connect(address).await.is_ok()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Waits for the end; 128 plus the signal's number for a program that was killed, as shells say it.
    pub(super) async fn wait(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        let status = self.process.wait().await;
        // What it printed last may still be in the pipe; a grandchild that keeps the pipe open is not waited for.
        let _cut_off =
            timeout(10 * POLL, async { while self.output.join_next().await.is_some() {} }).await;
        let code = |s: std::process::ExitStatus| {
            s.code().unwrap_or_else(|| 128 + s.signal().unwrap_or_default())
        };
        status.map_or(-1, code)
    }

    /// SIGTERM to the group, SIGKILL after `grace` and to whatever is left of it.
    pub(super) async fn stop(mut self, grace: Duration) {
        self.signal(Signal::TERM);
        let _outlived = timeout(grace, self.wait()).await;
        self.signal(Signal::KILL);
        self.wait().await;
    }

    /// Ends the grandchildren of a program that has ended.
    pub(super) fn sweep(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = leftovers::group(self.pid) {
            // A group that is gone needs no signal.
            let _gone = kill_process_group(group, signal);
        }
    }
}

/// A pause between two starts that grows with each failure, up to half a minute.
pub(super) async fn back_off(failures: u32) {
    let pause = Duration::from_millis(100) * 2_u32.saturating_pow(failures.min(9));
    sleep(pause.min(Duration::from_secs(30))).await;
}

/// The program's file: a path, or a name that is looked for in the image's `PATH`.
fn find(root: &Path, directory: &Path, program: &Program) -> io::Result<PathBuf> {
    let name = &program.words[0];
    if name.contains('/') {
        return resolve(root, directory, name);
    }
    let path = program.environment.get("PATH").map_or("", String::as_str);
    let mut places = path.split(':').filter_map(|place| resolve(root, root, place).ok());
    places.find_map(|place| resolve(root, &place, name).ok()).ok_or_else(|| absent(name))
}

/// A path of the image on this machine; links must stay in the root.
fn resolve(root: &Path, directory: &Path, path: &str) -> io::Result<PathBuf> {
    let joined = match path.strip_prefix('/') {
        Some(rest) => root.join(rest.trim_start_matches('/')),
        None => directory.join(path),
    };
    let resolved = joined.canonicalize().map_err(|_| absent(path))?;
    if !resolved.starts_with(root) {
        return Err(absent(path));
    }
    Ok(resolved)
}

fn absent(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{path} is not in the image"))
}
