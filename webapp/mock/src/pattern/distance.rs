//! How unlike two texts are, from 0 to 1.

/// How much of each text is compared; longer ones would cost the square of their length.
const MAX_COMPARED: usize = 512;

/// The edits that turn one text into the other, as a share of the longer one.
#[must_use]
pub fn between(left: &str, right: &str) -> f64 {
    between_starts(left, right, MAX_COMPARED)
}

/// The same for the first so many characters, where every stub is compared.
#[must_use]
pub fn between_starts(left: &str, right: &str, most: usize) -> f64 {
    let left: Vec<char> = left.chars().take(most).collect();
    let right: Vec<char> = right.chars().take(most).collect();
    let longest = left.len().max(right.len());
    if longest == 0 {
        return 0.0;
    }
    share(levenshtein(&left, &right), longest)
}

/// The mean of some distances; of none, 0.
#[must_use]
pub fn mean(distances: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = distances.fold((0.0, 0.0), |(sum, count), d| (sum + d, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// A part of a whole as a fraction.
#[must_use]
pub fn share(part: usize, whole: usize) -> f64 {
    let small = |n: usize| u32::try_from(n).map_or(f64::from(u32::MAX), f64::from);
    if whole == 0 { 0.0 } else { small(part) / small(whole) }
}

fn levenshtein(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_of_four_is_a_quarter() {
        assert!((between("abcd", "abxd") - 0.25).abs() < f64::EPSILON);
        assert!((between("", "abc") - 1.0).abs() < f64::EPSILON);
        assert!(between("same", "same") <= 0.0);
    }
}
