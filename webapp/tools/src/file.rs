//! One file, on its way in or out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A named file in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Of an upload: as the client calls it, never used as a path. Of a result: made of that, see the server for how it is cleaned.
    pub name: String,
    /// What it holds. Of an upload: empty, because what a client says of its bytes is not believed.
    pub media_type: String,
    /// What is to be known without opening it: pages, width, height, colours.
    pub about: Value,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl File {
    /// A file that a client sent.
    pub fn uploaded(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), media_type: String::new(), about: Value::Null, bytes }
    }

    /// Its name without the last suffix.
    pub fn stem(&self) -> &str {
        self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem)
    }
}
