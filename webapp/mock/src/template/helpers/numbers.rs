//! Arithmetic and random numbers.

use serde_json::Value;

use super::super::call::{Args, Run, number};
use crate::json::Json;
use crate::random::Random;

type Answer = Result<Json, String>;

pub(super) fn math(args: &Args, _: &mut Run) -> Answer {
    let (Some(left), Some(right)) = (args.number(0), args.number(2)) else {
        return Err("math takes a number, an operator and a number".into());
    };
    let is_decimal = args.text(0).contains('.') || args.text(2).contains('.');
    let shown = |value: f64| if is_decimal { Json::from(value) } else { shown(value) };
    Ok(shown(match args.text(1).as_str() {
        "+" => left + right,
        "-" => left - right,
        "*" | "x" => left * right,
        "/" => return divide(&args.text(0), left, right),
        "%" => left % right,
        other => return Err(format!("{other} is not a valid mathematical operator")),
    }))
}

pub(super) fn add(args: &Args, _: &mut Run) -> Answer {
    let numbers: Option<Vec<f64>> = args.params.iter().map(number).collect();
    numbers.map(|numbers| shown(numbers.iter().sum())).ok_or_else(|| "add takes numbers".into())
}

pub(super) fn subtract(args: &Args, _: &mut Run) -> Answer {
    match (args.number(0), args.number(1)) {
        (Some(left), Some(right)) => Ok(shown(left - right)),
        _ => Err("subtract takes two numbers".into()),
    }
}

/// As many decimals as the dividend has, rounded half away from zero, as WireMock's decimals do.
fn divide(dividend: &str, left: f64, right: f64) -> Answer {
    if right.abs() <= 0.0 {
        return Err("a division by zero".into());
    }
    let decimals = dividend.split_once('.').map_or(0, |(_, decimals)| decimals.len().min(15));
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    Ok(shown((left / right * scale).round() / scale))
}

/// A whole number without a point.
fn shown(value: f64) -> Json {
    match format!("{value:.0}").parse::<i64>() {
        Ok(whole) if value.fract().abs() <= 0.0 => whole.into(),
        _ => value.into(),
    }
}

pub(super) fn number_format(args: &Args, _: &mut Run) -> Answer {
    let value = args.number(0).ok_or("numberFormat takes a number")?;
    let pattern = args.text(1);
    let decimals = pattern.split_once('.').map_or(0, |(_, decimals)| decimals.len().min(20));
    Ok(format!("{value:.decimals$}").into())
}

pub(super) fn random_int(args: &Args, run: &mut Run) -> Answer {
    let whole = |name: &str| {
        let text = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
        args.option(name).and_then(|value| value.as_i64().or_else(|| text(value)))
    };
    let lower = whole("lower").unwrap_or(i64::from(i32::MIN));
    let upper = whole("upper").unwrap_or(i64::from(i32::MAX));
    let span =
        upper.checked_sub(lower).and_then(|span| u64::try_from(span).ok()).filter(|span| *span > 0);
    let span = span.ok_or("lower has to be below upper")?;
    let above = i64::try_from(run.random.below(span)).unwrap_or(0);
    Ok((lower + above).into())
}

pub(super) fn random_decimal(args: &Args, run: &mut Run) -> Answer {
    let bound = |name: &str| args.option(name).and_then(number);
    let (lower, upper) = (bound("lower").unwrap_or(0.0), bound("upper").unwrap_or(1.0));
    Ok((lower + run.random.fraction() * (upper - lower)).into())
}
