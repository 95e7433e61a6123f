//! One JSON object a line on stdout. The first says which version of the format follows: a reader may ignore keys
//! and types it does not know, and must stop at another major version.

use std::io::{self, Write as _};
use std::sync::Mutex;

use serde_json::json;

use crate::event::{Event, Listener};

#[derive(Debug)]
pub(super) struct Json {
    writing: Mutex<()>,
}

impl Json {
    pub(super) fn new() -> Self {
        let json = Self { writing: Mutex::default() };
        json.line(
            &json!({ "type": "version", "format": "1.0", "deployer": env!("CARGO_PKG_VERSION") }),
        );
        json
    }

    fn line(&self, value: &serde_json::Value) {
        let _whole_lines = self.writing.lock();
        let _closed = writeln!(io::stdout(), "{value}");
    }
}

impl Listener for Json {
    fn event(&self, event: Event) {
        if let Ok(value) = serde_json::to_value(event) {
            self.line(&value);
        }
    }
}
