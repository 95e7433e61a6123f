//! Identity (`/20160918`): the tenancy, its one user, its compartments, regions and domains.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::OciService;
use super::call::{Answer, Call, json as to_json};
use super::failure::Failure;
use super::listing;
use crate::ids;
use crate::table::Table;

/// What the tenancy holds beside its seeds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct World {
    pub(crate) compartments: Table<Compartment>,
    /// OCIDs of what was made for the seeds; they are no work of a client.
    pub(crate) seeded: BTreeSet<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Compartment {
    id: String,
    /// The parent.
    compartment_id: String,
    name: String,
    description: String,
    lifecycle_state: String,
    time_created: String,
    etag: String,
    is_accessible: bool,
    freeform_tags: BTreeMap<String, String>,
    defined_tags: BTreeMap<String, Value>,
}

/// Region identifiers and their keys, of which the names of registries are made.
const REGIONS: &[(&str, &str)] = &[
    ("uk-london-1", "LHR"),
    ("uk-cardiff-1", "CWL"),
    ("eu-frankfurt-1", "FRA"),
    ("us-ashburn-1", "IAD"),
    ("us-phoenix-1", "PHX"),
];

/// The fault domains of every availability domain.
pub(super) const FAULT_DOMAINS: [&str; 3] = ["FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"];

pub(super) fn answer(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    match call.name() {
        "list_availability_domains" => {
            listing::bare(call, availability_domains(service, asked_about(service, call)))
        }
        "list_fault_domains" => {
            listing::bare(call, fault_domains(service, asked_about(service, call)))
        }
        "list_regions" => listing::bare(call, regions().collect()),
        "list_region_subscriptions" => subscriptions(service, call),
        "get_tenancy" => tenancy(service, call),
        "get_user" => user(service, call),
        "list_compartments" => list(service, call),
        "get_compartment" => get(service, call),
        "create_compartment" => create(service, call),
        _ => Err(Failure::not_implemented(&call.operation.title())),
    }
}

/// Whether a compartment, or the tenancy as the root of all, exists.
pub(super) fn has_compartment(service: &OciService, id: &str) -> bool {
    id == service.credentials.tenancy || find(service, id).is_some()
}

/// A compartment and those around it, as OCID and name; without the tenancy, which is around all of them.
pub(super) fn around(service: &OciService, id: &str) -> Vec<(String, String)> {
    let parent = |inner: &Compartment| find(service, &inner.compartment_id);
    let chain = std::iter::successors(find(service, id), parent);
    chain.map(|compartment| (compartment.id, compartment.name)).collect()
}

/// Key of the region, `LHR`; of an unknown region its letters.
pub(super) fn region_key(region: &str) -> String {
    let known = REGIONS.iter().find(|(name, _)| *name == region);
    known.map_or_else(|| region.to_ascii_uppercase(), |(_, key)| (*key).to_owned())
}

pub(super) fn inventory(service: &OciService) -> BTreeMap<String, usize> {
    BTreeMap::from([("compartments".to_owned(), service.tenancy.read().compartments.len())])
}

pub(super) fn holdings(service: &OciService) -> Vec<Value> {
    compartments(service).iter().map(to_json).collect()
}

/// Domains belong to the region: every compartment is shown the same ones, as its own.
fn asked_about<'a>(service: &'a OciService, call: &'a Call) -> &'a str {
    call.query("compartmentId").unwrap_or(&service.credentials.tenancy)
}

fn availability_domains(service: &OciService, compartment: &str) -> Vec<Value> {
    let domain = |name: String| {
        json!({"id": format!("ocid1.availabilitydomain.oc1..{}", name.to_lowercase().replace(':', "")),
            "name": name, "compartmentId": compartment})
    };
    service.availability_domains().map(domain).collect()
}

fn fault_domains(service: &OciService, compartment: &str) -> Vec<Value> {
    let domain = |domain: &str, number: usize, name: &str| {
        json!({"id": format!("ocid1.faultdomain.oc1..{number}"), "name": name,
            "availabilityDomain": domain, "compartmentId": compartment})
    };
    let within = |of: String| (1..).zip(FAULT_DOMAINS).map(move |(n, name)| domain(&of, n, name));
    service.availability_domains().flat_map(within).collect()
}

fn regions() -> impl Iterator<Item = Value> {
    REGIONS.iter().map(|(name, key)| json!({"name": name, "key": key}))
}

fn subscriptions(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    own_tenancy(service, call)?;
    let region = service.region();
    let home = json!({"regionName": region, "regionKey": region_key(region), "isHomeRegion": true, "status": "READY"});
    let others = service.cloud.options.conduct.other_regions.iter().map(|region| {
        json!({"regionName": region, "regionKey": region_key(region), "isHomeRegion": false, "status": "READY"})
    });
    listing::bare(call, std::iter::once(home).chain(others).collect())
}

fn tenancy(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    own_tenancy(service, call)?;
    Ok(Answer::shows(
        &json!({"id": service.credentials.tenancy, "name": service.credentials.namespace,
        "description": "", "homeRegionKey": region_key(service.region()), "freeformTags": {}, "definedTags": {}}),
    ))
}

fn own_tenancy(service: &OciService, call: &Call) -> Result<(), Failure> {
    let id = call.subject();
    if id == service.credentials.tenancy { Ok(()) } else { Err(Failure::not_found(id)) }
}

fn user(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    if call.subject() != service.credentials.user {
        return Err(Failure::not_found(call.subject()));
    }
    Ok(Answer::shows(
        &json!({"id": service.credentials.user, "compartmentId": service.credentials.tenancy,
        "name": "deployer", "description": "The user of this cloud", "isMfaActivated": false,
        "lifecycleState": "ACTIVE", "timeCreated": "2024-01-01T00:00:00.000Z", "freeformTags": {}, "definedTags": {}}),
    ))
}

/// A compartment that was created or that the cloud was started with.
fn find(service: &OciService, id: &str) -> Option<Compartment> {
    if let Some(created) = service.tenancy.read().compartments.get(id) {
        return Some(created.clone());
    }
    let position = service.cloud.options.seed.compartments.iter().position(|seed| seed == id)?;
    Some(Compartment {
        id: id.to_owned(),
        compartment_id: service.credentials.tenancy.clone(),
        name: format!("compartment-{}", position + 1),
        description: "Exists from the start".to_owned(),
        lifecycle_state: "ACTIVE".to_owned(),
        time_created: "2024-01-01T00:00:00.000Z".to_owned(),
        etag: "seed".to_owned(),
        is_accessible: true,
        ..Compartment::default()
    })
}

fn list(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    listing::bare(call, compartments(service).iter().map(to_json).collect())
}

/// Those of the seed, then those that were created.
fn compartments(service: &OciService) -> Vec<Compartment> {
    let seeds = service.cloud.options.seed.compartments.iter();
    let mut all: Vec<Compartment> = seeds.filter_map(|id| find(service, id)).collect();
    all.extend(service.tenancy.read().compartments.values().cloned());
    all
}

fn get(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let id = call.subject();
    if id == service.credentials.tenancy {
        return Ok(Answer::shows(
            &json!({"id": id, "compartmentId": id, "name": service.credentials.namespace,
            "description": "The root compartment", "lifecycleState": "ACTIVE",
            "timeCreated": "2024-01-01T00:00:00.000Z", "freeformTags": {}, "definedTags": {}}),
        ));
    }
    find(service, id).map(|found| Answer::shows(&found)).ok_or_else(|| Failure::not_found(id))
}

fn create(service: &OciService, call: &Call) -> Result<Answer, Failure> {
    let compartment = Compartment {
        id: ids::ocid("compartment", ""),
        compartment_id: call.text("compartmentId").unwrap_or_default().to_owned(),
        name: call.text("name").unwrap_or_default().to_owned(),
        description: call.text("description").unwrap_or_default().to_owned(),
        lifecycle_state: "ACTIVE".to_owned(),
        time_created: service.cloud.clock.stamp(),
        etag: ids::hex::<16>(),
        is_accessible: true,
        freeform_tags: call.field("freeformTags")?,
        defined_tags: call.field("definedTags")?,
    };
    service.tenancy.try_update(|world| {
        let twin = |c: &Compartment| {
            c.name == compartment.name && c.compartment_id == compartment.compartment_id
        };
        if world.compartments.values().any(twin) {
            let message = format!("Compartment '{}' already exists", compartment.name);
            return Err(Failure::new(
                http::StatusCode::CONFLICT,
                "CompartmentAlreadyExists",
                message,
            ));
        }
        world.compartments.insert(compartment.id.clone(), compartment.clone());
        Ok(Answer::made(&compartment))
    })
}
