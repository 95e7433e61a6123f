//! The definition every picture is held to: how many steps of `z ← z² + c` leave the circle, in plain
//! `f64`, one point at a time.

/// Squared bailout radius (2⁸)²: far enough out that the smooth count has no visible seams.
const BAILOUT_SQUARED: f64 = 65_536.0;
/// log₂ ln of the bailout radius, 2⁸: the constant that makes the smooth count continue the whole one.
const LOG2_LN_BAILOUT: f64 = 2.471_233_627_055_102;

/// What becomes of a point under iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Escape {
    /// It left the circle after `steps` steps; `smooth` is the same count without its jumps, at least 0.
    After { steps: u32, smooth: f32 },
    /// It was still inside when the limit was reached, or provably never leaves.
    Never,
}

impl Escape {
    /// Returns the smooth count, infinite for a point that never left.
    pub const fn smooth(self) -> f32 {
        match self {
            Self::After { smooth, .. } => smooth,
            Self::Never => f32::INFINITY,
        }
    }
}

/// Iterates `c = c_re + c_im·i` for at most `limit` steps.
///
/// The two largest components are decided in closed form; elsewhere an orbit that returns to exactly
/// a point it has visited is periodic (Brent's cycle detection), so neither shortcut can change an answer.
pub fn escape(c_re: f64, c_im: f64, limit: u32) -> Escape {
    if in_cardioid(c_re, c_im) || in_period_two_disc(c_re, c_im) {
        return Escape::Never;
    }
    let (mut re, mut im) = (0.0_f64, 0.0_f64);
    let (mut seen_re, mut seen_im, mut next_mark) = (0.0_f64, 0.0_f64, 8_u32);
    for steps in 1..=limit {
        (re, im) = (re * re - im * im + c_re, 2.0 * re * im + c_im);
        let squared = re * re + im * im;
        if squared > BAILOUT_SQUARED {
            return Escape::After { steps, smooth: smooth(steps, squared) };
        }
        if (re, im) == (seen_re, seen_im) {
            return Escape::Never;
        }
        if steps == next_mark {
            (seen_re, seen_im, next_mark) = (re, im, next_mark.saturating_mul(2));
        }
    }
    Escape::Never
}

fn in_cardioid(re: f64, im: f64) -> bool {
    let shifted = re - 0.25;
    let q = shifted * shifted + im * im;
    q * (q + shifted) <= 0.25 * im * im
}

fn in_period_two_disc(re: f64, im: f64) -> bool {
    let shifted = re + 1.0;
    shifted * shifted + im * im <= 0.0625
}

/// `n + 1 − log₂(ln |z| / ln R)`, the normalised iteration count.
#[expect(clippy::cast_possible_truncation, reason = "a colour needs no more than f32")]
fn smooth(steps: u32, squared: f64) -> f32 {
    let overshoot = (0.5 * squared.ln()).log2() - LOG2_LN_BAILOUT;
    (f64::from(steps) + 1.0 - overshoot).max(0.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(re: f64, im: f64, limit: u32) -> Option<u32> {
        match escape(re, im, limit) {
            Escape::After { steps, .. } => Some(steps),
            Escape::Never => None,
        }
    }

    /// The definition with neither shortcut.
    fn plainly(c_re: f64, c_im: f64, limit: u32) -> Option<u32> {
        let (mut re, mut im) = (0.0_f64, 0.0_f64);
        (1..=limit).find(|_| {
            (re, im) = (re * re - im * im + c_re, 2.0 * re * im + c_im);
            re * re + im * im > BAILOUT_SQUARED
        })
    }

    #[test]
    fn points_known_to_belong_never_escape() {
        for (re, im) in [(0.0, 0.0), (-1.0, 0.0), (0.25, 0.0), (-2.0, 0.0), (0.0, 1.0)] {
            assert_eq!(escape(re, im, 100_000), Escape::Never, "{re} {im}");
        }
    }

    #[test]
    fn points_known_to_leave_do_so_after_a_counted_number_of_steps() {
        // By hand for c = 2: 2, 6, 38, 1446 is the first beyond 256.
        assert_eq!(steps(2.0, 0.0, 100), Some(4));
        assert_eq!(steps(1000.0, 0.0, 100), Some(1));
        assert_eq!(steps(0.26, 0.0, 10), None);
        assert!(steps(0.26, 0.0, 100).is_some());
    }

    #[test]
    fn the_shortcuts_change_no_answer() {
        for row in 0..60 {
            for column in 0..90 {
                let (re, im) = (f64::from(column) / 30.0 - 2.1, f64::from(row) / 25.0 - 1.2);
                assert_eq!(steps(re, im, 400), plainly(re, im, 400), "{re} {im}");
            }
        }
    }

    #[test]
    fn the_smooth_count_has_no_seam_where_the_whole_count_jumps() {
        let counts: Vec<f32> =
            (0..2000).map(|i| escape(0.4 + f64::from(i) * 1e-4, 0.3, 500).smooth()).collect();
        assert!(counts.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.05));
    }
}
