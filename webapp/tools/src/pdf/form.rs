//! Form fields: those with a widget on a kept page, renamed where two files use one name.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId, StringFormat};

use super::assemble::{Assembly, Pick, files};
use super::limits;

/// Marks the fields of a page as kept, with all above them.
pub(super) fn note(assembly: &mut Assembly<'_>, pick: &Pick) {
    let source = &assembly.sources[pick.file];
    let page = source.page(&source.pages[pick.page]);
    let Some(Object::Array(all)) = page.and_then(|page| source.entry(page, b"Annots")) else {
        return;
    };
    for mut id in all.iter().filter_map(|one| one.as_reference().ok()) {
        while let Ok(field) = source.document.get_dictionary(id) {
            let is_field =
                field.has(b"FT") || field.has(b"T") || field.has(b"Kids") || field.has(b"Parent");
            if !is_field || !assembly.fields.insert((pick.file, id)) {
                break;
            }
            match field.get(b"Parent").and_then(Object::as_reference) {
                Ok(parent) => id = parent,
                Err(_) => break,
            }
        }
    }
}

/// A field without those of its parts that are not kept.
pub(super) fn pruned(assembly: &Assembly<'_>, file: usize, field: &Object) -> Object {
    let Object::Dictionary(field) = field else { return field.clone() };
    let mut field = field.clone();
    if let Ok(Object::Array(kids)) = field.get_mut(b"Kids") {
        kids.retain(|kid| kid.as_reference().is_ok_and(|id| assembly.fields.contains(&(file, id))));
    }
    Object::Dictionary(field)
}

/// One form of the forms of all files.
pub(super) fn merge(assembly: &mut Assembly<'_>, picks: &[Pick], catalog: &mut Dictionary) {
    let (mut made, mut fields, mut names) = (Dictionary::new(), Vec::new(), HashSet::new());
    for file in files(picks) {
        let source = &assembly.sources[file];
        let Ok(old) = source.document.catalog() else { continue };
        let Some(Object::Dictionary(form)) = source.entry(old, b"AcroForm") else { continue };
        let Some(Object::Array(all)) = source.entry(form, b"Fields") else { continue };
        let ids = all.iter().filter_map(|field| field.as_reference().ok());
        let ids: Vec<_> = ids.filter(|id| assembly.fields.contains(&(file, *id))).collect();
        for id in ids.into_iter().take(limits::STEPS) {
            fields.push(assembly.reference(file, id));
            assembly.drain();
            rename(assembly, fields.last(), &mut names);
        }
        for key in [&b"DA"[..], b"DR", b"Q", b"NeedAppearances"] {
            if let Ok(value) = form.get(key) {
                let value = source.document.dereference(value).map_or(value, |(_, value)| value);
                let value = assembly.object(file, value);
                combine(&mut made, key, value);
            }
        }
    }
    if !fields.is_empty() {
        made.set("Fields", fields);
        catalog.set("AcroForm", made);
    }
}

/// Adds what is not there yet, as deep as resources are nested.
fn combine(made: &mut Dictionary, key: &[u8], value: Object) {
    match (made.get_mut(key), value) {
        (Ok(Object::Dictionary(there)), Object::Dictionary(more)) => {
            for (key, value) in more {
                combine(there, &key, value);
            }
        }
        (Ok(_), _) => {}
        (Err(_), value) => made.set(key, value),
    }
}

fn rename(assembly: &mut Assembly<'_>, field: Option<&Object>, names: &mut HashSet<Vec<u8>>) {
    let id = field.and_then(|field| field.as_reference().ok());
    let field = id.and_then(|id: ObjectId| assembly.made.get_dictionary_mut(id).ok());
    let Some(field) = field else { return };
    let Ok(Object::String(name, _)) = field.get(b"T") else { return };
    let free = (1_usize..).map(|number| numbered(name, number)).find(|name| !names.contains(name));
    let name = free.expect("numbers do not end");
    field.set("T", Object::String(name.clone(), StringFormat::Literal));
    names.insert(name);
}

/// The name itself first, then `name-2` and so on, in the alphabet that it is written in.
fn numbered(name: &[u8], number: usize) -> Vec<u8> {
    let mut made = name.to_vec();
    if number > 1 {
        let suffix = format!("-{number}");
        let wide = name.starts_with(&[0xFE, 0xFF]);
        made.extend(suffix.bytes().flat_map(|byte| if wide { vec![0, byte] } else { vec![byte] }));
    }
    made
}
