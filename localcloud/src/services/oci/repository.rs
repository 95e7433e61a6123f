//! Artifacts (`/20160918/container`): repositories, and the images that the registry received.

mod image;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::OciService;
use super::call::{Answer, Call, typed};
use super::failure::Failure;
use super::listing;
use crate::ids;
use crate::model::repository::{Image, Repository, World};

const GIBIBYTE: u64 = 1 << 30;

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    match call.name() {
        "create_container_repository" => create(service, call),
        "get_container_repository" => {
            let world = service.cloud.repositories.read();
            Ok(Answer::shows(&show(service, &world, find(&world, call.subject())?)))
        }
        "list_container_repositories" => list(service, call),
        "update_container_repository" => update(service, call),
        "delete_container_repository" => delete(service, call),
        "get_container_image" => {
            let world = service.cloud.repositories.read();
            Ok(Answer::shows(&show_image(service, &world, find_image(&world, call.subject())?)))
        }
        "list_container_images" => {
            let world = service.cloud.repositories.read();
            let all = world.images.values().map(|image| show_image(service, &world, image));
            listing::collection(call, images(call, all.collect()), json!({}))
        }
        "lookup_container_image_by_uri" => look_up(service, call),
        "update_container_image" => image::update(service, call),
        "delete_container_image" => image::delete(service, call),
        "restore_container_image" => image::restore(service, call),
        "get_container_configuration" => Ok(configuration(service)),
        "update_container_configuration" => configure(service, call),
        _ => Err(Failure::not_implemented(&call.operation.title())),
    }
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    let world = service.cloud.repositories.read();
    BTreeMap::from([
        ("repositories".to_owned(), world.repositories.len()),
        ("images".to_owned(), world.images.len()),
    ])
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Repository, Failure> {
    world.repositories.get(id).ok_or_else(|| Failure::not_found(format_args!("repository {id}")))
}

fn find_image<'a>(world: &'a World, id: &str) -> Result<&'a Image, Failure> {
    world.images.get(id).ok_or_else(|| Failure::not_found(format_args!("image {id}")))
}

fn create(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let repository = Repository {
        id: ids::ocid("containerrepo", service.region()),
        compartment_id: call.field("compartmentId")?,
        display_name: call.field("displayName")?,
        is_public: call.field("isPublic")?,
        is_immutable: call.field("isImmutable")?,
        time_created: service.cloud.clock.stamp(),
        etag: ids::hex::<16>(),
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
    };
    let name = &repository.display_name;
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/_.-".contains(&b);
    if !(1..=255).contains(&name.len()) || !name.bytes().all(letter) {
        return Err(Failure::invalid(format!("Invalid displayName: '{name}'")));
    }
    service.cloud.repositories.try_update(|world| {
        if world.named(name).is_some() {
            let message = format!("Repository '{name}' is not authorized or already exists");
            return Err(Failure::new(
                http::StatusCode::CONFLICT,
                "NotAuthorizedOrResourceAlreadyExists",
                message,
            ));
        }
        world.repositories.insert(repository.id.clone(), repository.clone());
        Ok(Answer::made(&show(service, world, &repository)))
    })
}

fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let world = service.cloud.repositories.read();
    let all: Vec<Value> = world
        .repositories
        .values()
        .map(|repository| {
            let mut shown = show(service, &world, repository);
            shown["repositoryId"] = shown["id"].clone();
            shown
        })
        .collect();
    let chosen = listing::select(call, all.clone());
    let sum = |field: &str| chosen.iter().filter_map(|r| r[field].as_u64()).sum::<u64>();
    let totals = json!({"repositoryCount": chosen.len(), "imageCount": sum("imageCount"),
        "layerCount": sum("layerCount"), "layersSizeInBytes": sum("layersSizeInBytes")});
    listing::collection(call, all, totals)
}

fn update(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    service.cloud.repositories.try_update(|world| {
        let mut repository = find(world, call.subject())?.clone();
        call.if_match(&repository.etag)?;
        for (field, value) in call.body.as_object().into_iter().flatten() {
            match field.as_str() {
                "isPublic" => repository.is_public = typed(value.clone(), field)?,
                "isImmutable" => repository.is_immutable = typed(value.clone(), field)?,
                "freeformTags" => repository.freeform_tags = typed(value.clone(), field)?,
                "definedTags" => repository.defined_tags = typed(value.clone(), field)?,
                _ => {
                    return Err(Failure::not_implemented(&format!(
                        "UpdateContainerRepository with {field}"
                    )));
                }
            }
        }
        repository.etag = ids::hex::<16>();
        world.repositories.insert(repository.id.clone(), repository.clone());
        Ok(Answer::shows(&show(service, world, &repository)))
    })
}

/// A repository takes its images along.
fn delete(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let id = call.subject();
    service.cloud.repositories.try_update(|world| {
        call.if_match(&find(world, id)?.etag)?;
        world.repositories.remove(id);
        world.images.retain(|_, image| image.repository_id != id);
        world.deleted_images.retain(|_, deleted| deleted.image.repository_id != id);
        Ok(())
    })?;
    service.work.forget(id);
    Ok(Answer::empty())
}

/// `namespace/repository:tag` or `namespace/repository@digest`, with or without a host.
fn look_up(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let uri = call.text("imageUri").unwrap_or_default();
    let world = service.cloud.repositories.read();
    let prefix = format!("{}/", service.credentials.namespace);
    let path = uri.split_once(&prefix).map(|(_, path)| path);
    let parts = path.and_then(|path| path.split_once('@').or_else(|| path.rsplit_once(':')));
    let image = parts.and_then(|(name, reference)| {
        let repository = world.named(name)?;
        let fits = |image: &&Image| {
            image.digest == reference || image.versions.iter().any(|v| v == reference)
        };
        world.images_of(&repository.id).find(fits)
    });
    let image = image.ok_or_else(|| Failure::not_found(format_args!("image {uri}")))?;
    Ok(Answer::shows(&show_image(service, &world, image)))
}

/// The filters of images that are not the name of a field.
fn images(call: &Call, mut images: Vec<Value>) -> Vec<Value> {
    for image in &mut images {
        image["imageId"] = image["id"].clone();
        image["imageDigest"] = image["digest"].clone();
        image["isVersioned"] = json!(!image["version"].is_null());
        if let Some(version) = call.query("version") {
            let tagged = image["versions"]
                .as_array()
                .is_some_and(|all| all.iter().any(|v| v["version"] == version));
            image["version"] = if tagged { json!(version) } else { image["version"].take() };
        }
    }
    images
}

fn show(service: &OciService, world: &World, repository: &Repository) -> Value {
    let images: Vec<&Image> = world.images_of(&repository.id).collect();
    // Layers that images share are kept once.
    let layers: BTreeMap<&String, u64> = images
        .iter()
        .flat_map(|image| &image.layers)
        .map(|(digest, size)| (digest, *size))
        .collect();
    let size: u64 = layers.values().sum();
    let mut shown = super::call::json(repository);
    shown["namespace"] = json!(service.credentials.namespace);
    shown["createdBy"] = json!(service.credentials.user);
    shown["lifecycleState"] = json!("AVAILABLE");
    shown["imageCount"] = json!(images.len());
    shown["layerCount"] = json!(layers.len());
    shown["layersSizeInBytes"] = json!(size);
    shown["billableSizeInGBs"] = json!(size.div_ceil(GIBIBYTE));
    shown["timeLastPushed"] = json!(images.iter().map(|image| &image.time_created).max());
    shown["systemTags"] = json!({});
    shown
}

fn show_image(service: &OciService, world: &World, image: &Image) -> Value {
    let repository = world.repositories.get(&image.repository_id).cloned().unwrap_or_default();
    let created = &image.time_created;
    let user = &service.credentials.user;
    let version = |v: &String| json!({"version": v, "timeCreated": created, "createdBy": user});
    let layer = |(digest, size): &(String, u64)| json!({"digest": digest, "sizeInBytes": size, "timeCreated": created});
    let name = &repository.display_name;
    let reference =
        image.versions.first().map_or_else(|| format!("@{}", image.digest), |v| format!(":{v}"));
    json!({
        "id": image.id,
        "compartmentId": repository.compartment_id,
        "createdBy": user,
        "digest": image.digest,
        "displayName": format!("{name}{reference}"),
        "layers": image.layers.iter().map(layer).collect::<Vec<_>>(),
        "layersSizeInBytes": image.layers.iter().map(|(_, size)| size).sum::<u64>(),
        "lifecycleState": "AVAILABLE",
        "manifestSizeInBytes": image.manifest_size,
        "pullCount": 0,
        "repositoryId": image.repository_id,
        "repositoryName": name,
        "timeCreated": created,
        "version": image.versions.first(),
        "versions": image.versions.iter().map(version).collect::<Vec<_>>(),
        "freeformTags": image.freeform_tags,
        "definedTags": image.defined_tags,
        "systemTags": {},
        "etag": image.etag(),
    })
}

fn configuration(service: &OciService) -> Answer {
    let world = service.cloud.repositories.read();
    Answer::shows(&json!({"isRepositoryCreatedOnFirstPush": !world.refuses_unknown_repositories,
        "namespace": service.credentials.namespace}))
}

fn configure(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    if let Some(creates) = call.flag("isRepositoryCreatedOnFirstPush") {
        service.cloud.repositories.update(|world| world.refuses_unknown_repositories = !creates);
    }
    Ok(configuration(service))
}
