//! Moments in time: read and written in Java's date patterns, moved by so many units.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

mod format;
mod scan;

pub use format::format;
pub(crate) use scan::offset_of;

/// A point in time and the offset in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub millis: i64,
    /// Seconds east of Greenwich.
    pub offset: i32,
}

/// What a moment can be moved by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Unit {
    /// # Errors
    /// Names the units that there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        Ok(match name.to_ascii_lowercase().trim_end_matches('s') {
            "second" => Self::Seconds,
            "minute" => Self::Minutes,
            "hour" => Self::Hours,
            "day" => Self::Days,
            "week" => Self::Weeks,
            "month" => Self::Months,
            "year" => Self::Years,
            _ => {
                return Err(format!(
                    "`{name}` is no unit; there are seconds, minutes, hours, days, weeks, months, years"
                ));
            }
        })
    }
}

impl Moment {
    #[must_use]
    pub fn utc(millis: i64) -> Self {
        Self { millis, offset: 0 }
    }

    /// The calendar's view; moments that it cannot show are 1970.
    #[must_use]
    pub fn calendar(self) -> OffsetDateTime {
        let utc = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.millis) * 1_000_000);
        let offset = UtcOffset::from_whole_seconds(self.offset).unwrap_or(UtcOffset::UTC);
        let utc = utc.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        utc.checked_to_offset(offset).unwrap_or(utc)
    }

    /// So many units later; where the calendar ends, it stays.
    #[must_use]
    pub fn plus(self, amount: i64, unit: Unit) -> Self {
        let seconds = |each: i64| amount.checked_mul(each).and_then(|s| s.checked_mul(1_000));
        let millis = match unit {
            Unit::Seconds => seconds(1),
            Unit::Minutes => seconds(60),
            Unit::Hours => seconds(3_600),
            Unit::Days => seconds(86_400),
            Unit::Weeks => seconds(604_800),
            Unit::Months => self.months(amount),
            Unit::Years => amount.checked_mul(12).and_then(|months| self.months(months)),
        };
        let moved = millis.and_then(|by| self.millis.checked_add(by)).unwrap_or(self.millis);
        Self { millis: moved, ..self }
    }

    /// How many milliseconds so many months are from here.
    fn months(self, amount: i64) -> Option<i64> {
        let here = self.calendar();
        let count = i64::from(here.year()) * 12 + i64::from(u8::from(here.month())) - 1;
        let count = count.checked_add(amount)?;
        let year = i32::try_from(count.div_euclid(12)).ok()?;
        let month = Month::try_from(u8::try_from(count.rem_euclid(12) + 1).ok()?).ok()?;
        let date =
            Date::from_calendar_date(year, month, here.day().min(month.length(year))).ok()?;
        i64::try_from((here.replace_date(date) - here).whole_milliseconds()).ok()
    }
}

/// Reads an offset such as `3 days` or `-2 hours`.
///
/// # Errors
/// Says what an offset looks like.
pub fn offset(text: &str) -> Result<(i64, Unit), String> {
    let mut words = text.split_whitespace();
    let (Some(amount), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return Err(format!("`{text}` is no offset; one looks like `3 days`"));
    };
    let amount = amount.trim_start_matches('+').parse();
    Ok((
        amount.map_err(|_| format!("`{text}` does not begin with a whole number"))?,
        Unit::parse(unit)?,
    ))
}

/// Reads a moment: ISO 8601 or HTTP's form without a format, else in that (Java pattern, `unix` or `epoch`).
#[must_use]
pub fn parse(text: &str, format: Option<&str>) -> Option<Moment> {
    let text = text.trim();
    match format {
        Some("epoch") => text.parse().ok().map(Moment::utc),
        Some("unix") => text.parse::<i64>().ok()?.checked_mul(1_000).map(Moment::utc),
        Some(pattern) => scan::scan(text, pattern),
        None => {
            let patterns = [
                "yyyy-MM-dd'T'HH:mm:ssXXX",
                "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
                "yyyy-MM-dd'T'HH:mm:ss",
                "yyyy-MM-dd'T'HH:mm",
                "yyyy-MM-dd",
                "EEE, dd MMM yyyy HH:mm:ss zzz",
            ];
            patterns.iter().find_map(|pattern| scan::scan(text, pattern))
        }
    }
}

pub(crate) fn assemble(date: Date, time: Time, offset: i32) -> Option<Moment> {
    let local = PrimitiveDateTime::new(date, time).assume_utc();
    let utc = local.checked_sub(Duration::seconds(i64::from(offset)))?;
    Some(Moment { millis: i64::try_from(utc.unix_timestamp_nanos() / 1_000_000).ok()?, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_moved_and_written() {
        let moment = parse("2021-01-31T10:00:00Z", None).unwrap();
        assert_eq!(format(moment.plus(1, Unit::Months), "yyyy-MM-dd"), "2021-02-28");
        assert_eq!(format(moment.plus(-2, Unit::Hours), "HH:mm"), "08:00");
        assert_eq!(format(moment, "EEE, d MMM yyyy 'at' h a"), "Sun, 31 Jan 2021 at 10 AM");
        assert_eq!(
            parse("14/06/2021", Some("dd/MM/yyyy")).map(|m| m.millis),
            Some(1_623_628_800_000)
        );
        assert_eq!(
            parse("2021-06-14T12:00:00+02:00", None).map(|m| m.millis),
            Some(1_623_664_800_000)
        );
    }

    #[test]
    fn moving_beyond_the_calendar_stays_where_it_is() {
        let moment = Moment::utc(0);
        assert_eq!(moment.plus(i64::MAX, Unit::Years), moment);
    }
}
