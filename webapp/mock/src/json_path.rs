//! `JSONPath` in Jayway's dialect, which WireMock speaks: filters, slices, descent and functions, with bounded work.

use crate::json::Json;

mod filter;
mod parse;
mod run;

use filter::Filter;

/// The longest path, in bytes.
pub const MAX_PATH: usize = 2_000;
/// The most values that one evaluation looks at before it gives up.
pub const MAX_STEPS: usize = 100_000;

/// A path that was understood.
#[derive(Debug, Clone)]
pub struct JsonPath {
    steps: Vec<Step>,
    function: Option<Function>,
}

#[derive(Debug, Clone)]
enum Step {
    Names(Vec<String>),
    Every,
    Places(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Filter(Filter),
    Descend,
}

#[derive(Debug, Clone, Copy)]
enum Function {
    Length,
    Sum,
    Min,
    Max,
    Avg,
    Keys,
}

/// What a path led to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A definite path leads to one value or to none.
    One(Option<Json>),
    /// A path with wildcards, filters, slices or descent leads to any number.
    Many(Vec<Json>),
}

impl Found {
    /// The value as templates show it: several are an array.
    #[must_use]
    pub fn into_json(self) -> Option<Json> {
        match self {
            Self::One(value) => value,
            Self::Many(values) => Some(Json::Array(values)),
        }
    }
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// Says where and why it is not one.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATH {
            return Err(format!(
                "a JSONPath has at most {MAX_PATH} bytes, this one {}",
                text.len()
            ));
        }
        parse::path(text)
    }

    /// Whether it leads to at most one value.
    fn is_definite(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Names(names) => names.len() == 1,
            Step::Places(places) => places.len() == 1,
            _ => false,
        })
    }

    /// Follows the path.
    ///
    /// # Errors
    /// When it would look at more than [`MAX_STEPS`] values.
    pub fn find(&self, root: &Json) -> Result<Found, String> {
        let values = run::follow(&self.steps, root)?;
        if let Some(function) = self.function {
            let several = !self.is_definite();
            return Ok(Found::One(run::apply(function, &values, several)));
        }
        if self.is_definite() {
            return Ok(Found::One(values.first().map(|value| (*value).clone())));
        }
        Ok(Found::Many(values.into_iter().cloned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: &str = r#"{"store":{"book":[
        {"title":"A","price":8.95,"tags":["x"]},
        {"title":"B","price":12.5,"isbn":"1"},
        {"title":"C","price":22}],"open":true}}"#;

    fn find(path: &str) -> String {
        let root = Json::parse(STORE.as_bytes()).unwrap();
        let found = JsonPath::parse(path).unwrap().find(&root).unwrap();
        found.into_json().map_or("nothing".into(), |json| json.to_string())
    }

    #[test]
    fn definite_paths_lead_to_the_value_itself() {
        assert_eq!(find("$.store.open"), "true");
        assert_eq!(find("$['store']['book'][0]['title']"), "\"A\"");
        assert_eq!(find("$.store.book[-1].title"), "\"C\"");
        assert_eq!(find("$.store.nothing"), "nothing");
    }

    #[test]
    fn filters_compare_match_and_combine() {
        assert_eq!(find("$.store.book[?(@.price > 10)].title"), r#"["B","C"]"#);
        assert_eq!(find("$.store.book[?(@.isbn)].title"), r#"["B"]"#);
        assert_eq!(find("$..book[?(@.title =~ /[ab]/i && @.price < 10)].price"), "[8.95]");
        assert_eq!(find("$.store.book[?(@.title in ['A','C'])].title"), r#"["A","C"]"#);
        assert_eq!(find("$.store.book[?(!(@.title == 'A'))].title"), r#"["B","C"]"#);
    }

    #[test]
    fn slices_wildcards_and_functions_work_as_jayways() {
        assert_eq!(find("$.store.book[0:2].title"), r#"["A","B"]"#);
        assert_eq!(find("$.store.book[*].price"), "[8.95,12.5,22]");
        assert_eq!(find("$.store.book.length()"), "3");
        assert_eq!(find("$..price.sum()"), "43.45");
        assert_eq!(find("$.store.keys()"), r#"["book","open"]"#);
    }

    #[test]
    fn a_path_that_would_look_at_everything_many_times_gives_up() {
        let wide = format!("[{}]", vec!["[[[[[[1]]]]]]"; 20_000].join(","));
        let root = Json::parse(wide.as_bytes()).unwrap();
        let path = JsonPath::parse("$..*..*..*").unwrap();
        assert!(path.find(&root).unwrap_err().contains("100000"));
    }

    #[test]
    fn what_is_not_a_path_is_refused_with_the_place() {
        assert!(JsonPath::parse("$.a[?(@.b ==").unwrap_err().contains("JSONPath"));
        assert!(
            JsonPath::parse(&format!("$[?({}@.a)]", "(".repeat(1_500)))
                .unwrap_err()
                .contains("nested")
        );
    }
}
