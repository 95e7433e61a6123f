//! Moments in time.

use super::super::call::{Args, Run};
use crate::json::Json;
use crate::moment::{self, Moment};

type Answer = Result<Json, String>;

const ISO: &str = "yyyy-MM-dd'T'HH:mm:ssXXX";

pub(super) fn now(args: &Args, run: &mut Run) -> Answer {
    show(args, Moment::utc(run.now))
}

pub(super) fn date(args: &Args, run: &mut Run) -> Answer {
    let text = args.text(0);
    let given =
        if text.is_empty() { Some(Moment::utc(run.now)) } else { moment::parse(&text, None) };
    show(args, given.ok_or_else(|| format!("`{text}` is not a date"))?)
}

/// Moments are handed on as ISO 8601, which [`date`] reads.
pub(super) fn parse_date(args: &Args, _: &mut Run) -> Answer {
    let text = args.text(0);
    let parsed = moment::parse(&text, args.option_text("format").as_deref());
    let parsed = parsed.ok_or_else(|| format!("`{text}` is not a date of that format"))?;
    Ok(moment::format(Moment::utc(parsed.millis), "yyyy-MM-dd'T'HH:mm:ss.SSSXXX").into())
}

fn show(args: &Args, moment: Moment) -> Answer {
    let mut moment = moment;
    if let Some(offset) = args.option_text("offset") {
        let (amount, unit) = moment::offset(&offset)?;
        moment = moment.plus(amount, unit);
    }
    if let Some(zone) = args.option_text("timezone") {
        let offset = moment::offset_of(&zone);
        moment.offset = offset.ok_or_else(|| {
            format!("the zone `{zone}` is not known; give an offset such as +02:00")
        })?;
    }
    let format = args.option_text("format").unwrap_or_else(|| ISO.into());
    Ok(moment::format(moment, &format).into())
}
