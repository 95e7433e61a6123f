//! One document into several.

use super::assemble::Pick;
use super::source::Source;
use super::{document, limits, range};
use crate::{File, Refusal};

/// Hands out a file per group of pages, each as soon as it is made.
pub(super) fn split(
    sources: &[Source],
    ranges: Option<&str>,
    every: Option<usize>,
    out: &mut dyn FnMut(File),
) -> Result<(), Refusal> {
    let count = sources[0].pages.len();
    let mut written = 0;
    for pages in groups(ranges, every, count)? {
        let picks: Vec<_> =
            pages.iter().map(|page| Pick { file: 0, page: page - 1, turn: 0 }).collect();
        let file = document(sources, &picks, name(&sources[0].stem, &pages, count))?;
        written += file.bytes.len();
        limits::check(None, "bytes of results", written, limits::OUTPUT_BYTES)?;
        out(file);
    }
    Ok(())
}

fn groups(
    ranges: Option<&str>,
    every: Option<usize>,
    count: usize,
) -> Result<Vec<Vec<usize>>, Refusal> {
    match (ranges, every) {
        (Some(_), Some(_)) => {
            Err(Refusal::option("every", "give either ranges or every, not both"))
        }
        (_, Some(0)) => Err(Refusal::option("every", "0 pages per file; give at least 1")),
        (Some(text), None) => {
            let groups = text.split(';');
            limits::check(None, "groups", groups.clone().count(), limits::PAGES)?;
            groups.map(|group| range::expand(group, count, "ranges")).collect()
        }
        (None, every) => {
            let pages: Vec<_> = (1..=count).collect();
            Ok(pages.chunks(every.unwrap_or(1)).map(<[usize]>::to_vec).collect())
        }
    }
}

/// Padded, so that a file list sorts as the document does.
fn name(stem: &str, pages: &[usize], count: usize) -> String {
    let digits = count.to_string().len().max(2);
    match pages {
        [page] => format!("{stem}-page-{page:0digits$}.pdf"),
        [first, .., last] => format!("{stem}-pages-{first:0digits$}-{last:0digits$}.pdf"),
        [] => format!("{stem}-pages.pdf"),
    }
}
