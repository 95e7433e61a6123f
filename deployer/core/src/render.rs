//! A plan as text for people; its JSON form is the plan itself, serialized.

use std::fmt::Write as _;

use serde_json::Value;

use crate::balancer::Call;
use crate::diff::FieldChange;
use crate::plan::{Action, Plan, Step};

/// Columns that a line should fit into, and those of the addresses.
const WIDTH: usize = 80;
const ADDRESS: usize = 36;

/// The plan as lines, most of at most 80 columns, without colour.
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
    let columns = Columns::of(plan);
    let numbered = || plan.steps.iter().enumerate();
    numbered().filter(|(_, step)| !step.drift).for_each(|s| columns.render(&mut out, s));
    let drifted = numbered().filter(|(_, step)| step.drift).count();
    if drifted > 0 {
        let gap = if drifted < plan.steps.len() { "\n" } else { "" };
        let _infallible =
            writeln!(out, "{gap}  changed outside of deployer: {drifted}, to be set back");
        numbered().filter(|(_, step)| step.drift).for_each(|s| columns.render(&mut out, s));
    }
    out.push('\n');
    plan.notes.iter().for_each(|note| wrapped(&mut out, "Note: ", note.split(' '), " "));
    let _infallible = writeln!(out, "{}", summary(plan));
    let chain: Vec<String> = plan.longest.iter().map(ToString::to_string).collect();
    let about = format!("Time: about {}, longest: ", duration(plan.seconds));
    wrapped(&mut out, &about, chain.iter().map(String::as_str), " > ");
    out
}

/// `Plan: 3 to add · 1 to change · 0 to remove · 12 unchanged`.
pub fn summary(plan: &Plan) -> String {
    let count =
        |wanted: fn(&Action) -> bool| plan.steps.iter().filter(|step| wanted(&step.action)).count();
    let add = count(|a| matches!(a, Action::Create { .. }));
    let change = count(|a| matches!(a, Action::Update { .. } | Action::Impossible { .. }));
    let remove = count(|a| matches!(a, Action::Delete { .. }));
    let mark = match count(|a| matches!(a, Action::Remark { .. })) {
        0 => String::new(),
        count => format!(" · {count} to mark anew"),
    };
    format!(
        "Plan: {add} to add · {change} to change · {remove} to remove{mark} · {} unchanged",
        plan.unchanged
    )
}

/// `53 s`, `2 min 10 s`.
fn duration(seconds: f64) -> String {
    if seconds < 10.0 && seconds.fract() > 0.05 {
        return format!("{seconds:.1} s");
    }
    #[expect(clippy::cast_possible_truncation, reason = "a duration of steps")]
    let seconds = seconds.round() as i64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// Parts behind a beginning, on as many lines as they need.
fn wrapped<'a>(out: &mut String, begin: &str, parts: impl Iterator<Item = &'a str>, between: &str) {
    let mut column = begin.chars().count();
    out.push_str(begin);
    for (number, part) in parts.enumerate() {
        let between = if number == 0 { "" } else { between };
        if column + between.len() + part.chars().count() > WIDTH && number > 0 {
            out.push_str(between.trim_end());
            out.push_str("\n      ");
            column = 6;
        } else {
            out.push_str(between);
            column += between.len();
        }
        out.push_str(part);
        column += part.chars().count();
    }
    out.push('\n');
}

/// How wide the columns of a plan's steps are.
struct Columns {
    number: usize,
    address: usize,
}

impl Columns {
    fn of(plan: &Plan) -> Self {
        let longest = plan.steps.iter().map(|step| step.address.to_string().len()).max();
        Self {
            number: plan.steps.len().to_string().len(),
            address: longest.unwrap_or_default().min(ADDRESS),
        }
    }

    fn render(&self, out: &mut String, (position, step): (usize, &Step)) {
        let sign = match &step.action {
            Action::Create { .. } => "+ create",
            Action::Update { .. } => "~ update",
            Action::Remark { .. } => "= remark",
            Action::Delete { .. } => "- delete",
            Action::Impossible { .. } => "! cannot",
        };
        let (number, width) = (position + 1, self.address);
        let (address, takes) = (step.address.to_string(), duration(step.seconds));
        let line = format!(
            "  {number:>digits$} {sign} {address:<width$} {takes:>5}  ",
            digits = self.number
        );
        let after = match step.needs.is_empty() {
            true => String::new(),
            false => format!("; after {}", step.needs),
        };
        let why = format!("{}{after}", step.because);
        let fits = line.chars().count() + why.chars().count() <= WIDTH;
        let _infallible = if fits {
            writeln!(out, "{line}{why}")
        } else {
            writeln!(out, "{}\n      {why}", line.trim_end())
        };
        if let Some(risk) = &step.risk {
            let _infallible = writeln!(out, "      at risk: {risk}");
        }
        render_details(out, &step.action);
    }
}

fn render_details(out: &mut String, action: &Action) {
    match action {
        Action::Update { changes, calls, .. } => {
            changes.iter().for_each(|change| render_change(out, change));
            calls.iter().for_each(|call| render_call(out, call));
        }
        Action::Impossible { changes, .. } => {
            changes.iter().for_each(|change| render_change(out, change));
        }
        Action::Create { .. } | Action::Delete { .. } | Action::Remark { .. } => {}
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

fn fields(body: &Value) -> String {
    let fields = body.as_object().into_iter().flatten();
    fields.map(|(field, _)| field.as_str()).collect::<Vec<_>>().join(", ")
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
        Call::SetAttributes { body } => format!("~ {}", fields(body)),
    };
    let _infallible = writeln!(out, "      {line}");
}
