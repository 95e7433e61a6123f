//! Does a job that is given as JSON, like `{"tool":"resize","width":800}`, on files, and writes what comes of it to a folder:
//! `picture JOB FOLDER FILE...`

use std::error::Error;
use std::fs;
use std::path::Path;

use tools::{File, Job};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("picture JOB FOLDER FILE...");
    let (job, folder) = (next()?, next()?);
    let mut files = Vec::new();
    for path in arguments {
        let name = Path::new(&path)
            .file_name()
            .map_or_else(|| "file".into(), |name| name.to_string_lossy());
        files.push(File::uploaded(name, fs::read(&path)?));
    }
    let job = Job::Image(serde_json::from_str(&job)?);
    let mut made = Vec::new();
    tools::run(&job, files, &mut |file| made.push(file))?;
    for file in made {
        fs::write(Path::new(&folder).join(&file.name), &file.bytes)?;
    }
    Ok(())
}
