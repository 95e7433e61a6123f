//! A plan as text for people; its JSON form is the plan itself, serialized.

use std::fmt::Write as _;

use serde_json::Value;

use crate::balancer::Call;
use crate::diff::FieldChange;
use crate::plan::{Action, Plan, Step};

/// The plan as lines of at most about 100 columns, without colour.
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.is_empty() {
        let _infallible = writeln!(
            out,
            "{} · nothing to do, {} resources are as asked",
            plan.environment, plan.unchanged
        );
        return out;
    }
    let _infallible = writeln!(out, "{} · plan {}\n", plan.environment, plan.fingerprint);
    for step in &plan.steps {
        render_step(&mut out, step);
    }
    let _infallible = writeln!(out, "\n{}", summary(plan));
    out
}

/// `Plan: 3 to add · 1 to change · 0 to remove · 12 unchanged`.
pub fn summary(plan: &Plan) -> String {
    let count =
        |wanted: fn(&Action) -> bool| plan.steps.iter().filter(|step| wanted(&step.action)).count();
    let add = count(|a| matches!(a, Action::Create { .. }));
    let change = count(|a| matches!(a, Action::Update { .. } | Action::Impossible { .. }));
    let remove = count(|a| matches!(a, Action::Delete { .. }));
    format!(
        "Plan: {add} to add · {change} to change · {remove} to remove · {} unchanged",
        plan.unchanged
    )
}

fn render_step(out: &mut String, step: &Step) {
    let (sign, verb) = match &step.action {
        Action::Create { .. } => ('+', "create"),
        Action::Update { .. } => ('~', "update"),
        Action::Delete { .. } => ('-', "delete"),
        Action::Impossible { .. } => ('!', "cannot"),
    };
    let address = step.address.to_string();
    let _infallible = writeln!(out, "  {sign} {verb} {address:<44} {}", step.because);
    match &step.action {
        Action::Update { changes, calls, .. } => {
            changes.iter().for_each(|change| render_change(out, change));
            calls.iter().for_each(|call| render_call(out, call));
        }
        Action::Impossible { changes, .. } => {
            changes.iter().for_each(|change| render_change(out, change));
        }
        Action::Create { .. } | Action::Delete { .. } => {}
    }
}

fn render_change(out: &mut String, change: &FieldChange) {
    let before = change.before.as_ref().map_or_else(|| "(absent)".to_owned(), short);
    let after = change.after.as_ref().map_or_else(|| "(known later)".to_owned(), short);
    let _infallible = writeln!(out, "      {}  {before} -> {after}", change.field);
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.len() > 2 => format!("{} items", items.len()),
        other => other.to_string(),
    };
    if text.chars().count() > 60 {
        text.chars().take(57).chain("...".chars()).collect()
    } else {
        text
    }
}

fn render_call(out: &mut String, call: &Call) {
    let line = match call {
        Call::Create { child, name, .. } => {
            format!("+ {} {}", child.field(), name.as_str().unwrap_or("(named when issued)"))
        }
        Call::Update { child, name, .. } => format!("~ {} {name}", child.field()),
        Call::Delete { child, name } => format!("- {} {name}", child.field()),
        Call::AwaitHealthy { backend_set, .. } => format!("  wait until {backend_set} is healthy"),
        Call::AwaitDrained { backend_set, seconds, .. } => {
            format!("  wait {seconds} s while {backend_set} drains")
        }
        Call::Reshape { .. } => "~ shape".to_owned(),
        Call::SetSecurityGroups { .. } => "~ networkSecurityGroupIds".to_owned(),
    };
    let _infallible = writeln!(out, "      {line}");
}
