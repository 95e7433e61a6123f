//! Changing or removing only what the plan was made from.
//!
//! Lists show no etags, so a thing is read once more before it is changed. When it still looks as the plan saw it, its
//! etag guards the change; when not, somebody else was there, and the plan no longer holds.

use std::time::Duration;

use deployer_core::address::Address;
use deployer_core::diff;
use deployer_core::observed::Found;
use oci::{Mutation, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Clouds, POLICIES, Patience, container_instance, listing, oci_failure};
use crate::failure::{self, Failure};

/// Fields that change by themselves, or by what is done with the thing and not to it.
const VOLATILE: [&str; 9] = [
    "billableSizeInGBs",
    "etag",
    "imageCount",
    "layerCount",
    "layersSizeInBytes",
    "lifecycleDetails",
    "lifecycleState",
    "timeLastPushed",
    "timeUpdated",
];

/// Interfaces of what was just deleted linger for minutes, and keep subnets and groups from going.
const LINGERING: Duration = Duration::from_mins(10);

/// A thing that is to be changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) clouds: &'a Clouds,
    pub(super) address: &'a Address,
    pub(super) id: &'a str,
    /// As the plan saw it.
    pub(super) seen: &'a Found,
}

/// A thing as it is now.
#[derive(Debug)]
pub(super) enum Now {
    /// As the plan saw it, with the guard of its version.
    Same(Mutation),
    /// It is gone, or about to be.
    Gone,
}

/// Somebody else changed something since it was planned.
pub(super) fn conflict(address: &Address, how: impl std::fmt::Display) -> Failure {
    let message = format!("{address}: somebody else {how} since it was planned");
    Failure::new(failure::Kind::Conflict, message).hint("run the command again: it plans anew")
}

/// The fields in which two looks at the same thing differ. A list shows less than a look at one, so only fields that
/// `seen` has count.
pub(super) fn differences(seen: &Value, now: &Value) -> Vec<String> {
    let fields = seen.as_object().into_iter().flatten();
    fields
        .filter(|(field, _)| !VOLATILE.contains(&field.as_str()))
        .filter(|(field, value)| {
            !diff::same(value, &now[field.as_str()]) || !diff::same(&now[field.as_str()], value)
        })
        .map(|(field, _)| field.clone())
        .collect()
}

/// Whether a thing is as it was planned.
pub(super) fn unchanged(address: &Address, seen: &Value, now: &Value) -> Result<(), Failure> {
    match &differences(seen, now)[..] {
        [] => Ok(()),
        fields => Err(conflict(address, format!("changed its {}", fields.join(", ")))),
    }
}

impl Target<'_> {
    /// The thing as it is now, from a look at it.
    pub(super) async fn now<T: Serialize>(
        &self,
        look: oci::Result<Response<T>>,
    ) -> Result<Now, Failure> {
        let response = match look {
            Ok(response) => response,
            Err(error) if error.kind() == oci::Kind::NotFound => {
                return self.absent(&error).await.map(|()| Now::Gone);
            }
            Err(error) => return Err(self.failed(&error)),
        };
        let spec = json!(response.value);
        if listing::state(&spec).is_ending() {
            return Ok(Now::Gone);
        }
        let mut seen = self.seen.spec.clone();
        if let Some(fields) = seen.as_object_mut() {
            // Rules of a security group are no part of the group, nor is an instance's interface of the instance.
            fields.remove("rules");
            fields.get_mut("vnics").map(container_instance::without_groups);
        }
        unchanged(self.address, &seen, &spec)?;
        self.version(response.etag).map(Now::Same)
    }

    /// The guard of a change of just what was read with this etag. Without one nothing is changed.
    pub(super) fn version(&self, etag: Option<String>) -> Result<Mutation, Failure> {
        let etag = etag.ok_or_else(|| {
            let message = format!("{}: the service shows no version of it", self.address);
            Failure::new(failure::Kind::Provider, message)
        })?;
        Ok(Mutation::matching(etag))
    }

    /// The guard of a change of something that must still be there.
    pub(super) async fn guard<T: Serialize>(
        &self,
        look: oci::Result<Response<T>>,
    ) -> Result<Mutation, Failure> {
        match self.now(look).await? {
            Now::Same(guard) => Ok(guard),
            Now::Gone => Err(conflict(self.address, "removed it")),
        }
    }

    /// Makes sure that a 404 means absent and not merely hidden: the list, which needs the same right, works and does
    /// not show the thing.
    pub(super) async fn absent(&self, error: &oci::Error) -> Result<(), Failure> {
        let kind = self.address.kind;
        let ambiguous = |why: String| {
            let message = format!("{} is absent or not allowed: {error}; {why}", self.address);
            Failure::new(failure::Kind::Denied, message).hint(POLICIES)
        };
        let list = listing::all(&self.clouds.oci, &self.clouds.compartment, kind).await;
        let list = list.map_err(|error| ambiguous(format!("the list fails, too: {error}")))?;
        let listed = list.iter().find(|spec| spec["id"] == self.id);
        match listed.map(listing::state) {
            Some(state) if !state.is_ending() => Err(ambiguous("but it is listed".to_owned())),
            _ => Ok(()),
        }
    }

    /// A change that failed, as a person is told of it.
    pub(super) fn failed(&self, error: &oci::Error) -> Failure {
        match error.kind() {
            oci::Kind::EtagMismatch => conflict(self.address, "changed it"),
            _ => oci_failure(&self.address.to_string(), error),
        }
    }

    /// Removes it. What is gone already is as it should be, and what is still in use a moment longer is waited for.
    /// Gives the work request that carries it out, when there is one.
    pub(super) async fn delete<T: Serialize>(
        &self,
        get: impl AsyncFn() -> oci::Result<Response<T>>,
        delete: impl AsyncFn(&Mutation) -> oci::Result<Response<()>>,
    ) -> Result<Option<String>, Failure> {
        let mut patience = Patience::eager(LINGERING);
        let mut is_told = false;
        loop {
            let guard = match self.now(get().await).await? {
                Now::Same(guard) => guard,
                Now::Gone => return Ok(None),
            };
            let error = match delete(&guard).await {
                Ok(response) => return Ok(response.work_request_id),
                Err(error) => error,
            };
            match error.kind() {
                oci::Kind::Conflict | oci::Kind::IncorrectState => {}
                oci::Kind::NotFound => return self.absent(&error).await.map(|()| None),
                _ => return Err(self.failed(&error)),
            }
            if !is_told {
                let minutes = LINGERING.as_secs() / 60;
                let note = format!("is kept for now, and asked again for {minutes} min: {error}");
                self.clouds.note(self.address, note);
                is_told = true;
            }
            tokio::select! {
                biased;
                // Nothing is under way that would have to be finished.
                () = self.clouds.stop.asked() => return Err(self.kept(failure::Kind::Cancelled, &error)),
                lasts = patience.lasts() => if !lasts {
                    return Err(self.kept(failure::Kind::TimedOut, &error));
                },
            }
        }
    }

    /// It could not be removed, and is not waited for any more.
    fn kept(&self, kind: failure::Kind, error: &oci::Error) -> Failure {
        Failure::because(kind, format!("{} is not let go", self.address), error)
            .hint("look at it in the console; running the command again goes on")
    }
}
