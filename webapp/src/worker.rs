//! What parses uploads: this same program started once more, for one job, shut in before it sees a byte. The server
//! side of it is `pool`.

pub(crate) mod pool;
mod sandbox;
mod wire;

use std::io::{self, BufReader, Read, Write};
use std::process::ExitCode;

use tools::{File, Job};

use wire::{Answer, Question};

/// The argument that makes the program a worker.
pub const ARGUMENT: &str = "--worker";

/// Reads one job from stdin, does it, and writes what it makes to stdout.
/// Exit codes: 0 answered, 1 the other end is gone or speaks something else, 2 cannot be shut in.
pub fn main() -> ExitCode {
    if sandbox::enter().is_err() {
        return ExitCode::from(2);
    }
    let (input, mut output) = (BufReader::new(io::stdin().lock()), io::stdout().lock());
    match work(input, &mut output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(mut input: impl Read, output: &mut impl Write) -> io::Result<()> {
    let (question, _): (Question, _) = wire::read(&mut input)?;
    let mut files = Vec::new();
    for _ in 0..question.files {
        let (file, bytes): (File, _) = wire::read(&mut input)?;
        files.push(File { bytes, ..file });
    }
    let last = answer(&question.job, files, output);
    wire::write(output, &last, &[])?;
    output.flush()
}

fn answer(job: &Job, files: Vec<File>, output: &mut impl Write) -> Answer {
    let mut broken = false;
    let done = tools::run(job, files, &mut |mut file| {
        let bytes = std::mem::take(&mut file.bytes);
        // Nobody reads any more: the rest is done for nothing, but ends soon.
        broken |=
            wire::write(output, &Answer::File(file), &bytes).and_then(|()| output.flush()).is_err();
    });
    match done {
        Ok(()) => Answer::Done,
        Err(refusal) => Answer::Refused(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_job_is_read_and_what_it_makes_is_written() {
        let mut asked = Vec::new();
        let job = serde_json::from_value(json!({ "image": { "tool": "inspect" } })).unwrap();
        wire::write(&mut asked, &Question { job, files: 1 }, &[]).unwrap();
        wire::write(&mut asked, &File::uploaded("dot.txt", Vec::new()), b"no picture").unwrap();
        let mut told = Vec::new();
        work(asked.as_slice(), &mut told).unwrap();
        let (answer, _): (Answer, _) = wire::read(&mut told.as_slice()).unwrap();
        assert!(matches!(answer, Answer::Refused(refusal) if refusal.file == Some(0)));
    }
}
