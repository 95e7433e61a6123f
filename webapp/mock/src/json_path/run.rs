//! Follows the steps of a path through a document.

use super::{Function, MAX_STEPS, Step};
use crate::json::Json;

/// How many values may still be looked at.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn spend(&mut self, values: usize) -> Result<(), String> {
        let left = self.0.checked_sub(values);
        self.0 =
            left.ok_or_else(|| format!("the JSONPath looks at more than {MAX_STEPS} values"))?;
        Ok(())
    }
}

pub(super) fn follow<'a>(steps: &[Step], root: &'a Json) -> Result<Vec<&'a Json>, String> {
    follow_within(steps, root, root, &mut Budget(MAX_STEPS))
}

pub(super) fn follow_within<'a>(
    steps: &[Step],
    from: &'a Json,
    root: &Json,
    budget: &mut Budget,
) -> Result<Vec<&'a Json>, String> {
    let mut values = vec![from];
    for step in steps {
        let mut next = Vec::new();
        for value in values {
            take(step, value, root, (&mut next, budget))?;
        }
        values = next;
    }
    Ok(values)
}

fn take<'a>(
    step: &Step,
    value: &'a Json,
    root: &Json,
    (out, budget): (&mut Vec<&'a Json>, &mut Budget),
) -> Result<(), String> {
    budget.spend(1)?;
    match step {
        Step::Names(names) => out.extend(names.iter().filter_map(|name| value.get(name))),
        Step::Every => {
            let children = children(value);
            budget.spend(children.len())?;
            out.extend(children);
        }
        Step::Places(places) => {
            let items = value.as_array().unwrap_or_default();
            out.extend(places.iter().filter_map(|place| items.get(position(*place, items.len()))));
        }
        Step::Slice(from, to) => {
            let items = value.as_array().unwrap_or_default();
            let from = from.map_or(0, |from| position(from, items.len()));
            let to = to.map_or(items.len(), |to| position(to, items.len())).min(items.len());
            let slice = items.get(from..to).unwrap_or_default();
            budget.spend(slice.len())?;
            out.extend(slice);
        }
        Step::Filter(filter) => {
            let candidates = if value.as_array().is_some() { children(value) } else { vec![value] };
            for candidate in candidates {
                budget.spend(1)?;
                if filter.holds(candidate, root, budget)? {
                    out.push(candidate);
                }
            }
        }
        Step::Descend => descend(value, out, budget)?,
    }
    Ok(())
}

/// The value and everything below it; the depth is that of the parser at most.
fn descend<'a>(
    value: &'a Json,
    out: &mut Vec<&'a Json>,
    budget: &mut Budget,
) -> Result<(), String> {
    budget.spend(1)?;
    if matches!(value, Json::Array(_) | Json::Object(_)) {
        out.push(value);
    }
    children(value).into_iter().try_for_each(|child| descend(child, out, budget))
}

fn children(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(items) => items.iter().collect(),
        Json::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    }
}

/// Where an index counts to that may count from the end.
fn position(index: i64, length: usize) -> usize {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 { length.checked_sub(distance).unwrap_or(usize::MAX) } else { distance }
}

pub(super) fn apply(function: Function, values: &[&Json], several: bool) -> Option<Json> {
    let one = if several { None } else { values.first() };
    let items: Vec<&Json> = match one {
        Some(Json::Array(items)) => items.iter().collect(),
        Some(_) => Vec::new(),
        None => values.to_vec(),
    };
    let numbers = || items.iter().filter_map(|item| item.as_f64());
    match function {
        Function::Length => match one {
            None if !several => None,
            Some(Json::String(text)) => Some(text.chars().count().into()),
            Some(Json::Object(fields)) => Some(fields.len().into()),
            _ => Some(items.len().into()),
        },
        Function::Sum => Some(numbers().sum::<f64>().into()),
        Function::Min => numbers().reduce(f64::min).map(Json::from),
        Function::Max => numbers().reduce(f64::max).map(Json::from),
        Function::Avg => {
            let count = u32::try_from(numbers().count()).ok().filter(|count| *count > 0)?;
            Some((numbers().sum::<f64>() / f64::from(count)).into())
        }
        Function::Keys => {
            let fields = one?.as_object()?;
            Some(Json::Array(fields.keys().map(|name| name.as_str().into()).collect()))
        }
    }
}
