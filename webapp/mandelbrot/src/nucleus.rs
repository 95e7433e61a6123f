//! The nearest small copy of the set: its period, its centre to the last digit, and how large it is.

use crate::coordinate::Coordinate;
use crate::deep::orbit::Iterate;
use crate::extent::Extent;
use crate::fixed::Fixed;
use crate::render::{Cancel, Cancelled};
use crate::view::View;
use crate::wide::Wide;

/// Steps of Newton's method that are tried; each one gains up to 50 bits.
const STEPS: usize = 200;

/// The centre of a component of the set, from which the orbit of 0 returns to 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Nucleus {
    pub center: (Coordinate, Coordinate),
    /// After how many steps.
    pub period: u32,
    /// The size of the copy beside that of the whole set, as a binary logarithm.
    pub size_log2: f64,
}

type Point = (Fixed, Fixed);

/// Looks for the copy of the lowest period that a view has, up to that period.
///
/// The period is the first for which a disc as large as the view, followed to first order, covers 0; then
/// Newton's method finds the centre (mathr.co.uk, "Deep zoom theory and practice").
///
/// # Errors
/// [`Cancelled`] when the caller ended it.
pub fn nucleus(view: &View, most: u32, cancel: &Cancel) -> Result<Option<Nucleus>, Cancelled> {
    // A copy may be as small as the square of the view that it is found in, and its size has to be told.
    let limbs = view.limbs() * 2 + 1;
    let middle = view.middle(limbs);
    if let Some(found) = from(&middle, &middle, view, most, cancel)? {
        return Ok(Some(found));
    }
    // Where the middle leaves too soon, one of the quarters may not.
    let mut lowest: Option<Nucleus> = None;
    for (right, up) in [(-0.25, -0.25), (-0.25, 0.25), (0.25, -0.25), (0.25, 0.25)] {
        let Extent { value, scale } = view.width();
        let aside = |by: f64| Wide::new(value * by, 0.0, scale).to_fixed(limbs).0;
        let start = (middle.0.plus(&aside(right)), middle.1.plus(&aside(up)));
        if let Some(found) = from(&start, &middle, view, most, cancel)?
            && lowest.as_ref().is_none_or(|lowest| found.period < lowest.period)
        {
            lowest = Some(found);
        }
    }
    Ok(lowest)
}

/// Looks from one point for a copy that lies in the view.
fn from(
    start: &Point,
    middle: &Point,
    view: &View,
    most: u32,
    cancel: &Cancel,
) -> Result<Option<Nucleus>, Cancelled> {
    let Extent { value, scale } = view.width();
    let radius = Wide::new(value / 2.0, 0.0, scale);
    let Some(guess) = period(start, radius, most, cancel)? else { return Ok(None) };
    let Some(point) = refined(start.clone(), guess, cancel)? else { return Ok(None) };
    let away = Wide::of(&point.0.minus(&middle.0), &point.1.minus(&middle.1));
    if away.log2() > radius.log2() + 0.25 {
        return Ok(None);
    }
    // Newton's method may have ended at a point that returns more often than it was asked to.
    let near_0 = Wide::new(1.0, 0.0, -32 * i32::try_from(point.0.0.len()).unwrap_or(i32::MAX / 32));
    let period = period(&point, near_0, guess, cancel)?.unwrap_or(guess);
    let size_log2 = size_log2(&point, period, cancel)?;
    let center = (Coordinate::of(point.0), Coordinate::of(point.1));
    Ok(Some(Nucleus { center, period, size_log2 }))
}

fn period(
    point: &Point,
    radius: Wide,
    most: u32,
    cancel: &Cancel,
) -> Result<Option<u32>, Cancelled> {
    let mut orbit = Orbit::new(point);
    for period in 1..=most {
        let z = orbit.z();
        if z.log2() <= radius.times(orbit.slope).log2() {
            return Ok(Some(period));
        }
        if z.exponent > 4 {
            return Ok(None);
        }
        orbit.step(point, z, cancel)?;
    }
    Ok(None)
}

/// Moves a point to where its orbit returns to 0 after that many steps.
fn refined(mut point: Point, period: u32, cancel: &Cancel) -> Result<Option<Point>, Cancelled> {
    let limbs = point.0.0.len();
    let enough = -64.0 * (limbs as f64 - 2.0);
    for _ in 0..STEPS {
        let mut orbit = Orbit::new(&point);
        for _ in 1..period {
            let z = orbit.z();
            if z.exponent > 8 {
                return Ok(None);
            }
            orbit.step(&point, z, cancel)?;
        }
        let z = orbit.z();
        if z == Wide::ZERO || orbit.slope == Wide::ZERO {
            return Ok((z == Wide::ZERO).then_some(point));
        }
        let step = z.times(orbit.slope.inverse());
        let (re, im) = step.to_fixed(limbs);
        point = (point.0.minus(&re), point.1.minus(&im));
        if step.log2() < enough {
            return Ok(Some(point));
        }
        if step.exponent > 2 {
            return Ok(None);
        }
    }
    Ok(None)
}

/// 1 / |b·l²|, l being the derivative of the return and b the sum of its inverses on the way.
fn size_log2(point: &Point, period: u32, cancel: &Cancel) -> Result<f64, Cancelled> {
    let mut orbit = Orbit::new(point);
    let (mut l, mut b) = (Wide::ONE, Wide::ONE);
    for _ in 1..period {
        let z = orbit.z();
        l = l.times(z).shifted(1);
        if l == Wide::ZERO {
            break;
        }
        b = b.plus(l.inverse());
        orbit.step(point, z, cancel)?;
    }
    Ok(-b.times(l).times(l).log2())
}

/// z in full precision with its derivative by c.
struct Orbit {
    iterate: Iterate,
    slope: Wide,
    steps: u32,
}

impl Orbit {
    fn new(point: &Point) -> Self {
        Self { iterate: Iterate::new(point), slope: Wide::ONE, steps: 0 }
    }

    fn z(&self) -> Wide {
        Wide::of(&self.iterate.re, &self.iterate.im)
    }

    fn step(&mut self, point: &Point, z: Wide, cancel: &Cancel) -> Result<(), Cancelled> {
        self.steps += 1;
        if self.steps.is_multiple_of(1024) && cancel.is_cancelled() {
            return Err(Cancelled);
        }
        self.slope = self.slope.times(z).shifted(1).plus(Wide::ONE);
        self.iterate.step(point);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(re: f64, im: f64, width: f64) -> Option<Nucleus> {
        let view = View::around((re, im), width, (256, 256)).unwrap();
        nucleus(&view, 10_000, &Cancel::default()).unwrap()
    }

    /// Centres by mpmath, to thirty digits.
    #[test]
    fn known_centres_are_found_to_the_last_digit() {
        for (re, im, period) in [
            ("-1.754877666246692760049509", "0", 3),
            ("-0.1225611668766536199752456", "0.7448617666197442365931704", 3),
            ("-1.310702641336832883563571", "0", 4),
            ("-1.940799806529484752232091", "0", 4),
            ("-0.1565201668337550618", "1.0322471089228318017", 4),
            ("0.2822713907669138797", "0.5300606175785252995", 4),
            ("-1.985424253054205310609751", "0", 5),
            ("-1.625413725123303737443411", "0", 5),
            ("0.3795135880159237453", "0.3349323055974975872", 5),
            ("-0.5043401754462440003", "0.5627657614529819635", 5),
        ] {
            let near = |text: &str| text.parse::<f64>().unwrap() + 1e-4;
            let nucleus = found(near(re), near(im), 1e-3).unwrap();
            assert_eq!(nucleus.period, period, "{re} {im}");
            // The last digits of the text may be rounded.
            let digits = |text: &str| text.split_once('.').map_or(20, |(_, part)| part.len() - 2);
            let cut = |text: &str| text.parse::<Coordinate>().unwrap().to_decimal(digits(text));
            let told = nucleus.center.0.to_decimal(digits(re));
            assert_eq!(told, cut(re), "period {period}");
            assert_eq!(nucleus.center.1.to_decimal(digits(im)), cut(im), "period {period}");
        }
    }

    #[test]
    fn the_size_of_the_largest_copy_is_that_of_the_books() {
        // The copy of period 3 on the antenna: about 1 / 52.6 of the whole (Munafo, "Island").
        let island = found(-1.7549, 0.0, 0.01).unwrap();
        let size = island.size_log2.exp2();
        assert!((0.018..0.0205).contains(&size), "{size}");
        assert!(found(-0.01, 0.01, 0.1).unwrap().size_log2.abs() < 1e-9);
    }

    #[test]
    fn a_deep_copy_is_found_from_a_view_that_holds_it() {
        let view = View::new(
            ("-1.479815776132473260722984525978778546922407257740453696898785101398649207410022938202505173292820112273633".parse().unwrap(),
             "-0.000639111932613617271521396322556715729573039189439847360473949364712209519618133219285730670364661511471".parse().unwrap()),
            Extent::new(1e-60).unwrap(),
            (256, 256),
        );
        let nucleus = nucleus(&view.unwrap(), 100_000, &Cancel::default()).unwrap().unwrap();
        assert!(nucleus.period > 100, "{}", nucleus.period);
        assert!(nucleus.size_log2 < -200.0, "{}", nucleus.size_log2);
    }

    /// Found in the explorer: Newton's method went to a point of period 12 or less, of which 24 is a multiple.
    #[test]
    fn what_is_found_lies_in_the_view_and_returns_no_sooner_than_is_told() {
        for (re, im, width) in [
            (-1.7686, 0.0013, 0.01),
            (-1.7686, 0.0013, 0.02),
            (-0.7453, 0.1127, 0.0025),
            (-1.25, 0.38, 0.02),
        ] {
            let nucleus = found(re, im, width).unwrap();
            let at = |part: &Coordinate| part.to_decimal(17).parse::<f64>().unwrap();
            let away = (at(&nucleus.center.0) - re).hypot(at(&nucleus.center.1) - im);
            assert!(away < width && nucleus.size_log2 < width.log2(), "{nucleus:?}");
            let orbit = (1..nucleus.period).scan((0.0, 0.0), |z: &mut (f64, f64), _| {
                *z = (
                    z.0 * z.0 - z.1 * z.1 + at(&nucleus.center.0),
                    2.0 * z.0 * z.1 + at(&nucleus.center.1),
                );
                Some(z.0.hypot(z.1))
            });
            assert!(orbit.into_iter().all(|size| size > 1e-9), "{nucleus:?}");
        }
    }

    #[test]
    fn a_view_without_a_copy_has_none() {
        assert_eq!(found(2.0, 2.0, 0.1), None);
    }
}
