//! The stubs of a workspace, found by the request in microseconds however many there are.

use std::collections::HashMap;
use std::sync::Arc;

use crate::refusal::Refusal;
use crate::stub::Stub;

mod index;

use index::Index;

/// The most stubs of one workspace.
pub const MAX_STUBS: usize = 2_500;
/// The most bytes of all stubs of one workspace, written as JSON.
pub const MAX_BYTES: usize = 4 << 20;

/// Where a stub stands among all: lower comes first, later added before earlier.
type Order = (u64, std::cmp::Reverse<u64>);

/// All stubs, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Stubs {
    slots: HashMap<u64, Arc<Stub>>,
    by_id: HashMap<String, u64>,
    next: u64,
    index: Index,
    limit: usize,
    bytes: usize,
}

impl Default for Stubs {
    fn default() -> Self {
        Self::with_limit(MAX_STUBS)
    }
}

impl Stubs {
    /// No stubs, and room for so many.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            slots: HashMap::new(),
            by_id: HashMap::new(),
            next: 0,
            index: Index::default(),
            limit,
            bytes: 0,
        }
    }

    /// Adds a stub, or replaces the one with its identifier, which keeps its place.
    ///
    /// # Errors
    /// When there is no room left.
    pub fn put(&mut self, stub: Stub) -> Result<Arc<Stub>, Refusal> {
        let slot = match self.by_id.get(&stub.id) {
            Some(slot) => *slot,
            None if self.slots.len() >= self.limit => {
                return Err(Refusal::new(
                    "",
                    format!("a workspace has at most {} stubs", self.limit),
                ));
            }
            None => {
                self.next += 1;
                self.next
            }
        };
        let old = self.slots.get(&slot);
        let bytes = self.bytes + size(&stub) - old.map_or(0, |old| size(old));
        if bytes > MAX_BYTES {
            let why =
                format!("the stubs of a workspace have at most {MAX_BYTES} bytes, not {bytes}");
            return Err(Refusal::new("", why));
        }
        self.bytes = bytes;
        if let Some(old) = old {
            self.index.remove(slot, &old.request.url);
        }
        let stub = Arc::new(stub);
        self.by_id.insert(stub.id.clone(), slot);
        self.index.add(slot, &stub.request.url);
        self.slots.insert(slot, Arc::clone(&stub));
        Ok(stub)
    }

    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Stub>> {
        self.slots.get(self.by_id.get(id)?)
    }

    pub fn remove(&mut self, id: &str) -> Option<Arc<Stub>> {
        let slot = self.by_id.remove(id)?;
        let stub = self.slots.remove(&slot)?;
        self.index.remove(slot, &stub.request.url);
        self.bytes -= size(&stub);
        Some(stub)
    }

    pub fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::with_limit(self.limit) };
    }

    /// How many bytes all of them have as JSON.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// All stubs, the newest first.
    #[must_use]
    pub fn newest_first(&self) -> Vec<&Arc<Stub>> {
        let mut slots: Vec<(&u64, &Arc<Stub>)> = self.slots.iter().collect();
        slots.sort_unstable_by_key(|(slot, _)| std::cmp::Reverse(**slot));
        slots.into_iter().map(|(_, stub)| stub).collect()
    }

    /// The first stub, by priority and then age, that is accepted; only those whose URL fits are asked.
    pub fn first(&mut self, url: &str, accepts: impl Fn(&Stub) -> bool) -> Option<Arc<Stub>> {
        let mut candidates: Vec<(Order, &Arc<Stub>)> = Vec::new();
        self.index.each_candidate(url, |slot| {
            if let Some(stub) = self.slots.get(&slot) {
                candidates.push(((stub.priority, std::cmp::Reverse(slot)), stub));
            }
        });
        candidates.sort_unstable_by_key(|(order, _)| *order);
        candidates.into_iter().map(|(_, stub)| stub).find(|stub| accepts(stub)).map(Arc::clone)
    }
}

fn size(stub: &Stub) -> usize {
    stub.source.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;
    use crate::request::Request;
    use crate::stub::asks::Seen;

    fn stub(number: u64, url: &str, priority: u64) -> Stub {
        let text = format!(r#"{{"priority":{priority},"request":{{{url}}}}}"#);
        let id = || format!("00000000-0000-4000-8000-{number:012}");
        Stub::read(&Json::parse(text.as_bytes()).unwrap(), id, false).unwrap()
    }

    fn first(stubs: &mut Stubs, url: &str) -> Option<String> {
        let request = Request::new("GET", url);
        let seen = Seen::new(&request, 0);
        let found = stubs.first(url, |stub| stub.request.accepts(&seen));
        found.map(|stub| stub.id.trim_start_matches(['0', '-', '4', '8']).to_owned())
    }

    #[test]
    fn the_lowest_priority_answers_and_among_equals_the_newest() {
        let mut stubs = Stubs::default();
        stubs.put(stub(1, r#""url":"/a""#, 5)).unwrap();
        stubs.put(stub(2, r#""urlPathPattern":"/[a-z]""#, 5)).unwrap();
        assert_eq!(first(&mut stubs, "/a").as_deref(), Some("2"));
        stubs.put(stub(3, r#""urlPath":"/a""#, 1)).unwrap();
        stubs.put(stub(5, r#""urlPath":"/a""#, 9)).unwrap();
        assert_eq!(first(&mut stubs, "/a").as_deref(), Some("3"));
        stubs.put(stub(1, r#""url":"/a""#, 5)).unwrap();
        stubs.remove(&stub(3, "", 1).id);
        assert_eq!(first(&mut stubs, "/a").as_deref(), Some("2"), "an edited stub keeps its place");
    }

    #[test]
    fn every_kind_of_url_is_found_among_many() {
        let mut stubs = Stubs::default();
        for n in 100..900 {
            stubs.put(stub(n, &format!(r#""urlPathPattern":"/other{n}/[0-9]+""#), 5)).unwrap();
        }
        stubs.put(stub(1, r#""urlPathTemplate":"/a/{id}""#, 5)).unwrap();
        stubs.put(stub(2, r#""urlPattern":"/q\\?x=.*""#, 5)).unwrap();
        stubs.put(stub(3, "", 9)).unwrap();
        assert_eq!(first(&mut stubs, "/a/1").as_deref(), Some("1"));
        assert_eq!(first(&mut stubs, "/q?x=1").as_deref(), Some("2"));
        assert_eq!(first(&mut stubs, "/other777/5").as_deref(), Some("777"));
        assert_eq!(first(&mut stubs, "/zzz").as_deref(), Some("3"));
    }

    #[test]
    fn one_stub_too_many_is_refused_with_the_limit() {
        let mut stubs = Stubs::default();
        for n in 0..2_500 {
            stubs.put(stub(n + 10_000, r#""url":"/a""#, 5)).unwrap();
        }
        assert!(stubs.put(stub(1, "", 5)).unwrap_err().why.contains("2500"));
    }

    #[test]
    fn what_is_replaced_or_removed_makes_room_again() {
        let mut stubs = Stubs::default();
        let long = format!(r#""url":"/{}""#, "a".repeat(3 << 20));
        stubs.put(stub(1, &long, 5)).unwrap();
        assert!(stubs.put(stub(2, &long, 5)).unwrap_err().why.contains("4194304 bytes"));
        stubs.put(stub(1, &long, 5)).unwrap();
        stubs.remove(&stub(1, "", 5).id);
        assert_eq!(stubs.bytes(), 0);
    }
}
