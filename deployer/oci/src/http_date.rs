//! Dates as HTTP writes them (RFC 9110 section 5.6.7, the IMF-fixdate form).

use time::{
    OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::BorrowedFormatItem,
    macros::format_description,
};

const FORM: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// `at` in the form of a `Date` header.
pub(crate) fn format(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(FORM).expect("every date has each part of this form")
}

/// The time that a `Date`, `Last-Modified` or `Retry-After` header names.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    PrimitiveDateTime::parse(text.trim(), FORM).ok().map(PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_survives_being_written_and_read() {
        let date = "Thu, 05 Jan 2014 21:31:40 GMT".replace("Thu", "Sun");
        let read = parse(&date).unwrap();
        assert_eq!(format(read), date);
        assert_eq!(read.unix_timestamp(), 1_388_957_500);
    }

    #[test]
    fn what_is_no_date_is_no_date() {
        assert_eq!(parse("tomorrow"), None);
    }
}
