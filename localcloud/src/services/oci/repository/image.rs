//! What can be done to an image that was pushed: tagged, deleted, and brought back for two days.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::{find_image, show_image};
use crate::ids;
use crate::model::repository::{DeletedImage, Image, World};
use crate::services::oci::OciService;
use crate::services::oci::call::{Answer, Call, typed};
use crate::services::oci::failure::Failure;

/// How long a deleted image can be restored.
const RESTORABLE: Duration = Duration::hours(48);

pub(super) fn update(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    service.cloud.repositories.try_update(|world| {
        let mut image = find_image(world, call.subject())?.clone();
        call.if_match(image.etag())?;
        for (field, value) in call.body.as_object().into_iter().flatten() {
            match field.as_str() {
                "freeformTags" => image.freeform_tags = typed(value.clone(), field)?,
                "definedTags" => image.defined_tags = typed(value.clone(), field)?,
                _ => {}
            }
        }
        image.etag = ids::hex::<16>();
        world.images.insert(image.id.clone(), image.clone());
        Ok(Answer::shows(&show_image(service, world, &image)))
    })
}

pub(super) fn delete(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let now = service.cloud.clock.now();
    service.cloud.repositories.try_update(|world| {
        let image = find_image(world, call.subject())?.clone();
        call.if_match(image.etag())?;
        world.images.remove(call.subject());
        world.deleted_images.retain(|_, deleted| is_restorable(deleted, now));
        let deleted = DeletedImage { image, time_deleted: service.cloud.clock.stamp() };
        world.deleted_images.insert(call.subject(), deleted);
        Ok(Answer::empty())
    })
}

/// The image comes back without its tags, but for the one that is asked for.
pub(super) fn restore(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let now = service.cloud.clock.now();
    service.cloud.repositories.try_update(|world| {
        if let Some(present) = world.images.get(call.subject()) {
            call.if_match(present.etag())?;
            let message = format!("Image {} is not deleted", present.id);
            return Err(Failure::incorrect_state(message));
        }
        let found = world.deleted_images.get(call.subject()).cloned();
        let found = found.filter(|deleted| {
            is_restorable(deleted, now)
                && world.repositories.contains_key(&deleted.image.repository_id)
        });
        let missing = || Failure::not_found(format_args!("deleted image {}", call.subject()));
        let mut image = found.ok_or_else(missing)?.image;
        call.if_match(image.etag())?;
        if let Some(other) =
            world.images_of(&image.repository_id).find(|i| i.digest == image.digest)
        {
            let message = format!("Image {} has the same digest and is not deleted", other.id);
            return Err(Failure::conflict(message));
        }
        image.versions = call.text("version").map(str::to_owned).into_iter().collect();
        check_tag(world, &image)?;
        image.etag = ids::hex::<16>();
        world.deleted_images.remove(call.subject());
        world.images.insert(image.id.clone(), image.clone());
        Ok(Answer::shows(&show_image(service, world, &image)))
    })
}

fn check_tag(world: &World, image: &Image) -> Result<(), Failure> {
    let Some(tag) = image.versions.first() else { return Ok(()) };
    match world.images_of(&image.repository_id).find(|other| other.versions.contains(tag)) {
        Some(other) => Err(Failure::conflict(format!("Image {} has the version {tag}", other.id))),
        None => Ok(()),
    }
}

fn is_restorable(deleted: &DeletedImage, now: OffsetDateTime) -> bool {
    OffsetDateTime::parse(&deleted.time_deleted, &Rfc3339).is_ok_and(|at| now - at <= RESTORABLE)
}
