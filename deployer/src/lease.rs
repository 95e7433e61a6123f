//! The lease that keeps operators out of each other's way: one object, exchanged against its etag.
//!
//! It is a courtesy. What makes two operators harmless to each other are retry tokens and etags.
//!
//! A command looks at the lease, then at the clouds, and acquires it only when there is something to do. That
//! acquisition succeeds only if nobody acquired or released it since the look, so what was observed is still true.

mod fence;
mod held;
mod moment;
mod record;
mod seen;
mod shelf;
mod who;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deployer_core::digest;
use oci::object_storage::Place;
use time::format_description::well_known::Rfc3339;

use crate::event::{Event, Listener};
use crate::failure::{Failure, Kind};
use crate::providers::mark;
use crate::ui;
pub use fence::{Fence, Lost};
pub use held::Lease;
use moment::Moment;
pub use record::Applied;
use record::{Record, SCHEMA, State};
pub use seen::Seen;
use seen::{Standing, Version};
use shelf::{Shelf, Sight, Written};
pub use who::{holder, nonce};

/// The object's name in its bucket.
const OBJECT: &str = "lease.json";
/// What two clocks of the service may differ by; its dates are whole seconds.
const SLACK: Duration = Duration::from_secs(2);

/// The times of a lease.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long it is valid without a renewal.
    pub ttl: Duration,
    /// How long before that nothing may be sent any more: longer than the time-out of one call.
    pub margin: Duration,
    /// Between two looks while somebody else has it, about.
    pub poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            ttl: Duration::from_mins(2),
            margin: Duration::from_secs(35),
            poll: Duration::from_secs(4),
        }
    }
}

/// Who wants the lease of what.
pub struct Config {
    /// Calls Object Storage; its calls must not ask the [`Fence`].
    pub client: oci::Client,
    pub namespace: String,
    pub compartment: String,
    /// The environment's.
    pub uid: String,
    /// From [`holder`].
    pub holder: String,
    /// Names the folder whose [`Hold`](crate::store::Hold) this process has, from
    /// [`Store::place`](crate::store::Store::place). A lease of the same holder from the same place is one of a
    /// process that has ended. Empty: no such thing is known.
    pub place: String,
    /// As the user typed it, without secrets: `deployer up`.
    pub command: String,
    /// From [`nonce`]; unique to this command.
    pub nonce: String,
    pub pace: Pace,
    /// How long to wait for somebody else, in all.
    pub patience: Duration,
    pub listener: Arc<dyn Listener>,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("holder", &self.holder).finish_non_exhaustive()
    }
}

/// A command that may come to need the lease.
#[derive(Debug)]
pub struct Applicant {
    shelf: Arc<Shelf>,
    config: Config,
    /// The etag that was seen last, and since when.
    watched: Mutex<Option<(String, Moment)>>,
    /// Since when this waits for others.
    waiting: Mutex<Option<Moment>>,
    /// Looks while waiting.
    looks: AtomicU32,
}

/// How an acquisition ended.
#[derive(Debug)]
pub enum Acquired<T = Lease> {
    /// It is ours, and what was observed since the look holds.
    Held(T),
    /// Somebody else had it since the look: look again, observe again, plan again.
    Stale,
}

impl Applicant {
    /// Nothing is sent yet.
    pub fn new(config: Config) -> Self {
        let place = Place {
            namespace: config.namespace.clone(),
            bucket: format!("deployer-{}", config.uid),
            object: OBJECT.to_owned(),
        };
        let shelf = Shelf {
            client: config.client.clone(),
            place,
            compartment: config.compartment.clone(),
            tags: mark::of_environment(&config.uid),
            written: AtomicU64::new(0),
        };
        Self {
            shelf: Arc::new(shelf),
            config,
            watched: Mutex::default(),
            waiting: Mutex::default(),
            looks: AtomicU32::default(),
        }
    }

    /// Looks at the lease; to be done before the clouds are looked at.
    ///
    /// # Errors
    /// When it cannot be read, or a newer deployer wrote it.
    pub async fn look(&self) -> Result<Seen, Failure> {
        let sight = self.shelf.read().await?;
        // Whole seconds, as the server's own time has.
        let now = self.config.client.clock().now().truncate_to_second();
        let nothing = |version, at: time::OffsetDateTime| Seen {
            version,
            standing: Standing::Free,
            record: Record::default(),
            at: at.format(&Rfc3339).unwrap_or_default(),
        };
        Ok(match sight {
            Sight::NoBucket => nothing(Version::NoBucket, now),
            Sight::NoObject => nothing(Version::NoObject, now),
            Sight::Object { etag, record, age, date } => {
                let standing = self.standing(&etag, &record, age);
                let seen = nothing(Version::Etag(etag), date.unwrap_or(now));
                Seen { standing, record: *record, ..seen }
            }
        })
    }

    /// Acquires the lease if nobody acquired or released it since `seen`. While somebody else has it, waits.
    ///
    /// # Errors
    /// [`Kind::Locked`] when they still have it after [`Config::patience`]; or when it cannot be written.
    pub async fn acquire(&self, seen: Seen) -> Result<Acquired, Failure> {
        if matches!(seen.standing, Standing::Taken { .. }) {
            self.wait(seen).await?;
            return Ok(Acquired::Stale);
        }
        let record = self.record(&seen);
        if seen.is_nothing() {
            self.shelf.make_bucket().await?;
        }
        match self.shelf.write(&record, seen.version.etag()).await? {
            Written::Done { etag, sent } => {
                let shelf = Arc::clone(&self.shelf);
                Ok(Acquired::Held(Lease::new(shelf, self.config.pace, record, etag, sent)))
            }
            Written::Refused(_) => Ok(Acquired::Stale),
            Written::NoBucket(error) if seen.is_nothing() => {
                Err(self.shelf.failure("write the lease", &error))
            }
            Written::NoBucket(_) => Ok(Acquired::Stale),
        }
    }

    fn record(&self, seen: &Seen) -> Record {
        let Config { nonce, holder, place, command, pace, .. } = &self.config;
        Record {
            schema: SCHEMA,
            epoch: seen.record.epoch + 1,
            nonce: nonce.clone(),
            count: 0,
            holder: holder.clone(),
            place: place.clone(),
            command: command.clone(),
            since: seen.at.clone(),
            state: State::Held,
            ttl_seconds: pace.ttl.as_secs(),
            applied: seen.record.applied.clone(),
        }
    }

    /// Whether a record that is there may be replaced. No clock of ours is compared with anybody else's.
    fn standing(&self, etag: &str, record: &Record, age: Option<Duration>) -> Standing {
        let watched = self.watch(etag);
        let Config { nonce, holder, place, .. } = &self.config;
        let is_ours = record.nonce == *nonce
            || (!place.is_empty() && (&record.place, &record.holder) == (place, holder));
        let ttl = record.ttl();
        let is_expired = watched >= ttl || age.is_some_and(|age| age > ttl + SLACK);
        if record.state == State::Released || is_ours || is_expired {
            return Standing::Free;
        }
        let waited = watched.max(age.unwrap_or_default());
        Standing::Taken { expires_in: (ttl + SLACK).saturating_sub(waited) }
    }

    /// How long this etag has been there, as far as we saw ourselves.
    fn watch(&self, etag: &str) -> Duration {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        match &*watched {
            Some((known, since)) if known == etag => since.watched(),
            _ => {
                *watched = Some((etag.to_owned(), Moment::now(&self.config.client)));
                Duration::ZERO
            }
        }
    }

    /// Until `seen` is released or expired.
    async fn wait(&self, mut seen: Seen) -> Result<(), Failure> {
        let Config { client, patience, listener, .. } = &self.config;
        let begun = Moment::now(client);
        let begun =
            *self.waiting.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(begun);
        let mut told = String::new();
        while let Standing::Taken { expires_in } = seen.standing {
            let waited = begun.elapsed(client);
            if waited >= *patience {
                return Err(self.locked(&seen.record, expires_in));
            }
            let who = seen.record.who();
            if told != who {
                let text =
                    format!("waiting for {who}, at most {}", ui::seconds(patience.as_secs_f64()));
                listener.event(Event::Note { text });
                told = who;
            }
            let pause = self.pause().min(patience.saturating_sub(waited));
            client.clock().sleep(pause).await;
            seen = self.look().await?;
        }
        Ok(())
    }

    /// The time until the next look: no two that wait look in step.
    fn pause(&self) -> Duration {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        let drawn = digest::short(format!("{} {look}", self.config.nonce).as_bytes(), 2);
        let drawn = u32::from_str_radix(&drawn, 16).unwrap_or_default();
        self.config.pace.poll * (192 + drawn / 2) / 256
    }

    fn locked(&self, record: &Record, expires_in: Duration) -> Failure {
        let patience = self.config.patience;
        let message = format!("{} is changing this environment", record.who());
        let failure = Failure::new(Kind::Locked, message).hint(format!(
            "should that command have died, its lease expires by itself in {} s at most",
            expires_in.as_secs()
        ));
        let waited = ui::seconds(patience.as_secs_f64());
        failure.hint(if patience.is_zero() {
            "--lock-timeout 5m waits for the end of it".to_owned()
        } else {
            format!("waited {waited}; --lock-timeout takes a longer time")
        })
    }
}

#[cfg(test)]
mod tests;
