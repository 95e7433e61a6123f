//! Moments to text, in Java's `SimpleDateFormat` patterns.

use super::Moment;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Writes a moment; `unix` is in seconds and `epoch` in milliseconds since 1970.
#[must_use]
pub fn format(moment: Moment, pattern: &str) -> String {
    match pattern {
        "epoch" => return moment.millis.to_string(),
        "unix" => return moment.millis.div_euclid(1_000).to_string(),
        _ => {}
    }
    let mut out = String::new();
    for run in runs(pattern) {
        match run {
            Run::Literal(text) => out.push_str(&text),
            Run::Letters(letter, count) => out.push_str(&field(moment, letter, count)),
        }
    }
    out
}

/// A piece of a pattern.
pub(super) enum Run {
    Literal(String),
    Letters(char, usize),
}

pub(super) fn runs(pattern: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let length = if c == '\'' {
            let (text, length) = quoted(&rest[1..]);
            runs.push(Run::Literal(text));
            length + 1
        } else if c.is_ascii_alphabetic() {
            let count = rest.chars().take_while(|d| *d == c).count();
            runs.push(Run::Letters(c, count));
            count
        } else {
            runs.push(Run::Literal(c.to_string()));
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    runs
}

/// What stands in quotes, and how many bytes that takes with the closing one.
fn quoted(rest: &str) -> (String, usize) {
    match rest.find('\'') {
        Some(0) => ("'".to_owned(), 1),
        Some(end) => (rest[..end].to_owned(), end + 1),
        None => (rest.to_owned(), rest.len()),
    }
}

fn field(moment: Moment, letter: char, count: usize) -> String {
    let at = moment.calendar();
    let hour = at.hour();
    let padded = |number: u32| format!("{number:0count$}");
    match letter {
        'y' | 'u' if count == 2 => format!("{:02}", at.year().rem_euclid(100)),
        'y' | 'u' => format!("{:0count$}", at.year()),
        'M' | 'L' if count >= 3 => named(&MONTHS, usize::from(u8::from(at.month())) - 1, count),
        'M' | 'L' => padded(u8::from(at.month()).into()),
        'd' => padded(at.day().into()),
        'D' => padded(at.ordinal().into()),
        'E' => named(&DAYS, at.weekday().number_days_from_monday().into(), count),
        'H' => padded(hour.into()),
        'k' => padded(if hour == 0 { 24 } else { hour.into() }),
        'K' => padded((hour % 12).into()),
        'h' => padded(if hour.is_multiple_of(12) { 12 } else { (hour % 12).into() }),
        'm' => padded(at.minute().into()),
        's' => padded(at.second().into()),
        'S' => padded(at.millisecond().into()),
        'a' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'X' if moment.offset == 0 => "Z".to_owned(),
        'X' => zone(moment.offset, if count == 3 { ":" } else { "" }),
        'Z' => zone(moment.offset, ""),
        'z' if moment.offset == 0 => "UTC".to_owned(),
        'z' => format!("GMT{}", zone(moment.offset, ":")),
        other => other.to_string().repeat(count),
    }
}

fn named(names: &[&str], index: usize, count: usize) -> String {
    let name = names.get(index).copied().unwrap_or_default();
    if count > 3 { name.to_owned() } else { name.chars().take(3).collect() }
}

fn zone(offset: i32, separator: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
}

pub(super) fn month_number(text: &str) -> Option<(u8, usize)> {
    let place = |(i, month): (usize, &&str)| {
        let number = u8::try_from(i + 1).ok()?;
        let short = month.get(..3)?;
        if text.starts_with(*month) {
            Some((number, month.len()))
        } else {
            text.starts_with(short).then_some((number, 3))
        }
    };
    MONTHS.iter().enumerate().find_map(place)
}
