//! The server's side of workers: a few at a time, a few more jobs that wait, none that outlives its request.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::BufReader;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::Instant;
use tools::{File, Job, Refusal};

use super::wire::{self, Answer, Question};
use super::{ARGUMENT, sandbox};
use crate::queue::{Limits, Place, Queue, Visitor};

/// How long a job may take by the wall clock, when its processor is busy with others.
const DEADLINE: Duration = Duration::from_secs(15);
/// How many jobs may wait for each worker.
const WAITING: usize = 4;

/// Workers of this program.
#[derive(Debug)]
pub(crate) struct Pool {
    program: PathBuf,
    /// A place for each worker; one visitor leaves one of them to others.
    places: Queue,
}

/// A job under way; dropping it kills its worker.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    until: Instant,
    _place: Place,
}

/// Why there is no (further) result.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// All places are taken.
    Busy,
    /// The worker ended without an answer; what a visitor may know of why.
    Ended(String),
    /// The server could not start or reach a worker.
    Failed(io::Error),
    /// The worker refused the job.
    Refused(Refusal),
}

impl Pool {
    /// As many workers at once as there are processors; `program` is the web app itself.
    pub(crate) fn new(program: PathBuf) -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let limits = Limits {
            held: (workers - 1).max(1),
            of_one: workers * WAITING / 2,
            of_all: workers * WAITING,
        };
        Self { program, places: Queue::new(workers, limits) }
    }

    /// How many workers could begin at once.
    pub(crate) fn free(&self) -> usize {
        self.places.free()
    }

    /// Hands a job to a worker, when one is free.
    ///
    /// # Errors
    /// [`Trouble::Busy`] at once when too many wait already.
    pub(crate) async fn begin(
        &self,
        visitor: Visitor,
        job: Job,
        files: Vec<File>,
    ) -> Result<Running, Trouble> {
        let place = self.places.enter(visitor).await.map_err(|_| Trouble::Busy)?;
        let mut child = self.spawn().map_err(Trouble::Failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(mut input), Some(output)) = (input, output) else {
            return Err(Trouble::Failed(io::Error::other("a worker without pipes")));
        };
        let until = Instant::now() + DEADLINE;
        let asked = tokio::time::timeout_at(until, ask(&mut input, job, files)).await;
        // What went wrong while asking is better told by how the worker ended.
        drop((asked, input));
        let output = BufReader::new(output);
        Ok(Running { child, output, until, _place: place })
    }

    fn spawn(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg(ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

async fn ask(
    input: &mut (impl tokio::io::AsyncWrite + Unpin),
    job: Job,
    files: Vec<File>,
) -> io::Result<()> {
    wire::send(input, &Question { job, files: files.len() }, &[]).await?;
    for file in files {
        wire::send(input, &file, &file.bytes).await?;
    }
    Ok(())
}

impl Running {
    /// When the job has to be over, and its results taken.
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Returns the next file that the job makes, `None` when there is none any more.
    pub(crate) async fn next(&mut self) -> Result<Option<File>, Trouble> {
        let received = tokio::time::timeout_at(self.until, wire::receive(&mut self.output)).await;
        match received {
            Ok(Ok((Answer::File(file), bytes))) => Ok(Some(File { bytes, ..file })),
            Ok(Ok((Answer::Done, _))) => Ok(None),
            Ok(Ok((Answer::Refused(refusal), _))) => Err(Trouble::Refused(refusal)),
            Ok(Err(_)) => Err(self.ended().await),
            Err(_) => Err(Trouble::Ended(format!("was not done within {} s", DEADLINE.as_secs()))),
        }
    }

    async fn ended(&mut self) -> Trouble {
        match tokio::time::timeout_at(self.until, self.child.wait()).await {
            Ok(Ok(status)) => told(status),
            Ok(Err(error)) => Trouble::Failed(error),
            Err(_) => Trouble::Ended("stopped answering".to_owned()),
        }
    }
}

fn told(status: ExitStatus) -> Trouble {
    let memory = || {
        format!("needs more than the {} MiB of memory that a job may have", sandbox::MEMORY >> 20)
    };
    Trouble::Ended(match status.signal() {
        Some(libc::SIGXCPU | libc::SIGKILL) => {
            format!("needs more than the {} s of computing that a job may have", sandbox::SECONDS)
        }
        Some(libc::SIGABRT) => memory(),
        Some(libc::SIGSEGV | libc::SIGBUS) => "is nested too deeply".to_owned(),
        None if status.code() == Some(2) => {
            return Trouble::Failed(io::Error::other("a worker could not be shut in"));
        }
        _ => "has contents that the tool cannot follow".to_owned(),
    })
}
