//! Links inside a document: explicit, so that names of two files cannot clash, and gone with the page they lead to.

use lopdf::{Dictionary, Object};

use super::assemble::{Assembly, Pick};
use super::limits;
use super::source::Source;

/// Leaves of a page's annotations those that still make sense.
pub(super) fn settle(assembly: &Assembly<'_>, pick: &Pick, page: &mut Dictionary) {
    let source = &assembly.sources[pick.file];
    let Some(Object::Array(old)) = source.entry(page, b"Annots") else { return };
    let made: Vec<_> = old.iter().filter_map(|one| settled(assembly, pick.file, one)).collect();
    page.set("Annots", made);
}

fn settled(assembly: &Assembly<'_>, file: usize, annotation: &Object) -> Option<Object> {
    let source = &assembly.sources[file];
    let Ok((_, Object::Dictionary(entries))) = source.document.dereference(annotation) else {
        return None;
    };
    if !matches!(source.entry(entries, b"Subtype"), Some(Object::Name(name)) if name == b"Link") {
        return Some(annotation.clone());
    }
    let Some(target) = target(source, entries) else { return Some(annotation.clone()) };
    let target = explicit(source, target)?;
    is_kept(assembly, file, &target).then(|| {
        let mut made = entries.clone();
        made.remove(b"A");
        made.set("Dest", target);
        Object::Dictionary(made)
    })
}

/// Where a link or bookmark leads inside its document, as it says it.
pub(super) fn target<'a>(source: &'a Source, of: &'a Dictionary) -> Option<&'a Object> {
    source.entry(of, b"Dest").or_else(|| {
        let action = source.entry(of, b"A")?.as_dict().ok()?;
        let kind = source.entry(action, b"S")?.as_name().ok()?;
        if kind == b"GoTo" { source.entry(action, b"D") } else { None }
    })
}

pub(super) fn is_kept(assembly: &Assembly<'_>, file: usize, target: &Object) -> bool {
    let page = target.as_array().ok().and_then(|parts| parts.first()?.as_reference().ok());
    page.is_some_and(|page| assembly.kept.contains_key(&(file, page)))
}

/// The array of page and place that a destination or its name stands for.
pub(super) fn explicit(source: &Source, target: &Object) -> Option<Object> {
    let name = match target {
        Object::Array(parts) => return Some(numbered(source, parts)),
        Object::Name(name) | Object::String(name, _) => name,
        _ => return None,
    };
    let found = named(source, name)?;
    let found = source.document.dereference(found).ok()?.1;
    let place = match found {
        Object::Dictionary(entries) => source.entry(entries, b"D")?,
        other => other,
    };
    place.as_array().ok().map(|parts| numbered(source, parts))
}

/// Some writers give the page by its place from 0.
fn numbered(source: &Source, parts: &[Object]) -> Object {
    let mut parts = parts.to_vec();
    if let Some(Object::Integer(place)) = parts.first()
        && let Some(page) = usize::try_from(*place).ok().and_then(|place| source.pages.get(place))
    {
        parts[0] = page.id.into();
    }
    Object::Array(parts)
}

fn named<'a>(source: &'a Source, name: &[u8]) -> Option<&'a Object> {
    let catalog = source.document.catalog().ok()?;
    if let Some(Object::Dictionary(all)) = source.entry(catalog, b"Dests")
        && let Some(found) = source.entry(all, name)
    {
        return Some(found);
    }
    let names = source.entry(catalog, b"Names")?.as_dict().ok()?;
    let mut waiting = vec![names.get(b"Dests").ok()?];
    for _ in 0..limits::STEPS {
        let node = source.document.dereference(waiting.pop()?).ok()?.1.as_dict().ok()?;
        if let Some(Object::Array(pairs)) = source.entry(node, b"Names") {
            let mut pairs = pairs.chunks_exact(2);
            let found = pairs.find(|pair| pair[0].as_str().is_ok_and(|this| this == name));
            if let Some(pair) = found {
                return Some(&pair[1]);
            }
        }
        if let Some(Object::Array(kids)) = source.entry(node, b"Kids") {
            waiting.extend(kids.iter().take(limits::STEPS));
        }
    }
    None
}

/// A destination that shows a whole page.
pub(super) fn whole(page: lopdf::ObjectId) -> Object {
    Object::Array(vec![page.into(), "Fit".into()])
}
