//! Answers from an `OpenAPI` document (2.0, 3.0, 3.1): requests are validated, responses are examples or made up.

use crate::json::{Json, Object};
use crate::random::Seeded;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::Request;

mod choose;
mod generate;
mod problem;
mod reference;
mod validate;

use problem::problem;
use reference::Document;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// The most operations of one document.
pub const MAX_OPERATIONS: usize = 1_000;

/// A document whose operations are answered.
#[derive(Debug, Clone)]
pub struct OpenApi {
    document: Document,
    base: String,
    operations: Vec<Operation>,
    bytes: usize,
}

/// A method on a path.
#[derive(Debug, Clone)]
struct Operation {
    method: String,
    segments: Vec<String>,
    /// Where it stands in the document.
    pointer: [String; 3],
}

impl OpenApi {
    /// Reads a document, JSON or YAML.
    ///
    /// # Errors
    /// Names the place that is missing, unknown or refused.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let json = if text.trim_start().starts_with('{') {
            Json::parse(text.as_bytes())
        } else {
            crate::yaml::parse(text)
        };
        Self::new(json.map_err(|why| Refusal::new("", why))?)
    }

    /// Takes a document that is parsed already.
    ///
    /// # Errors
    /// As [`OpenApi::read`].
    pub fn new(json: Json) -> Result<Self, Refusal> {
        let version = json
            .get("openapi")
            .or_else(|| json.get("swagger"))
            .map(Json::plain)
            .unwrap_or_default();
        if !["2.0", "3.0", "3.1"].iter().any(|known| version.starts_with(known)) {
            return Err(Refusal::new(
                "/openapi",
                "expected `openapi` 3.0 or 3.1, or `swagger` 2.0",
            ));
        }
        let paths = json.get("paths").and_then(Json::as_object);
        let paths = paths.ok_or_else(|| Refusal::new("/paths", "expected an object of paths"))?;
        let mut operations = Vec::new();
        for (path, item) in paths {
            let methods = item.as_object().into_iter().flat_map(Object::keys);
            for method in methods.filter(|method| METHODS.contains(&method.as_str())) {
                let segments = path.split('/').map(str::to_owned).collect();
                let pointer = ["paths".to_owned(), path.clone(), method.clone()];
                operations.push(Operation { method: method.to_uppercase(), segments, pointer });
            }
        }
        if operations.len() > MAX_OPERATIONS {
            return Err(Refusal::new(
                "/paths",
                format!("a document has at most {MAX_OPERATIONS} operations"),
            ));
        }
        // What is spelled out goes before what is a variable.
        operations.sort_by_key(|operation| {
            operation.segments.iter().filter(|s| s.starts_with('{')).count()
        });
        let base = base(&json);
        let bytes = json.to_string().len();
        let document = Document::new(json);
        document.check()?;
        Ok(Self { document, base, operations, bytes })
    }

    /// How many bytes it has as JSON.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many operations there are.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    #[must_use]
    pub fn to_json(&self) -> &Json {
        self.document.root()
    }

    /// Answers where the path is one of the document's, else `None`. The same seed makes up the same values.
    #[must_use]
    pub fn answer(&self, request: &Request, seed: u64) -> Option<Reply> {
        let path = request.path();
        let paths = [path.strip_prefix(self.base.as_str()).unwrap_or(path), path];
        let fits =
            |operation: &&Operation| paths.iter().any(|path| operation.variables(path).is_some());
        let mut fitting = self.operations.iter().filter(fits).peekable();
        fitting.peek()?;
        let asked = if request.method == "HEAD" { "GET" } else { &request.method };
        let Some(operation) = fitting.find(|operation| operation.method == asked) else {
            let detail = "The route was matched, but there is no operation for this method.";
            return Some(problem(
                405,
                ("NO_METHOD_MATCHED_ERROR", "Route resolved, but no path matched"),
                detail,
            ));
        };
        let variables = paths.iter().find_map(|path| operation.variables(path)).unwrap_or_default();
        Some(
            self.operate(operation, request, (&variables, seed))
                .because(format!("OpenAPI {} {}", operation.method, operation.pointer[1])),
        )
    }

    fn operate(
        &self,
        operation: &Operation,
        request: &Request,
        (variables, seed): (&[(String, String)], u64),
    ) -> Reply {
        let [paths, path, method] = &operation.pointer;
        let item = self.document.root().get(paths).and_then(|paths| paths.get(path));
        let (Some(item), Some(body)) = (item, item.and_then(|item| item.get(method))) else {
            return problem(500, ("UNKNOWN", "The operation is not in the document"), "");
        };
        let mistakes = validate::validate(&self.document, (item, body), request, variables);
        choose::respond(&self.document, body, request, (&mistakes, &mut Seeded(seed)))
    }
}

impl Operation {
    fn variables(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut pieces = path.split('/');
        let mut variables = Vec::new();
        for segment in &self.segments {
            let piece = pieces.next()?;
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if piece.is_empty() => return None,
                Some(name) => {
                    variables.push((name.to_owned(), crate::request::decode_percent(piece)));
                }
                None if segment != piece => return None,
                None => {}
            }
        }
        pieces.next().is_none().then_some(variables)
    }
}

/// The path below which the operations are: `basePath`, or that of the first server.
fn base(json: &Json) -> String {
    let server = json.pointer("/servers/0/url").and_then(Json::as_str).unwrap_or_default();
    let path = match server.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |start| &rest[start..]),
        None => server,
    };
    json.get("basePath").and_then(Json::as_str).unwrap_or(path).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
