//! A document as it was sent: opened, unlocked, its pages found without trust in what it says of itself.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use lopdf::{Dictionary, Document, Error, LoadOptions, Object, ObjectId};

use super::limits;
use super::outline::Item;
use crate::{File, Refusal, Why};

/// What a page takes from the nodes above it.
pub(super) const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// A readable document of at least one page.
#[derive(Debug)]
pub(super) struct Source {
    pub name: String,
    pub stem: String,
    pub document: Document,
    pub pages: Vec<Page>,
    /// Read when they are first asked for.
    pub bookmarks: OnceCell<Vec<Item>>,
}

/// A leaf of the page tree, with what it inherits.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub id: ObjectId,
    pub inherited: Rc<Dictionary>,
}

impl Source {
    /// Opens the file at `place`.
    pub(super) fn open(file: &File, place: usize, password: Option<&str>) -> Result<Self, Refusal> {
        let refuse = |why, detail: &str| Refusal::file(why, place, detail);
        if !file.bytes[..file.bytes.len().min(1024)].windows(5).any(|five| five == b"%PDF-") {
            return Err(refuse(
                Why::Unsupported,
                "this is no PDF: its first 1,024 bytes hold no %PDF-",
            ));
        }
        let options = LoadOptions {
            password: password.map(str::to_owned),
            ..LoadOptions::with_max_decompressed_size(limits::STREAM_BYTES)
        };
        let locked = "it is locked: give the password that opens it";
        let document = match Document::load_mem_with_options(&file.bytes, options) {
            Ok(document) => document,
            Err(Error::InvalidPassword) => return Err(refuse(Why::Locked, locked)),
            Err(error) => {
                return Err(refuse(Why::Malformed, &format!("it cannot be read: {error}")));
            }
        };
        if document.is_encrypted() && document.encryption_state.is_none() {
            return Err(refuse(Why::Locked, locked));
        }
        let pages = pages(&document, place)?;
        if pages.is_empty() {
            return Err(refuse(Why::Malformed, "no page can be found in it"));
        }
        let (name, stem) = (file.name.clone(), file.stem().to_owned());
        Ok(Self { name, stem, document, pages, bookmarks: OnceCell::new() })
    }

    /// A dictionary's entry, followed if it is a reference.
    pub(super) fn entry<'a>(&'a self, of: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
        resolve(&self.document, of.get(key).ok()?)
    }

    pub(super) fn dictionary(&self, object: &Object) -> Option<&Dictionary> {
        match object {
            Object::Reference(id) => self.document.get_dictionary(*id).ok(),
            _ => None,
        }
    }

    /// The page's own dictionary; its entries win over inherited ones.
    pub(super) fn page(&self, page: &Page) -> Option<&Dictionary> {
        self.document.get_dictionary(page.id).ok()
    }

    /// An entry of a page or of what it inherits.
    pub(super) fn of_page<'a>(&'a self, page: &'a Page, key: &[u8]) -> Option<&'a Object> {
        let own = self.page(page).and_then(|own| self.entry(own, key));
        own.or_else(|| self.entry(&page.inherited, key))
    }
}

fn resolve<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    document.dereference(object).ok().map(|(_, object)| object)
}

/// Leaves from left to right. Nodes are opened once, so neither a loop nor a tree that shares its branches can grow.
fn pages(document: &Document, place: usize) -> Result<Vec<Page>, Refusal> {
    let root = document.catalog().ok().and_then(|catalog| catalog.get(b"Pages").ok());
    let Some(root) = root.and_then(|root| root.as_reference().ok()) else { return Ok(Vec::new()) };
    let (mut found, mut opened) = (Vec::new(), HashSet::new());
    let mut waiting = vec![Page { id: root, inherited: Rc::new(Dictionary::new()) }];
    let mut steps = 0;
    while let Some(Page { id, inherited }) = waiting.pop() {
        steps += 1;
        limits::check(Some(place), "nodes of the page tree", steps, limits::STEPS)?;
        let Ok(node) = document.get_dictionary(id) else { continue };
        let kids = node.get(b"Kids").ok().and_then(|kids| resolve(document, kids)?.as_array().ok());
        let Some(kids) = kids else {
            found.push(Page { id, inherited });
            limits::check(Some(place), "pages", found.len(), limits::PAGES)?;
            continue;
        };
        if !opened.insert(id) {
            continue;
        }
        limits::check(Some(place), "nodes of the page tree", kids.len(), limits::STEPS)?;
        let inherited = inherit(node, &inherited);
        let kids = kids.iter().rev().filter_map(|kid| kid.as_reference().ok());
        waiting.extend(kids.map(|id| Page { id, inherited: Rc::clone(&inherited) }));
        limits::check(Some(place), "nodes of the page tree", waiting.len(), limits::STEPS)?;
    }
    Ok(found)
}

fn inherit(node: &Dictionary, above: &Rc<Dictionary>) -> Rc<Dictionary> {
    if !INHERITED.iter().any(|key| node.has(key)) {
        return Rc::clone(above);
    }
    let mut below = Dictionary::clone(above);
    for key in INHERITED {
        if let Ok(value) = node.get(key) {
            below.set(key, value.clone());
        }
    }
    Rc::new(below)
}
