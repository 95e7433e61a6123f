//! The Cloudflare v4 API over the zones of this cloud: paths below `/client/v4`.
//!
//! Holds no record of its own: everything is in [`crate::cloud::Cloud::zones`], which DNS and the edge read.

mod admission;
mod call;
mod envelope;
mod page;
mod pulls;
mod purge;
mod ranges;
mod records;
mod route;
mod settings;
#[cfg(test)]
mod tests;
mod tls;
mod zones;

use std::sync::Arc;

use bytes::Bytes;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use self::admission::Allowance;
use self::call::Call;
use self::envelope::Failure;
use super::Reply;
use crate::cloud::Cloud;
use crate::model::zone::{Ranges, World, Zone};

pub(crate) use pulls::identity as pull_identity;
pub(super) use route::OPERATIONS;
pub(crate) use settings::{
    in_force as settings_in_force, number, strict_transport_header, word as setting,
};
pub(crate) use tls::is_universal;

const PREFIX: &str = "/client/v4";
const MICROSECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// The API and the one token that it accepts.
pub struct CloudflareService {
    cloud: Arc<Cloud>,
    api_token: String,
    allowance: Allowance,
}

impl std::fmt::Debug for CloudflareService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudflareService").finish_non_exhaustive()
    }
}

impl CloudflareService {
    /// Opens the API; zones of the seed that do not exist yet are made, active.
    pub fn open(cloud: Arc<Cloud>, api_token: String) -> Arc<Self> {
        let now = stamp(&cloud);
        cloud.zones.update(|world| {
            for apex in &cloud.options.seed.zones {
                let zone = zones::seeded(&apex.to_ascii_lowercase(), &now);
                if !world.zones.contains_key(&zone.id) {
                    world.zones.insert(zone.id.clone(), zone);
                }
            }
        });
        Arc::new(Self { cloud, api_token, allowance: Allowance::default() })
    }

    /// The operation that a request means; empty when it means none.
    pub(crate) fn operation(method: &http::Method, path: &str) -> &'static str {
        let words: Vec<&str> = below(path).split('/').skip(1).collect();
        route::find(method, &words).map(|route| route.operation).unwrap_or_default()
    }

    /// Carries out one request; the path may come with or without `/client/v4`.
    #[expect(clippy::unused_async, reason = "services answer alike; some of them wait")]
    pub async fn handle(&self, request: http::Request<Bytes>) -> Reply {
        let path = below(request.uri().path());
        let call = Call::new(path, request.uri().query().unwrap_or_default(), request.body());
        let Some(route) = route::find(request.method(), &call.path) else {
            let response = envelope::response(Err(Failure::no_route(path)));
            return Reply { operation: String::new(), mutating: false, response };
        };
        let (admitted, left) = self.admit(&request, &route);
        let outcome = admitted.and_then(|()| (route.run)(self, &call));
        let mut response = envelope::response(outcome);
        if let Some(left) = left {
            left.announce(response.headers_mut());
        }
        Reply { operation: route.operation.to_owned(), mutating: route.mutating, response }
    }

    /// Publishes other edge ranges, as the vendor does now and then; the edge calls from them at once.
    pub fn publish_ranges(&self, ranges: Ranges) {
        self.cloud.zones.update(|world| world.ranges = ranges);
    }

    /// Makes a pending zone active, as the vendor does once the registrar delegates it. False: no such zone.
    pub fn activate(&self, apex: &str) -> bool {
        let now = stamp(&self.cloud);
        self.cloud.zones.update(|world| {
            let found = world.zones.values().any(|zone| zone.name == apex);
            world.zones.change_where(|zone| zone.name == apex, |zone| zones::activate(zone, &now));
            found
        })
    }

    /// The snapshot that a reading call answers from.
    fn world(&self) -> Arc<World> {
        self.cloud.zones.read()
    }

    /// Changes the zone that the call names, all or nothing; `change` is given the present.
    fn change<R>(
        &self,
        call: &Call<'_>,
        change: impl FnOnce(&mut Zone, &str) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let now = stamp(&self.cloud);
        let id = call.zone_id()?;
        self.cloud.zones.try_update(|world| {
            let zone = world.zones.get_mut(id).ok_or_else(Failure::no_zone)?;
            let outcome = change(zone, &now)?;
            zone.modified_on.clone_from(&now);
            Ok(outcome)
        })
    }
}

/// The present as this vendor writes it: RFC 3339 with microseconds.
fn stamp(cloud: &Cloud) -> String {
    cloud.clock.now().format(MICROSECONDS).unwrap_or_default()
}

/// What of a path is below `/client/v4`.
fn below(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_prefix(PREFIX).unwrap_or(path)
}
