//! Texts: case, pieces and encodings.

use handlebars::JsonTruthy;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::MAX_OUTPUT;
use super::super::call::{Args, Run, number};
use crate::json::Json;
use crate::request::{decode_base64, decode_percent, encode_base64};

type Answer = Result<Json, String>;

/// What Java's encoder of URLs leaves as it is.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

fn decodes(args: &Args) -> bool {
    args.option("decode").is_some_and(|value| value.is_truthy(false))
}

pub(super) fn base64(args: &Args, _: &mut Run) -> Answer {
    let text = args.text(0);
    if decodes(args) {
        let bytes = decode_base64(&text).ok_or("not base64")?;
        return Ok(String::from_utf8_lossy(&bytes).into_owned().into());
    }
    let encoded = encode_base64(text.as_bytes());
    let padded = args.option("padding").is_none_or(|value| value.is_truthy(false));
    Ok(if padded { encoded } else { encoded.trim_end_matches('=').to_owned() }.into())
}

pub(super) fn url_encode(args: &Args, _: &mut Run) -> Answer {
    let text = args.text(0);
    if decodes(args) {
        return Ok(decode_percent(&text.replace('+', " ")).into());
    }
    Ok(utf8_percent_encode(&text, KEPT).to_string().replace(' ', "+").into())
}

pub(super) fn trim(args: &Args, _: &mut Run) -> Answer {
    Ok(args.text(0).trim().into())
}

pub(super) fn lower(args: &Args, _: &mut Run) -> Answer {
    Ok(args.text(0).to_lowercase().into())
}

pub(super) fn upper(args: &Args, _: &mut Run) -> Answer {
    Ok(args.text(0).to_uppercase().into())
}

pub(super) fn capitalize_first(args: &Args, _: &mut Run) -> Answer {
    Ok(raised(&args.text(0)).into())
}

pub(super) fn capitalize(args: &Args, _: &mut Run) -> Answer {
    let text = args.text(0);
    Ok(text.split(' ').map(raised).collect::<Vec<_>>().join(" ").into())
}

fn raised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

pub(super) fn replace(args: &Args, _: &mut Run) -> Answer {
    let (text, old, new) = (args.text(0), args.text(1), args.text(2));
    if text.matches(&old).count().saturating_mul(new.len()) > MAX_OUTPUT {
        return Err(format!("a helper returns at most {MAX_OUTPUT} bytes"));
    }
    Ok(text.replace(&old, &new).into())
}

pub(super) fn substring(args: &Args, _: &mut Run) -> Answer {
    let text: Vec<char> = args.text(0).chars().collect();
    let place =
        |at: usize| args.number(at).and_then(|number| format!("{number:.0}").parse::<usize>().ok());
    let from = place(1).ok_or("substring takes a text and where to begin")?;
    let to = place(2).unwrap_or(text.len()).min(text.len());
    let piece = text.get(from..to).ok_or("substring begins after the end")?;
    Ok(piece.iter().collect::<String>().into())
}

pub(super) fn abbreviate(args: &Args, _: &mut Run) -> Answer {
    let text = args.text(0);
    let width = number(args.at(1)).and_then(|number| format!("{number:.0}").parse::<usize>().ok());
    let width = width.ok_or("abbreviate takes a text and a width")?;
    if text.chars().count() <= width {
        return Ok(text.into());
    }
    Ok(format!("{}...", text.chars().take(width.saturating_sub(3)).collect::<String>()).into())
}

pub(super) fn strip_tags(args: &Args, _: &mut Run) -> Answer {
    let text = args.text(0);
    let pieces = text.split('<').enumerate();
    let kept =
        pieces.map(
            |(i, piece)| {
                if i == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) }
            },
        );
    Ok(kept.collect::<String>().into())
}

pub(super) fn default_if_empty(args: &Args, _: &mut Run) -> Answer {
    let first = args.params.iter().find(|value| value.is_truthy(false));
    Ok(first.or(args.params.last()).cloned().unwrap_or_default().into())
}
