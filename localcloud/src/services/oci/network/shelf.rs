//! The five operations that every noun of the network has.

use serde::Serialize;
use serde::de::DeserializeOwned;
use time::macros::format_description;

use crate::ids;
use crate::model::network::{
    Common, Gateway, NetworkSecurityGroup, PrivateIp, PublicIp, RouteTable, SecurityList, Subnet,
    Vcn, Vnic, World,
};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, json, merged};
use crate::services::oci::failure::Failure;
use crate::services::oci::listing;
use crate::table::Table;

/// Something with an OCID, a compartment and an etag.
pub(in crate::services::oci) trait Resource:
    Clone + Default + Serialize + DeserializeOwned
{
    fn common(&self) -> &Common;
    fn common_mut(&mut self) -> &mut Common;
}

macro_rules! resources {
    ($($resource:ty),*) => {$(
        impl Resource for $resource {
            fn common(&self) -> &Common {
                &self.common
            }
            fn common_mut(&mut self) -> &mut Common {
                &mut self.common
            }
        }
    )*};
}

resources!(
    Vcn,
    Subnet,
    Gateway,
    RouteTable,
    SecurityList,
    NetworkSecurityGroup,
    Vnic,
    PublicIp,
    PrivateIp
);

/// Where and when something is made.
#[derive(Debug, Clone)]
pub(in crate::services::oci) struct Place {
    pub(in crate::services::oci) region: String,
    pub(in crate::services::oci) now: String,
}

impl Place {
    pub(in crate::services::oci) fn of(service: &OciService) -> Self {
        Self { region: service.region().to_owned(), now: service.cloud.clock.stamp() }
    }

    /// What a new resource begins with.
    pub(in crate::services::oci) fn common(
        &self,
        kind: &str,
        name: &str,
        compartment: &str,
    ) -> Common {
        Common {
            id: ids::ocid(kind, &self.region),
            compartment_id: compartment.to_owned(),
            display_name: name.to_owned(),
            lifecycle_state: "AVAILABLE".to_owned(),
            time_created: self.now.clone(),
            etag: ids::hex::<16>(),
            ..Common::default()
        }
    }
}

/// All resources of one noun.
pub(in crate::services::oci) struct Shelf<T: 'static> {
    /// Kind in the OCID.
    pub(super) kind: &'static str,
    /// Kind in messages.
    pub(super) title: &'static str,
    pub(super) items: fn(&World) -> &Table<T>,
    pub(super) items_mut: fn(&mut World) -> &mut Table<T>,
    /// Checks a new or changed resource against the world and fills what the vendor fills.
    pub(super) settle: fn(&mut World, &mut T, &Place) -> Result<(), Failure>,
    /// Refuses to let go of a resource that is in use; takes along what goes with it.
    pub(super) release: fn(&mut World, &T) -> Result<(), Failure>,
}

impl<T: Resource> Shelf<T> {
    pub(super) fn answer(&self, service: &OciService, call: &Call) -> Result<Answer, Failure> {
        match call.name().split('_').next().unwrap_or_default() {
            "create" => self.create(service, call),
            "get" => self
                .find(&service.cloud.network.read(), call.subject())
                .map(|item| Answer::shows(&item)),
            "list" => self.list(service, call),
            "update" => self.update(service, call),
            "delete" => self.delete(service, call),
            _ => Err(Failure::not_implemented(&call.operation.title())),
        }
    }

    /// # Errors
    /// The vendor's 404.
    pub(super) fn find(&self, world: &World, id: &str) -> Result<T, Failure> {
        let found = (self.items)(world).get(id).cloned();
        found.ok_or_else(|| Failure::not_found(format_args!("{} {id}", self.title)))
    }

    /// Puts a new resource on the shelf.
    ///
    /// # Errors
    /// What [`Self::settle`] has against it.
    pub(super) fn put(&self, world: &mut World, mut item: T, place: &Place) -> Result<T, Failure> {
        (self.settle)(world, &mut item, place)?;
        (self.items_mut)(world).insert(item.common().id.clone(), item.clone());
        Ok(item)
    }

    fn create(&self, service: &OciService, call: &Call) -> Result<Answer, Failure> {
        let place = Place::of(service);
        let mut item: T = merged(&T::default(), &call.body)?;
        let sent = item.common().clone();
        let named = call.text("displayName").map_or_else(|| self.name(service), str::to_owned);
        let common = place.common(self.kind, &named, &sent.compartment_id);
        *item.common_mut() =
            Common { freeform_tags: sent.freeform_tags, defined_tags: sent.defined_tags, ..common };
        let item = service.cloud.network.try_update(|world| self.put(world, item, &place))?;
        Ok(Answer::made(&item))
    }

    /// The vendor names what has no name by kind and second.
    fn name(&self, service: &OciService) -> String {
        let format = format_description!("[year][month][day][hour][minute][second]");
        let now = service.cloud.clock.now().format(format).unwrap_or_default();
        format!("{}{now}", self.kind)
    }

    fn list(&self, service: &OciService, call: &Call) -> Result<Answer, Failure> {
        let world = service.cloud.network.read();
        listing::bare(call, (self.items)(&world).values().map(json).collect())
    }

    fn update(&self, service: &OciService, call: &Call) -> Result<Answer, Failure> {
        let place = Place::of(service);
        service.cloud.network.try_update(|world| {
            let before = self.find(world, call.subject())?;
            call.if_match(&before.common().etag)?;
            let mut item = merged(&before, &call.body)?;
            item.common_mut().etag = ids::hex::<16>();
            Ok(Answer::shows(&self.put(world, item, &place)?))
        })
    }

    fn delete(&self, service: &OciService, call: &Call) -> Result<Answer, Failure> {
        let id = call.subject();
        service.cloud.network.try_update(|world| {
            let item = self.find(world, id)?;
            call.if_match(&item.common().etag)?;
            (self.release)(world, &item)?;
            (self.items_mut)(world).remove(id);
            Ok(())
        })?;
        service.work.forget(id);
        Ok(Answer::empty())
    }
}
