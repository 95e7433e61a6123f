//! Squares of the plane proved to lie in the interior of the set, with one orbit instead of one per pixel.

/// Steps the middle may take to settle.
const PATIENCE: u32 = 512;
/// The longest period looked for.
const LONGEST: usize = 64;

/// Tells whether every point within `radius` of `c` surely never leaves.
///
/// The middle's orbit is followed to its cycle w₀ … of some period p. If for every such point p steps map the disc
/// of radius ρ about w₀ strictly into itself, then (Schwarz) an attracting cycle is in it, which catches the orbit of
/// the critical point: all these points are interior. Growth of ρ: |2wz + z² + δ| ≤ 2|w|ρ + ρ² + radius, all
/// with room for rounding. False says nothing.
pub(crate) fn is_interior((cx, cy): (f64, f64), radius: f64) -> bool {
    let step = |(x, y): (f64, f64)| (x * x - y * y + cx, 2.0 * x * y + cy);
    let mut z = (0.0_f64, 0.0_f64);
    for _ in 0..PATIENCE {
        z = step(z);
        if z.0 * z.0 + z.1 * z.1 > 4.0 {
            return false;
        }
    }
    let (start, mut cycle) = (z, Vec::with_capacity(LONGEST));
    while cycle.len() < LONGEST {
        cycle.push(z.0.hypot(z.1));
        z = step(z);
        let gap = (z.0 - start.0).hypot(z.1 - start.1);
        if gap < 1e-3 && closes(&cycle, gap, radius) {
            return true;
        }
    }
    false
}

/// Whether some disc about the cycle's first point, of which `cycle` holds the distances from 0, returns into itself.
fn closes(cycle: &[f64], gap: f64, radius: f64) -> bool {
    let (mut multiplier, mut shift) = (1.0, 0.0);
    for w in cycle {
        multiplier *= 2.0 * w;
        shift = shift * 2.0 * w + radius;
    }
    if multiplier > 0.98 {
        return false;
    }
    let guess = 2.0 * (shift + gap) / (1.0 - multiplier) + 1e-12;
    let image = cycle
        .iter()
        .fold(guess, |rho, w| (2.0 * w * rho + rho * rho + radius) * (1.0 + 1e-12) + 1e-15);
    gap + image < guess * (1.0 - 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hearts_discs_and_islands_are_proved_up_to_near_their_edge() {
        assert!(is_interior((-0.1, 0.0), 0.04));
        assert!(is_interior((-1.0, 0.0), 0.02));
        assert!(is_interior((-0.1226, 0.7449), 2e-3));
        assert!(is_interior((-1.754_877_666, 0.0), 1e-4));
    }

    #[test]
    fn a_square_with_one_point_outside_is_never_called_interior() {
        for i in 0..20_000_u32 {
            let (re, im) = (f64::from(i % 200) * 0.015 - 2.1, f64::from(i / 200) * 0.012);
            let radius = 0.01;
            if !is_interior((re, im), radius) {
                continue;
            }
            for turn in 0..16 {
                let (sin, cos) = (f64::from(turn) * std::f64::consts::FRAC_PI_8).sin_cos();
                let (cx, cy) = (re + radius * cos, im + radius * sin);
                let (mut x, mut y) = (0.0_f64, 0.0_f64);
                for _ in 0..2000 {
                    (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
                }
                assert!(x.hypot(y) <= 2.0, "{cx} {cy} about {re} {im}");
            }
        }
    }
}
