//! One part of a point of the plane, exactly: decimal text of thousands of digits, or an integer over a power of two.

use std::fmt;
use std::str::FromStr;

use crate::fixed::Fixed;
use crate::refused::Refused;

/// The most digits of a text: what bounds the work before any is done.
pub const MOST_DIGITS: usize = 5_000;
/// Nineteen digits fit a limb.
const CHUNK: usize = 19;
/// How far from 0 a part may lie.
const FARTHEST: u64 = 4;

/// A number of magnitude at most 4 and any precision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Coordinate(pub(crate) Fixed);

impl Coordinate {
    /// Takes a float as the exact number it is.
    ///
    /// # Errors
    /// When it is not a number from −4 to 4.
    pub fn from_f64(value: f64) -> Result<Self, Refused> {
        if value.is_nan() || value.abs() > 4.0 {
            return Err(Refused::new("center", "a number from -4 to 4"));
        }
        // 1074 + 53 bits hold every float.
        Ok(Self(trimmed(Fixed::from_f64(value, 19))))
    }

    pub(crate) fn of(value: Fixed) -> Self {
        Self(trimmed(value))
    }

    /// Makes `numerator` / 2^`power`, the numerator being decimal digits with or without a sign.
    ///
    /// # Errors
    /// When the text is no integer, has more than [`MOST_DIGITS`] digits, the power is above 16384, or the
    /// quotient is beyond ±4.
    pub fn dyadic(numerator: &str, power: u32) -> Result<Self, Refused> {
        let (negative, digits) = sign(numerator);
        if digits.is_empty() || digits.len() > MOST_DIGITS || !all_digits(digits) || power > 16_384
        {
            return Err(Refused::new("center", "an integer over at most 2^16384"));
        }
        let fraction = power.div_ceil(64).max(1) as usize;
        let mut limbs = vec![0_u64; fraction + digits.len() / CHUNK + 2];
        for chunk in digits.as_bytes().chunks(CHUNK) {
            let scale = 10_u64.pow(u32::try_from(chunk.len()).unwrap_or(0));
            multiply_add(&mut limbs, scale, value_of(chunk));
        }
        for _ in 0..u32::try_from(fraction).unwrap_or(0) * 64 - power {
            multiply_add(&mut limbs, 2, 0);
        }
        let beyond = limbs.split_off(fraction + 1);
        if beyond.iter().any(|&limb| limb != 0) {
            return Err(too_far());
        }
        within(Fixed(limbs), negative)
    }

    /// Writes the number with that many digits after the point, rounded, zeros at the end left out.
    pub fn to_decimal(&self, digits: usize) -> String {
        let mut limbs = self.0.magnitude().0;
        let integer = limbs.pop().unwrap_or(0);
        limbs.push(0);
        let mut text = format!("0{integer}").into_bytes();
        let point = text.len();
        while text.len() < point + digits + 1 {
            multiply_add(&mut limbs, 10, 0);
            let digit = limbs.pop().unwrap_or(0).to_le_bytes()[0];
            limbs.push(0);
            text.push(b'0' + digit);
        }
        round_last(&mut text);
        let mut text = String::from_utf8(text).unwrap_or_default();
        text.insert(point, '.');
        let text = text.trim_end_matches('0').trim_end_matches('.').trim_start_matches('0');
        let zero = if text.is_empty() || text.starts_with('.') { "0" } else { "" };
        let minus = if self.0.is_negative() && !text.is_empty() { "-" } else { "" };
        format!("{minus}{zero}{text}")
    }
}

impl FromStr for Coordinate {
    type Err = Refused;

    /// Reads `-1.7499…`, with an optional power of ten as in `3e-34`.
    fn from_str(text: &str) -> Result<Self, Refused> {
        let refused = || Refused::new("center", "a decimal number of at most 5000 digits");
        if text.len() > MOST_DIGITS + 16 {
            return Err(refused());
        }
        let (negative, unsigned) = sign(text);
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i32>().map_err(|_| refused())?),
            None => (unsigned, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{part}");
        if digits.is_empty() || !all_digits(&digits) || power.unsigned_abs() as usize > MOST_DIGITS
        {
            return Err(refused());
        }
        let point = i64::try_from(whole.len()).unwrap_or(0) + i64::from(power);
        let zeros = |count: i64| "0".repeat(usize::try_from(count.max(0)).unwrap_or(0));
        let length = i64::try_from(digits.len()).unwrap_or(0);
        let digits = format!("{}{digits}{}", zeros(-point), zeros(point - length));
        let (whole, part) = digits.split_at(usize::try_from(point.max(0)).unwrap_or(0));
        if digits.len() > 2 * MOST_DIGITS
            || value_of(whole.trim_start_matches('0').as_bytes()) > FARTHEST
        {
            return Err(if digits.len() > 2 * MOST_DIGITS { refused() } else { too_far() });
        }
        let mut limbs = fraction_of(part);
        limbs.push(value_of(whole.trim_start_matches('0').as_bytes()));
        within(Fixed(limbs), negative)
    }
}

impl fmt::Display for Coordinate {
    /// As many digits as the precision has, less those that may be rounding.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = (self.0.0.len() - 1) * 64;
        out.write_str(&self.to_decimal(bits.saturating_sub(32) * 3 / 10))
    }
}

/// The limbs of 0.`part`, rounded to the nearest, at least 32 bits more than the digits say.
fn fraction_of(part: &str) -> Vec<u64> {
    let limbs = (part.len() * 10 / 3 + 32).div_ceil(64);
    let mut value = vec![0_u64; limbs + 1];
    let mut padded = part.as_bytes().to_vec();
    padded.resize(part.len().div_ceil(CHUNK) * CHUNK, b'0');
    for chunk in padded.chunks(CHUNK).rev() {
        let mut rest = value_of(chunk);
        for limb in value.iter_mut().rev() {
            let dividend = u128::from(rest) << 64 | u128::from(*limb);
            let divisor = 10_u128.pow(19);
            *limb = u64::try_from(dividend / divisor).unwrap_or(u64::MAX);
            rest = u64::try_from(dividend % divisor).unwrap_or(0);
        }
    }
    let half = value[0] >> 63;
    let mut value = value.split_off(1);
    for limb in &mut value {
        let (sum, carry) = limb.overflowing_add(half);
        *limb = sum;
        if !carry {
            break;
        }
    }
    value
}

fn within(magnitude: Fixed, negative: bool) -> Result<Coordinate, Refused> {
    let (whole, part) = magnitude
        .0
        .split_last()
        .map_or((FARTHEST + 1, [].as_slice()), |(whole, part)| (*whole, part));
    if whole > FARTHEST || whole == FARTHEST && part.iter().any(|&limb| limb != 0) {
        return Err(too_far());
    }
    Ok(Coordinate(trimmed(if negative { magnitude.negated() } else { magnitude })))
}

fn too_far() -> Refused {
    Refused::new("center", "from -4 to 4")
}

/// Without limbs of 0 at the end, so that equal numbers are equal.
fn trimmed(mut value: Fixed) -> Fixed {
    let zeros = value.0.iter().take_while(|&&limb| limb == 0).count();
    value.0.drain(..zeros.min(value.0.len() - 2));
    value
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that digits spell, more than any that is allowed when there are too many of them.
fn value_of(digits: &[u8]) -> u64 {
    if digits.len() > CHUNK {
        return u64::MAX;
    }
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}

fn multiply_add(limbs: &mut [u64], factor: u64, addend: u64) {
    let mut carry = u128::from(addend);
    for limb in limbs {
        carry += u128::from(*limb) * u128::from(factor);
        *limb = u64::try_from(carry & u128::from(u64::MAX)).unwrap_or(0);
        carry >>= 64;
    }
}

/// Drops the last digit, rounding the one before it.
fn round_last(digits: &mut Vec<u8>) {
    if digits.pop().is_none_or(|last| last < b'5') {
        return;
    }
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
}

#[cfg(test)]
mod tests;
