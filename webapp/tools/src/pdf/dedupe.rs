//! Equal streams and fonts are written once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use lopdf::{Document, Object, ObjectId};

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
    let (mut first, mut twins) = (HashMap::<u64, ObjectId>::new(), HashMap::new());
    for (id, object) in document.objects.iter().filter(|(_, object)| is_shareable(object)) {
        let kept = *first.entry(digest(object)).or_insert(*id);
        if kept != *id && document.objects.get(&kept).is_some_and(|kept| same(kept, object)) {
            twins.insert(*id, kept);
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
    match object {
        Object::Stream(stream) => {
            stream.content.hash(&mut hasher);
            stream.dict.len().hash(&mut hasher);
        }
        plain => format!("{plain:?}").hash(&mut hasher),
    }
    hasher.finish()
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
