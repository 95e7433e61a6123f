//! When an answer is sent: at once, later, or in pieces.

use crate::fields::{Field, Fields};
use crate::random::Random;
use crate::refusal::Refusal;

/// The longest that an answer may be held back, in milliseconds.
pub const MAX_DELAY: u64 = 60_000;

/// A delay before the answer begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    Fixed(u64),
    Uniform { lower: u64, upper: u64 },
    LogNormal { median: f64, sigma: f64, cap: Option<f64> },
}

/// A body that is sent in equal pieces over some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dribble {
    pub pieces: u64,
    /// Milliseconds.
    pub over: u64,
}

/// What a front does before and while it sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delay {
    /// Milliseconds before the first byte, [`MAX_DELAY`] at most.
    pub before: u64,
    pub dribble: Option<Dribble>,
}

impl Distribution {
    pub(crate) fn read(field: &Field<'_>) -> Result<Self, Refusal> {
        let mut fields = field.fields()?;
        let kind = fields.text("type")?.unwrap_or_else(|| "fixed".into());
        let distribution = match kind.as_str() {
            "fixed" => Self::Fixed(millis(&mut fields, "milliseconds")?),
            "uniform" => {
                let (lower, upper) = (millis(&mut fields, "lower")?, millis(&mut fields, "upper")?);
                if lower > upper {
                    return Err(fields.refuse(format!("lower ({lower}) is above upper ({upper})")));
                }
                Self::Uniform { lower, upper }
            }
            "lognormal" => {
                let mut number = |name| fields.take(name).map(|field| field.decimal()).transpose();
                let (median, sigma, cap) =
                    (number("median")?, number("sigma")?, number("maxValue")?);
                let (Some(median), Some(sigma)) = (median, sigma) else {
                    return Err(field.refuse("median and sigma are needed"));
                };
                Self::LogNormal { median, sigma, cap }
            }
            other => {
                return Err(
                    fields.refuse(format!("type is fixed, uniform or lognormal, not `{other}`"))
                );
            }
        };
        fields.finish()?;
        Ok(distribution)
    }

    /// Milliseconds, [`MAX_DELAY`] at most.
    pub fn sample(&self, random: &mut dyn Random) -> u64 {
        let millis = match *self {
            Self::Fixed(millis) => millis,
            Self::Uniform { lower, upper } => lower + random.below(upper.saturating_sub(lower) + 1),
            Self::LogNormal { median, sigma, cap } => {
                let sample = (random.normal() * sigma).exp() * median;
                whole(cap.map_or(sample, |cap| sample.min(cap)))
            }
        };
        millis.min(MAX_DELAY)
    }
}

/// The whole milliseconds of a number, within what is allowed.
fn whole(millis: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(millis / 1_000.0)
        .map_or(MAX_DELAY, |duration| u64::try_from(duration.as_millis()).unwrap_or(MAX_DELAY))
}

impl Dribble {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, Refusal> {
        let mut fields = field.fields()?;
        let pieces = fields.number("numberOfChunks")?.unwrap_or(1);
        let over = millis(&mut fields, "totalDuration")?;
        fields.finish()?;
        if !(1..=1_000).contains(&pieces) {
            return Err(field.refuse(format!("numberOfChunks is from 1 to 1000, not {pieces}")));
        }
        Ok(Self { pieces, over })
    }
}

fn millis(fields: &mut Fields<'_>, name: &str) -> Result<u64, Refusal> {
    let Some(field) = fields.take(name) else {
        return Err(fields.refuse(format!("`{name}` is missing")));
    };
    within(&field)
}

/// A number of milliseconds that is not above [`MAX_DELAY`].
pub(crate) fn within(field: &Field<'_>) -> Result<u64, Refusal> {
    let millis = field.number()?;
    if millis > MAX_DELAY {
        return Err(field.refuse(format!("a delay is at most {MAX_DELAY} ms, not {millis}")));
    }
    Ok(millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seeded;

    #[test]
    fn samples_lie_where_their_distribution_says() {
        let mut random = Seeded(1);
        let uniform = Distribution::Uniform { lower: 10, upper: 20 };
        assert!((0..1_000).all(|_| (10..=20).contains(&uniform.sample(&mut random))));
        let lognormal = Distribution::LogNormal { median: 100.0, sigma: 0.1, cap: None };
        let mut samples: Vec<u64> = (0..1_001).map(|_| lognormal.sample(&mut random)).collect();
        samples.sort_unstable();
        assert!((95..=105).contains(&samples[500]), "{}", samples[500]);
    }
}
