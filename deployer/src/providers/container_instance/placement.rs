//! Where an instance is made: where the plan says, and where no machine is free there, in the next place.
//!
//! The address of an instance says what it is made of, not where, so any place will do.

use oci::identity;
use serde_json::{Value, json};

use super::super::create::Wanted;
use super::super::{Clouds, oci_failure};
use super::{Found, Trouble, make};
use crate::failure::{self, Failure};

/// An availability domain, and perhaps a fault domain of it; without one the service chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    domain: String,
    fault_domain: Option<String>,
}

impl Place {
    fn of(self, spec: &Value) -> Value {
        let mut spec = spec.clone();
        spec["availabilityDomain"] = json!(self.domain);
        if let Some(fault_domain) = self.fault_domain {
            spec["faultDomain"] = json!(fault_domain);
        }
        spec
    }

    fn name(&self) -> String {
        match &self.fault_domain {
            Some(fault_domain) => format!("{}/{fault_domain}", self.domain),
            None => self.domain.clone(),
        }
    }
}

/// Makes the instance in the first place that has room for it: the planned domain, each fault domain of it, then the
/// same for the other domains, which are only asked for when they are needed.
pub(super) async fn place(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    spec: &Value,
) -> Result<Found, Failure> {
    let planned = spec["availabilityDomain"].as_str().unwrap_or_default().to_owned();
    let mut tried = Vec::new();
    let mut domains = vec![planned.clone()];
    let mut position = 0;
    while let Some(domain) = domains.get(position).cloned() {
        let mut places = vec![Place { domain: domain.clone(), fault_domain: None }];
        while let Some(place) = places.pop() {
            let is_first = place.fault_domain.is_none();
            tried.push(place.name());
            match make(clouds, wanted, &place.clone().of(spec)).await {
                Ok(found) => return Ok(found),
                Err(Trouble::Other(failure)) => return Err(failure),
                Err(Trouble::Full) => {
                    clouds.note(wanted.address, format!("no room in {}", place.name()));
                }
            }
            if is_first {
                places = fault_domains(clouds, wanted, &domain).await?;
            }
        }
        if position == 0 {
            domains = all_domains(clouds, wanted, &planned).await?;
        }
        position += 1;
    }
    Err(full(wanted, spec, &tried))
}

/// The specs of every other place that an earlier run may have made it in.
pub(super) async fn elsewhere(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    spec: &Value,
) -> Result<Vec<Value>, Failure> {
    let planned = wanted.spec["availabilityDomain"].as_str().unwrap_or_default();
    let mut bare = spec.clone();
    bare.as_object_mut().map(|fields| fields.remove("faultDomain"));
    let mut specs = Vec::new();
    for domain in all_domains(clouds, wanted, planned).await? {
        let anywhere = Place { domain: domain.clone(), fault_domain: None };
        let places = fault_domains(clouds, wanted, &domain).await?;
        specs.extend(places.into_iter().chain([anywhere]).map(|place| place.of(&bare)));
    }
    specs.retain(|other| other != spec);
    Ok(specs)
}

fn full(wanted: &Wanted<'_>, spec: &Value, tried: &[String]) -> Failure {
    let shape = spec["shape"].as_str().unwrap_or_default();
    let (address, places) = (wanted.address, tried.join(", "));
    let message = format!("{address}: no host has room for {shape}; tried {places}");
    Failure::new(failure::Kind::Provider, message)
        .hint("choose another shape in the environment file, or try again later")
        .hint("what ran before still serves")
}

/// The fault domains of a domain, the first one last.
async fn fault_domains(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    domain: &str,
) -> Result<Vec<Place>, Failure> {
    let listed = identity::list_fault_domains(&clouds.oci, &clouds.compartment, domain).await;
    let listed = listed.map_err(|error| oci_failure(&wanted.address.to_string(), &error))?;
    let places = listed.into_iter().rev().map(|fault_domain| Place {
        domain: domain.to_owned(),
        fault_domain: Some(fault_domain.name),
    });
    Ok(places.collect())
}

/// Every availability domain, the planned one first.
async fn all_domains(
    clouds: &Clouds,
    wanted: &Wanted<'_>,
    planned: &str,
) -> Result<Vec<String>, Failure> {
    let listed = identity::list_availability_domains(&clouds.oci, &clouds.compartment).await;
    let listed = listed.map_err(|error| oci_failure(&wanted.address.to_string(), &error))?;
    let others = listed.into_iter().map(|domain| domain.name).filter(|name| name != planned);
    Ok([planned.to_owned()].into_iter().chain(others).collect())
}
