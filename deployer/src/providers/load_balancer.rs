//! The load balancer: made whole in one call, then changed by the calls that the plan lists, one after another.

mod health;
mod send;
mod update;

use deployer_core::address::{Address, Kind};
use deployer_core::digest;
use deployer_core::observed::Found;
use oci::load_balancer::{
    self as api, CreateLoadBalancerDetails, LoadBalancer, UpdateLoadBalancerDetails,
};
use oci::work_request::{self, Look, Poll, Status};
use oci::{Mutation, Response};
use serde_json::{Value, json};

use super::change::{self, Target};
use super::create::{self, Made, Wanted};
use super::{Clouds, Listed, listing, mark, oci_failure};
use crate::failure::Failure;
pub use health::{Backend, backends};
pub(super) use update::update;

pub(super) async fn list(clouds: &Clouds) -> Listed {
    let mut listed = listing::ours_at_rest(clouds, Kind::LoadBalancer).await?;
    for (address, found) in &mut listed {
        *found = settled(clouds, address, found.clone()).await?;
        complete(found);
    }
    Ok(listed)
}

/// The load balancer when nothing is under way on it. A run that was killed may have left calls that are still being
/// carried out, and what is read before they are done is not what the next call will meet.
async fn settled(clouds: &Clouds, address: &Address, found: Found) -> Result<Found, Failure> {
    let failed = |error: oci::Error| oci_failure(&address.to_string(), &error);
    if !is_busy(clouds, &found.id).await.map_err(failed)? && found.state != "CREATING" {
        return Ok(found);
    }
    clouds.note(address, "waiting for what an earlier run began");
    let looked = Poll::default()
        .until(&clouds.oci, "GetLoadBalancer", || async {
            if is_busy(clouds, &found.id).await? {
                return Ok(Look::NotYet("busy with work requests".to_owned()));
            }
            let response = api::get(&clouds.oci, &found.id).await?;
            Ok(match response.value.lifecycle_state {
                oci::LifecycleState::Creating => Look::NotYet("CREATING".to_owned()),
                _ => Look::Done(response),
            })
        })
        .await;
    create::answered(address, looked.map_err(failed)?)
}

async fn is_busy(clouds: &Clouds, id: &str) -> oci::Result<bool> {
    let works = work_request::list_of_load_balancer(&clouds.oci, id).await?;
    Ok(works
        .iter()
        .any(|work| matches!(work.lifecycle_state, Status::Accepted | Status::InProgress)))
}

/// Adds what others refer to.
pub(super) fn complete(found: &mut Found) {
    let public = found.spec["ipAddresses"].as_array().into_iter().flatten().next();
    if let Some(address) = public.and_then(|address| address["ipAddress"].as_str()) {
        found.outputs.insert("address".to_owned(), address.to_owned());
    }
}

pub(super) async fn create(clouds: &Clouds, wanted: &Wanted<'_>) -> Result<Found, Failure> {
    let (address, spec) = (wanted.address, wanted.spec);
    let made_it = || change::conflict(address, "made it");
    // Its certificate came since the plan was made, which takes minutes, and what was adopted has no token.
    if create::there(clouds, wanted).await?.is_some() {
        return Err(made_it());
    }
    let mut whole = spec.clone();
    let certificate = whole["certificate"].take();
    let name = certificate["certificateName"].as_str().unwrap_or_default().to_owned();
    whole["certificates"] = json!({ name: certificate });
    let create = async |details: &CreateLoadBalancerDetails, mutation: &Mutation| {
        let response = api::create(&clouds.oci, details, mutation).await?;
        // Only the work request says which load balancer it makes, or once made.
        let work = response.work_request_id.clone().unwrap_or_default();
        let work = work_request::get_of_load_balancer(&clouds.oci, &work).await?;
        let spent = work.lifecycle_state == Status::Failed
            && create::is_repeated(work.time_accepted.as_deref(), response.date);
        let id = work.load_balancer_id;
        let lingers = spent && lingers(clouds, &id).await?;
        let about = json!({ "id": id, "work": work.id, "spent": spent, "lingers": lingers });
        Ok(response.with(about))
    };
    let made = create::once(clouds, wanted, &whole, create).await;
    let id = match made.map_err(|trouble| trouble.into_failure(address))? {
        Made::Now(response) => {
            let work = response.value["work"].as_str().unwrap_or_default();
            clouds.note(address, "the load balancer is being made");
            let work = work_request::load_balancer(&clouds.oci, work, &Poll::default()).await;
            work.map_err(|error| oci_failure(&address.to_string(), &error))?.load_balancer_id
        }
        // It has another's certificate, and maybe other backends: what is left to do is planned anew.
        Made::There(_) => return Err(made_it()),
    };
    let found = read(clouds, address, &id).await?;
    for (set, body) in spec["backendSets"].as_object().into_iter().flatten() {
        health::wait(clouds, address, &found.id, (set, &body["backends"])).await?;
    }
    Ok(found)
}

/// Whether a load balancer that could not be made is there nevertheless.
async fn lingers(clouds: &Clouds, id: &str) -> oci::Result<bool> {
    match api::get(&clouds.oci, id).await {
        Ok(response) => Ok(!response.value.lifecycle_state.is_ending()),
        Err(error) if error.kind() == oci::Kind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

async fn read(clouds: &Clouds, address: &Address, id: &str) -> Result<Found, Failure> {
    let response = api::get(&clouds.oci, id).await;
    let response: Response<LoadBalancer> =
        response.map_err(|error| oci_failure(&address.to_string(), &error))?;
    let mut found = create::answered(address, response)?;
    complete(&mut found);
    Ok(found)
}

/// Writes these tags, unless a run that was killed has written them just now; others stay.
pub(super) async fn tag(target: &Target<'_>, ours: &Value) -> Result<(), Failure> {
    let Target { clouds, address, id, .. } = *target;
    let failed = |error: oci::Error| target.failed(&error);
    settled(clouds, address, target.seen.clone()).await?;
    let look = api::get(&clouds.oci, id).await;
    let has = look.as_ref().ok().map(|seen| &seen.value.freeform_tags);
    let Some(tags) = mark::added(has, ours) else { return Ok(()) };
    let guard = target.guard(look).await?;
    let spent = update::failed(clouds, address, id).await?;
    let named = format!("{} {id} {guard:?} {spent} {tags}", clouds.environment.uid);
    let once = Mutation { retry_token: Some(digest::short(named.as_bytes(), 52)), ..guard };
    let details: UpdateLoadBalancerDetails =
        create::typed(address, json!({ "freeformTags": tags }))?;
    let response = api::update(&clouds.oci, id, &details, &once).await.map_err(failed)?;
    if let Some(work) = &response.work_request_id {
        work_request::load_balancer(&clouds.oci, work, &Poll::default()).await.map_err(failed)?;
    }
    Ok(())
}

pub(super) async fn delete(target: &Target<'_>) -> Result<(), Failure> {
    let Target { clouds, address, id, .. } = *target;
    let get = async || api::get(&clouds.oci, id).await;
    let delete = async |guard: &Mutation| api::delete(&clouds.oci, id, guard).await;
    let Some(work) = target.delete(get, delete).await? else {
        return Ok(());
    };
    let done = work_request::load_balancer(&clouds.oci, &work, &Poll::default()).await;
    done.map(drop).map_err(|error| oci_failure(&address.to_string(), &error))
}
