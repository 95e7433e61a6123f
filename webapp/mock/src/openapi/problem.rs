//! Refusals of requests as `application/problem+json`, in Prism's shape.

use crate::json::{Json, object};
use crate::reply::Reply;

/// Something that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) location: Vec<String>,
    pub(super) code: &'static str,
    pub(super) message: String,
}

pub(super) fn problem(status: u16, (kind, title): (&str, &str), detail: &str) -> Reply {
    shown(status, &fields(status, (kind, title), detail))
}

pub(super) fn invalid(status: u16, mistakes: &[Mistake]) -> Reply {
    let each = mistakes.iter().map(|mistake| {
        object([
            ("location", mistake.location.clone().into()),
            ("severity", "Error".into()),
            ("code", mistake.code.into()),
            ("message", mistake.message.as_str().into()),
        ])
    });
    let detail = "Your request is not valid and no HTTP validation response was found in the spec, \
                  so Prism is generating this error for you.";
    let mut json = fields(status, ("UNPROCESSABLE_ENTITY", "Invalid request"), detail);
    if let Some(fields) = json.as_object_mut() {
        fields.insert("validation".into(), Json::Array(each.collect()));
    }
    shown(status, &json)
}

fn fields(status: u16, (kind, title): (&str, &str), detail: &str) -> Json {
    object([
        ("type", format!("https://stoplight.io/prism/errors#{kind}").into()),
        ("title", title.into()),
        ("status", status.into()),
        ("detail", detail.into()),
    ])
}

fn shown(status: u16, json: &Json) -> Reply {
    Reply::new(status)
        .with_header("Content-Type", "application/problem+json")
        .with_body(json.to_string())
}
