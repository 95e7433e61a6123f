//! Shapes: how much a load balancer carries.

use crate::model::load_balancer::LoadBalancer;
use crate::services::oci::failure::Failure;

/// What `ListShapes` answers.
pub(super) const SHAPES: &[&str] =
    &["100Mbps", "10Mbps", "10Mbps-Micro", "400Mbps", "8000Mbps", "flexible"];

/// # Errors
/// A 400 when the shape is none of the vendor's, or its bandwidths do not fit.
pub(super) fn check(lb: &LoadBalancer) -> Result<(), Failure> {
    let name = lb.shape_name.as_str();
    if !SHAPES.contains(&name) {
        return Err(Failure::invalid(format!(
            "Invalid shapeName: '{name}' is none of {}",
            SHAPES.join(", ")
        )));
    }
    match &lb.shape_details {
        None if name == "flexible" => {
            Err(Failure::missing("Missing shapeDetails for flexible shape"))
        }
        Some(_) if name != "flexible" => {
            Err(Failure::invalid("shapeDetails are for the flexible shape only"))
        }
        Some(details) if details.minimum_bandwidth_in_mbps > details.maximum_bandwidth_in_mbps => {
            Err(Failure::invalid("minimumBandwidthInMbps is greater than maximumBandwidthInMbps"))
        }
        _ => Ok(()),
    }
}
