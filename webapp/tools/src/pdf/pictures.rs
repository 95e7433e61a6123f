//! Pictures that pages show, each once: as they are stored where that is a file of its own, else as PNG.

use std::collections::{BTreeMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId, Stream};
use serde_json::json;

use super::limits;
use super::raster::{self, Raster};
use super::source::Source;
use crate::{File, Refusal};

/// How deep forms within forms are looked into.
const DEPTH: usize = 16;

/// Hands out every picture of a document with both sides of at least `smallest` pixels.
pub(super) fn extract(
    source: &Source,
    smallest: u32,
    out: &mut dyn FnMut(File),
) -> Result<(), Refusal> {
    let (mut told, mut unknown, mut written) = (0_usize, 0_usize, 0);
    for (id, pages) in found(source)? {
        let Ok(stream) = source.document.get_object(id).and_then(Object::as_stream) else {
            continue;
        };
        if raster::size(source, &stream.dict)
            .is_some_and(|(width, height)| width.min(height) < smallest)
        {
            continue;
        }
        let Some((suffix, media_type, bytes)) = written_as(source, stream) else {
            unknown += 1;
            continue;
        };
        told += 1;
        written += bytes.len();
        limits::check(None, "bytes of results", written, limits::OUTPUT_BYTES)?;
        let page = pages.first().copied().unwrap_or(1);
        let digits = source.pages.len().to_string().len().max(2);
        let name = format!("{}-page-{page:0digits$}-image-{told}.{suffix}", source.stem);
        let about = json!({ "pages": pages, "repeated": pages.len() > 1, "format": suffix });
        out(File { name, media_type: media_type.to_owned(), about, bytes });
    }
    match (told, unknown) {
        (1.., _) => Ok(()),
        (0, 0) => Err(Refusal::option("smallest", "no page shows a picture of that size")),
        (0, _) => {
            let detail = format!(
                "{unknown} pictures are stored in ways that cannot be read here (fax, JBIG2)"
            );
            Err(Refusal::option("smallest", detail))
        }
    }
}

/// Every picture with the pages that show it, in the order of the first.
fn found(source: &Source) -> Result<Vec<(ObjectId, Vec<usize>)>, Refusal> {
    let mut pages: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
    let mut order = Vec::new();
    let mut steps = 0;
    for (place, page) in source.pages.iter().enumerate() {
        let Some(resources) =
            source.of_page(page, b"Resources").and_then(|found| found.as_dict().ok())
        else {
            continue;
        };
        let (mut waiting, mut seen) = (vec![(resources, 0)], HashSet::new());
        while let Some((resources, depth)) = waiting.pop() {
            for id in objects(source, resources) {
                steps += 1;
                limits::check(None, "objects on pages", steps, limits::STEPS)?;
                let Ok(stream) = source.document.get_object(id).and_then(Object::as_stream) else {
                    continue;
                };
                if !seen.insert(id) {
                    continue;
                }
                match stream.dict.get(b"Subtype").and_then(Object::as_name) {
                    Ok(b"Image") => {
                        let on = pages.entry(id).or_insert_with(|| {
                            order.push(id);
                            Vec::new()
                        });
                        on.push(place + 1);
                    }
                    Ok(b"Form") if depth < DEPTH => {
                        let inner = source
                            .entry(&stream.dict, b"Resources")
                            .and_then(|found| found.as_dict().ok());
                        waiting.extend(inner.map(|inner| (inner, depth + 1)));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(order.into_iter().filter_map(|id| Some((id, pages.remove(&id)?))).collect())
}

fn objects(source: &Source, resources: &Dictionary) -> Vec<ObjectId> {
    let named = source.entry(resources, b"XObject").and_then(|found| found.as_dict().ok());
    named.into_iter().flatten().filter_map(|(_, object)| object.as_reference().ok()).collect()
}

/// Suffix, media type and bytes of a picture; nothing when it is stored in a way that is not known here.
fn written_as(source: &Source, stream: &Stream) -> Option<(&'static str, &'static str, Vec<u8>)> {
    let transparent = stream.dict.has(b"SMask") || stream.dict.has(b"Mask");
    let filters = stream.filters().unwrap_or_default();
    match filters.as_slice() {
        [b"DCTDecode"] if !transparent => Some(("jpg", "image/jpeg", stream.content.clone())),
        [b"JPXDecode"] => Some(("jp2", "image/jp2", stream.content.clone())),
        _ => {
            let png = Raster::read(source, stream)?.png()?;
            Some(("png", "image/png", png))
        }
    }
}
