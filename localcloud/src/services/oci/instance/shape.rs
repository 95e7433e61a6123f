//! Shapes of container instances: how many processors, how much memory.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::services::oci::failure::Failure;

const SHAPES: &[(&str, &str)] = &[
    ("CI.Standard.E3.Flex", "2.25 GHz AMD EPYC\u{2122} 7742 (Rome)"),
    ("CI.Standard.E4.Flex", "2.55 GHz AMD EPYC\u{2122} 7J13 (Milan)"),
    ("CI.Standard.A1.Flex", "3.0 GHz Ampere\u{00ae} Altra\u{2122}"),
];
const MOST_OCPUS: f64 = 64.0;
const MOST_MEMORY: f64 = 1024.0;
const DEFAULT_MEMORY_PER_OCPU: f64 = 16.0;
const MOST_MEMORY_PER_OCPU: f64 = 64.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Config {
    pub(super) ocpus: f64,
    #[serde(rename = "memoryInGBs")]
    pub(super) memory: f64,
    processor_description: String,
    networking_bandwidth_in_gbps: f64,
}

/// Fills what the vendor fills and checks that the shape can be had.
///
/// # Errors
/// A 400 that names the field.
pub(super) fn settle(shape: &str, mut config: Config) -> Result<Config, Failure> {
    let known = SHAPES.iter().find(|(name, _)| *name == shape);
    let (_, processor) =
        known.ok_or_else(|| Failure::invalid(format!("Invalid shape: '{shape}'")))?;
    if config.memory == 0.0 {
        config.memory = config.ocpus * DEFAULT_MEMORY_PER_OCPU;
    }
    if !(1.0..=MOST_OCPUS).contains(&config.ocpus) {
        return Err(Failure::invalid(format!(
            "shapeConfig.ocpus must be between 1 and {MOST_OCPUS}"
        )));
    }
    let (least, most) =
        (config.ocpus.max(1.0), (config.ocpus * MOST_MEMORY_PER_OCPU).min(MOST_MEMORY));
    if !(least..=most).contains(&config.memory) {
        return Err(Failure::invalid(format!(
            "shapeConfig.memoryInGBs must be between {least} and {most}"
        )));
    }
    (*processor).clone_into(&mut config.processor_description);
    config.networking_bandwidth_in_gbps = config.ocpus;
    Ok(config)
}

/// What `ListContainerInstanceShapes` answers.
pub(super) fn list() -> Vec<Value> {
    let shape = |(name, processor): &(&str, &str)| {
        json!({
            "name": name,
            "processorDescription": processor,
            "ocpuOptions": {"min": 1.0, "max": MOST_OCPUS},
            "memoryOptions": {"minInGBs": 1.0, "maxInGBs": MOST_MEMORY, "minPerOcpuInGBs": 1.0,
                "maxPerOcpuInGBs": MOST_MEMORY_PER_OCPU, "defaultPerOcpuInGBs": DEFAULT_MEMORY_PER_OCPU},
            "networkingBandwidthOptions": {"minInGbps": 1.0, "maxInGbps": 40.0, "defaultPerOcpuInGbps": 1.0},
        })
    };
    SHAPES.iter().map(shape).collect()
}
