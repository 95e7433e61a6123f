//! Which stubs a request came closest to, and in which fields it differs from them.

use crate::json::{Json, object};
use crate::pattern::MultiPattern;
use crate::stub::asks::{RequestPattern, Seen, values};

/// How many near misses are shown.
pub const MAX_SHOWN: usize = 3;

/// A field in which a request is not what was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Such as `url`, `header Accept` or `body 1`.
    pub field: String,
    pub expected: String,
    pub found: String,
    /// 0 is the same, 1 nothing alike.
    pub distance: f64,
}

/// How far a request is from a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Over all fields, the URL counting ten and the method three times as much as any other.
    pub distance: f64,
    pub differences: Vec<Difference>,
}

impl Verdict {
    #[must_use]
    pub fn to_json(&self) -> Json {
        let differences = self.differences.iter().map(|difference| {
            object([
                ("field", difference.field.as_str().into()),
                ("expected", difference.expected.as_str().into()),
                ("found", difference.found.as_str().into()),
                ("distance", difference.distance.into()),
            ])
        });
        object([
            ("distance", self.distance.into()),
            ("differences", Json::Array(differences.collect())),
        ])
    }
}

struct Sum {
    distance: f64,
    weight: f64,
    differences: Vec<Difference>,
}

impl Sum {
    fn add(
        &mut self,
        weight: f64,
        field: String,
        distance: f64,
        texts: impl FnOnce() -> (String, String),
    ) {
        self.weight += weight;
        self.distance += weight * distance;
        if distance > 0.0 {
            let (expected, found) = texts();
            self.differences.push(Difference { field, expected, found, distance });
        }
    }
}

/// Compares a request with a pattern, field by field. `source` is the pattern as it was written.
#[must_use]
pub fn judge(pattern: &RequestPattern, source: &Json, seen: &Seen<'_>) -> Verdict {
    let request = seen.request;
    let mut sum = Sum { distance: 0.0, weight: 0.0, differences: Vec::new() };
    let url = pattern.url.distance(request);
    sum.add(10.0, "url".into(), url, || (pattern.url.text().to_owned(), request.url.clone()));
    let method = if pattern.accepts_method(&request.method) { 0.0 } else { 1.0 };
    let methods =
        || (pattern.methods.clone().unwrap_or_default().join(", "), request.method.clone());
    sum.add(3.0, "method".into(), method, methods);
    for (name, multi) in &pattern.headers {
        let found: Vec<&str> = request.header_values(name).collect();
        named(&mut sum, ("header", "headers"), (name, multi), (&found, source, seen.now));
    }
    let variables = pattern.variables(request);
    let kinds = [
        ("query parameter", "queryParameters", &pattern.query, seen.query()),
        ("cookie", "cookies", &pattern.cookies, seen.cookies()),
        ("form field", "formParameters", &pattern.form, seen.form()),
        ("path parameter", "pathParameters", &pattern.path_parameters, variables.as_slice()),
    ];
    for (kind, key, patterns, pairs) in kinds {
        for (name, multi) in patterns {
            named(&mut sum, (kind, key), (name, multi), (&values(pairs, name), source, seen.now));
        }
    }
    for (i, body) in pattern.body.iter().enumerate() {
        let expected = || {
            source.pointer(&format!("/bodyPatterns/{i}")).map_or_else(String::new, Json::to_string)
        };
        let distance = body.distance(&seen.body());
        sum.add(1.0, format!("body {}", i + 1), distance, || (expected(), clip(&request.text())));
    }
    Verdict { distance: sum.distance / sum.weight, differences: sum.differences }
}

fn named(
    sum: &mut Sum,
    (kind, key): (&str, &str),
    (name, multi): (&str, &MultiPattern),
    (found, source, now): (&[&str], &Json, i64),
) {
    let expected =
        || source.get(key).and_then(|all| all.get(name)).map_or_else(String::new, Json::to_string);
    let distance = multi.distance(found, now);
    let shown = || if found.is_empty() { "(absent)".to_owned() } else { clip(&found.join(", ")) };
    sum.add(1.0, format!("{kind} {name}"), distance, || (expected(), shown()));
}

fn clip(text: &str) -> String {
    text.chars().take(2_000).collect()
}

/// The closest of some verdicts, nearest first.
#[must_use]
pub fn nearest<T>(judged: impl Iterator<Item = (Verdict, T)>) -> Vec<(Verdict, T)> {
    let mut all: Vec<(Verdict, T)> = judged.collect();
    all.sort_by(|(a, _), (b, _)| a.distance.total_cmp(&b.distance));
    all.truncate(MAX_SHOWN);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;
    use crate::stub::Stub;

    #[test]
    fn a_request_that_lacks_a_header_is_told_which_and_what_was_expected() {
        let text =
            br#"{"request":{"method":"GET","urlPath":"/a","headers":{"X-Key":{"equalTo":"k"}}}}"#;
        let id = || "00000000-0000-4000-8000-000000000000".to_owned();
        let stub = Stub::read(&Json::parse(text).unwrap(), id, false).unwrap();
        let request = Request::new("GET", "/a");
        let source = stub.source.get("request").unwrap();
        let verdict = judge(&stub.request, source, &Seen::new(&request, 0));
        assert_eq!(verdict.differences.len(), 1);
        let difference = &verdict.differences[0];
        assert_eq!(
            (difference.field.as_str(), difference.found.as_str()),
            ("header X-Key", "(absent)")
        );
        assert_eq!(difference.expected, r#"{"equalTo":"k"}"#);
        assert!((verdict.distance - 1.0 / 14.0).abs() < 1e-9);
    }
}
