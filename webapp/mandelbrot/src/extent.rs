//! How wide a piece of the plane is: a float, or far less than floats can name.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::refused::Refused;
use crate::wide::power_of_two;

/// The widest, and the narrowest that plain floats serve.
pub const WIDTH: RangeInclusive<f64> = 1e-286..=16.0;
/// The narrowest of all, as a power of two: about 1e-1230.
pub(crate) const LEAST_LOG2: i32 = -4_086;

/// `value` · 2^`scale`; the scale is 0 unless the extent is below [`WIDTH`], and then the value is 1 to 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    pub(crate) value: f64,
    pub(crate) scale: i32,
}

fn refused() -> Refused {
    Refused::new("width", "a number from 1e-1230 to 16")
}

impl Extent {
    /// Takes a float.
    ///
    /// # Errors
    /// When it is not in [`WIDTH`].
    pub fn new(value: f64) -> Result<Self, Refused> {
        if WIDTH.contains(&value) { Ok(Self { value, scale: 0 }) } else { Err(refused()) }
    }

    /// Makes 2^`power`.
    ///
    /// # Errors
    /// When it is above 16 or below about 1e-1230.
    pub fn power_of_two(power: i32) -> Result<Self, Refused> {
        match power {
            -949..=4 => Ok(Self { value: power_of_two(power), scale: 0 }),
            LEAST_LOG2..=-950 => Ok(Self { value: 1.0, scale: power }),
            _ => Err(refused()),
        }
    }

    /// Returns two to which power offsets in a view of it are measured in.
    pub const fn scale(self) -> i32 {
        self.scale
    }

    /// Returns its binary logarithm.
    pub fn log2(self) -> f64 {
        self.value.log2() + f64::from(self.scale)
    }

    /// Returns it as a float, which is 0 below about 1e-308.
    pub fn to_f64(self) -> f64 {
        self.value * power_of_two(self.scale / 2) * power_of_two(self.scale - self.scale / 2)
    }
}

impl FromStr for Extent {
    type Err = Refused;

    /// Reads `0.25` or `3.2e-400`.
    #[expect(clippy::cast_possible_truncation, reason = "some thousand")]
    fn from_str(text: &str) -> Result<Self, Refused> {
        let value: f64 = text.parse().map_err(|_| refused())?;
        if value >= *WIDTH.start() || value.is_nan() || value < 0.0 {
            return Self::new(value);
        }
        let (mantissa, power) = text.split_once(['e', 'E']).ok_or_else(refused)?;
        let mantissa: f64 = mantissa.parse().map_err(|_| refused())?;
        let power: i32 = power.parse().map_err(|_| refused())?;
        let log2 = mantissa.log2() + f64::from(power) * std::f64::consts::LOG2_10;
        let scale = log2.floor();
        if !(f64::from(LEAST_LOG2)..=0.0).contains(&scale) {
            return Err(refused());
        }
        Ok(Self { value: (log2 - scale).exp2(), scale: scale as i32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_beyond_floats_are_read() {
        let read = |text: &str| text.parse::<Extent>();
        assert_eq!(read("0.25"), Extent::new(0.25));
        assert_eq!(read("1e-286"), Extent::new(1e-286));
        let deep = read("3.2e-400").unwrap();
        assert!((deep.log2() * std::f64::consts::LOG10_2 + 400.0 - 3.2_f64.log10()).abs() < 1e-9);
        assert_eq!(deep.to_f64(), 0.0);
        for text in [
            "0",
            "-1",
            "17",
            "NaN",
            "inf",
            "1e-1300",
            "1e-99999999999",
            "",
            "0e-400",
            "-1e-400",
            "e-400",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn powers_of_two_are_exact() {
        assert_eq!(Extent::power_of_two(-3), Extent::new(0.125));
        assert_eq!(Extent::power_of_two(-4000).unwrap().log2(), -4000.0);
        assert!(Extent::power_of_two(-4087).is_err() && Extent::power_of_two(5).is_err());
    }
}
