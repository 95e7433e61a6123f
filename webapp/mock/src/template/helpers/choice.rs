//! Comparisons, and what is left to chance.

use std::cmp::Ordering;

use handlebars::JsonTruthy;
use serde_json::Value;

use super::super::call::{Args, Run, number, plain};
use crate::json::Json;
use crate::random::Random;

type Answer = Result<Json, String>;

fn equal(args: &Args) -> bool {
    let (left, right) = (args.at(0), args.at(1));
    match (left, right) {
        (Value::Number(l), Value::Number(r)) => l.as_f64() == r.as_f64(),
        (Value::Null, other) | (other, Value::Null) => other.is_null(),
        _ => plain(left) == plain(right),
    }
}

fn order(args: &Args) -> Option<Ordering> {
    match (args.number(0), args.number(1)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => Some(args.text(0).cmp(&args.text(1))),
    }
}

pub(super) fn eq(args: &Args, _: &mut Run) -> Answer {
    Ok(equal(args).into())
}

pub(super) fn neq(args: &Args, _: &mut Run) -> Answer {
    Ok((!equal(args)).into())
}

pub(super) fn gt(args: &Args, _: &mut Run) -> Answer {
    Ok((order(args) == Some(Ordering::Greater)).into())
}

pub(super) fn gte(args: &Args, _: &mut Run) -> Answer {
    Ok(matches!(order(args), Some(Ordering::Greater | Ordering::Equal)).into())
}

pub(super) fn lt(args: &Args, _: &mut Run) -> Answer {
    Ok((order(args) == Some(Ordering::Less)).into())
}

pub(super) fn lte(args: &Args, _: &mut Run) -> Answer {
    Ok(matches!(order(args), Some(Ordering::Less | Ordering::Equal)).into())
}

pub(super) fn and(args: &Args, _: &mut Run) -> Answer {
    Ok(args.params.iter().all(|value| value.is_truthy(false)).into())
}

pub(super) fn or(args: &Args, _: &mut Run) -> Answer {
    Ok(args.params.iter().any(|value| value.is_truthy(false)).into())
}

pub(super) fn not(args: &Args, _: &mut Run) -> Answer {
    Ok((!args.at(0).is_truthy(false)).into())
}

pub(super) fn contains(args: &Args, _: &mut Run) -> Answer {
    Ok(match args.at(0) {
        Value::Array(items) => items.iter().any(|item| plain(item) == args.text(1)),
        _ => args.text(0).contains(&args.text(1)),
    }
    .into())
}

pub(super) fn pick_random(args: &Args, run: &mut Run) -> Answer {
    let items = match args.params.as_slice() {
        [Value::Array(items)] => items,
        items => items,
    };
    let bound = u64::try_from(items.len()).unwrap_or(0);
    let place = usize::try_from(run.random.below(bound)).unwrap_or(0);
    items.get(place).cloned().map(Json::from).ok_or_else(|| {
        "Must specify either a single list argument or a set of single arguments".into()
    })
}

/// The most characters of a random text.
const MAX_RANDOM: f64 = 10_000.0;

pub(super) fn random_value(args: &Args, run: &mut Run) -> Answer {
    let kind = args.option_text("type").unwrap_or_else(|| "ALPHANUMERIC".into());
    let letters = match kind.as_str() {
        "UUID" => return Ok(run.random.uuid().into()),
        "ALPHANUMERIC" => "abcdefghijklmnopqrstuvwxyz0123456789",
        "ALPHABETIC" => "abcdefghijklmnopqrstuvwxyz",
        "NUMERIC" => "0123456789",
        "HEXADECIMAL" => "0123456789abcdef",
        "ALPHANUMERIC_AND_SYMBOLS" => {
            "abcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~"
        }
        other => return Err(format!("`{other}` is no type of random value")),
    };
    let length = args.option("length").and_then(number).unwrap_or(36.0);
    if !(0.0..=MAX_RANDOM).contains(&length) {
        return Err(format!("a length is from 0 to {MAX_RANDOM}"));
    }
    let letters = letters.as_bytes();
    let bound = u64::try_from(letters.len()).unwrap_or(1);
    let mut text = String::new();
    let mut left = length;
    while left >= 1.0 {
        let place = usize::try_from(run.random.below(bound)).unwrap_or(0);
        text.push(char::from(letters[place]));
        left -= 1.0;
    }
    let upper = args.option("uppercase").is_some_and(|value| value.is_truthy(false));
    Ok(if upper { text.to_uppercase() } else { text }.into())
}
