//! What of the environment lives in a region that the file does not name: left there when the file's region changed.

use deployer_core::address::Kind;
use deployer_core::observed::Stray;
use oci::{Client, Region, identity};

use super::{Clouds, listing, oci_failure};
use crate::event::Event;
use crate::failure::Failure;

/// The kinds without which none of the others are left.
const KINDS: [Kind; 4] = [Kind::Vcn, Kind::LoadBalancer, Kind::ContainerInstance, Kind::Repository];

/// Everything of these kinds that carries the environment's mark in another region of the tenancy. Where all regions
/// are behind one address there is no other.
///
/// # Errors
/// When a region cannot be searched.
pub async fn strays(clouds: &Clouds) -> Result<Vec<Stray>, Failure> {
    let searched = others(clouds).await?.into_iter().map(|region| search(clouds, region));
    let found = futures_util::future::try_join_all(searched).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The regions that the tenancy uses, besides the environment's.
async fn others(clouds: &Clouds) -> Result<Vec<Region>, Failure> {
    let Some(home) = clouds.oci.region() else { return Ok(Vec::new()) };
    let tenancy = clouds.oci.credentials().tenancy();
    let regions = match identity::list_region_subscriptions(&clouds.oci, tenancy).await {
        Ok(regions) => regions,
        Err(error) if matches!(error.kind(), oci::Kind::Denied | oci::Kind::NotFound) => {
            let text = format!("other regions are not searched for leftovers: {error}");
            clouds.listener.event(Event::Note { text });
            return Ok(Vec::new());
        }
        Err(error) => return Err(oci_failure("list the tenancy's regions", &error)),
    };
    let ready = regions.into_iter().filter(|region| {
        region.region_name != home.identifier()
            && region.status.as_deref().is_none_or(|status| status == "READY")
    });
    Ok(ready.map(|region| home.beside(&region.region_name, &region.region_key)).collect())
}

async fn search(clouds: &Clouds, region: Region) -> Result<Vec<Stray>, Failure> {
    let name = region.identifier().to_owned();
    let Some(client) = clouds.oci.in_region(region) else { return Ok(Vec::new()) };
    let lists = KINDS.map(|kind| of_kind(clouds, &client, kind));
    let found = futures_util::future::try_join_all(lists).await;
    let found =
        found.map_err(|failure| failure.during(format!("searching {name} for leftovers")))?;
    let strays = found.into_iter().flatten();
    Ok(strays.map(|(address, id)| Stray { region: name.clone(), address, id }).collect())
}

async fn of_kind(
    clouds: &Clouds,
    client: &Client,
    kind: Kind,
) -> Result<Vec<(deployer_core::address::Address, String)>, Failure> {
    let listed = listing::ours_of(clouds, client, kind).await?;
    Ok(listed.into_iter().map(|(address, found)| (address, found.id)).collect())
}
