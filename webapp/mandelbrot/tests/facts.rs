//! What is known of the set without computing it: its area, its mirror, points that never leave and how long others take;
//! and that a picture does not depend on how it was computed.
#![allow(clippy::unwrap_used)]

use mandelbrot::{
    Accuracy, Cancel, Coordinate, Extent, Job, NEVER, Raw, References, Tile, View, draw,
};

fn drawn(job: &Job) -> Raw {
    draw(job, &References::new(0), &Cancel::default()).unwrap()
}

fn around(center: (f64, f64), width: f64, size: (u32, u32), limit: u32) -> Job {
    Job::new(View::around(center, width, size).unwrap(), limit).unwrap()
}

/// 1.5065918849 (T. Förstemann, 2012), by counting pixels; too low an area would be a shortcut that loses interior.
#[test]
fn the_area_is_the_known_one() {
    let side = 2048;
    let raw = drawn(&around((-0.75, 0.0), 3.0, (side, side), 8192).with_accuracy(Accuracy::Draft));
    let inside = raw.steps.iter().filter(|&&steps| steps == NEVER).count();
    let area = 9.0 * inside as f64 / f64::from(side).powi(2);
    assert!((area - 1.506_591_885).abs() < 6e-4, "{area}");
}

#[test]
fn the_lower_half_is_the_upper_one_to_the_last_bit() {
    for (center, width) in [(-0.75, 2.5), (-1.25, 0.02)] {
        let raw = drawn(&around((center, 0.0), width, (301, 200), 900));
        for row in 0..100 {
            let line = |row: usize| row * 301..(row + 1) * 301;
            assert_eq!(raw.steps[line(row)], raw.steps[line(199 - row)], "row {row}");
            assert_eq!(raw.fraction[line(row)], raw.fraction[line(199 - row)], "row {row}");
        }
    }
}

#[test]
fn points_of_the_books_stay_or_take_as_long_as_the_books_say() {
    let steps = |re: f64, im: f64, limit| drawn(&around((re, im), 1e-9, (1, 1), limit)).steps[0];
    for (re, im) in [(0.0, 0.0), (-1.0, 0.0), (-0.1, 0.7), (0.25, 0.0), (-0.75, 0.0), (-1.31, 0.0)]
    {
        assert_eq!(steps(re, im, 10_000), NEVER, "{re} {im}");
    }
    // Beside the neck at −3/4, π / distance; beyond the cusp at 1/4, π / √distance (D. Boll, 1991; A. Klebanoff, 2001).
    for distance in [0.01_f64, 0.001, 0.0001] {
        let expected = std::f64::consts::PI / distance;
        let taken = f64::from(steps(-0.75, distance, 100_000));
        assert!((taken - expected).abs() < 0.03 * expected + 12.0, "{distance}: {taken}");
        let expected = std::f64::consts::PI / distance.sqrt();
        let taken = f64::from(steps(0.25 + distance, 0.0, 100_000));
        assert!((taken - expected).abs() < 0.05 * expected + 8.0, "{distance}: {taken}");
    }
}

#[test]
fn another_reference_gives_the_same_counts() {
    let text = ("0.3750001200618655", "-0.2166393884377127");
    let center: (Coordinate, Coordinate) = (text.0.parse().unwrap(), text.1.parse().unwrap());
    let view = View::new(center, Extent::new(2e-13).unwrap(), (160, 100)).unwrap();
    let job = Job::new(view, 20_000).unwrap().with_accuracy(Accuracy::Exact);
    let own = drawn(&job);
    for aside in ["0.3750001200618", "0.37500012006187"] {
        let anchor = (aside.parse().unwrap(), text.1.parse().unwrap());
        let other = drawn(&job.clone().anchored(anchor, -40));
        assert_eq!(own.steps, other.steps, "measured from {aside}");
    }
}

#[test]
fn a_picture_of_tiles_is_the_picture_in_one_piece_even_deep_down() {
    // Around i, which is never periodic, so that there is something to see at every depth.
    let (zoom, x, y) = (60, -1_i64, -(1_i64 << 60));
    let tiles: Vec<Raw> = (0..2)
        .map(|right| Tile::new(zoom, &(x + right).to_string(), &y.to_string()).unwrap())
        .map(|tile| drawn(&tile.job(4096).unwrap().with_accuracy(Accuracy::Exact)))
        .collect();
    let corner = Coordinate::dyadic(&(x + 1).to_string(), zoom).unwrap();
    let middle = Coordinate::dyadic(&((1_i64 << 61) - 1).to_string(), zoom + 1).unwrap();
    let view = View::new((corner, middle), Extent::power_of_two(-59).unwrap(), (512, 256));
    let whole = drawn(&Job::new(view.unwrap(), 4096).unwrap().with_accuracy(Accuracy::Exact));
    let kinds: std::collections::BTreeSet<u32> = whole.steps.iter().copied().collect();
    assert!(kinds.len() > 20, "{kinds:?}");
    for (row, line) in whole.steps.chunks(512).enumerate() {
        for (tile, part) in tiles.iter().zip(line.chunks(256)) {
            assert_eq!(&tile.steps[row * 256..][..256], part, "row {row}");
        }
    }
}

#[test]
fn cancelled_work_ends_within_milliseconds() {
    let job = around((-0.1226, 0.7449), 0.05, (2048, 2048), 20_000_000).without_shortcuts();
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let work = scope.spawn(|| draw(&job, &References::new(0), &cancel));
        cancel.cancel();
        assert!(work.join().unwrap().is_err());
    });
}
