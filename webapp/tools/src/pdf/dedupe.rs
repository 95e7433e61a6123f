//! Equal streams and fonts are written once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use lopdf::{Dictionary, Document, Object, ObjectId};

/// How far equality is followed from font file over descriptor and font to the form that uses it.
const PASSES: usize = 6;

/// Keeps the first of equal objects and leads all references there.
pub(super) fn share(document: &mut Document) {
    for _ in 0..PASSES {
        let twins = twins(document);
        if twins.is_empty() {
            return;
        }
        document.objects.retain(|id, _| !twins.contains_key(id));
        document.objects.values_mut().for_each(|object| redirect(object, &twins));
    }
}

fn twins(document: &Document) -> HashMap<ObjectId, ObjectId> {
    let mut alike = HashMap::<_, Vec<_>>::new();
    for (id, object) in document.objects.iter().filter(|(_, object)| is_shareable(object)) {
        alike.entry(sizes(object)).or_default().push((*id, object));
    }
    let mut twins = HashMap::new();
    // Most have a size of their own, and are not read at all.
    for alike in alike.values().filter(|alike| alike.len() > 1) {
        let mut first = HashMap::<u64, (ObjectId, &Object)>::new();
        for (id, object) in alike {
            let (kept, before) = *first.entry(digest(object)).or_insert((*id, *object));
            if kept != *id && same(before, object) {
                twins.insert(*id, kept);
            }
        }
    }
    twins
}

/// Only what has no identity of its own: a field, an annotation or a layer is another one even if it looks the same.
fn is_shareable(object: &Object) -> bool {
    match object {
        Object::Stream(_) => true,
        _ => matches!(
            object.type_name(),
            Ok(b"Font" | b"FontDescriptor" | b"ExtGState" | b"Encoding")
        ),
    }
}

/// What equal objects have in common, and is known without a look at them.
fn sizes(object: &Object) -> (Option<usize>, usize) {
    match object {
        Object::Stream(stream) => (Some(stream.content.len()), stream.dict.len()),
        plain => (None, plain.as_dict().map_or(0, Dictionary::len)),
    }
}

/// A stream also knows where it stood in its file.
fn same(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Stream(one), Object::Stream(other)) => {
            one.dict == other.dict && one.content == other.content
        }
        _ => one == other,
    }
}

fn digest(object: &Object) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(object, &mut hasher);
    hasher.finish()
}

/// The reader bounds how deep objects can be nested.
fn feed(object: &Object, hasher: &mut DefaultHasher) {
    match object {
        Object::Null => {}
        Object::Boolean(value) => value.hash(hasher),
        Object::Integer(value) => value.hash(hasher),
        Object::Real(value) => value.to_bits().hash(hasher),
        Object::Name(bytes) | Object::String(bytes, _) => bytes.hash(hasher),
        Object::Reference(id) => id.hash(hasher),
        Object::Array(items) => items.iter().for_each(|item| feed(item, hasher)),
        Object::Dictionary(entries) => feed_entries(entries, hasher),
        Object::Stream(stream) => {
            stream.content.hash(hasher);
            feed_entries(&stream.dict, hasher);
        }
    }
}

fn feed_entries(entries: &Dictionary, hasher: &mut DefaultHasher) {
    for (key, value) in entries {
        key.hash(hasher);
        feed(value, hasher);
    }
}

fn redirect(object: &mut Object, twins: &HashMap<ObjectId, ObjectId>) {
    match object {
        Object::Reference(id) => *id = *twins.get(id).unwrap_or(id),
        Object::Array(items) => items.iter_mut().for_each(|item| redirect(item, twins)),
        Object::Dictionary(entries) => {
            entries.iter_mut().for_each(|(_, value)| redirect(value, twins));
        }
        Object::Stream(stream) => {
            stream.dict.iter_mut().for_each(|(_, value)| redirect(value, twins));
        }
        _ => {}
    }
}
