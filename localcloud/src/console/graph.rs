//! The picture of a cloud: boxes in columns, from the names that visitors use to the containers that answer, and the
//! lines between them.

use serde::Serialize;

/// Boxes and lines.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
}

/// Where a box stands, in the order in which a request meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Column {
    Names,
    Edge,
    Rules,
    Listeners,
    BackendSets,
    Containers,
}

/// How something is; always also said in words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mood {
    /// Nothing is known that could be good or bad.
    #[default]
    Plain,
    Good,
    Waiting,
    Bad,
}

/// One box.
#[derive(Debug, Serialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) column: Column,
    pub(crate) title: String,
    /// A line each.
    pub(crate) notes: Vec<String>,
    pub(crate) mood: Mood,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub(crate) from: String,
    pub(crate) to: String,
    /// What takes this way; empty for all.
    pub(crate) label: String,
}

impl Graph {
    /// Adds a box, unless it is there.
    pub(crate) fn node(&mut self, node: Node) {
        if !self.nodes.iter().any(|known| known.id == node.id) {
            self.nodes.push(node);
        }
    }

    /// Adds a line; a second one between the same boxes adds its label.
    pub(crate) fn link(&mut self, from: &str, to: &str, label: &str) {
        let known = self.links.iter_mut().find(|link| link.from == from && link.to == to);
        match known {
            Some(link) if link.label.is_empty() || label.is_empty() => link.label.clear(),
            Some(link) => link.label.extend([", ", label]),
            None => {
                let (from, to, label) = (from.to_owned(), to.to_owned(), label.to_owned());
                self.links.push(Link { from, to, label });
            }
        }
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.nodes.iter().any(|node| node.id == id)
    }

    pub(crate) fn leads(&self, from: &str, to: &str) -> bool {
        self.links.iter().any(|link| link.from == from && link.to == to)
    }
}
