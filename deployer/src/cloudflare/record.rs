//! DNS records: listed whole, made, changed field by field, deleted; one by one or in one transaction.

use std::collections::BTreeSet;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Call, Cloudflare, CloudflareError, escaped};

const PER_PAGE: usize = 500;

/// A record, as far as a deployment looks at it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Record {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Full name, lower case, no final dot.
    pub name: String,
    #[serde(default)]
    pub content: String,
    /// Seconds; 1 is automatic, and what a proxied record always has.
    #[serde(default)]
    pub ttl: u32,
    #[serde(default)]
    pub proxied: bool,
    #[serde(default)]
    pub comment: Option<String>,
    /// The parts of records like CAA and SRV.
    #[serde(default)]
    pub data: Option<Value>,
    /// When it was made.
    #[serde(default)]
    pub created_on: String,
}

/// A record to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewRecord {
    #[serde(rename = "type")]
    pub kind: String,
    /// Full name: the service adds the zone to anything else.
    pub name: String,
    pub content: String,
    pub ttl: u32,
    pub proxied: bool,
    /// At most 100 ASCII letters on the free plan; carries the ownership mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// The fields of a record to change; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxied: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Which records to list; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Exact full name.
    pub name: Option<String>,
    pub kind: Option<String>,
    /// The service compares without regard to case; check again what comes.
    pub comment_prefix: Option<String>,
}

/// Changes that happen together or not at all, in this order; at most 200 on the free plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Ids.
    pub deletes: Vec<String>,
    /// Ids with what to change.
    pub patches: Vec<(String, RecordPatch)>,
    pub posts: Vec<NewRecord>,
}

/// The records that a batch touched.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct BatchResult {
    #[serde(default)]
    pub deletes: Option<Vec<Record>>,
    #[serde(default)]
    pub patches: Option<Vec<Record>>,
    #[serde(default)]
    pub posts: Option<Vec<Record>>,
}

impl Cloudflare {
    /// Every record that `filter` lets through, all pages.
    ///
    /// `GET /zones/{zone}/dns_records`
    ///
    /// # Errors
    /// When a page fails, or the list changed so that not all of it came: a part is never returned.
    pub async fn records(
        &self,
        zone: &str,
        filter: &Filter,
    ) -> Result<Vec<Record>, CloudflareError> {
        let operation = "list the DNS records";
        let query = query(filter);
        let mut records: Vec<Record> = Vec::new();
        let mut seen = BTreeSet::new();
        for number in 1.. {
            let path = format!(
                "/zones/{}/dns_records?page={number}&per_page={PER_PAGE}{query}",
                escaped(zone)
            );
            let page = self.page::<Vec<Record>>(Call::new(operation, Method::GET, path)).await?;
            let came = page.result.len();
            let before = records.len();
            records.extend(page.result.into_iter().filter(|record| seen.insert(record.id.clone())));
            let info = page.result_info;
            let size = info.and_then(|info| info.per_page).unwrap_or(PER_PAGE);
            let last = info.and_then(|info| info.total_pages).is_some_and(|pages| number >= pages);
            // A server that ignores `page` sends the same records for ever.
            if last || came < size || records.len() == before {
                let total = info.and_then(|info| info.total_count).unwrap_or(records.len());
                if records.len() < total {
                    return Err(CloudflareError::Incomplete {
                        operation,
                        got: records.len(),
                        total,
                    });
                }
                break;
            }
        }
        Ok(records)
    }

    /// `POST /zones/{zone}/dns_records`
    ///
    /// # Errors
    /// [`super::Kind::Conflict`] when the same or an excluding record is there; when the call fails; when the
    /// record was made under another name than asked for.
    pub async fn create_record(
        &self,
        zone: &str,
        record: &NewRecord,
    ) -> Result<Record, CloudflareError> {
        let path = format!("/zones/{}/dns_records", escaped(zone));
        let call = Call::new("create the DNS record", Method::POST, path).with(record);
        let made: Record = self.call(call).await?;
        if made.name.eq_ignore_ascii_case(&record.name) {
            return Ok(made);
        }
        Err(CloudflareError::Renamed { id: made.id, asked: record.name.clone(), made: made.name })
    }

    /// Changes some fields; never resets the ownership mark as a `PUT` would.
    ///
    /// `PATCH /zones/{zone}/dns_records/{id}`
    ///
    /// # Errors
    /// [`super::Kind::NotFound`] when the record is gone; when the call fails.
    pub async fn patch_record(
        &self,
        zone: &str,
        id: &str,
        patch: &RecordPatch,
    ) -> Result<Record, CloudflareError> {
        self.call(Call::new("change the DNS record", Method::PATCH, path(zone, id)).with(patch))
            .await
    }

    /// `DELETE /zones/{zone}/dns_records/{id}`; a record that is gone already is deleted.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn delete_record(&self, zone: &str, id: &str) -> Result<(), CloudflareError> {
        let call = Call::new("delete the DNS record", Method::DELETE, path(zone, id));
        match self.call::<Value>(call).await {
            Err(error) if error.has_code(81044) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// `POST /zones/{zone}/dns_records/batch`
    ///
    /// # Errors
    /// When the call fails; then nothing was changed.
    pub async fn batch(&self, zone: &str, batch: &Batch) -> Result<BatchResult, CloudflareError> {
        let deletes: Vec<Value> = batch.deletes.iter().map(|id| json!({ "id": id })).collect();
        let patches: Vec<Value> =
            batch.patches.iter().map(|(id, patch)| with_id(id, patch)).collect();
        let body = json!({ "deletes": deletes, "patches": patches, "posts": batch.posts });
        let path = format!("/zones/{}/dns_records/batch", escaped(zone));
        self.call(Call::new("change the DNS records", Method::POST, path).with(&body)).await
    }
}

/// The content of a TXT record as it is stored: in quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The text of a TXT record's content: quoted or bare, its strings joined.
pub fn unquoted(content: &str) -> String {
    let content = content.trim();
    if !content.starts_with('"') {
        return content.to_owned();
    }
    let (mut text, mut inside) = (String::new(), false);
    let mut letters = content.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => inside = !inside,
            '\\' if inside => text.extend(letters.next()),
            _ if inside => text.push(letter),
            _ => {}
        }
    }
    text
}

fn path(zone: &str, id: &str) -> String {
    format!("/zones/{}/dns_records/{}", escaped(zone), escaped(id))
}

fn query(filter: &Filter) -> String {
    let pairs = [
        ("name.exact", &filter.name),
        ("type", &filter.kind),
        ("comment.startswith", &filter.comment_prefix),
    ];
    let set = pairs.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
    set.map(|(key, value)| format!("&{key}={}", escaped(value))).collect()
}

fn with_id(id: &str, patch: &RecordPatch) -> Value {
    let mut value = json!(patch);
    value["id"] = json!(id);
    value
}
