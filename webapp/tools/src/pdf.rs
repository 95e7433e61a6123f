//! What can be done with pdf files.

mod assemble;
mod dedupe;
mod form;
mod helvetica;
mod inspect;
pub mod limits;
mod links;
mod outline;
mod pictures;
mod range;
mod raster;
mod source;
mod split;
#[cfg(test)]
mod tests;
mod thumbnails;
mod watermark;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{File, Refusal};
use assemble::{Pick, assemble};
use source::Source;
pub use watermark::{Layer, Watermark};

/// One of the tools, with its options. Passwords are by the places of files; one that is missing means none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Job {
    /// Says what each file is.
    Inspect {
        #[serde(default)]
        passwords: Passwords,
    },
    /// Draws pages; without a range the first nine.
    Thumbnails {
        /// In pixels, 16 to 1600.
        #[serde(default = "width")]
        width: u16,
        #[serde(default)]
        pages: Option<String>,
        #[serde(default)]
        passwords: Passwords,
    },
    /// One file per group of `ranges` (`1-3;4-6`), or per `every` pages; neither: per page.
    Split {
        #[serde(default)]
        ranges: Option<String>,
        #[serde(default)]
        every: Option<usize>,
        #[serde(default)]
        passwords: Passwords,
    },
    /// One document of the listed pages, in their order.
    Organise {
        pages: Vec<Place>,
        #[serde(default)]
        passwords: Passwords,
    },
    /// One document of all pages of all files.
    Merge {
        #[serde(default)]
        passwords: Passwords,
    },
    /// Turns pages clockwise.
    Rotate {
        #[serde(default = "all")]
        pages: String,
        #[serde(default = "clockwise")]
        turn: u16,
        #[serde(default)]
        passwords: Passwords,
    },
    /// Leaves pages out.
    Delete {
        pages: String,
        #[serde(default)]
        passwords: Passwords,
    },
    /// Leaves all other pages out.
    Extract {
        pages: String,
        #[serde(default)]
        passwords: Passwords,
    },
    /// Takes pictures out.
    ExtractImages {
        /// Leaves pictures out with a side of fewer pixels.
        #[serde(default)]
        smallest: u32,
        #[serde(default)]
        passwords: Passwords,
    },
    /// Puts a text or a picture on pages.
    Watermark(Watermark),
}

type Passwords = Vec<Option<String>>;

/// A page of one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file's place from 0.
    #[serde(default)]
    pub file: usize,
    /// The page's number from 1.
    pub page: usize,
    /// Clockwise, in quarters of a circle: 0, 90, 180 or 270 degrees.
    #[serde(default)]
    pub turn: u16,
}

fn width() -> u16 {
    200
}

/// How far is turned what is told to be turned and no more.
const fn clockwise() -> u16 {
    90
}

fn all() -> String {
    "1-".to_owned()
}

pub(crate) fn run(job: &Job, files: Vec<File>, out: &mut dyn FnMut(File)) -> Result<(), Refusal> {
    limits::check(None, "files", files.len(), limits::FILES)?;
    if files.is_empty() {
        return Err(Refusal::option("files", "no file is given; send at least one PDF"));
    }
    match job {
        Job::Inspect { passwords } => inspect(files, passwords, out),
        Job::Thumbnails { width, pages, passwords } => {
            if !(16..=1600).contains(width) {
                let detail = format!("{width} pixels; give 16 to 1600");
                return Err(Refusal::option("width", detail));
            }
            let file = single(files)?;
            thumbnails::draw(file, password(passwords, 0), (*width, pages.as_deref()), out)
        }
        Job::Split { ranges, every, passwords } => {
            let sources = open(&[single(files)?], passwords)?;
            split::split(&sources, ranges.as_deref(), *every, out)
        }
        Job::ExtractImages { smallest, passwords } => {
            let sources = open(&[single(files)?], passwords)?;
            pictures::extract(&sources[0], *smallest, out)
        }
        Job::Watermark(wish) => {
            limits::check(None, "files", files.len(), 2)?;
            let sources = open(&files[..1], &wish.passwords)?;
            let bytes = watermark::watermark(wish, &sources, files.get(1))?;
            out(made(bytes, sources[0].pages.len(), format!("{}-marked.pdf", sources[0].stem))?);
            Ok(())
        }
        Job::Organise { .. } | Job::Merge { .. } => one(job, &files, out),
        Job::Rotate { .. } | Job::Delete { .. } | Job::Extract { .. } => {
            one(job, &[single(files)?], out)
        }
    }
}

fn inspect(
    files: Vec<File>,
    passwords: &Passwords,
    out: &mut dyn FnMut(File),
) -> Result<(), Refusal> {
    for (place, mut file) in files.into_iter().enumerate() {
        let source = Source::open(&file, place, password(passwords, place))?;
        file.about = inspect::about(&source);
        "application/pdf".clone_into(&mut file.media_type);
        out(file);
    }
    Ok(())
}

/// Tools that make one document of pages as they are.
fn one(job: &Job, files: &[File], out: &mut dyn FnMut(File)) -> Result<(), Refusal> {
    let (Job::Organise { passwords, .. }
    | Job::Merge { passwords }
    | Job::Rotate { passwords, .. }
    | Job::Delete { passwords, .. }
    | Job::Extract { passwords, .. }
    | Job::ExtractImages { passwords, .. }
    | Job::Watermark(Watermark { passwords, .. })
    | Job::Inspect { passwords }
    | Job::Thumbnails { passwords, .. }
    | Job::Split { passwords, .. }) = job;
    let sources = open(files, passwords)?;
    let picks = picks(job, &sources)?;
    let stem = &sources[0].stem;
    let name =
        if sources.len() > 1 { format!("{stem}-merged.pdf") } else { format!("{stem}-edited.pdf") };
    out(document(&sources, &picks, name)?);
    Ok(())
}

fn picks(job: &Job, sources: &[Source]) -> Result<Vec<Pick>, Refusal> {
    let count = sources[0].pages.len();
    let every = (0..sources.len()).flat_map(|file| {
        (0..sources[file].pages.len()).map(move |page| Pick { file, page, turn: 0 })
    });
    let picks: Vec<_> =
        match job {
            Job::Organise { pages, .. } => {
                limits::check(None, "pages", pages.len(), limits::PAGES)?;
                pages.iter().map(|place| pick(place, sources)).collect::<Result<_, _>>()?
            }
            Job::Rotate { pages, turn, .. } => {
                let turned = range::expand(pages, count, "pages")?;
                let turn = quarter(*turn)?;
                every
                    .map(|pick| {
                        if turned.contains(&(pick.page + 1)) { Pick { turn, ..pick } } else { pick }
                    })
                    .collect()
            }
            Job::Delete { pages, .. } => {
                let gone = range::expand(pages, count, "pages")?;
                every.filter(|pick| !gone.contains(&(pick.page + 1))).collect()
            }
            Job::Extract { pages, .. } => {
                let kept = range::expand(pages, count, "pages")?;
                kept.into_iter().map(|page| Pick { file: 0, page: page - 1, turn: 0 }).collect()
            }
            _ => every.collect(),
        };
    if picks.is_empty() {
        return Err(Refusal::option("pages", "no page would be left; keep at least one"));
    }
    Ok(picks)
}

fn pick(place: &Place, sources: &[Source]) -> Result<Pick, Refusal> {
    let Place { file, page, turn } = *place;
    let Some(source) = sources.get(file) else {
        let detail =
            format!("there is no file {file}; files count from 0 to {}", sources.len() - 1);
        return Err(Refusal::option("pages", detail));
    };
    if !(1..=source.pages.len()).contains(&page) {
        let last = source.pages.len();
        let detail =
            format!("{} has no page {page}; its pages count from 1 to {last}", source.name);
        return Err(Refusal { file: Some(file), ..Refusal::option("pages", detail) });
    }
    Ok(Pick { file, page: page - 1, turn: quarter(turn)? })
}

fn quarter(turn: u16) -> Result<i64, Refusal> {
    if matches!(turn, 0 | 90 | 180 | 270) {
        return Ok(i64::from(turn));
    }
    Err(Refusal::option("turn", format!("{turn} degrees; give 0, 90, 180 or 270")))
}

fn document(sources: &[Source], picks: &[Pick], name: String) -> Result<File, Refusal> {
    made(assemble(sources, picks)?, picks.len(), name)
}

fn made(bytes: Vec<u8>, pages: usize, name: String) -> Result<File, Refusal> {
    limits::check(None, "bytes of results", bytes.len(), limits::OUTPUT_BYTES)?;
    let about = json!({ "pages": pages });
    Ok(File { name, media_type: "application/pdf".to_owned(), about, bytes })
}

fn open(files: &[File], passwords: &Passwords) -> Result<Vec<Source>, Refusal> {
    let files = files.iter().enumerate();
    files.map(|(place, file)| Source::open(file, place, password(passwords, place))).collect()
}

fn password(passwords: &Passwords, place: usize) -> Option<&str> {
    passwords.get(place)?.as_deref()
}

fn single(mut files: Vec<File>) -> Result<File, Refusal> {
    match (files.len(), files.pop()) {
        (1, Some(file)) => Ok(file),
        (count, _) => {
            let detail = format!("{count} files are given; this tool takes one");
            Err(Refusal { file: Some(1), ..Refusal::option("files", detail) })
        }
    }
}
