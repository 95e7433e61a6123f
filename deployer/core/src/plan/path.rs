//! How long a plan takes: its longest chain of steps that wait for each other.

use std::collections::HashMap;

use super::Step;
use crate::address::Address;

/// Seconds of the longest chain, and its steps from the first to the last. How many steps may run side by side is not
/// looked at.
pub(super) fn longest(steps: &[Step]) -> (f64, Vec<Address>) {
    let mut ends: Vec<(f64, Option<usize>)> = Vec::with_capacity(steps.len());
    // Many steps wait for the same range.
    let mut latest_of: HashMap<(usize, usize), Option<usize>> = HashMap::new();
    for step in steps {
        let latest = step.needs.ranges().iter().filter_map(|range| {
            *latest_of.entry(*range).or_insert_with(|| latest(&ends, range.0..=range.1))
        });
        let latest = latest.max_by(|a, b| ends[*a].0.total_cmp(&ends[*b].0));
        let begins = latest.map_or(0.0, |position| ends[position].0);
        ends.push((begins + step.seconds, latest));
    }
    let mut next = latest(&ends, 0..=steps.len().saturating_sub(1));
    let seconds = next.map_or(0.0, |last| ends[last].0);
    let mut chain = Vec::new();
    while let Some(position) = next {
        chain.push(steps[position].address.clone());
        next = ends[position].1;
    }
    chain.reverse();
    (seconds, chain)
}

/// Of the steps that end last, the first.
fn latest(
    ends: &[(f64, Option<usize>)],
    mut range: std::ops::RangeInclusive<usize>,
) -> Option<usize> {
    let first = range.next().filter(|first| *first < ends.len())?;
    Some(range.fold(first, |best, other| {
        if ends.get(other).is_some_and(|end| end.0 > ends[best].0) { other } else { best }
    }))
}
