//! Which stubs may be for a URL: exact ones by map, templates by tree, expressions in one pass.

use std::collections::HashMap;

use regex::{RegexSet, RegexSetBuilder};

use crate::stub::url::{PathTemplate, Segment, UrlPattern};

/// The most memory that the expressions of a workspace take together.
const MAX_COMPILED: usize = 64 << 20;
/// So many expressions are tried one by one before the set is made anew.
const MAX_PENDING: usize = 32;

/// Slots by what their URLs look like.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    urls: HashMap<String, Vec<u64>>,
    paths: HashMap<String, Vec<u64>>,
    templates: Node,
    url_expressions: Expressions,
    path_expressions: Expressions,
    any: Vec<u64>,
}

impl Index {
    pub(super) fn add(&mut self, slot: u64, url: &UrlPattern) {
        match url {
            UrlPattern::Any => self.any.push(slot),
            UrlPattern::Url(url) => self.urls.entry(url.clone()).or_default().push(slot),
            UrlPattern::Path(path) => self.paths.entry(path.clone()).or_default().push(slot),
            UrlPattern::UrlRegex(regex) => self.url_expressions.add(slot, regex.as_str()),
            UrlPattern::PathRegex(regex) => self.path_expressions.add(slot, regex.as_str()),
            UrlPattern::Template(template) => self.templates.end_of(template).push(slot),
        }
    }

    pub(super) fn remove(&mut self, slot: u64, url: &UrlPattern) {
        let drop_slot = |slots: &mut Vec<u64>| slots.retain(|other| *other != slot);
        match url {
            UrlPattern::Any => drop_slot(&mut self.any),
            UrlPattern::Url(url) => drop_from(&mut self.urls, url, slot),
            UrlPattern::Path(path) => drop_from(&mut self.paths, path, slot),
            UrlPattern::UrlRegex(_) => self.url_expressions.remove(slot),
            UrlPattern::PathRegex(_) => self.path_expressions.remove(slot),
            UrlPattern::Template(template) => drop_slot(self.templates.end_of(template)),
        }
    }

    pub(super) fn each_candidate(&mut self, url: &str, mut found: impl FnMut(u64)) {
        let path = url.split_once('?').map_or(url, |(path, _)| path);
        let exact = self.urls.get(url).into_iter().chain(self.paths.get(path)).chain([&self.any]);
        exact.flatten().for_each(|slot| found(*slot));
        let segments: Vec<&str> = path.split('/').collect();
        self.templates.walk(&segments, &mut found);
        self.url_expressions.each(url, &mut found);
        self.path_expressions.each(path, &mut found);
    }
}

fn drop_from(map: &mut HashMap<String, Vec<u64>>, key: &str, slot: u64) {
    if let Some(slots) = map.get_mut(key) {
        slots.retain(|other| *other != slot);
        if slots.is_empty() {
            map.remove(key);
        }
    }
}

/// A segment of paths: what may follow it, and which templates end here.
#[derive(Debug, Clone, Default)]
struct Node {
    literals: HashMap<String, Self>,
    variable: Option<Box<Self>>,
    ends: Vec<u64>,
}

impl Node {
    fn end_of(&mut self, template: &PathTemplate) -> &mut Vec<u64> {
        let mut node = self;
        for segment in &template.segments {
            node = match segment {
                Segment::Literal(text) => node.literals.entry(text.clone()).or_default(),
                Segment::Variable(_) => node.variable.get_or_insert_default(),
            };
        }
        &mut node.ends
    }

    fn walk(&self, path: &[&str], found: &mut impl FnMut(u64)) {
        // A list instead of recursion: a template may have as many segments as a URL is long.
        let mut open = vec![(self, path)];
        while let Some((node, path)) = open.pop() {
            let Some((segment, rest)) = path.split_first() else {
                node.ends.iter().for_each(|slot| found(*slot));
                continue;
            };
            open.extend(node.literals.get(*segment).map(|next| (next, rest)));
            open.extend(
                node.variable.as_deref().filter(|_| !segment.is_empty()).map(|next| (next, rest)),
            );
        }
    }
}

/// Expressions that are matched together; the newest wait until the set is made anew.
#[derive(Debug, Clone, Default)]
struct Expressions {
    set: Option<RegexSet>,
    in_set: Vec<Option<u64>>,
    all: Vec<(u64, String)>,
    pending: Vec<u64>,
}

impl Expressions {
    fn add(&mut self, slot: u64, expression: &str) {
        self.all.push((slot, expression.to_owned()));
        self.pending.push(slot);
    }

    fn remove(&mut self, slot: u64) {
        self.all.retain(|(other, _)| *other != slot);
        self.pending.retain(|other| *other != slot);
        self.in_set
            .iter_mut()
            .filter(|other| **other == Some(slot))
            .for_each(|other| *other = None);
    }

    fn each(&mut self, text: &str, found: &mut impl FnMut(u64)) {
        if self.pending.len() > MAX_PENDING {
            self.rebuild();
        }
        if let Some(set) = &self.set {
            set.matches(text).iter().filter_map(|place| self.in_set[place]).for_each(&mut *found);
        }
        self.pending.iter().for_each(|slot| found(*slot));
    }

    /// Where the set would be too large, every expression stays a candidate and is asked by its stub.
    fn rebuild(&mut self) {
        let expressions = self.all.iter().map(|(_, expression)| expression);
        let built = RegexSetBuilder::new(expressions)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .build();
        if let Ok(set) = built {
            self.in_set = self.all.iter().map(|(slot, _)| Some(*slot)).collect();
            self.set = Some(set);
            self.pending.clear();
        }
    }
}
