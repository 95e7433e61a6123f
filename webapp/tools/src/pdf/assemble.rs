//! A new document of pages of others: what pages need is copied, what nobody needs is left behind.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Document, Object, ObjectId, SaveOptions, dictionary};

use super::source::{INHERITED, Source};
use super::{dedupe, form, limits, links, outline};
use crate::{Refusal, Why};

/// One page of the document to be: `page` counts from 0, `turn` is clockwise in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pick {
    pub file: usize,
    pub page: usize,
    pub turn: i64,
}

/// A document that is being put together.
#[derive(Debug)]
pub(super) struct Assembly<'a> {
    pub sources: &'a [Source],
    pub made: Document,
    /// Where pages that are kept went; the first place of one that is there twice.
    pub kept: HashMap<(usize, ObjectId), ObjectId>,
    /// Form fields with a widget on a kept page.
    pub fields: HashSet<(usize, ObjectId)>,
    moved: HashMap<(usize, ObjectId), ObjectId>,
    waiting: Vec<(usize, ObjectId, ObjectId)>,
}

/// The bytes of a document of these pages.
pub(super) fn assemble(sources: &[Source], picks: &[Pick]) -> Result<Vec<u8>, Refusal> {
    finish(build(sources, picks)?)
}

/// A document of these pages, not yet as small as it can be.
pub(super) fn build(sources: &[Source], picks: &[Pick]) -> Result<Document, Refusal> {
    limits::check(None, "pages", picks.len(), limits::PAGES)?;
    let mut assembly = Assembly::new(sources);
    let root = assembly.pages(picks);
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => root };
    outline::merge(&mut assembly, picks, &mut catalog);
    form::merge(&mut assembly, picks, &mut catalog);
    assembly.layers(picks, &mut catalog);
    assembly.drain();
    let mut made = assembly.made;
    let catalog = made.add_object(catalog);
    made.trailer.set("Root", catalog);
    Ok(made)
}

/// Its bytes, with equal things once.
pub(super) fn finish(mut made: Document) -> Result<Vec<u8>, Refusal> {
    dedupe::share(&mut made);
    write(made)
}

impl<'a> Assembly<'a> {
    fn new(sources: &'a [Source]) -> Self {
        Self {
            sources,
            made: Document::with_version("1.7"),
            kept: HashMap::new(),
            fields: HashSet::new(),
            moved: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    fn pages(&mut self, picks: &[Pick]) -> ObjectId {
        let root = self.made.new_object_id();
        let mut kids = Vec::new();
        for pick in picks {
            let id = self.made.new_object_id();
            kids.push(Object::Reference(id));
            let page = self.sources[pick.file].pages[pick.page].id;
            self.kept.entry((pick.file, page)).or_insert(id);
            form::note(self, pick);
        }
        for (pick, kid) in picks.iter().zip(&kids) {
            let page = self.page(pick, root);
            let id = kid.as_reference().expect("kids are references");
            self.made.objects.insert(id, page.into());
        }
        let count = i64::try_from(kids.len()).expect("pages are limited");
        let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
        self.made.objects.insert(root, node.into());
        root
    }

    fn page(&mut self, pick: &Pick, root: ObjectId) -> Dictionary {
        let source = &self.sources[pick.file];
        let page = &source.pages[pick.page];
        let mut made = source.page(page).cloned().unwrap_or_default();
        for key in INHERITED {
            if !made.has(key)
                && let Ok(value) = page.inherited.get(key)
            {
                made.set(key, value.clone());
            }
        }
        if pick.turn != 0 {
            let before = source.of_page(page, b"Rotate").and_then(|turn| turn.as_i64().ok());
            made.set("Rotate", (before.unwrap_or(0).rem_euclid(360) + pick.turn).rem_euclid(360));
        }
        for gone in [&b"Parent"[..], b"B", b"AA"] {
            made.remove(gone);
        }
        links::settle(self, pick, &mut made);
        let mut made = self.dictionary(pick.file, &made);
        made.set("Type", "Page");
        made.set("Parent", root);
        made
    }

    /// The number in the new document of an object of a file; nothing for pages and what else is not taken along.
    pub(super) fn reference(&mut self, file: usize, id: ObjectId) -> Object {
        if let Some(page) = self.kept.get(&(file, id)) {
            return (*page).into();
        }
        if let Some(moved) = self.moved.get(&(file, id)) {
            return (*moved).into();
        }
        let source = &self.sources[file];
        let Ok(object) = source.document.get_object(id) else { return Object::Null };
        if matches!(
            object.type_name(),
            Ok(b"Page" | b"Pages" | b"Catalog" | b"StructElem" | b"StructTreeRoot")
        ) || is_program(source, object)
        {
            return Object::Null;
        }
        let moved = self.made.new_object_id();
        self.moved.insert((file, id), moved);
        self.waiting.push((file, id, moved));
        moved.into()
    }

    /// An object with its references changed to those of the new document. The reader bounds how deep direct objects
    /// can be nested.
    pub(super) fn object(&mut self, file: usize, object: &Object) -> Object {
        match object {
            Object::Reference(id) => self.reference(file, *id),
            Object::Array(items) => {
                Object::Array(items.iter().map(|item| self.object(file, item)).collect())
            }
            Object::Dictionary(_) if is_program(&self.sources[file], object) => Object::Null,
            Object::Dictionary(entries) => Object::Dictionary(self.dictionary(file, entries)),
            Object::Stream(stream) => {
                let mut made = stream.clone();
                made.dict = self.dictionary(file, &stream.dict);
                Object::Stream(made)
            }
            plain => plain.clone(),
        }
    }

    pub(super) fn dictionary(&mut self, file: usize, entries: &Dictionary) -> Dictionary {
        let mut made = Dictionary::new();
        for (key, value) in entries {
            made.set(key.clone(), self.object(file, value));
        }
        made
    }

    /// Copies all that is referred to but not there yet.
    pub(super) fn drain(&mut self) {
        let sources = self.sources;
        while let Some((file, old, new)) = self.waiting.pop() {
            let Ok(object) = sources[file].document.get_object(old) else { continue };
            let object = if self.fields.contains(&(file, old)) {
                let pruned = form::pruned(self, file, object);
                self.object(file, &pruned)
            } else {
                self.object(file, object)
            };
            self.made.objects.entry(new).or_insert(object);
        }
    }

    /// Optional content, without which hidden layers would show.
    fn layers(&mut self, picks: &[Pick], catalog: &mut Dictionary) {
        let mut made = dictionary! { "OCGs" => Vec::<Object>::new(), "D" => Dictionary::new() };
        for file in files(picks) {
            let source = &self.sources[file];
            let Ok(old) = source.document.catalog() else { continue };
            let layers =
                source.entry(old, b"OCProperties").and_then(|layers| layers.as_dict().ok());
            let Some(layers) = layers else { continue };
            if let Some(Object::Array(groups)) = source.entry(layers, b"OCGs") {
                let groups = self.object(file, &Object::Array(groups.clone()));
                append(&mut made, b"OCGs", groups);
            }
            let Some(Object::Dictionary(shown)) = source.entry(layers, b"D") else { continue };
            let shown = self.dictionary(file, shown);
            let Ok(Object::Dictionary(all)) = made.get_mut(b"D") else { continue };
            for (key, value) in shown {
                append(all, &key, value);
            }
        }
        if made.get(b"OCGs").and_then(Object::as_array).is_ok_and(|groups| !groups.is_empty()) {
            catalog.set("OCProperties", made);
        }
    }
}

/// Actions that run something (ISO 32000-1, 12.6.4): nothing that a tool makes does anything by itself.
fn is_program(source: &Source, object: &Object) -> bool {
    let kind = object.as_dict().ok().and_then(|action| source.entry(action, b"S")?.as_name().ok());
    matches!(kind, Some(b"JavaScript" | b"Launch"))
}

/// Sets an entry, or adds to the list that is there.
fn append(to: &mut Dictionary, key: &[u8], value: Object) {
    match (to.get_mut(key), value) {
        (Ok(Object::Array(there)), Object::Array(more)) => there.extend(more),
        (Ok(_), _) => {}
        (Err(_), value) => to.set(key, value),
    }
}

/// The files that pages are picked from, each once, in order of their first page.
pub(super) fn files(picks: &[Pick]) -> Vec<usize> {
    let mut seen = HashSet::new();
    picks.iter().map(|pick| pick.file).filter(|file| seen.insert(*file)).collect()
}

fn write(mut made: Document) -> Result<Vec<u8>, Refusal> {
    let fault = |error: lopdf::Error| {
        Refusal::file(Why::Malformed, 0, format!("the result cannot be written: {error}"))
    };
    for object in made.objects.values_mut() {
        if let Object::Stream(stream) = object {
            stream.compress().map_err(fault)?;
        }
    }
    let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true);
    let options = options.max_objects_per_stream(200).compression_level(6).build();
    let mut bytes = Vec::new();
    made.save_with_options(&mut bytes, options).map_err(|error| fault(error.into()))?;
    Ok(bytes)
}
