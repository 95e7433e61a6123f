//! Work requests: how the services report on what they do after they have answered.
//!
//! A 2xx answer to an asynchronous operation means accepted, not done. Waiting ends with the work
//! request itself, or with an error that holds the vendor's own messages.

use std::{borrow::Cow, time::Duration};

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    client::Client,
    error::{Error, Failure, Kind, Result},
    model::nullable,
    noun::Noun,
    region::Service,
    request::Request,
};

const LOAD_BALANCER: Noun =
    Noun { service: Service::LoadBalancer, path: "20170115/loadBalancerWorkRequests" };

const CONTAINER_INSTANCE: Noun =
    Noun { service: Service::ContainerInstances, path: "20210415/workRequests" };

/// How often to look, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// The wait after the first look.
    pub first: Duration,
    /// What each wait is multiplied with to give the next.
    pub factor: f64,
    /// The longest wait between two looks.
    pub longest: Duration,
    /// When to give up.
    pub deadline: Duration,
    /// How long a 404 may only mean that the service does not show yet what it has just made.
    pub settle: Duration,
}

impl Default for Poll {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(50),
            factor: 1.5,
            longest: Duration::from_secs(5),
            deadline: Duration::from_mins(20),
            settle: Duration::from_secs(10),
        }
    }
}

/// What one look saw.
#[derive(Debug)]
pub enum Look<T> {
    /// It is finished.
    Done(T),
    /// It is not; the text says what it is instead.
    NotYet(String),
}

impl Poll {
    /// Looks until a look says that it is done. `operation` names the wait in errors.
    ///
    /// # Errors
    /// What a look fails with, and [`Kind::TimedOut`] after the deadline.
    pub async fn until<T, F>(
        &self,
        client: &Client,
        operation: impl Into<Cow<'static, str>>,
        mut look: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        let clock = client.clock();
        let start = clock.now();
        let mut wait = self.first;
        loop {
            let outcome = look().await;
            let passed = Duration::try_from(clock.now() - start).unwrap_or_default();
            let state = match outcome {
                Ok(Look::Done(value)) => return Ok(value),
                Ok(Look::NotYet(state)) => state,
                Err(error) if error.kind() == Kind::NotFound && passed < self.settle => {
                    "not found yet".to_owned()
                }
                Err(error) => return Err(error),
            };
            if passed >= self.deadline {
                return Err(Error::new(operation, Failure::TimedOut { after: passed, state }));
            }
            clock.sleep(wait.min(self.deadline.saturating_sub(passed))).await;
            wait = wait.mul_f64(self.factor).min(self.longest);
        }
    }
}

/// How far a work request is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// In the queue.
    #[default]
    Accepted,
    /// Stopped on request.
    Canceled,
    /// Stopping on request.
    Canceling,
    /// Ended without success.
    Failed,
    /// Being carried out.
    InProgress,
    /// Ended with success.
    Succeeded,
    /// A status that this crate does not know.
    #[serde(untagged)]
    Other(String),
}

impl Status {
    fn text(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            _ => format!("{self:?}"),
        }
    }
}

/// A work request of the load balancer service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerWorkRequest {
    pub id: String,
    /// The load balancer that it is about, also the one that it makes.
    pub load_balancer_id: String,
    /// The operation, such as `CreateListener`.
    pub r#type: String,
    pub lifecycle_state: Status,
    #[serde(default, deserialize_with = "nullable")]
    pub message: String,
    #[serde(default, deserialize_with = "nullable")]
    pub error_details: Vec<LoadBalancerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_accepted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_finished: Option<String>,
}

/// Why a work request of the load balancer service failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerError {
    /// `BAD_INPUT` or `INTERNAL_ERROR`.
    pub error_code: String,
    pub message: String,
}

/// A work request of the container instance service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerInstanceWorkRequest {
    pub id: String,
    /// Such as `CREATE_CONTAINER_INSTANCE`.
    pub operation_type: String,
    pub status: Status,
    #[serde(default, deserialize_with = "nullable")]
    pub resources: Vec<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_complete: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_accepted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_finished: Option<String>,
}

/// A resource that a work request touches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    pub entity_type: String,
    /// Such as `CREATED`.
    pub action_type: String,
    /// Its OCID.
    pub identifier: String,
}

/// Waits for a work request of the load balancer service.
///
/// # Errors
/// [`Kind::WorkRequestFailed`] with the vendor's messages when it fails, [`Kind::TimedOut`] after the
/// deadline of `poll`, and what looking at it fails with.
pub async fn load_balancer(
    client: &Client,
    id: &str,
    poll: &Poll,
) -> Result<LoadBalancerWorkRequest> {
    let request = LOAD_BALANCER.get("GetWorkRequest", &[id]);
    poll.until(client, "GetWorkRequest", || async {
        let work: LoadBalancerWorkRequest = client.call(&request).await?.value;
        if !has_failed(&work.lifecycle_state) {
            return Ok(look(&work.lifecycle_state.clone(), work));
        }
        let mut messages: Vec<String> = work
            .error_details
            .iter()
            .map(|error| format!("{}: {}", error.error_code, error.message))
            .collect();
        if messages.is_empty() && !work.message.is_empty() {
            messages.push(work.message);
        }
        Err(failure(work.r#type, work.id, &work.lifecycle_state, messages))
    })
    .await
}

/// One look at a work request of the load balancer service, whatever its state.
///
/// # Errors
/// See [`Kind`].
pub async fn get_of_load_balancer(client: &Client, id: &str) -> Result<LoadBalancerWorkRequest> {
    Ok(client.call(&LOAD_BALANCER.get("GetWorkRequest", &[id])).await?.value)
}

/// `ListWorkRequests` of a load balancer: what is queued, running, and was done lately.
///
/// # Errors
/// See [`Kind`].
pub async fn list_of_load_balancer(
    client: &Client,
    load_balancer_id: &str,
) -> Result<Vec<LoadBalancerWorkRequest>> {
    let segments = ["20170115", "loadBalancers", load_balancer_id, "workRequests"];
    let request = Request::new("ListWorkRequests", Service::LoadBalancer, Method::GET, &segments);
    client.list(&request).await
}

/// Waits for a work request of the container instance service.
///
/// # Errors
/// [`Kind::WorkRequestFailed`] with the vendor's messages when it fails or is cancelled,
/// [`Kind::OutOfCapacity`] when they say so, [`Kind::TimedOut`] after the deadline of `poll`, and what
/// looking at it fails with.
pub async fn container_instance(
    client: &Client,
    id: &str,
    poll: &Poll,
) -> Result<ContainerInstanceWorkRequest> {
    let request = CONTAINER_INSTANCE.get("GetWorkRequest", &[id]);
    poll.until(client, "GetWorkRequest", || async {
        let work: ContainerInstanceWorkRequest = client.call(&request).await?.value;
        if !has_failed(&work.status) {
            return Ok(look(&work.status.clone(), work));
        }
        let messages = container_instance_messages(client, id).await;
        Err(failure(work.operation_type, work.id, &work.status, messages))
    })
    .await
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(default, deserialize_with = "nullable")]
    code: String,
    message: String,
}

/// The errors of a failed work request; if they cannot be read, that is what there is to tell.
async fn container_instance_messages(client: &Client, id: &str) -> Vec<String> {
    let request = CONTAINER_INSTANCE.get("ListWorkRequestErrors", &[id, "errors"]);
    match client.list::<ErrorEntry>(&request).await {
        Ok(errors) => {
            errors.iter().map(|error| format!("{}: {}", error.code, error.message)).collect()
        }
        Err(error) => vec![format!("the reasons cannot be read: {error}")],
    }
}

fn has_failed(status: &Status) -> bool {
    matches!(status, Status::Canceled | Status::Failed)
}

fn look<T>(status: &Status, work: T) -> Look<T> {
    if *status == Status::Succeeded { Look::Done(work) } else { Look::NotYet(status.text()) }
}

fn failure(operation: String, id: String, status: &Status, messages: Vec<String>) -> Error {
    Error::new(operation, Failure::WorkRequest { id, state: status.text(), messages })
}

#[cfg(test)]
mod tests;
