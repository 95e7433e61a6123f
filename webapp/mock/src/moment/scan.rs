//! Text to moments, in the same patterns.

use time::{Date, Month, Time};

use super::format::{Run, month_number, runs};
use super::{Moment, assemble};

struct Found {
    year: i32,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    milli: u16,
    afternoon: bool,
    offset: i32,
}

pub(super) fn scan(text: &str, pattern: &str) -> Option<Moment> {
    let mut found = Found {
        year: 1970,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        milli: 0,
        afternoon: false,
        offset: 0,
    };
    let mut rest = text;
    for run in runs(pattern) {
        rest = match run {
            Run::Literal(literal) => rest.strip_prefix(literal.as_str())?,
            Run::Letters(letter, count) => take(&mut found, rest, letter, count)?,
        };
    }
    if !rest.is_empty() {
        return None;
    }
    let hour = if found.afternoon && found.hour < 12 { found.hour + 12 } else { found.hour };
    let date =
        Date::from_calendar_date(found.year, Month::try_from(found.month).ok()?, found.day).ok()?;
    assemble(
        date,
        Time::from_hms_milli(hour, found.minute, found.second, found.milli).ok()?,
        found.offset,
    )
}

fn take<'a>(found: &mut Found, text: &'a str, letter: char, count: usize) -> Option<&'a str> {
    if matches!(letter, 'M' | 'L') && count >= 3 {
        let (month, length) = month_number(text)?;
        found.month = month;
        return text.get(length..);
    }
    match letter {
        'E' => return Some(text.trim_start_matches(char::is_alphabetic)),
        'a' => {
            found.afternoon = text.get(..2)?.eq_ignore_ascii_case("pm");
            return text.get(2..);
        }
        'X' | 'Z' | 'z' => {
            let (offset, rest) = zone(text)?;
            found.offset = offset;
            return Some(rest);
        }
        _ => {}
    }
    let most = if letter == 'y' { count.max(4) } else { count.max(2) };
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let small = || number.parse::<u8>().ok();
    match letter {
        'y' | 'u' if digits == 2 => found.year = 2000 + number.parse::<i32>().ok()?,
        'y' | 'u' => found.year = number.parse().ok()?,
        'M' | 'L' => found.month = small()?,
        'd' => found.day = small()?,
        'H' | 'h' | 'K' | 'k' => found.hour = small()? % 24,
        'm' => found.minute = small()?,
        's' => found.second = small()?,
        'S' => found.milli = format!("{number:0<3}").get(..3)?.parse().ok()?,
        _ => return None,
    }
    Some(rest)
}

/// `Z`, `UTC`, `GMT`, `+02:00`, `+0200` or `+02` in seconds, and what follows.
fn zone(text: &str) -> Option<(i32, &str)> {
    for name in ["Z", "UTC", "GMT"] {
        if let Some(rest) = text.strip_prefix(name) {
            return Some((0, rest));
        }
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let rest = text.strip_prefix(['+', '-'])?;
    let hours: i32 = rest.get(..2)?.parse().ok()?;
    let rest = rest.get(2..)?;
    let after = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = after.get(..2).and_then(|m| m.parse::<i32>().ok());
    let rest = if minutes.is_some() { after.get(2..)? } else { rest };
    Some((sign * (hours * 3_600 + minutes.unwrap_or(0) * 60), rest))
}

/// Java's zones by name are not known; offsets are.
pub(crate) fn offset_of(zone_name: &str) -> Option<i32> {
    match zone_name {
        "UTC" | "GMT" | "Z" => Some(0),
        name => zone(name.strip_prefix("GMT").unwrap_or(name)).map(|(offset, _)| offset),
    }
}
