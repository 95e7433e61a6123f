//! PDF and image tools: a [`Job`] and [`File`]s in, files out one by one. It knows no I/O, no clock and no thread, and takes
//! every byte for hostile; what it cannot bound itself (memory, time) is bounded by the process that it runs in.

mod file;
pub mod image;
pub mod pdf;
mod refusal;

use serde::{Deserialize, Serialize};

pub use file::File;
pub use refusal::{Refusal, Why};

/// What is to be done with the files of one upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Something with images.
    Image(image::Job),
    /// Something with PDF documents.
    Pdf(pdf::Job),
}

/// Does a job and hands out each file as soon as it is made.
///
/// # Errors
/// [`Refusal`] says which file or option is at fault, and why.
pub fn run(job: &Job, files: Vec<File>, out: &mut dyn FnMut(File)) -> Result<(), Refusal> {
    match job {
        Job::Image(job) => image::run(job, files, out),
        Job::Pdf(job) => pdf::run(job, files, out),
    }
}
