//! `application/x-www-form-urlencoded`: queries and forms.

use super::decode_percent;

/// The most pairs that are looked at.
pub const MAX_PAIRS: usize = 1_000;

/// Name and value of each pair, decoded; a name without `=` has an empty value.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(MAX_PAIRS);
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    decode_percent(&text.replace('+', " "))
}
