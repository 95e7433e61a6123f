//! YAML as far as documents need it: no aliases, bounded depth and size.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::json::{Json, Object};

/// The most bytes of a document.
pub const MAX_BYTES: usize = 4 << 20;
/// How deeply it may be nested.
pub const MAX_DEPTH: usize = 100;

enum Open {
    Array(Vec<Json>),
    Object(Object, Option<String>),
}

/// Reads one document.
///
/// # Errors
/// Says where it is no YAML, or that an alias, the depth or the size is refused.
pub fn parse(text: &str) -> Result<Json, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("a document has at most {MAX_BYTES} bytes, this one {}", text.len()));
    }
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| format!("not YAML: {e}"))?;
        let value = match event {
            Event::Alias(_) => {
                return Err(format!("line {}: aliases are not supported", span.start.line()));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= MAX_DEPTH => {
                return Err(format!(
                    "line {}: nested more than {MAX_DEPTH} deep",
                    span.start.line()
                ));
            }
            Event::SequenceStart(..) => {
                open.push(Open::Array(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Object(Object::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::Array(items)) => Json::Array(items),
                Some(Open::Object(fields, _)) => Json::Object(fields),
                None => return Err("not YAML: something ends that did not begin".into()),
            },
            Event::Scalar(text, style, ..) => scalar(&text, style),
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(value),
            Some(Open::Array(items)) => items.push(value),
            Some(Open::Object(fields, key)) => match key.take() {
                None => *key = Some(value.plain()),
                Some(name) => {
                    fields.insert(name, value);
                }
            },
        }
    }
    Err("the document is empty".into())
}

fn scalar(text: &str, style: ScalarStyle) -> Json {
    if style != ScalarStyle::Plain {
        return text.into();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ if text.starts_with(['-', '+', '.'])
            || text.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            Json::parse(text.as_bytes())
                .ok()
                .filter(|json| json.as_f64().is_some())
                .unwrap_or_else(|| text.into())
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_in_its_order_with_its_types() {
        let json = parse("b: 1\na: [x, 'true', true, 1.5, ~]\nc:\n  d: |\n    text\n").unwrap();
        assert_eq!(
            json.to_string(),
            r#"{"b":1,"a":["x","true",true,1.5,null],"c":{"d":"text\n"}}"#
        );
    }

    #[test]
    fn alias_bombs_and_endless_nesting_are_refused() {
        assert!(parse("a: &x [1]\nb: [*x, *x]").unwrap_err().contains("aliases"));
        assert!(parse(&"- ".repeat(5_000)).unwrap_err().contains("100 deep"));
        assert!(parse(&"[".repeat(5_000)).is_err());
    }
}
