//! What is taken over: how it looks to the planner before it has our mark, and the marking.
//!
//! Instances are marked first, then the load balancer, records last and together: while a record is not ours, `up`
//! refuses its host, so that nothing is made twice where marking was interrupted.

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Observed;
use oci::FreeformTags;
use oci::container_instance::ContainerInstance;
use oci::load_balancer::LoadBalancer;
use serde_json::{Value, json};

use super::change::Target;
use super::mark::{self, Mark, Whose};
use super::{
    Clouds, certificate, cloudflare_failure, container_instance, create, dns_record, listing,
    load_balancer,
};
use crate::cloudflare::{Batch, Record, RecordPatch};
use crate::failure::{self, Failure};

/// What somebody made, with the place that each thing gets.
#[derive(Debug)]
pub struct Taken {
    /// Address, instance, private IP.
    pub instances: Vec<(Address, ContainerInstance, String)>,
    pub balancer: LoadBalancer,
    pub records: Vec<Record>,
}

impl Taken {
    /// Leaves out what has its mark already.
    pub fn drop_marked(&mut self, clouds: &Clouds) {
        self.instances.retain(|(address, i, _)| !is_marked(clouds, address, &i.freeform_tags));
        self.records.retain(|record| !dns_record::is_ours(clouds, record));
    }

    /// Whether the load balancer has its mark.
    pub fn balancer_is_marked(&self, clouds: &Clouds) -> bool {
        is_marked(clouds, &balancer_address(), &self.balancer.freeform_tags)
    }

    /// One line for each thing that gets a mark.
    pub fn told(&self, clouds: &Clouds) -> Vec<String> {
        let instances = self.instances.iter().map(|(address, instance, _)| {
            format!("{} ({}) becomes {address}", instance.display_name, instance.id)
        });
        let balancer = (!self.balancer_is_marked(clouds)).then(|| {
            let LoadBalancer { display_name, id, .. } = &self.balancer;
            format!("{display_name} ({id}) becomes {}", balancer_address())
        });
        let records = self.records.iter().map(|record| {
            let comment = record.comment.as_deref().unwrap_or_default();
            let lost = if comment.is_empty() {
                String::new()
            } else {
                format!(", its comment \"{comment}\" goes")
            };
            format!(
                "record {} {} becomes dns_record.{}{lost}",
                record.kind, record.name, record.name
            )
        });
        instances.chain(balancer).chain(records).collect()
    }
}

fn balancer_address() -> Address {
    super::address(Kind::LoadBalancer, "main")
}

fn is_marked(clouds: &Clouds, address: &Address, tags: &FreeformTags) -> bool {
    let whose = mark::of_tags(&json!(tags), &clouds.environment.uid);
    matches!(whose, Whose::Ours(mark) if mark.address().as_ref() == Some(address))
}

/// What is there, as if it were marked.
///
/// # Errors
/// When anything could not be listed.
pub async fn preview(
    clouds: &Clouds,
    desired: &Desired,
    taken: &Taken,
) -> Result<Observed, Failure> {
    let mut without_records = desired.clone();
    without_records.retain(|address, _| address.kind != Kind::DnsRecord);
    let mut observed = super::observe(clouds, &without_records).await?;
    for (address, instance, private_ip) in &taken.instances {
        let mut found = container_instance::ready(clouds, address, &instance.id).await?;
        found.outputs.insert("privateIp".to_owned(), private_ip.clone());
        observed.resources.insert(address.clone(), found);
    }
    if !taken.balancer_is_marked(clouds) {
        let mut found = listing::found(json!(taken.balancer));
        load_balancer::complete(&mut found);
        observed.resources.insert(balancer_address(), found);
        certificate::add(clouds, &mut observed);
    }
    for record in &taken.records {
        let address = super::address(Kind::DnsRecord, &record.name);
        observed.resources.insert(address, dns_record::found(record));
    }
    Ok(observed)
}

/// Marks everything that is still as it was seen. What else was set on it stays, but for the comments of records, which
/// are the mark.
///
/// # Errors
/// When somebody changed it meanwhile, or a cloud refuses; running again marks the rest.
pub async fn mark(clouds: &Clouds, desired: &Desired, taken: &Taken) -> Result<(), Failure> {
    for (address, instance, _) in &taken.instances {
        let seen = listing::found(json!(instance));
        let target = Target { clouds, address, id: &instance.id, seen: &seen };
        container_instance::tag(&target, &of(clouds, desired, address).tags()).await?;
        clouds.note(address, "marked");
    }
    if !taken.balancer_is_marked(clouds) {
        let (address, seen) = (&balancer_address(), listing::found(json!(taken.balancer)));
        let target = Target { clouds, address, id: &taken.balancer.id, seen: &seen };
        load_balancer::tag(&target, &of(clouds, desired, address).tags()).await?;
        clouds.note(address, "marked");
    }
    mark_records(clouds, desired, &taken.records).await
}

/// The mark of something that is as if it had been made from what is asked for.
fn of(clouds: &Clouds, desired: &Desired, address: &Address) -> Mark {
    Mark {
        environment: clouds.environment.uid.clone(),
        subject: address.to_string(),
        generation: generation(desired, address),
        epoch: 0,
    }
}

fn generation(desired: &Desired, address: &Address) -> String {
    let spec = desired.get(address).map_or(&Value::Null, |resource| &resource.spec);
    create::generation(address, spec)
}

async fn mark_records(
    clouds: &Clouds,
    desired: &Desired,
    records: &[Record],
) -> Result<(), Failure> {
    let mut patches = Vec::new();
    for record in records {
        let address = &super::address(Kind::DnsRecord, &record.name);
        let target = Target { clouds, address, id: &record.id, seen: &dns_record::found(record) };
        if !dns_record::is_unmarked(&target).await? {
            continue;
        }
        let comment = dns_record::mark(clouds, &generation(desired, address)).line();
        let patch = RecordPatch { comment: Some(comment), ..RecordPatch::default() };
        patches.push((record.id.clone(), patch));
    }
    if patches.is_empty() {
        return Ok(());
    }
    let expected = patches.len();
    let batch = Batch { patches, ..Batch::default() };
    let marked = clouds.cloudflare.batch(&clouds.zone, &batch).await;
    let marked = marked.map_err(|error| cloudflare_failure("mark the DNS records", &error))?;
    let count = marked.patches.map_or(0, |patches| patches.len());
    if count != expected {
        let message = format!("Cloudflare marked {count} of {expected} DNS records");
        return Err(Failure::new(failure::Kind::Provider, message).hint("run the command again"));
    }
    for record in records {
        clouds.note(&super::address(Kind::DnsRecord, &record.name), "marked");
    }
    Ok(())
}
