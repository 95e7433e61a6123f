//! Response templates: Handlebars as WireMock's users write it, with bounded nesting, work and output.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use handlebars::{Context, Handlebars, Output, RenderContext, Renderable};
use serde_json::Value;

mod call;
mod each;
mod helpers;
pub mod model;
mod tokens;

use call::{Call, Run};

/// The longest template, in bytes.
pub const MAX_TEMPLATE: usize = 64 * 1024;
/// How deeply blocks may be nested, and parentheses in an expression.
pub const MAX_NESTING: usize = 32;
/// The most bytes that a template may write, and that a helper may return.
pub const MAX_OUTPUT: usize = 1 << 20;
/// The most steps (rounds of `each`, calls of helpers, and what they copy) of one rendering.
pub const MAX_STEPS: usize = 200_000;

/// A template that was understood and may be rendered.
#[derive(Debug, Clone)]
pub struct Template {
    parsed: handlebars::Template,
    helpers: Vec<String>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Names what is too long, nested too deeply, not offered or not a template.
    pub fn compile(source: &str) -> Result<Self, String> {
        if source.len() > MAX_TEMPLATE {
            return Err(format!(
                "a template has at most {MAX_TEMPLATE} bytes, this one {}",
                source.len()
            ));
        }
        let tokens = tokens::scan(source)?;
        let parsed = handlebars::Template::compile(&tokens.source)
            .map_err(|e| format!("not a template: {e}"))?;
        Ok(Self { parsed, helpers: tokens.helpers })
    }

    /// Writes the template for a model. `seed` decides what is random,
    /// `now` (milliseconds since 1970) what is the time.
    ///
    /// # Errors
    /// When a limit is reached, or a helper cannot be called like that.
    pub fn render(&self, model: &Value, now: i64, seed: u64) -> Result<String, String> {
        let run = Arc::new(Mutex::new(Run::new(now, seed)));
        let mut registry = Handlebars::new();
        registry.register_escape_fn(handlebars::no_escape);
        for name in &self.helpers {
            if name == "each" {
                registry.register_helper(name, Box::new(each::Each(Arc::clone(&run))));
            } else if let Some(function) = helpers::find(name) {
                registry.register_helper(name, Box::new(Call { function, run: Arc::clone(&run) }));
            }
        }
        let context = Context::wraps(model).map_err(|e| e.to_string())?;
        let mut out = Bounded(String::new());
        let result =
            self.parsed.render(&registry, &context, &mut RenderContext::new(None), &mut out);
        match result {
            Ok(()) => Ok(out.0),
            Err(e) => {
                let limit = run.lock().unwrap_or_else(PoisonError::into_inner).limit.clone();
                Err(limit.unwrap_or_else(|| format!("the template cannot be rendered: {e}")))
            }
        }
    }
}

/// Output that ends at [`MAX_OUTPUT`].
struct Bounded(String);

impl Output for Bounded {
    fn write(&mut self, piece: &str) -> Result<(), io::Error> {
        if self.0.len() + piece.len() > MAX_OUTPUT {
            return Err(io::Error::other(format!("a template writes at most {MAX_OUTPUT} bytes")));
        }
        self.0.push_str(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
