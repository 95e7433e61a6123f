//! An upload: files and options of a multipart form, read into bounded memory and nowhere else.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use http::StatusCode;
use serde_json::{Map, Value, json};
use tools::{File, Job};

use super::catalogue::Tool;
use super::choice::{Choice, Kind};
use super::names;
use crate::problem::Problem;

/// What people call a megabyte.
pub(crate) const MEGABYTE: usize = 1_000_000;
/// The most bytes of one file.
pub(crate) const LARGEST_FILE: usize = 25_000_000;
/// The most bytes of a whole upload.
pub(crate) const LARGEST_UPLOAD: usize = 50_000_000;
/// The most bytes of an option.
const LARGEST_OPTION: usize = 256 * 1024;
/// The most fields of a form, files among them.
const MOST_FIELDS: usize = 200;
/// How long nothing may arrive.
const SILENCE: Duration = Duration::from_secs(10);
/// How long an upload may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a form holds, as it was sent.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) files: Vec<File>,
    options: Vec<(String, String)>,
}

impl Upload {
    /// Reads a form to its end.
    pub(crate) async fn read(form: Multipart, tool: &Tool) -> Result<Self, Problem> {
        let read = tokio::time::timeout(PATIENCE, Self::read_fields(form, tool)).await;
        read.unwrap_or_else(|_| Err(too_slow(PATIENCE)))
    }

    async fn read_fields(mut form: Multipart, tool: &Tool) -> Result<Self, Problem> {
        let mut upload = Self::default();
        let mut fields = 0;
        while let Some(field) = timely(form.next_field()).await? {
            fields += 1;
            if fields > MOST_FIELDS {
                return Err(too_large(format!("a form may have at most {MOST_FIELDS} fields")));
            }
            upload.take(field, tool).await?;
        }
        if upload.files.is_empty() {
            return Err(Problem::parameter("files", format!("1 to {} files", tool.files)));
        }
        Ok(upload)
    }

    async fn take(&mut self, field: Field<'_>, tool: &Tool) -> Result<(), Problem> {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file) = field.file_name().map(names::clean) else {
            let text = read(field, LARGEST_OPTION, &name).await?;
            let text = String::from_utf8(text)
                .map_err(|_| Problem::parameter(&names::clean(&name), "UTF-8 text"))?;
            self.options.push((name, text));
            return Ok(());
        };
        let bytes = read(field, LARGEST_FILE, &file).await?;
        // A form whose file picker was left empty sends a nameless file without bytes.
        if bytes.is_empty() && file == names::NAMELESS {
            return Ok(());
        }
        if self.files.len() == tool.files {
            return Err(too_large(format!("{} takes at most {} files", tool.title, tool.files)));
        }
        self.files.push(File::uploaded(file, bytes));
        Ok(())
    }

    /// What is to be done with the files.
    pub(crate) fn job(&self, tool: &Tool) -> Result<Job, Problem> {
        for (name, _) in &self.options {
            if !tool.options.iter().any(|choice| choice.name == name) {
                return Err(Problem::parameter(&names::clean(name), one_of(tool.options)));
            }
        }
        let mut job = Map::new();
        job.insert("tool".to_owned(), json!(tool.name));
        for choice in tool.options {
            // Of several passwords an empty one keeps the place of a document that has none.
            let counts = |text: &str| matches!(choice.kind, Kind::Each) || !text.is_empty();
            let sent =
                self.options.iter().filter(|(name, text)| name == choice.name && counts(text));
            let mut sent: Vec<&str> = sent.map(|(_, text)| text.as_str()).collect();
            if let (Kind::Each, [alone]) = (choice.kind, sent.as_slice()) {
                sent = vec![*alone; self.files.len().max(1)];
            }
            if sent.iter().any(|text| !text.is_empty()) {
                job.insert(choice.name.to_owned(), choice.read(&sent)?);
            }
        }
        let job = json!({ tool.family: Value::Object(job) });
        // Every value fits its own option, so what is wrong is inside one that is JSON.
        serde_json::from_value(job).map_err(|wrong| {
            Problem::new(StatusCode::BAD_REQUEST, format!("the options do not fit: {wrong}"))
        })
    }
}

async fn read(mut field: Field<'_>, most: usize, name: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = timely(field.chunk()).await? {
        let chunk: Bytes = chunk;
        if bytes.len() + chunk.len() > most {
            let limit = format!("{name} is larger than {} MB", most / MEGABYTE);
            return Err(too_large(if most == LARGEST_FILE {
                limit
            } else {
                format!("{name} is too long")
            }));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn timely<T>(step: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Problem> {
    match tokio::time::timeout(SILENCE, step).await {
        Ok(read) => read.map_err(|error| Problem::new(error.status(), error.body_text())),
        Err(_) => Err(too_slow(SILENCE)),
    }
}

fn too_large(detail: String) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn too_slow(limit: Duration) -> Problem {
    let detail = format!("the upload stood still or lasted for {} s", limit.as_secs());
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
}

fn one_of(options: &[Choice]) -> String {
    let names: Vec<&str> = options.iter().map(|choice| choice.name).collect();
    if names.is_empty() {
        "left out".to_owned()
    } else {
        format!("one of files, {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolbox::catalogue::tools;

    fn upload(options: Vec<(String, String)>) -> Upload {
        Upload { files: Vec::new(), options }
    }

    #[test]
    fn a_form_sent_as_it_comes_is_a_job_of_every_tool() {
        for tool in tools() {
            let left_empty =
                tool.options.iter().map(|choice| (choice.name.to_owned(), String::new()));
            let needed = tool.options.iter().map(|choice| {
                let text = match choice.kind {
                    Kind::Json { example } | Kind::Text { example, .. } => example.to_owned(),
                    Kind::OneOf(words) => words[0].0.to_owned(),
                    Kind::Bytes { default, .. } | Kind::Colour(default) => default.to_owned(),
                    Kind::Number { from, default, .. } => default.unwrap_or(from).to_string(),
                    Kind::Each => "secret".to_owned(),
                    Kind::Switch => "on".to_owned(),
                };
                (choice.name.to_owned(), text)
            });
            let filled = upload(left_empty.chain(needed).collect());
            filled.job(tool).unwrap_or_else(|problem| panic!("{}: {problem:?}", tool.path()));
        }
    }

    #[test]
    fn an_option_that_a_tool_does_not_have_is_refused_with_those_it_has() {
        let tool = tools().find(|tool| tool.name == "delete").unwrap();
        let problem = upload(vec![("pags".to_owned(), "1".to_owned())]).job(tool).unwrap_err();
        let problem = serde_json::to_value(problem).unwrap();
        assert_eq!(problem["detail"], "pags must be one of files, pages, passwords");
    }
}
