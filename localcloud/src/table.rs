//! A map of objects by id that is cheap to copy: copies share what they have in common until one of them changes it.
//!
//! Every change of a [`crate::document::Document`] begins with a copy of the whole world. With this map the copy costs
//! one count, and a change costs the one object that it is about. On disk it is a plain object.

use std::borrow::Borrow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Objects by id, in the order of their ids.
pub struct Table<T> {
    rows: Arc<BTreeMap<Arc<str>, Arc<T>>>,
}

impl<T> Table<T> {
    /// The object with this id.
    pub fn get<Q: Borrow<str> + ?Sized>(&self, id: &Q) -> Option<&T> {
        self.rows.get(id.borrow()).map(Arc::as_ref)
    }

    pub fn contains_key<Q: Borrow<str> + ?Sized>(&self, id: &Q) -> bool {
        self.rows.contains_key(id.borrow())
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.rows.keys().map(Arc::as_ref)
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().map(Arc::as_ref)
    }

    pub fn iter(&self) -> Iter<'_, T> {
        Iter { rows: self.rows.iter() }
    }

    /// Adds an object; whether there was none with this id.
    pub fn insert(&mut self, id: impl Into<Arc<str>>, object: T) -> bool {
        Arc::make_mut(&mut self.rows).insert(id.into(), Arc::new(object)).is_none()
    }

    /// Keeps the objects that are to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &T) -> bool) {
        if self.iter().any(|(id, object)| !keep(id, object)) {
            Arc::make_mut(&mut self.rows).retain(|id, object| keep(id, object));
        }
    }
}

impl<T: Clone> Table<T> {
    /// The object with this id, to be changed.
    pub fn get_mut<Q: Borrow<str> + ?Sized>(&mut self, id: &Q) -> Option<&mut T> {
        if !self.contains_key(id) {
            return None;
        }
        Arc::make_mut(&mut self.rows).get_mut(id.borrow()).map(Arc::make_mut)
    }

    /// The object with this id; a new one when there is none.
    pub fn get_or_insert_with(&mut self, id: &str, new: impl FnOnce() -> T) -> &mut T {
        let rows = Arc::make_mut(&mut self.rows);
        Arc::make_mut(rows.entry(Arc::from(id)).or_insert_with(|| Arc::new(new())))
    }

    /// Takes an object out.
    pub fn remove<Q: Borrow<str> + ?Sized>(&mut self, id: &Q) -> Option<T> {
        if !self.contains_key(id) {
            return None;
        }
        Arc::make_mut(&mut self.rows).remove(id.borrow()).map(Arc::unwrap_or_clone)
    }

    /// Changes the objects that are of interest; the others stay shared.
    pub fn change_where(
        &mut self,
        of_interest: impl Fn(&T) -> bool,
        mut change: impl FnMut(&mut T),
    ) {
        if self.values().any(&of_interest) {
            for object in Arc::make_mut(&mut self.rows).values_mut().filter(|o| of_interest(o)) {
                change(Arc::make_mut(object));
            }
        }
    }
}

/// Ids and objects, in the order of the ids.
pub struct Iter<'a, T> {
    rows: btree_map::Iter<'a, Arc<str>, Arc<T>>,
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("left", &self.rows.len()).finish()
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = (&'a str, &'a T);

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next().map(|(id, object)| (id.as_ref(), object.as_ref()))
    }
}

impl<'a, T> IntoIterator for &'a Table<T> {
    type Item = (&'a str, &'a T);
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T, K: Into<Arc<str>>> Extend<(K, T)> for Table<T> {
    fn extend<I: IntoIterator<Item = (K, T)>>(&mut self, objects: I) {
        let rows = objects.into_iter().map(|(id, object)| (id.into(), Arc::new(object)));
        Arc::make_mut(&mut self.rows).extend(rows);
    }
}

impl<T, K: Into<Arc<str>>> FromIterator<(K, T)> for Table<T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(objects: I) -> Self {
        let mut table = Self::default();
        table.extend(objects);
        table
    }
}

impl<T, K: Into<Arc<str>>, const N: usize> From<[(K, T); N]> for Table<T> {
    fn from(objects: [(K, T); N]) -> Self {
        objects.into_iter().collect()
    }
}

impl<T> Index<&str> for Table<T> {
    type Output = T;

    fn index(&self, id: &str) -> &T {
        &self.rows[id]
    }
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { rows: Arc::clone(&self.rows) }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Arc::default() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: PartialEq> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows) || self.rows == other.rows
    }
}

impl<T: Eq> Eq for Table<T> {}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, T>::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_every_object_but_the_one_that_was_changed() {
        let before = Table::from([("a", vec![1]), ("b", vec![2])]);
        let mut after = before.clone();
        after.get_mut("a").unwrap().push(3);
        assert_eq!((&before["a"], &after["a"]), (&vec![1], &vec![1, 3]));
        assert!(std::ptr::eq(&before["b"], &after["b"]));
    }

    #[test]
    fn on_disk_it_is_a_plain_object() {
        let table = Table::from([("b", 2), ("a", 1)]);
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(text, r#"{"a":1,"b":2}"#);
        assert_eq!(serde_json::from_str::<Table<i32>>(&text).unwrap(), table);
    }
}
