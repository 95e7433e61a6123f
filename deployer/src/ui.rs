//! The only place that prints: data on stdout, talk on stderr.

mod json;
mod live;
mod plain;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;

use crate::event::{Event, Listener};
use crate::failure::Failure;
use crate::stop::Stop;

/// How the user wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lines that are redrawn, on a terminal.
    Live,
    /// One line for each thing that happened.
    Plain,
    /// One JSON object a line on stdout.
    Json,
}

/// What commands talk through.
#[derive(Clone)]
pub struct Ui {
    form: Form,
    listener: Arc<dyn Listener>,
    stop: Stop,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Ui {
    /// `--json` wins; redrawn lines need a terminal that is not dumb.
    pub fn new(json: bool, colour: bool, stop: Stop) -> Self {
        let form = match (json, io::stderr().is_terminal() && colour) {
            (true, _) => Form::Json,
            (false, true) => Form::Live,
            (false, false) => Form::Plain,
        };
        let listener: Arc<dyn Listener> = match form {
            Form::Live => Arc::new(live::Live::new()),
            Form::Plain => Arc::new(plain::Plain),
            Form::Json => Arc::new(json::Json::new()),
        };
        Self { form, listener, stop }
    }

    pub fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// How the user stops the command.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Who hears of events.
    pub fn listener(&self) -> Arc<dyn Listener> {
        Arc::clone(&self.listener)
    }

    pub fn event(&self, event: Event) {
        self.listener.event(event);
    }

    pub fn note(&self, text: impl Into<String>) {
        self.event(Event::Note { text: text.into() });
    }

    /// Prints the answer to what the user asked, as it is.
    pub fn data(&self, text: &str) {
        // A reader that went away (`| head`) is not worth an error.
        let _closed = io::stdout().write_all(text.as_bytes());
    }

    /// Prints a JSON value on a line of its own.
    pub fn json(&self, value: &serde_json::Value) {
        self.data(&format!("{value}\n"));
    }

    pub fn failure(&self, failure: &Failure) {
        if self.is_json() {
            self.json(&serde_json::json!({
                "type": "error",
                "code": failure.kind.exit_code(),
                "message": crate::failure::printable(&failure.message),
                "hints": failure.hints,
            }));
        }
        say(&failure.to_string());
    }

    /// Asks for a word; `None` when nobody can answer.
    pub fn ask(&self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let _closed = write!(io::stderr(), "{question} ");
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }
}

/// One line of talk.
fn say(line: &str) {
    let _closed = writeln!(io::stderr(), "{line}");
}

/// Seconds as people say them.
pub fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, positive and short"
    )]
    let whole = seconds.round() as u64;
    format!("{} m {:02} s", whole / 60, whole % 60)
}
