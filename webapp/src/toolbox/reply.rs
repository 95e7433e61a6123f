//! What a job made, on its way to the visitor.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tools::{File, Refusal, Why};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::names;
use super::upload::MEGABYTE;
use crate::problem::Problem;
use crate::worker::pool::{Running, Trouble};

/// The most bytes of all results of a job.
pub(crate) const LARGEST_RESULT: usize = 100 * MEGABYTE;
/// How many lines may wait for a visitor who reads slowly.
const LINES_AHEAD: usize = 4;
/// What is known of a single result, beside it.
const ABOUT: &str = "x-about";

/// One file as it is, several as an archive of that name.
pub(crate) async fn files(
    mut job: Running,
    archive: &str,
    names: &[String],
) -> Result<Response, Problem> {
    let mut files = collect(&mut job, names).await?;
    drop(job);
    if files.len() == 1
        && let Some(file) = files.pop()
    {
        return Ok(one(file));
    }
    let bytes = zip(files).map_err(|_| Problem::internal())?;
    Ok(download(&format!("{archive}.zip"), "application/zip", bytes))
}

/// What is known of each file.
pub(crate) async fn facts(mut job: Running, names: &[String]) -> Result<Response, Problem> {
    let files = collect(&mut job, names).await?;
    let facts: Vec<Value> =
        files.into_iter().map(|file| json!({ "name": file.name, "about": file.about })).collect();
    Ok(axum::Json(json!({ "files": facts })).into_response())
}

/// A line for each result; a problem on the way is the last line. What the first result says decides the status.
pub(crate) async fn lines(mut job: Running, names: Vec<String>) -> Result<Response, Problem> {
    let first = job.next().await.map_err(|trouble| problem(trouble, &names))?;
    let (sender, receiver) = mpsc::channel(LINES_AHEAD);
    tokio::spawn(async move {
        let mut next = Ok(first);
        loop {
            let line = match next {
                Ok(Some(file)) => line(&file),
                Ok(None) => return,
                Err(trouble) => json!({ "problem": problem(trouble, &names) }),
            };
            let last = line.get("problem").is_some();
            let bytes = Ok::<_, std::convert::Infallible>(Bytes::from(format!("{line}\n")));
            let sent = tokio::time::timeout_at(job.until(), sender.send(bytes)).await;
            // The visitor is gone or does not read: dropping the job ends its worker.
            if last || !matches!(sent, Ok(Ok(()))) {
                return;
            }
            next = job.next().await;
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

async fn collect(job: &mut Running, names: &[String]) -> Result<Vec<File>, Problem> {
    let mut files: Vec<File> = Vec::new();
    let mut bytes = 0;
    while let Some(file) = job.next().await.map_err(|trouble| problem(trouble, names))? {
        bytes += file.bytes.len();
        if bytes > LARGEST_RESULT {
            let detail = format!("the results are larger than {} MB", LARGEST_RESULT / MEGABYTE);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        files.push(file);
    }
    Ok(files)
}

fn one(file: File) -> Response {
    let mut response = download(&file.name, &file.media_type, file.bytes);
    if let Ok(about) = HeaderValue::from_str(&ascii(&file.about)) {
        response.headers_mut().insert(ABOUT, about);
    }
    response
}

fn download(name: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, names::attachment(&names::clean(name))),
    ];
    (headers, bytes).into_response()
}

/// Stored and not deflated: what is in it is compressed already.
fn zip(files: Vec<File>) -> zip::result::ZipResult<Vec<u8>> {
    let names = names::unique(files.iter().map(|file| names::clean(&file.name)));
    let size = files.iter().map(|file| file.bytes.len() + 256).sum();
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(size)));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (file, name) in files.into_iter().zip(names) {
        archive.start_file(name, options)?;
        archive.write_all(&file.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn line(file: &File) -> Value {
    let data = STANDARD.encode(&file.bytes);
    json!({ "name": file.name, "type": file.media_type, "about": file.about, "data": data })
}

/// JSON that a header can hold.
fn ascii(value: &Value) -> String {
    let escape = |letter: char| match letter {
        ' '..='~' => letter.to_string(),
        _ => letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    value.to_string().chars().map(escape).collect()
}

/// What a visitor is told.
pub(crate) fn problem(trouble: Trouble, names: &[String]) -> Problem {
    match trouble {
        Trouble::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "all workers are busy; try again in a moment",
        ),
        Trouble::Ended(why) => {
            let what = if names.len() == 1 { names[0].as_str() } else { "one of the files" };
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{what} {why}"))
        }
        Trouble::Failed(error) => {
            tracing::error!(%error, "no worker");
            Problem::internal()
        }
        Trouble::Refused(refusal) => refused(refusal, names),
    }
}

fn refused(refusal: Refusal, names: &[String]) -> Problem {
    let status = match refusal.why {
        Why::Option => StatusCode::BAD_REQUEST,
        Why::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Why::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Why::Malformed | Why::Locked => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let name = refusal.file.and_then(|file| names.get(file));
    let detail =
        name.map_or_else(|| refusal.detail.clone(), |name| format!("{name}: {}", refusal.detail));
    let mut problem = Problem::new(status, detail).at(refusal.option);
    if refusal.why == Why::Locked {
        problem = problem.at(Some("passwords".to_owned()));
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_fit_into_a_header_whatever_they_say() {
        assert_eq!(ascii(&json!({ "title": "Über 😀" })), r#"{"title":"\u00dcber \ud83d\ude00"}"#);
    }
}
