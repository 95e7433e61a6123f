//! Matchers from WireMock's JSON.

use super::date::{DateRule, Expected, Relation};
use super::json_equal::EqualJson;
use super::xml::EqualXml;
use super::{MultiPattern, Pattern};
use crate::fields::{Field, Fields};
use crate::java_regex;
use crate::json::Json;
use crate::json_path::JsonPath;
use crate::refusal::Refusal;
use crate::request::decode_base64;

const OPERATORS: [&str; 17] = [
    "equalTo",
    "contains",
    "doesNotContain",
    "matches",
    "doesNotMatch",
    "equalToJson",
    "equalToXml",
    "matchesJsonPath",
    "binaryEqualTo",
    "before",
    "after",
    "equalToDateTime",
    "absent",
    "anything",
    "and",
    "or",
    "not",
];

const UNSUPPORTED: [(&str, &str); 6] = [
    ("matchesXPath", "there is no XPath here; `equalToXml` compares whole documents"),
    ("matchesJsonSchema", "use `matchesJsonPath` or `equalToJson` with placeholders"),
    ("matchesPathTemplate", "use `urlPathTemplate`"),
    ("equalToNumber", "use `equalTo` or `matches`"),
    ("greaterThanNumber", "use `matches`"),
    ("lessThanNumber", "use `matches`"),
];

/// Reads a matcher of several values.
pub(crate) fn multi(field: &Field<'_>) -> Result<MultiPattern, Refusal> {
    let mut fields = field.fields()?;
    if let Some(list) = fields.take("hasExactly") {
        let patterns = patterns(&list)?;
        fields.finish()?;
        return Ok(MultiPattern::HasExactly(patterns));
    }
    if let Some(list) = fields.take("includes") {
        let patterns = patterns(&list)?;
        fields.finish()?;
        return Ok(MultiPattern::Includes(patterns));
    }
    pattern(field).map(MultiPattern::Any)
}

fn patterns(list: &Field<'_>) -> Result<Vec<Pattern>, Refusal> {
    list.items()?.iter().map(pattern).collect()
}

/// Reads a matcher of one text.
pub(crate) fn pattern(field: &Field<'_>) -> Result<Pattern, Refusal> {
    let mut fields = field.fields()?;
    for (name, why) in UNSUPPORTED {
        fields.unsupported(name, why)?;
    }
    let present: Vec<&str> = OPERATORS.iter().copied().filter(|name| fields.has(name)).collect();
    let operator = match present.as_slice() {
        [one] => *one,
        [] if fields.has("xPathNamespaces") => return Err(fields.refuse("XPath is not supported")),
        [] => {
            fields.finish()?;
            return Err(
                field.refuse(format!("no matcher here; there are {}", OPERATORS.join(", ")))
            );
        }
        several => {
            return Err(field.refuse(format!(
                "only one matcher can stand here, not {}",
                several.join(" and ")
            )));
        }
    };
    let value = fields.take(operator).expect("it was seen in the object");
    let pattern = read(operator, &value, &mut fields)?;
    fields.finish()?;
    Ok(pattern)
}

fn read(operator: &str, value: &Field<'_>, fields: &mut Fields<'_>) -> Result<Pattern, Refusal> {
    let regex = || java_regex::compile_whole(&value.scalar()?).map_err(|why| value.refuse(why));
    Ok(match operator {
        "equalTo" => Pattern::EqualTo {
            value: value.scalar()?,
            ignore_case: fields.flag("caseInsensitive")?,
        },
        "contains" => Pattern::Contains(value.scalar()?),
        "doesNotContain" => Pattern::DoesNotContain(value.scalar()?),
        "matches" => Pattern::Matches(regex()?),
        "doesNotMatch" => Pattern::DoesNotMatch(regex()?),
        "equalToJson" => equal_to_json(value, fields)?,
        "equalToXml" => {
            fields.unsupported("exemptedComparisons", "documents are compared whole")?;
            if fields.flag("enablePlaceholders")? {
                return Err(value.refuse("placeholders in XML are not supported"));
            }
            Pattern::EqualToXml(EqualXml::parse(value.text()?).map_err(|why| value.refuse(why))?)
        }
        "matchesJsonPath" => json_path(value)?,
        "binaryEqualTo" => {
            let bytes = decode_base64(value.text()?);
            Pattern::BinaryEqualTo(bytes.ok_or_else(|| value.refuse("not base64"))?)
        }
        "absent" | "anything" if !value.flag()? => return Err(value.refuse("it can only be true")),
        "absent" => Pattern::Absent,
        "anything" => Pattern::Anything,
        "and" => Pattern::And(patterns(value)?),
        "or" => Pattern::Or(patterns(value)?),
        "not" => Pattern::Not(Box::new(pattern(value)?)),
        _ => date(operator, value, fields)?,
    })
}

fn equal_to_json(value: &Field<'_>, fields: &mut Fields<'_>) -> Result<Pattern, Refusal> {
    let expected = match value.value {
        Json::String(text) => {
            Json::parse(text.as_bytes()).map_err(|why| value.refuse(format!("not JSON: {why}")))?
        }
        other => other.clone(),
    };
    let (order, extra) = (fields.flag("ignoreArrayOrder")?, fields.flag("ignoreExtraElements")?);
    let expected = EqualJson::new(expected, order, extra).map_err(|why| value.refuse(why))?;
    Ok(Pattern::EqualToJson(expected))
}

fn json_path(value: &Field<'_>) -> Result<Pattern, Refusal> {
    let parse = |text: &str| JsonPath::parse(text).map_err(|why| value.refuse(why));
    let Some(object) = value.value.as_object() else {
        return Ok(Pattern::JsonPath { path: parse(value.text()?)?, inner: None });
    };
    let mut fields = value.fields()?;
    let expression =
        fields.take("expression").ok_or_else(|| value.refuse("`expression` is missing"))?;
    let mut rest = object.clone();
    rest.shift_remove("expression");
    let rest = Json::Object(rest);
    let inner = pattern(&Field { value: &rest, at: value.at.clone() })?;
    Ok(Pattern::JsonPath { path: parse(expression.text()?)?, inner: Some(Box::new(inner)) })
}

fn date(operator: &str, value: &Field<'_>, fields: &mut Fields<'_>) -> Result<Pattern, Refusal> {
    for name in ["truncateExpected", "truncateActual", "applyTruncationLast"] {
        fields.unsupported(name, "moments are compared as they are")?;
    }
    let mut expected = Expected::parse(value.text()?).map_err(|why| value.refuse(why))?;
    if let Some(offset) = fields.take("expectedOffset") {
        let unit = fields.text("expectedOffsetUnit")?.unwrap_or_else(|| "days".to_owned());
        let text = format!("now {} {unit}", offset.scalar()?);
        expected = Expected::parse(&text).map_err(|why| offset.refuse(why))?;
    }
    let relation = match operator {
        "before" => Relation::Before,
        "after" => Relation::After,
        _ => Relation::Equal,
    };
    Ok(Pattern::Date(DateRule { relation, expected, actual_format: fields.text("actualFormat")? }))
}
