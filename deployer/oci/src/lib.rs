//! A typed client for the Oracle Cloud services that a web deployment needs: identity, networks, load
//! balancers, container instances, the container registry, and objects.
//!
//! Each kind of resource is a module with its models, named and shaped as the vendor does, and one
//! function per operation. A [`Client`] signs each request, tries again what is safe to try again,
//! reads every page of a list, and turns every failure into an [`Error`] with a [`Kind`] to branch on.
//! It brings no HTTP client: whoever uses it implements [`Transport`].
//!
//! ```no_run
//! use std::sync::Arc;
//! use oci::{Client, Config, Credentials, Mutation, Region, load_balancer, work_request};
//!
//! # async fn example(transport: Arc<dyn oci::Transport>) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::from_environment(|name| std::env::var(name).ok())?;
//! let region = Region::named(credentials.region().unwrap_or("uk-london-1"))?;
//! let client = Client::new(Config::new(credentials, region, transport));
//!
//! let observed = load_balancer::get(&client, "ocid1.loadbalancer.oc1..a").await?;
//! let change = Mutation { if_match: observed.etag, ..Mutation::default() };
//! let answer = load_balancer::delete(&client, &observed.value.id, &change).await?;
//! if let Some(id) = answer.work_request_id {
//!     work_request::load_balancer(&client, &id, &work_request::Poll::default()).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod clock;
mod credentials;
mod error;
mod http_date;
mod model;
mod noun;
mod operations;
mod region;
mod request;
mod retry;
mod secret;
pub mod signature;
mod transport;

pub mod bucket;
pub mod container_image;
pub mod container_instance;
pub mod container_repository;
pub mod identity;
pub mod internet_gateway;
pub mod limits;
pub mod load_balancer;
pub mod nat_gateway;
pub mod network_rule;
pub mod network_security_group;
pub mod object_storage;
pub mod route_table;
pub mod security_list;
pub mod service_gateway;
pub mod subnet;
pub mod vcn;
pub mod vnic;
pub mod work_request;

pub use client::{Client, Config, Response, Signing};
pub use clock::{Clock, Sleeping, SystemClock};
pub use credentials::{Credentials, CredentialsError};
pub use error::{Answer, Error, Failure, Kind, Result};
pub use model::{DefinedTags, FreeformTags, LifecycleState};
pub use region::{Endpoints, Region, RegionError, Service};
pub use request::{Mutation, Request};
pub use retry::Policy;
pub use secret::Secret;
pub use transport::{RESPONSE_LIMIT, Sending, Transport, TransportError};

#[cfg(test)]
mod guards;
#[cfg(test)]
mod testing;
