//! `before`, `after` and `equalToDateTime`.

use crate::moment::{self, Moment, Unit};

/// How a moment in the request has to lie to an expected one.
#[derive(Debug, Clone)]
pub struct DateRule {
    pub relation: Relation,
    pub expected: Expected,
    /// Format of the moment in the request, where it is not ISO 8601.
    pub actual_format: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Before,
    After,
    Equal,
}

#[derive(Debug, Clone, Copy)]
pub enum Expected {
    At(Moment),
    /// So many units from the moment of the request.
    Now(i64, Unit),
}

impl Expected {
    /// Reads `2021-06-14T12:13:14Z`, `now` or `now +3 days`.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(offset) = text.trim().strip_prefix("now") else {
            let moment = moment::parse(text, None);
            return moment.map(Self::At).ok_or_else(|| format!("`{text}` is not a date"));
        };
        let offset = offset.trim();
        if offset.is_empty() {
            return Ok(Self::Now(0, Unit::Seconds));
        }
        let (amount, unit) = moment::offset(offset)?;
        Ok(Self::Now(amount, unit))
    }
}

impl DateRule {
    #[must_use]
    pub fn accepts(&self, text: &str, now: i64) -> bool {
        let Some(found) = moment::parse(text, self.actual_format.as_deref()) else { return false };
        let expected = match self.expected {
            Expected::At(moment) => moment,
            Expected::Now(amount, unit) => Moment::utc(now).plus(amount, unit),
        };
        match self.relation {
            Relation::Before => found.millis < expected.millis,
            Relation::After => found.millis > expected.millis,
            Relation::Equal => found.millis == expected.millis,
        }
    }
}
