//! Bodies that come in pieces: `/drip` and `/stream`.

use super::{bad, millis, plain};
use crate::reply::Reply;
use crate::request::Request;
use crate::stub::delay::Dribble;

/// The most bytes of a drip.
const MAX_DRIP: u64 = 10_000;
/// The most lines of a stream.
const MAX_LINES: u64 = 100;

pub(super) fn drip(request: &Request) -> Reply {
    let option = |name: &str| request.query_values(name).into_iter().next();
    let count = option("numbytes").and_then(|text| text.parse::<u64>().ok()).unwrap_or(10);
    if !(1..=MAX_DRIP).contains(&count) {
        return bad(format!("numbytes is from 1 to {MAX_DRIP}"));
    }
    let over = option("duration").map_or(Some(2_000), |text| millis(&text));
    let code = option("code").map_or(Some(200), |text| text.parse::<u16>().ok());
    let (Some(over), Some(code)) = (over, code.filter(|code| (200..=599).contains(code))) else {
        return bad("duration is in seconds, code from 200 to 599".to_owned());
    };
    let mut reply = Reply::new(code).with_header("Content-Type", "application/octet-stream");
    reply.body = vec![b'*'; usize::try_from(count).unwrap_or(0)];
    reply.delay.dribble = Some(Dribble { pieces: count, over });
    reply.delay.before = option("delay").and_then(|text| millis(&text)).unwrap_or(0);
    reply
}

pub(super) fn lines(request: &Request, count: &str) -> Reply {
    let Ok(count) = count.parse::<u64>() else {
        return bad(format!("`{count}` is no number of lines"));
    };
    let mut body = String::new();
    for id in 0..count.min(MAX_LINES) {
        let mut line = plain(request);
        if let Some(fields) = line.as_object_mut() {
            fields.insert("id".into(), id.into());
        }
        body.push_str(&line.to_string());
        body.push('\n');
    }
    Reply::new(200).with_header("Content-Type", "application/json").with_body(body)
}
