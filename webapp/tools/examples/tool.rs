//! Runs one job on files: `tool JOB.json FOLDER FILE...`, where the job is JSON itself or the path of a file of it.

use std::{env, fs, path::Path};

use tools::{File, Job};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(job), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("use: tool JOB FOLDER FILE...".into());
    };
    let job = if job.starts_with('{') { job } else { fs::read_to_string(job)? };
    let job: Job = serde_json::from_str(&job)?;
    let mut files = Vec::new();
    for path in arguments {
        let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push(File::uploaded(name, fs::read(path)?));
    }
    let mut written = Ok(());
    tools::run(&job, files, &mut |file| {
        if written.is_ok() {
            written = fs::write(Path::new(&folder).join(&file.name), &file.bytes);
        }
    })?;
    Ok(written?)
}
