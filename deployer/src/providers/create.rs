//! Making something once, whatever gets lost on the way.
//!
//! The retry token is derived from all that is sent but the place, so a second try makes no twin. That of a load balancer
//! stands for whichever is at its address: what every run is issued or makes anew is part of it. A token outlives what it
//! made by a day; when the service says so, the next epoch's is used, which the mark names.

use deployer_core::address::{Address, Kind};
use deployer_core::diff;
use deployer_core::digest;
use deployer_core::observed::Found;
use oci::{Mutation, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::mark::{Mark, SCHEMA};
use super::{Clouds, listing, oci_failure};
use crate::failure::{self, Failure};

/// How often a retry token is exchanged for the next because the thing it once made is gone.
const EPOCHS: u32 = 64;
/// More than a service needs between beginning something and answering; its dates are whole seconds.
const REPEATED: time::Duration = time::Duration::seconds(3);

/// What a step is to make.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    pub(super) address: &'a Address,
    /// With everything known.
    pub(super) spec: &'a Value,
    /// Digest of the spec as it was planned.
    pub(super) generation: String,
    /// Ids of what is at this address already, and is replaced.
    pub(super) old: Vec<String>,
}

/// What came of a create.
#[derive(Debug)]
pub(super) enum Made<T> {
    Now(Response<T>),
    /// An earlier run or another one had made it.
    There(Found),
}

/// Eight letters for what is made: instances have theirs in their name, and of others it is the plan's spec, in which
/// secrets have only their names.
pub(super) fn generation(address: &Address, spec: &Value) -> String {
    let named = (address.kind == Kind::ContainerInstance)
        .then(|| address.name.rsplit('-').nth(1).map(str::to_owned))
        .flatten();
    named.unwrap_or_else(|| digest::short(spec.to_string().as_bytes(), 8))
}

/// Why a create failed.
#[derive(Debug)]
pub(super) enum Trouble {
    Call(oci::Error),
    Other(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl Trouble {
    pub(super) fn into_failure(self, address: &Address) -> Failure {
        match self {
            Self::Call(error) => oci_failure(&address.to_string(), &error),
            Self::Other(failure) => failure,
        }
    }
}

/// Carries out a create exactly once. `spec` is that of `wanted` in the vendor's words.
pub(super) async fn once<D, T>(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    spec: &Value,
    create: impl AsyncFn(&D, &Mutation) -> oci::Result<Response<T>>,
) -> Result<Made<T>, Trouble>
where
    D: DeserializeOwned + Serialize,
    T: Serialize,
{
    let nowhere_else = async || Ok(Vec::new());
    once_anywhere(clouds, wanted, spec, (create, nowhere_else)).await
}

/// As [`once`], for what may have been made in another place: `elsewhere` gives the specs of those. One token stands for
/// all places, so that a run that a list shows nothing yet does not make a second one where there is room by now.
pub(super) async fn once_anywhere<D, T>(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    spec: &Value,
    (create, elsewhere): (
        impl AsyncFn(&D, &Mutation) -> oci::Result<Response<T>>,
        impl AsyncFn() -> Result<Vec<Value>, Failure>,
    ),
) -> Result<Made<T>, Trouble>
where
    D: DeserializeOwned + Serialize,
    T: Serialize,
{
    for epoch in 0..EPOCHS {
        let details: D = details(clouds, wanted, spec, epoch)?;
        let mutation = Mutation::once(token(clouds, wanted.address, (&details, epoch))?);
        match create(&details, &mutation).await {
            Ok(response) if is_good(wanted, &response.value) => return Ok(Made::Now(response)),
            // An old answer again: of what has failed since, and is replaced.
            Ok(response) => shown(clouds, wanted, &response.value).await?,
            Err(error) if error.kind() == oci::Kind::InvalidatedRetryToken => {
                if let Some(found) = there(clouds, wanted).await? {
                    return Ok(Made::There(found));
                }
                for spec in elsewhere().await? {
                    let details: D = self::details(clouds, wanted, &spec, epoch)?;
                    match create(&details, &mutation).await {
                        Ok(response) if is_good(wanted, &response.value) => {
                            return Ok(Made::Now(response));
                        }
                        Ok(_) => {}
                        Err(error) if error.kind() == oci::Kind::InvalidatedRetryToken => {}
                        Err(error) => return Err(Trouble::Call(error)),
                    }
                }
            }
            Err(error) => return Err(Trouble::Call(error)),
        }
    }
    let message = format!("{}: every retry token is used up", wanted.address);
    let failure = Failure::new(failure::Kind::Provider, message);
    Err(failure.hint("retry tokens are forgotten after 24 hours").into())
}

/// What is at the address by now, of several the one that everybody keeps.
pub(super) async fn there(clouds: &Clouds, wanted: &Wanted<'_>) -> Result<Option<Found>, Failure> {
    let listed = listing::ours(clouds, wanted.address.kind).await?.into_iter();
    let found = listed
        .filter(|(address, found)| address == wanted.address && found.broken.is_none())
        .map(|(_, found)| found)
        .filter(|found| !wanted.old.contains(&found.id));
    Ok(found.min_by_key(|found| (found.created.clone(), found.id.clone())))
}

/// What failed and is still there must go; when it was planned without, because no list showed it, all is planned anew.
async fn shown(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    value: &impl Serialize,
) -> Result<(), Failure> {
    let value = json!(value);
    let id = value["id"].as_str().unwrap_or_default();
    if value["lingers"] != true || wanted.old.iter().any(|old| old == id) {
        return Ok(());
    }
    clouds.note(wanted.address, "waiting until what an earlier run made in vain is listed");
    let mut patience = listing::Patience::of(listing::LAG);
    loop {
        let listed = listing::ours(clouds, wanted.address.kind).await?;
        if listed.iter().any(|(_, found)| found.id == id) {
            let message =
                format!("{}: what an earlier run made in vain must go first", wanted.address);
            return Err(Failure::new(failure::Kind::Conflict, message)
                .hint("run the command again: it plans anew"));
        }
        if !patience.lasts().await {
            return Ok(());
        }
    }
}

/// Whether an answer is about something that is of use.
fn is_good(wanted: &Wanted<'_>, value: &impl Serialize) -> bool {
    let value = json!(value);
    let id = value["id"].as_str().unwrap_or_default();
    value["spent"] != true && !wanted.old.iter().any(|old| old == id)
}

/// Whether an answer was given before to an earlier run: what it is about was begun, by the service's own clock, before
/// the service was asked. What of that has failed by now is spent.
pub(super) fn is_repeated(begun: Option<&str>, asked: Option<time::OffsetDateTime>) -> bool {
    use time::format_description::well_known::Rfc3339;
    let begun = begun.and_then(|begun| time::OffsetDateTime::parse(begun, &Rfc3339).ok());
    begun.zip(asked).is_some_and(|(begun, asked)| asked - begun > REPEATED)
}

fn token(
    clouds: &Clouds,
    address: &Address,
    (details, epoch): (&impl Serialize, u32),
) -> Result<String, Failure> {
    let mut body = serde_json::to_value(details)
        .map_err(|error| Failure::because(failure::Kind::Bug, address, &error))?;
    for place in ["availabilityDomain", "faultDomain"] {
        body.as_object_mut().map(|fields| fields.remove(place));
    }
    if address.kind == Kind::LoadBalancer {
        // Two runs have two certificates, and may have other backends: of both only one is to make it.
        body = json!(epoch);
    }
    let (uid, compartment) = (&clouds.environment.uid, &clouds.compartment);
    Ok(digest::short(format!("{SCHEMA} {uid} {compartment} {address} {body}").as_bytes(), 52))
}

/// The vendor's create details for a spec: with compartment and mark. A field of the spec that the details do not know
/// would be lost without a word; that is a mistake of ours, and said before anything is made.
fn details<T: DeserializeOwned + Serialize>(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    spec: &Value,
    epoch: u32,
) -> Result<T, Failure> {
    let address = wanted.address;
    let mark = Mark {
        environment: clouds.environment.uid.clone(),
        subject: address.to_string(),
        generation: wanted.generation.clone(),
        epoch,
    };
    let mut spec = spec.clone();
    spec["compartmentId"] = json!(clouds.compartment);
    spec["freeformTags"] = mark.tags();
    let details: T = typed(address, spec.clone())?;
    let bug = |error| Failure::because(failure::Kind::Bug, address, &error);
    let taken = serde_json::to_value(&details).map_err(bug)?;
    match diff::fields(&spec, &taken).first() {
        None => Ok(details),
        Some(lost) => {
            let message = format!("{address}: the API has no field {}", lost.field);
            Err(Failure::new(failure::Kind::Bug, message))
        }
    }
}

/// The vendor's form of a spec.
pub(super) fn typed<T: DeserializeOwned>(address: &Address, spec: Value) -> Result<T, Failure> {
    serde_json::from_value(spec)
        .map_err(|error| Failure::because(failure::Kind::Bug, address, &error))
}

/// What the planner sees of the answer of a create or an update.
pub(super) fn answered<T: Serialize>(
    address: &Address,
    response: Response<T>,
) -> Result<Found, Failure> {
    let spec = serde_json::to_value(response.value);
    let spec = spec.map_err(|error| Failure::because(failure::Kind::Bug, address, &error))?;
    Ok(listing::found(spec))
}
