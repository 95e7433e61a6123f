//! The one object that the lease is, in a bucket of its own: read it, exchange it, take it away.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use oci::bucket::{self, CreateBucketDetails};
use oci::object_storage::{self, Condition, Place};
use oci::{Client, FreeformTags, Mutation};
use time::OffsetDateTime;

use super::moment::Moment;
use super::record::Record;
use crate::failure::{Failure, Kind};
use crate::providers::{POLICIES, oci_failure};

/// How often one writing is tried anew because an earlier one of our own came between.
const TRIES: usize = 5;

/// Where the lease lies.
#[derive(Debug)]
pub(super) struct Shelf {
    pub client: Client,
    pub place: Place,
    pub compartment: String,
    pub tags: FreeformTags,
    /// Writings so far under our nonce.
    pub written: AtomicU64,
}

/// What a look at it shows.
#[derive(Debug)]
pub(super) enum Sight {
    NoBucket,
    NoObject,
    Object {
        etag: String,
        record: Box<Record>,
        /// How long ago it was written, by the server's clock alone.
        age: Option<Duration>,
        /// The server's time.
        date: Option<OffsetDateTime>,
    },
}

/// How a writing ended.
#[derive(Debug)]
pub(super) enum Written {
    /// It is there, and was sent no earlier than at this moment.
    Done { etag: String, sent: Moment },
    /// Somebody else's is there.
    Refused(Sight),
    /// There is no bucket to write to.
    NoBucket(oci::Error),
}

impl Shelf {
    pub(super) async fn read(&self) -> Result<Sight, Failure> {
        let response = match object_storage::get(&self.client, &self.place).await {
            Ok(response) => response,
            Err(error) if error.kind() == oci::Kind::NotFound => {
                let has_bucket = error.code() == Some("ObjectNotFound");
                return Ok(if has_bucket { Sight::NoObject } else { Sight::NoBucket });
            }
            Err(error) => return Err(self.failure("read the lease", &error)),
        };
        let written = response.value.last_modified;
        let age = response.date.zip(written).and_then(|(now, then)| (now - then).try_into().ok());
        Ok(Sight::Object {
            etag: response.etag.unwrap_or_default(),
            record: Box::new(Record::read(&response.value.content)?),
            age,
            date: response.date,
        })
    }

    /// Writes `record` where the last known etag is `etag`, or where nothing is. A refusal is read back: when our own
    /// writing is there, its answer was lost on the way.
    pub(super) async fn write(
        &self,
        record: &Record,
        etag: Option<&str>,
    ) -> Result<Written, Failure> {
        let mut etag = etag.map(str::to_owned);
        for _ in 0..TRIES {
            let sent = Moment::now(&self.client);
            let count = self.written.fetch_add(1, Ordering::Relaxed) + 1;
            let record = Record { count, ..record.clone() };
            let condition = etag.map_or(Condition::Absent, Condition::Matches);
            let content = record.written();
            match object_storage::put(&self.client, &self.place, content, &condition).await {
                Ok(oci::Response { etag: Some(etag), .. }) => {
                    return Ok(Written::Done { etag, sent });
                }
                Ok(_) => {}
                Err(error) if error.kind() == oci::Kind::EtagMismatch => {}
                Err(error) if error.kind() == oci::Kind::NotFound => {
                    return Ok(Written::NoBucket(error));
                }
                Err(error) => return Err(self.failure("write the lease", &error)),
            }
            match self.read().await? {
                Sight::Object { etag, record: there, .. } if there.is_same_writing(&record) => {
                    return Ok(Written::Done { etag, sent });
                }
                Sight::Object { etag: newer, record: there, .. } if there.nonce == record.nonce => {
                    etag = Some(newer);
                }
                other => return Ok(Written::Refused(other)),
            }
        }
        Err(Failure::new(Kind::Provider, "the lease changes faster than it can be written"))
    }

    /// Makes the bucket. That it is there already is just as well.
    pub(super) async fn make_bucket(&self) -> Result<(), Failure> {
        let details = CreateBucketDetails {
            name: self.place.bucket.clone(),
            compartment_id: self.compartment.clone(),
            freeform_tags: Some(self.tags.clone()),
            ..CreateBucketDetails::default()
        };
        match bucket::create(&self.client, &self.place.namespace, &details).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == oci::Kind::Conflict => Ok(()),
            // The writing that follows shows whether it was made.
            Err(error) if error.may_have_happened() => Ok(()),
            Err(error) => Err(self.failure("make the bucket of the lease", &error)),
        }
    }

    /// Deletes the object while it has this etag; whether it is gone.
    pub(super) async fn delete(&self, etag: &str) -> Result<bool, Failure> {
        match object_storage::delete(&self.client, &self.place, &Mutation::matching(etag)).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == oci::Kind::NotFound => Ok(true),
            Err(error) if error.kind() == oci::Kind::EtagMismatch => Ok(false),
            Err(error) => Err(self.failure("delete the lease", &error)),
        }
    }

    /// Deletes the bucket, unless somebody's lease is in it again.
    pub(super) async fn delete_bucket(&self) -> Result<(), Failure> {
        let Place { namespace, bucket, .. } = &self.place;
        for _ in 0..TRIES {
            let deleted = match bucket::get(&self.client, namespace, bucket).await {
                Ok(there) => {
                    let seen = Mutation { if_match: there.etag, ..Mutation::default() };
                    bucket::delete(&self.client, namespace, bucket, &seen).await
                }
                Err(error) => Err(error),
            };
            match deleted {
                Err(error) if error.kind() == oci::Kind::EtagMismatch => {}
                // Gone already, or somebody has put a lease of their own into it.
                Err(error)
                    if !matches!(error.kind(), oci::Kind::NotFound | oci::Kind::Conflict) =>
                {
                    return Err(self.failure("delete the bucket of the lease", &error));
                }
                _ => return Ok(()),
            }
        }
        let message = "the bucket of the lease changes whenever it is to be deleted";
        Err(Failure::new(Kind::Conflict, message))
    }

    /// A call that failed, with what to allow.
    pub(super) fn failure(&self, what: &str, error: &oci::Error) -> Failure {
        if !matches!(error.kind(), oci::Kind::Denied | oci::Kind::NotFound) {
            return oci_failure(what, error);
        }
        let bucket = &self.place.bucket;
        Failure::because(Kind::Denied, format!("{what} in bucket {bucket}"), error)
            .hint(format!(
                "a policy must say: Allow group <group> to manage object-family in compartment id {}",
                self.compartment
            ))
            .hint(POLICIES)
            .hint("or write `lease = false` in the environment file, and let one person at a time deploy")
    }
}
