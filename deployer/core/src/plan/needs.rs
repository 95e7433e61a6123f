//! Which steps a step waits for, as ranges: a delete may wait for hundreds, and says so in two numbers.

use std::fmt;

use serde::Serialize;

/// Positions of steps: ranges from first to last, ascending, without gaps of nothing between two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Needs(Vec<(usize, usize)>);

impl Needs {
    /// The ranges, each from its first to its last position.
    pub fn ranges(&self) -> &[(usize, usize)] {
        &self.0
    }

    /// Every position.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    pub fn contains(&self, position: usize) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= position);
        after > 0 && position <= self.0[after - 1].1
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(usize, usize)> for Needs {
    fn from_iter<I: IntoIterator<Item = (usize, usize)>>(ranges: I) -> Self {
        let mut ranges: Vec<(usize, usize)> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::new();
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }
}

impl fmt::Display for Needs {
    /// As people count: `1, 3-5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (first, last)) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            match last - first {
                0 => write!(f, "{comma}{}", first + 1)?,
                _ => write!(f, "{comma}{}-{}", first + 1, last + 1)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_one() {
        let needs: Needs = [(4, 4), (0, 1), (2, 2), (1, 1)].into_iter().collect();
        assert_eq!(needs.ranges(), [(0, 2), (4, 4)]);
        assert_eq!(needs.to_string(), "1-3, 5");
        let inside: Vec<usize> = (0..6).filter(|position| needs.contains(*position)).collect();
        assert_eq!(inside, needs.iter().collect::<Vec<usize>>());
    }
}
