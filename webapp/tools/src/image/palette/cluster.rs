//! Groups colours: the group that is worst is split where it helps most until there are enough, then every colour
//! goes to the nearest group a few times over (Wu 1991, then Lloyd's k-means), all in OKLab.

use std::collections::HashMap;

use super::Swatch;
use super::oklab::{Lab, of_fraction};

const ROUNDS: usize = 8;

/// Pixels of about one colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    lab: Lab,
    sum: [u64; 3],
    count: u64,
}

impl Point {
    /// `sum` over `count` pixels.
    pub(super) fn new(sum: [u64; 3], count: u64) -> Self {
        let lab = of_fraction(sum.map(|sum| small(sum) / small(count) / 255.0));
        Self { lab, sum, count }
    }
}

/// At most `most` colours.
pub(super) fn group(points: Vec<Point>, most: usize) -> Vec<Swatch> {
    let mut groups = vec![Group::of(points)];
    while groups.len() < most {
        groups.sort_by(|one, other| one.error.total_cmp(&other.error));
        let Some(worst) = groups.pop_if(|worst| worst.points.len() > 1) else { break };
        groups.extend(worst.split());
    }
    let mut centres: Vec<Lab> = groups.iter().map(|group| mean(&group.points)).collect();
    let mut points: Vec<Point> = groups.into_iter().flat_map(|group| group.points).collect();
    settle(&mut points, &mut centres)
}

fn settle(points: &mut [Point], centres: &mut [Lab]) -> Vec<Swatch> {
    let mut members = vec![Tally::default(); centres.len()];
    for _ in 0..ROUNDS {
        members.fill(Tally::default());
        for point in points.iter() {
            members[nearest(point.lab, centres)].add(point);
        }
        for (centre, tally) in centres.iter_mut().zip(&members) {
            *centre = tally.mean().unwrap_or(*centre);
        }
    }
    let mut swatches: HashMap<[u8; 3], u64> = HashMap::new();
    for tally in members.iter().filter(|tally| tally.count > 0) {
        *swatches.entry(tally.colour()).or_default() += tally.count;
    }
    swatches.into_iter().map(|(colour, count)| Swatch { colour, count }).collect()
}

fn nearest(lab: Lab, centres: &[Lab]) -> usize {
    let mut best = (0, f32::MAX);
    for (place, centre) in centres.iter().enumerate() {
        let distance = distance(lab, *centre);
        if distance < best.1 {
            best = (place, distance);
        }
    }
    best.0
}

fn distance(one: Lab, other: Lab) -> f32 {
    (0..3).map(|axis| (one[axis] - other[axis]).powi(2)).sum()
}

/// Pixels that belong together.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    lab: [f64; 3],
    sum: [u64; 3],
    count: u64,
}

impl Tally {
    fn add(&mut self, point: &Point) {
        for axis in 0..3 {
            self.lab[axis] += f64::from(point.lab[axis]) * wide(point.count);
            self.sum[axis] += point.sum[axis];
        }
        self.count += point.count;
    }

    fn mean(&self) -> Option<Lab> {
        (self.count > 0).then(|| self.lab.map(|sum| narrow(sum / wide(self.count))))
    }

    /// The mean of the channels, rounded.
    fn colour(&self) -> [u8; 3] {
        self.sum.map(|sum| u8::try_from((sum + self.count / 2) / self.count).unwrap_or(u8::MAX))
    }
}

struct Group {
    points: Vec<Point>,
    /// Squared distances to the mean, over all pixels.
    error: f64,
}

impl Group {
    fn of(points: Vec<Point>) -> Self {
        let mean = mean(&points);
        let error = |point: &Point| f64::from(distance(point.lab, mean)) * wide(point.count);
        let error = if points.len() < 2 { 0.0 } else { points.iter().map(error).sum() };
        Self { points, error }
    }

    /// In two along the axis where it is widest, where the error falls most.
    fn split(self) -> [Self; 2] {
        let axis = self.widest();
        let mut points = self.points;
        points.sort_by(|one, other| one.lab[axis].total_cmp(&other.lab[axis]));
        let others = points.split_off(cut(&points, axis));
        [Self::of(points), Self::of(others)]
    }

    fn widest(&self) -> usize {
        let mean = mean(&self.points);
        let spread = |axis: usize| -> f64 {
            let off = |point: &Point| {
                f64::from((point.lab[axis] - mean[axis]).powi(2)) * wide(point.count)
            };
            self.points.iter().map(off).sum()
        };
        (0..3).max_by(|&one, &other| spread(one).total_cmp(&spread(other))).unwrap_or(0)
    }
}

fn mean(points: &[Point]) -> Lab {
    let mut tally = Tally::default();
    points.iter().for_each(|point| tally.add(point));
    tally.mean().unwrap_or_default()
}

/// Where to cut sorted points so that both sides are as uniform as can be; neither is empty.
fn cut(points: &[Point], axis: usize) -> usize {
    let value = |point: &Point| f64::from(point.lab[axis]) * wide(point.count);
    let whole: f64 = points.iter().map(value).sum();
    let pixels: f64 = points.iter().map(|point| wide(point.count)).sum();
    let (mut sum, mut count, mut best) = (0.0, 0.0, (1, f64::MIN));
    for (place, point) in points[..points.len() - 1].iter().enumerate() {
        sum += value(point);
        count += wide(point.count);
        let gain = sum * sum / count + (whole - sum).powi(2) / (pixels - count);
        if gain > best.1 {
            best = (place + 1, gain);
        }
    }
    best.0
}

#[expect(clippy::cast_precision_loss, reason = "a mean of bytes needs no more than f32 holds")]
fn small(number: u64) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn wide(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, reason = "coordinates lie around 1")]
fn narrow(number: f64) -> f32 {
    number as f32
}
