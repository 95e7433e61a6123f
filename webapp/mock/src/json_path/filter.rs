//! The conditions of `[?(…)]`.

use std::cmp::Ordering;

use regex::Regex;

use super::{JsonPath, run};
use crate::json::Json;

#[derive(Debug, Clone)]
pub(super) enum Filter {
    Exists(Operand),
    Compare(Operand, Operator, Operand),
    Matches(Operand, Regex),
    In(Operand, Operand),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Here(JsonPath),
    Root(JsonPath),
    Value(Json),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Filter {
    pub(super) fn holds(
        &self,
        here: &Json,
        root: &Json,
        budget: &mut run::Budget,
    ) -> Result<bool, String> {
        Ok(match self {
            Self::Exists(operand) => operand.value(here, root, budget)?.is_some(),
            Self::Compare(left, operator, right) => {
                let left = left.value(here, root, budget)?;
                operator.holds(left.as_ref(), right.value(here, root, budget)?.as_ref())
            }
            Self::Matches(operand, regex) => match operand.value(here, root, budget)? {
                Some(Json::Array(_) | Json::Object(_)) | None => false,
                Some(value) => regex.is_match(&value.plain()),
            },
            Self::In(operand, list) => {
                let value = operand.value(here, root, budget)?;
                let list = list.value(here, root, budget)?;
                let items = list.as_ref().and_then(Json::as_array).unwrap_or_default();
                value.is_some_and(|value| items.iter().any(|item| equal(&value, item)))
            }
            Self::Not(inner) => !inner.holds(here, root, budget)?,
            Self::All(inner) => {
                for filter in inner {
                    if !filter.holds(here, root, budget)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Any(inner) => {
                for filter in inner {
                    if filter.holds(here, root, budget)? {
                        return Ok(true);
                    }
                }
                false
            }
        })
    }
}

impl Operand {
    fn value(
        &self,
        here: &Json,
        root: &Json,
        budget: &mut run::Budget,
    ) -> Result<Option<Json>, String> {
        let (path, from) = match self {
            Self::Value(value) => return Ok(Some(value.clone())),
            Self::Here(path) => (path, here),
            Self::Root(path) => (path, root),
        };
        let values = run::follow_within(&path.steps, from, root, budget)?;
        if let Some(function) = path.function {
            return Ok(run::apply(function, &values, !path.is_definite()));
        }
        if path.is_definite() {
            return Ok(values.first().map(|value| (*value).clone()));
        }
        budget.spend(values.len())?;
        Ok((!values.is_empty()).then(|| Json::Array(values.into_iter().cloned().collect())))
    }
}

impl Operator {
    fn holds(self, left: Option<&Json>, right: Option<&Json>) -> bool {
        let (Some(left), Some(right)) = (left, right) else {
            return self == Self::Unequal && left.is_some() != right.is_some();
        };
        match self {
            Self::Equal => equal(left, right),
            Self::Unequal => !equal(left, right),
            Self::Less => order(left, right) == Some(Ordering::Less),
            Self::AtMost => matches!(order(left, right), Some(Ordering::Less | Ordering::Equal)),
            Self::More => order(left, right) == Some(Ordering::Greater),
            Self::AtLeast => {
                matches!(order(left, right), Some(Ordering::Greater | Ordering::Equal))
            }
        }
    }
}

fn equal(left: &Json, right: &Json) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right) == Ordering::Equal,
        _ => left == right,
    }
}

fn order(left: &Json, right: &Json) -> Option<Ordering> {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Json::String(left), Json::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
