//! Every tool of the site with its options, once: routes, forms, the API's description and its examples are made from it.

mod image;
mod pdf;

use super::choice::{Choice, Kind};

/// A tool that works on uploaded files.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its group: `pdf` or `image`.
    pub(crate) family: &'static str,
    /// Its name in paths and jobs.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What it does, in a sentence.
    pub(crate) does: &'static str,
    /// The most files it takes at once.
    pub(crate) files: usize,
    pub(crate) gives: Gives,
    pub(crate) options: &'static [Choice],
}

/// How the results of a tool are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    /// What is known of each file, as JSON.
    Facts,
    /// One file as it is, several as a zip archive.
    Files,
    /// One line of JSON for each result, as soon as it is made.
    Lines,
}

impl Tool {
    /// Where it is asked for, below the site's base.
    pub(crate) fn path(&self) -> String {
        format!("/api/{}/{}", self.family, self.name)
    }
}

/// All of them, in the order of the API's description.
pub(crate) fn tools() -> impl Iterator<Item = &'static Tool> {
    pdf::TOOLS.iter().chain(image::TOOLS)
}

/// The tools of a group.
pub(crate) fn family(name: &str) -> impl Iterator<Item = &'static Tool> {
    tools().filter(move |tool| tool.family == name)
}

const fn choice(name: &'static str, label: &'static str, help: &'static str, kind: Kind) -> Choice {
    Choice { name, label, help, kind }
}

const fn whole(from: f64, to: f64, default: Option<f64>) -> Kind {
    Kind::Number { from, to, step: 1.0, default }
}

const fn text(most: usize, example: &'static str) -> Kind {
    Kind::Text { most, example }
}
