//! `multipart/*` bodies, taken apart within bounds.

use super::Request;

/// The most parts of one body that are looked at.
pub const MAX_PARTS: usize = 64;

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: Option<String>,
    pub filename: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The parts of a request's body; none where it is not multipart.
#[must_use]
pub fn parts(request: &Request) -> Vec<Part> {
    let header = request.header("content-type").unwrap_or_default();
    if !header.to_ascii_lowercase().starts_with("multipart/") {
        return Vec::new();
    }
    match parameter(header, "boundary") {
        Some(boundary) if !boundary.is_empty() => split(&request.body, &format!("--{boundary}")),
        _ => Vec::new(),
    }
}

fn split(body: &[u8], delimiter: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = match find(body, delimiter.as_bytes()) {
        Some(start) => &body[start + delimiter.len()..],
        None => return parts,
    };
    while parts.len() < MAX_PARTS && !rest.starts_with(b"--") {
        let Some(end) = find(rest, delimiter.as_bytes()) else { break };
        let part = rest[..end].strip_prefix(b"\r\n".as_slice()).unwrap_or(&rest[..end]);
        parts.extend(read(part.strip_suffix(b"\r\n".as_slice()).unwrap_or(part)));
        rest = &rest[end + delimiter.len()..];
    }
    parts
}

fn read(part: &[u8]) -> Option<Part> {
    let (head, body) = match find(part, b"\r\n\r\n") {
        Some(end) => (&part[..end], &part[end + 4..]),
        None => (&part[..0], part.strip_prefix(b"\r\n".as_slice())?),
    };
    let head = String::from_utf8_lossy(head);
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let headers: Vec<(String, String)> =
        lines.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
    let disposition = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("content-disposition"));
    let said = |name| disposition.and_then(|(_, value)| parameter(value, name));
    Some(Part {
        name: said("name"),
        filename: said("filename"),
        headers: headers.clone(),
        body: body.to_vec(),
    })
}

/// A parameter of a header such as `form-data; name="x"`.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|piece| {
        let (key, value) = piece.trim().split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(body: &str) -> Request {
        Request::new("POST", "/")
            .with_header("Content-Type", "multipart/form-data; boundary=XX")
            .with_body(body)
    }

    #[test]
    fn each_part_has_its_name_its_headers_and_its_body() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nhello\r\n--XX--\r\n";
        let parts = parts(&upload(body));
        assert_eq!(parts.len(), 1);
        assert_eq!(
            (parts[0].name.as_deref(), parts[0].filename.as_deref()),
            (Some("a"), Some("f.txt"))
        );
        assert_eq!(parts[0].body, b"hello");
    }

    #[test]
    fn a_hundred_thousand_parts_are_cut_at_the_limit_and_a_missing_end_is_no_part() {
        assert_eq!(parts(&upload(&"--XX\r\n\r\nx\r\n".repeat(100_000))).len(), MAX_PARTS);
        assert!(parts(&upload("--XX\r\n\r\nx")).is_empty());
    }
}
