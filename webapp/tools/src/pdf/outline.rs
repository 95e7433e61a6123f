//! Bookmarks: those of kept pages, under a heading per file when there are several.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId, StringFormat, dictionary};

use super::assemble::{Assembly, Pick, files};
use super::source::Source;
use super::{limits, links};

/// Bookmarks below bookmarks; deeper ones are left out.
const DEPTH: usize = 32;
/// Bookmarks of one file; further ones are left out.
const ITEMS: usize = 20_000;

/// A bookmark, with those below it.
#[derive(Debug)]
pub(super) struct Item {
    title: Object,
    target: Option<Object>,
    below: Vec<Self>,
}

/// How many bookmarks a file has, as far as they are looked at.
pub(super) fn count(source: &Source) -> usize {
    fn all(items: &[Item]) -> usize {
        items.iter().map(|item| 1 + all(&item.below)).sum()
    }
    all(read(source))
}

/// Writes the bookmarks of all files that pages are picked from.
pub(super) fn merge(assembly: &mut Assembly<'_>, picks: &[Pick], catalog: &mut Dictionary) {
    let (files, sources) = (files(picks), assembly.sources);
    let mut items = Vec::new();
    for file in &files {
        let source = &sources[*file];
        let below = kept(assembly, *file, read(source));
        if files.len() == 1 {
            items = below;
        } else if let Some(first) = picks.iter().find(|pick| pick.file == *file) {
            let page = assembly.kept[&(*file, source.pages[first.page].id)];
            items.push(Item { title: text(&source.stem), target: Some(links::whole(page)), below });
        }
    }
    if items.is_empty() {
        return;
    }
    let root = assembly.made.new_object_id();
    let mut node = write(assembly, items, root);
    node.set("Type", "Outlines");
    assembly.made.objects.insert(root, node.into());
    catalog.set("Outlines", root);
}

/// A text as bookmarks hold it: UTF-16 with its mark.
fn text(of: &str) -> Object {
    let bytes = [0xFE, 0xFF].into_iter().chain(of.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes.collect(), StringFormat::Literal)
}

fn read(source: &Source) -> &[Item] {
    source.bookmarks.get_or_init(|| {
        let catalog = source.document.catalog().ok();
        let root = catalog.and_then(|catalog| source.entry(catalog, b"Outlines")?.as_dict().ok());
        root.map_or_else(Vec::new, |root| siblings(source, root, &mut HashSet::new(), 0))
    })
}

/// The items below a node, none of them twice: a loop ends where it closes.
fn siblings(
    source: &Source,
    above: &Dictionary,
    seen: &mut HashSet<ObjectId>,
    depth: usize,
) -> Vec<Item> {
    let mut items = Vec::new();
    let mut next = above.get(b"First").and_then(Object::as_reference);
    while let Ok(id) = next {
        if depth > DEPTH || seen.len() >= ITEMS || !seen.insert(id) {
            break;
        }
        let Ok(node) = source.document.get_dictionary(id) else { break };
        let title = source.entry(node, b"Title").cloned().unwrap_or_else(|| text(""));
        let target = links::target(source, node).and_then(|target| links::explicit(source, target));
        let below = siblings(source, node, seen, depth + 1);
        items.push(Item { title, target, below });
        next = node.get(b"Next").and_then(Object::as_reference);
    }
    items
}

/// Items that lead to a kept page or stand above one that does, with their targets in the new document.
fn kept(assembly: &mut Assembly<'_>, file: usize, items: &[Item]) -> Vec<Item> {
    let mut made = Vec::new();
    for Item { title, target, below } in items {
        let below = kept(assembly, file, below);
        let target = target.as_ref().filter(|target| links::is_kept(assembly, file, target));
        let target = target.map(|target| assembly.object(file, target));
        if target.is_some() || !below.is_empty() {
            made.push(Item { title: title.clone(), target, below });
        }
    }
    made
}

/// Writes items and returns what the node above them says of them.
fn write(assembly: &mut Assembly<'_>, items: Vec<Item>, above: ObjectId) -> Dictionary {
    let ids: Vec<_> = items.iter().map(|_| assembly.made.new_object_id()).collect();
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Dictionary::new() };
    let count = i64::try_from(ids.len().min(limits::STEPS)).expect("it is limited");
    let about = dictionary! { "First" => *first, "Last" => *last, "Count" => count };
    for (place, item) in items.into_iter().enumerate() {
        let mut node = write(assembly, item.below, ids[place]);
        if let Ok(Object::Integer(count)) = node.get(b"Count") {
            node.set("Count", -count);
        }
        node.set("Title", item.title);
        node.set("Parent", above);
        if let Some(target) = item.target {
            node.set("Dest", target);
        }
        if place > 0 {
            node.set("Prev", ids[place - 1]);
        }
        if let Some(next) = ids.get(place + 1) {
            node.set("Next", *next);
        }
        assembly.made.objects.insert(ids[place], node.into());
    }
    about
}
