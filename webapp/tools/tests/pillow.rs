//! Every PNG of a folder is decoded as Pillow decodes it, pixel for pixel. The folder is named by `TOOLS_PNGSUITE`, a Python
//! that has Pillow by `TOOLS_PILLOW_PYTHON`.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{Rgba, RgbaImage};
use tools::image::{Convert, Job, Kind};
use tools::{File, Refusal};

/// Writes width, height and RGBA to standard output; 16 bits of grey are scaled, which `convert` alone would clip.
const SCRIPT: &str = "
import sys
from PIL import Image
image = Image.open(sys.argv[1])
image.load()
if image.mode.startswith('I'):
    grey = Image.frombytes('L', image.size, bytes((v * 255 + 32767) // 65535 for v in image.getdata()))
    key = image.info.get('transparency')
    if isinstance(key, int):
        alpha = Image.frombytes('L', image.size, bytes(0 if v == key else 255 for v in image.getdata()))
        grey = Image.merge('LA', (grey, alpha))
    image = grey
image = image.convert('RGBA')
out = sys.stdout.buffer
out.write(image.width.to_bytes(4, 'little') + image.height.to_bytes(4, 'little') + image.tobytes())
";

/// A transparent grey of 4 bits, which Pillow compares with one of 8; a broken checksum, which Pillow does not compute.
const WHERE_PILLOW_DIFFERS: [&str; 2] = ["tbbn0g04.png", "xcsn0g01.png"];

#[test]
fn every_png_looks_as_it_does_to_pillow() {
    let (Some(python), Some(folder)) =
        (std::env::var_os("TOOLS_PILLOW_PYTHON"), std::env::var_os("TOOLS_PNGSUITE"))
    else {
        println!("skipped: pillow: TOOLS_PILLOW_PYTHON or TOOLS_PNGSUITE is not set");
        return;
    };
    let mut unlike = Vec::new();
    let paths = pngs(Path::new(&folder));
    assert!(!paths.is_empty(), "no PNG in {}", folder.display());
    for path in &paths {
        let theirs = seen_by_pillow(Path::new(&python), path);
        let ours = seen_by_us(path).ok();
        // Where channels have 16 bits Pillow takes the upper 8, and here they are rounded.
        let slack = u8::from(fs::read(path).unwrap()[24] == 16);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if let Some(difference) = difference(ours, theirs, slack)
            && !WHERE_PILLOW_DIFFERS.contains(&name.as_str())
        {
            unlike.push(format!("{name}: {difference}"));
        }
    }
    println!("{} of {} alike", paths.len() - unlike.len(), paths.len());
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
}

fn pngs(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|suffix| suffix == "png"));
    paths.sort();
    paths
}

fn seen_by_us(path: &Path) -> Result<RgbaImage, Refusal> {
    // Through the file's own format, so that nothing is lost but what decoding loses.
    let job = Job::Convert(Convert { format: Kind::Png, ..Convert::default() });
    let mut made = None;
    let file = File::uploaded("picture.png", fs::read(path).unwrap());
    tools::run(&tools::Job::Image(job), vec![file], &mut |file| made = Some(file))?;
    Ok(image::load_from_memory(&made.unwrap().bytes).unwrap().to_rgba8())
}

fn seen_by_pillow(python: &Path, path: &Path) -> Option<RgbaImage> {
    let output = Command::new(python).arg("-c").arg(SCRIPT).arg(path).output().unwrap();
    let side = |at: usize| u32::from_le_bytes(output.stdout[at..at + 4].try_into().unwrap());
    output
        .status
        .success()
        .then(|| RgbaImage::from_raw(side(0), side(4), output.stdout[8..].to_vec()).unwrap())
}

/// What is unlike by more than `slack` in a channel.
fn difference(ours: Option<RgbaImage>, theirs: Option<RgbaImage>, slack: u8) -> Option<String> {
    let (ours, theirs) = match (ours, theirs) {
        (None, None) => return None,
        (Some(ours), Some(theirs)) => (ours, theirs),
        (ours, _) => {
            return Some(format!("read only by {}", if ours.is_some() { "us" } else { "Pillow" }));
        }
    };
    if ours.dimensions() != theirs.dimensions() {
        return Some(format!("{:?}, theirs {:?}", ours.dimensions(), theirs.dimensions()));
    }
    let is_unlike =
        |our: &Rgba<u8>, their: &Rgba<u8>| (0..4).any(|at| our.0[at].abs_diff(their.0[at]) > slack);
    let pairs = || ours.pixels().zip(theirs.pixels()).filter(|(our, their)| is_unlike(our, their));
    let unlike = pairs().count();
    pairs()
        .next()
        .map(|(our, their)| format!("{unlike} pixels, first {:?}, theirs {:?}", our.0, their.0))
}
