//! Pictures made by the tests themselves, and what becomes of them.

mod hostile;
mod made;
mod motion;
mod palettes;
mod pictures;
mod sizes;

use image::DynamicImage;
use serde_json::Value;

use super::{Job, run};
use crate::{File, Refusal};

/// Does a job, given as its options, on one file.
fn done(job: Value, bytes: &[u8]) -> Result<File, Refusal> {
    let job: Job = serde_json::from_value(job).unwrap();
    let mut made = Vec::new();
    run(&job, vec![File::uploaded("holiday.photo.png", bytes.to_owned())], &mut |file| {
        made.push(file);
    })?;
    assert_eq!(made.len(), 1);
    Ok(made.remove(0))
}

fn pixels(file: &File) -> DynamicImage {
    image::load_from_memory(&file.bytes).unwrap()
}

fn notes(file: &File) -> Vec<&str> {
    file.about["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect()
}
