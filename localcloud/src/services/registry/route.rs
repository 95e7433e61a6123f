//! From method and path to what is asked for (distribution spec, Endpoints).

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use super::digest::Digest;
use super::refusal::Refusal;

/// Where OCIR's challenge sends clients for a token.
pub(super) const TOKEN_PATH: &str = "/20180419/docker/token";

/// One call: a repository's full path (empty where there is none) and the operation on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) name: String,
    pub(super) operation: Operation,
}

/// A tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    Digest(Digest),
    Tag(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    CancelUpload { id: String },
    DeleteBlob { digest: Digest },
    DeleteManifest { reference: Reference },
    FinishUpload { id: String },
    GetBlob { digest: Digest },
    GetManifest { reference: Reference },
    GetUpload { id: String },
    HeadBlob { digest: Digest },
    HeadManifest { reference: Reference },
    IssueToken,
    ListReferrers { digest: Digest },
    ListTags,
    Ping,
    PushManifest { reference: Reference },
    StartUpload,
    UploadChunk { id: String },
}

/// The names of all operations.
pub(in crate::services) const OPERATIONS: [&str; 16] = [
    "CancelUpload",
    "DeleteBlob",
    "DeleteManifest",
    "FinishUpload",
    "GetBlob",
    "GetManifest",
    "GetUpload",
    "HeadBlob",
    "HeadManifest",
    "IssueToken",
    "ListReferrers",
    "ListTags",
    "Ping",
    "PushManifest",
    "StartUpload",
    "UploadChunk",
];

impl Operation {
    /// The name that the journal and planned faults use.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::CancelUpload { .. } => "CancelUpload",
            Self::DeleteBlob { .. } => "DeleteBlob",
            Self::DeleteManifest { .. } => "DeleteManifest",
            Self::FinishUpload { .. } => "FinishUpload",
            Self::GetBlob { .. } => "GetBlob",
            Self::GetManifest { .. } => "GetManifest",
            Self::GetUpload { .. } => "GetUpload",
            Self::HeadBlob { .. } => "HeadBlob",
            Self::HeadManifest { .. } => "HeadManifest",
            Self::IssueToken => "IssueToken",
            Self::ListReferrers { .. } => "ListReferrers",
            Self::ListTags => "ListTags",
            Self::Ping => "Ping",
            Self::PushManifest { .. } => "PushManifest",
            Self::StartUpload => "StartUpload",
            Self::UploadChunk { .. } => "UploadChunk",
        }
    }

    /// Whether it needs the right to push.
    pub(super) fn writes(&self) -> bool {
        matches!(
            self,
            Self::CancelUpload { .. }
                | Self::DeleteBlob { .. }
                | Self::DeleteManifest { .. }
                | Self::FinishUpload { .. }
                | Self::PushManifest { .. }
                | Self::StartUpload
                | Self::UploadChunk { .. }
        )
    }
}

impl Route {
    /// # Errors
    /// 404 for a path that is none of the registry's, 400 for a malformed name, tag or digest, 405 for the method.
    pub(super) fn parse(method: &Method, path: &str) -> Result<Self, Refusal> {
        let path = percent_decode_str(path).decode_utf8().map_err(|_| not_found())?;
        match (method.as_str(), path.as_ref()) {
            ("GET", TOKEN_PATH) => return Ok(Self::bare(Operation::IssueToken)),
            ("GET" | "HEAD", "/v2" | "/v2/") => return Ok(Self::bare(Operation::Ping)),
            (_, TOKEN_PATH | "/v2" | "/v2/") => return Err(Refusal::unsupported()),
            _ => {}
        }
        let path = path.strip_prefix("/v2/").ok_or_else(not_found)?;
        let (name, operation) = operation(method.as_str(), path)?;
        if !is_name(name) {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "NAME_INVALID",
                "invalid repository name",
            ));
        }
        Ok(Self { name: name.to_owned(), operation })
    }

    fn bare(operation: Operation) -> Self {
        Self { name: String::new(), operation }
    }
}

fn operation<'a>(method: &str, path: &'a str) -> Result<(&'a str, Operation), Refusal> {
    if let Some(name) = path.strip_suffix("/tags/list") {
        return Ok((name, only(method == "GET", Operation::ListTags)?));
    }
    if let Some((name, id)) = path.rsplit_once("/blobs/uploads") {
        return Ok((name, upload(method, id.trim_start_matches('/').to_owned())?));
    }
    let (rest, last) = path.rsplit_once('/').ok_or_else(not_found)?;
    let (name, kind) = rest.rsplit_once('/').ok_or_else(not_found)?;
    let operation = match kind {
        "blobs" => blob(method, digest(last)?)?,
        "manifests" => manifest(method, reference(last)?)?,
        "referrers" => only(method == "GET", Operation::ListReferrers { digest: digest(last)? })?,
        _ => return Err(not_found()),
    };
    Ok((name, operation))
}

fn upload(method: &str, id: String) -> Result<Operation, Refusal> {
    match (method, id.is_empty()) {
        ("POST", true) => Ok(Operation::StartUpload),
        ("PATCH", false) => Ok(Operation::UploadChunk { id }),
        ("PUT", false) => Ok(Operation::FinishUpload { id }),
        ("GET", false) => Ok(Operation::GetUpload { id }),
        ("DELETE", false) => Ok(Operation::CancelUpload { id }),
        _ => Err(Refusal::unsupported()),
    }
}

fn blob(method: &str, digest: Digest) -> Result<Operation, Refusal> {
    match method {
        "GET" => Ok(Operation::GetBlob { digest }),
        "HEAD" => Ok(Operation::HeadBlob { digest }),
        "DELETE" => Ok(Operation::DeleteBlob { digest }),
        _ => Err(Refusal::unsupported()),
    }
}

fn manifest(method: &str, reference: Reference) -> Result<Operation, Refusal> {
    match method {
        "GET" => Ok(Operation::GetManifest { reference }),
        "HEAD" => Ok(Operation::HeadManifest { reference }),
        "PUT" => Ok(Operation::PushManifest { reference }),
        "DELETE" => Ok(Operation::DeleteManifest { reference }),
        _ => Err(Refusal::unsupported()),
    }
}

fn only(allowed: bool, operation: Operation) -> Result<Operation, Refusal> {
    allowed.then_some(operation).ok_or_else(Refusal::unsupported)
}

fn digest(text: &str) -> Result<Digest, Refusal> {
    Digest::parse(text).ok_or_else(|| Refusal::bad_digest("provided digest is not a sha256 digest"))
}

fn reference(text: &str) -> Result<Reference, Refusal> {
    if text.contains(':') {
        return digest(text).map(Reference::Digest);
    }
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let good = (1..=128).contains(&text.len())
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || b == b'.' || b == b'-');
    good.then(|| Reference::Tag(text.to_owned())).ok_or_else(|| {
        Refusal::new(StatusCode::BAD_REQUEST, "TAG_INVALID", "manifest tag did not match the URI")
    })
}

/// Components of lower-case letters and digits, joined inside by `.`, `_` or `-`, at most 255 bytes together.
fn is_name(name: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let component = |part: &str| {
        edge(part.bytes().next())
            && edge(part.bytes().next_back())
            && part.bytes().all(|b| edge(Some(b)) || b"._-".contains(&b))
            && !part.contains("..")
    };
    name.len() <= 255 && name.split('/').all(component)
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "NAME_UNKNOWN", "path is not part of the registry API")
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{Operation, Route};

    #[test]
    fn paths_with_slashes_in_the_name_lead_to_their_operation() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let cases = [
            ("GET", "/v2/".to_owned(), "Ping"),
            ("GET", "/20180419/docker/token".to_owned(), "IssueToken"),
            ("POST", "/v2/ns/a/b/blobs/uploads/".to_owned(), "StartUpload"),
            ("PATCH", "/v2/ns/a/b/blobs/uploads/77".to_owned(), "UploadChunk"),
            ("GET", format!("/v2/ns/a/blobs/{}", digest.replace(':', "%3A")), "GetBlob"),
            ("HEAD", "/v2/ns/a/manifests/v1.0".to_owned(), "HeadManifest"),
            ("GET", "/v2/ns/tags/list/tags/list".to_owned(), "ListTags"),
            ("GET", format!("/v2/ns/a/referrers/{digest}"), "ListReferrers"),
        ];
        for (method, path, name) in cases {
            let method: Method = method.parse().unwrap();
            assert_eq!(Route::parse(&method, &path).unwrap().operation.name(), name, "{path}");
        }
    }

    #[test]
    fn names_that_could_leave_the_registry_are_refused() {
        for name in ["ns/../x", "ns/A", "ns//x", "ns/.x", "/x", "ns/a%2e%2e/b"] {
            assert!(
                Route::parse(&Method::GET, &format!("/v2/{name}/tags/list")).is_err(),
                "{name}"
            );
        }
        assert_eq!(
            Route::parse(&Method::GET, "/v2/ns/web-app/tags/list").unwrap().operation,
            Operation::ListTags
        );
    }
}
