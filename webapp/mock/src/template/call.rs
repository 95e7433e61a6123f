//! How a plain function is called as a helper, inline or as a block, within the budget of its rendering.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonRender, Output, RenderContext,
    RenderError, RenderErrorReason, Renderable, ScopedJson, StringOutput,
};
use regex::Regex;
use serde_json::Value;

use super::{MAX_OUTPUT, MAX_STEPS};
use crate::java_regex;
use crate::json::Json;
use crate::random::Seeded;

/// What one rendering has: a time, randomness and a budget.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) now: i64,
    pub(super) random: Seeded,
    left: usize,
    /// The limit that ended it.
    pub(super) limit: Option<String>,
    /// Patterns that were compiled for it.
    patterns: HashMap<String, Regex>,
}

/// Steps that compiling a pattern costs.
const PATTERN: usize = 2_000;

impl Run {
    pub(super) fn new(now: i64, seed: u64) -> Self {
        Self { now, random: Seeded(seed), left: MAX_STEPS, limit: None, patterns: HashMap::new() }
    }

    /// The compiled pattern; each one is compiled once.
    pub(super) fn pattern(&mut self, pattern: &str) -> Result<Regex, String> {
        if let Some(known) = self.patterns.get(pattern) {
            return Ok(known.clone());
        }
        self.spend(PATTERN).map_err(|limit| limit.to_string())?;
        let compiled = java_regex::compile(pattern)?;
        self.patterns.insert(pattern.to_owned(), compiled.clone());
        Ok(compiled)
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), RenderError> {
        if let Some(left) = self.left.checked_sub(steps) {
            self.left = left;
            return Ok(());
        }
        let limit = format!("the template takes more than {MAX_STEPS} steps");
        self.limit = Some(limit.clone());
        Err(RenderErrorReason::Other(limit).into())
    }
}

/// About how much it costs to copy a value.
pub(super) fn cost(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / 256,
        Value::Array(items) => 1 + items.iter().map(cost).sum::<usize>() / 4,
        Value::Object(fields) => 1 + fields.values().map(cost).sum::<usize>() / 4,
        _ => 1,
    }
}

/// What a helper was called with.
#[derive(Debug, Default)]
pub(super) struct Args {
    pub(super) params: Vec<Value>,
    pub(super) hash: Vec<(String, Value)>,
}

impl Args {
    pub(super) fn at(&self, place: usize) -> &Value {
        self.params.get(place).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, place: usize) -> String {
        plain(self.at(place))
    }

    pub(super) fn option(&self, name: &str) -> Option<&Value> {
        self.hash.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    pub(super) fn option_text(&self, name: &str) -> Option<String> {
        self.option(name).map(plain)
    }

    pub(super) fn number(&self, place: usize) -> Option<f64> {
        number(self.at(place))
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A value as a template shows it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => value.to_string(),
        other => other.render(),
    }
}

pub(super) type Function = fn(&Args, &mut Run) -> Result<Json, String>;

/// A function as a helper.
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) run: Arc<Mutex<Run>>,
}

impl Call {
    fn value(&self, h: &Helper<'_>, content: Option<String>) -> Result<Json, RenderError> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let params = h.params().iter().map(|param| param.value());
        let hash = h.hash().iter().map(|(name, value)| (*name, value.value()));
        run.spend(
            1 + params.clone().map(cost).sum::<usize>()
                + hash.clone().map(|(_, v)| cost(v)).sum::<usize>(),
        )?;
        let args = Args {
            params: content.map(Value::String).into_iter().chain(params.cloned()).collect(),
            hash: hash.map(|(name, value)| (name.to_owned(), value.clone())).collect(),
        };
        let value =
            (self.function)(&args, &mut run).unwrap_or_else(|why| format!("[ERROR: {why}]").into());
        if matches!(&value, Json::String(text) if text.len() > MAX_OUTPUT) {
            return Err(RenderErrorReason::Other(format!(
                "a helper returns at most {MAX_OUTPUT} bytes"
            ))
            .into());
        }
        Ok(value)
    }

    /// Writes the value; where its helper is given a name for it, the value gets that name instead.
    fn show<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        (ctx, rc): (&'rc Context, &mut RenderContext<'reg, 'rc>),
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = self.value(h, None)?;
        let named = match h.name() {
            "formData" | "parseJson" => h.param(1).map(handlebars::PathAndJson::value),
            "regexExtract" => h.param(2).map(handlebars::PathAndJson::value),
            "val" => h.hash_get("assign").map(handlebars::PathAndJson::value),
            _ => None,
        };
        let Some(name) = named.and_then(Value::as_str) else {
            let is_list = matches!(h.name(), "array" | "arrayAdd" | "range");
            out.write(&if is_list { listed(&value) } else { shown(&value) })?;
            return Ok(());
        };
        let current = rc.context();
        let mut data = current.as_deref().unwrap_or(ctx).data().clone();
        self.run.lock().unwrap_or_else(PoisonError::into_inner).spend(cost(&data))?;
        if let Some(fields) = data.as_object_mut() {
            fields.insert(name.to_owned(), (&value).into());
        }
        rc.set_context(Context::wraps(data)?);
        Ok(())
    }
}

/// A value as a template shows it, its fields in their order.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        other => other.plain(),
    }
}

/// A list of the template's own, which WireMock shows as Java does.
fn listed(value: &Json) -> String {
    let items: Vec<String> = value.as_array().unwrap_or_default().iter().map(Json::plain).collect();
    format!("[{}]", items.join(", "))
}

impl HelperDef for Call {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(ScopedJson::Derived((&self.value(h, None)?).into()))
    }

    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let Some(block) = h.template().filter(|_| h.is_block()) else {
            self.show(h, (ctx, rc), out)?;
            return Ok(());
        };
        if super::helpers::is_condition(h.name()) {
            let chosen =
                if self.value(h, None)? == Json::Bool(true) { Some(block) } else { h.inverse() };
            return chosen.map_or(Ok(()), |template| template.render(r, ctx, rc, out));
        }
        let mut content = StringOutput::new();
        block.render(r, ctx, rc, &mut content)?;
        let content = content.into_string().map_err(RenderErrorReason::Utf8Error)?;
        out.write(&shown(&self.value(h, Some(content))?))?;
        Ok(())
    }
}
