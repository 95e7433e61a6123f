//! What is taken over: how it looks to the planner before it has our mark, and the marking.
//!
//! Instances are marked first, then the load balancer, records last and together: while a record is not ours, `up`
//! refuses its host, so that nothing is made twice where marking was interrupted.

use deployer_core::address::{Address, Kind};
use deployer_core::desired::Desired;
use deployer_core::observed::Observed;
use oci::container_instance::{self, ContainerInstance, UpdateContainerInstanceDetails};
use oci::load_balancer::{self as balancers, LoadBalancer, UpdateLoadBalancerDetails};
use oci::work_request::{self, Poll};
use oci::{FreeformTags, Mutation};
use serde_json::json;

use super::{
    Clouds, certificate, cloudflare_failure, dns_record, load_balancer, mark, oci_failure,
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
        let mark = dns_record::mark(clouds);
        self.instances.retain(|(address, i, _)| !is_marked(clouds, address, &i.freeform_tags));
        self.records.retain(|record| record.comment.as_deref() != Some(&*mark));
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

fn ours(clouds: &Clouds, address: &Address) -> FreeformTags {
    serde_json::from_value(mark::tags(clouds, address)).unwrap_or_default()
}

fn is_marked(clouds: &Clouds, address: &Address, tags: &FreeformTags) -> bool {
    ours(clouds, address).iter().all(|(name, value)| tags.get(name) == Some(value))
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
        let mut found = mark::found(json!(instance));
        found.outputs.insert("privateIp".to_owned(), private_ip.clone());
        observed.resources.insert(address.clone(), found);
    }
    if !taken.balancer_is_marked(clouds) {
        let mut found = mark::found(json!(taken.balancer));
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

/// Marks everything. What else was set on it stays, but for the comments of records, which are the mark.
///
/// # Errors
/// When a cloud refuses; running again marks the rest.
pub async fn mark(clouds: &Clouds, taken: &Taken) -> Result<(), Failure> {
    for (address, instance, _) in &taken.instances {
        let marked = mark_instance(clouds, address, &instance.id).await;
        marked.map_err(|error| oci_failure(&format!("mark {address}"), &error))?;
    }
    let marked = mark_balancer(clouds, &taken.balancer.id).await;
    marked.map_err(|error| oci_failure("mark the load balancer", &error))?;
    mark_records(clouds, &taken.records).await
}

async fn mark_instance(clouds: &Clouds, address: &Address, id: &str) -> oci::Result<()> {
    let present = container_instance::get(&clouds.oci, id).await?;
    let mut tags = present.value.freeform_tags;
    if is_marked(clouds, address, &tags) {
        return Ok(());
    }
    tags.extend(ours(clouds, address));
    let details =
        UpdateContainerInstanceDetails { freeform_tags: Some(tags), ..Default::default() };
    let seen = Mutation { if_match: present.etag, ..Mutation::default() };
    let response = container_instance::update(&clouds.oci, id, &details, &seen).await?;
    if let Some(work) = response.work_request_id {
        work_request::container_instance(&clouds.oci, &work, &Poll::default()).await?;
    }
    clouds.note(address, "marked");
    Ok(())
}

async fn mark_balancer(clouds: &Clouds, id: &str) -> oci::Result<()> {
    let address = balancer_address();
    let present = balancers::get(&clouds.oci, id).await?;
    let mut tags = present.value.freeform_tags;
    if is_marked(clouds, &address, &tags) {
        return Ok(());
    }
    tags.extend(ours(clouds, &address));
    let details = UpdateLoadBalancerDetails { freeform_tags: Some(tags), ..Default::default() };
    let seen = Mutation { if_match: present.etag, ..Mutation::default() };
    let response = balancers::update(&clouds.oci, id, &details, &seen).await?;
    if let Some(work) = response.work_request_id {
        work_request::load_balancer(&clouds.oci, &work, &Poll::default()).await?;
    }
    clouds.note(&address, "marked");
    Ok(())
}

async fn mark_records(clouds: &Clouds, records: &[Record]) -> Result<(), Failure> {
    if records.is_empty() {
        return Ok(());
    }
    let patch = RecordPatch { comment: Some(dns_record::mark(clouds)), ..RecordPatch::default() };
    let patches = records.iter().map(|record| (record.id.clone(), patch.clone())).collect();
    let batch = Batch { patches, ..Batch::default() };
    let marked = clouds.cloudflare.batch(&clouds.zone, &batch).await;
    let marked = marked.map_err(|error| cloudflare_failure("mark the DNS records", &error))?;
    let count = marked.patches.map_or(0, |patches| patches.len());
    if count != records.len() {
        let message = format!("Cloudflare marked {count} of {} DNS records", records.len());
        return Err(Failure::new(failure::Kind::Provider, message).hint("run the command again"));
    }
    for record in records {
        clouds.note(&super::address(Kind::DnsRecord, &record.name), "marked");
    }
    Ok(())
}
