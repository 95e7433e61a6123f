//! Which permissions each operation needs.
//!
//! Sources: the tables "Permissions Required for Each API Operation" of the vendor's policy reference
//! (<https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/policyreference.htm>), and of Container Instances
//! (<https://docs.oracle.com/en-us/iaas/Content/container-instances/permissions/policy-reference.htm>). Inferred is
//! what a load balancer needs of its subnets and groups: the tables are silent, and clients are refused without; and
//! which of their permissions logs and their work requests need, of which the tables say the verb alone.

/// The operations whose permissions do not follow from their names, with the permissions.
///
/// `A|B` is one of both. `new:subnet:A` is needed on each subnet that the call begins to use, `old:subnet:A` on each
/// that it lets go of; without that it is needed where the object is that the call is about.
const TABLE: &[(&str, &str, &str)] = &[
    ("core", "create_vcn", "VCN_CREATE"),
    ("core", "delete_vcn", "VCN_DELETE"),
    (
        "core",
        "create_subnet",
        "SUBNET_CREATE new:vcn:VCN_ATTACH ROUTE_TABLE_ATTACH SECURITY_LIST_ATTACH DHCP_ATTACH",
    ),
    (
        "core",
        "delete_subnet",
        "SUBNET_DELETE old:vcn:VCN_DETACH ROUTE_TABLE_DETACH SECURITY_LIST_DETACH DHCP_DETACH",
    ),
    (
        "core",
        "update_subnet",
        "SUBNET_UPDATE new:routetable:ROUTE_TABLE_ATTACH old:routetable:ROUTE_TABLE_DETACH \
         new:securitylist:SECURITY_LIST_ATTACH old:securitylist:SECURITY_LIST_DETACH \
         new:dhcpoptions:DHCP_ATTACH old:dhcpoptions:DHCP_DETACH",
    ),
    (
        "core",
        "create_route_table",
        "ROUTE_TABLE_CREATE new:vcn:VCN_ATTACH new:internetgateway:INTERNET_GATEWAY_ATTACH \
         new:natgateway:NAT_GATEWAY_ATTACH new:servicegateway:SERVICE_GATEWAY_ATTACH",
    ),
    (
        "core",
        "update_route_table",
        "ROUTE_TABLE_UPDATE new:internetgateway:INTERNET_GATEWAY_ATTACH \
         old:internetgateway:INTERNET_GATEWAY_DETACH new:natgateway:NAT_GATEWAY_ATTACH \
         old:natgateway:NAT_GATEWAY_DETACH new:servicegateway:SERVICE_GATEWAY_ATTACH \
         old:servicegateway:SERVICE_GATEWAY_DETACH",
    ),
    (
        "core",
        "delete_route_table",
        "ROUTE_TABLE_DELETE old:vcn:VCN_DETACH old:internetgateway:INTERNET_GATEWAY_DETACH \
         old:natgateway:NAT_GATEWAY_DETACH old:servicegateway:SERVICE_GATEWAY_DETACH",
    ),
    ("core", "create_nat_gateway", "NAT_GATEWAY_CREATE new:vcn:VCN_READ new:vcn:VCN_ATTACH"),
    ("core", "delete_nat_gateway", "NAT_GATEWAY_DELETE old:vcn:VCN_READ old:vcn:VCN_DETACH"),
    (
        "core",
        "create_service_gateway",
        "SERVICE_GATEWAY_CREATE new:vcn:VCN_READ new:vcn:VCN_ATTACH",
    ),
    (
        "core",
        "delete_service_gateway",
        "SERVICE_GATEWAY_DELETE old:vcn:VCN_READ old:vcn:VCN_DETACH",
    ),
    (
        "core",
        "list_network_security_group_security_rules",
        "NETWORK_SECURITY_GROUP_LIST_SECURITY_RULES",
    ),
    ("core", "list_network_security_group_vnics", "NETWORK_SECURITY_GROUP_LIST_MEMBERS"),
    ("core", "get_public_ip_by_ip_address", "PUBLIC_IP_READ"),
    (
        "core",
        "add_network_security_group_security_rules",
        "NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES new:networksecuritygroup:NETWORK_SECURITY_GROUP_INSPECT",
    ),
    (
        "core",
        "update_network_security_group_security_rules",
        "NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES new:networksecuritygroup:NETWORK_SECURITY_GROUP_INSPECT",
    ),
    (
        "core",
        "remove_network_security_group_security_rules",
        "NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES",
    ),
    (
        "core",
        "update_vnic",
        "VNIC_UPDATE new:networksecuritygroup:NETWORK_SECURITY_GROUP_UPDATE_MEMBERS \
         old:networksecuritygroup:NETWORK_SECURITY_GROUP_UPDATE_MEMBERS",
    ),
    (
        "core",
        "delete_private_ip",
        "PRIVATE_IP_DELETE PRIVATE_IP_UNASSIGN VNIC_UNASSIGN SUBNET_DETACH",
    ),
    ("core", "delete_public_ip", "PUBLIC_IP_DELETE"),
    ("core", "list_services", ""),
    ("core", "get_service", ""),
    (
        "container_instances",
        "create_container_instance",
        "COMPUTE_CONTAINER_INSTANCE_CREATE COMPUTE_CONTAINER_CREATE VNIC_CREATE \
         VNIC_ASSOCIATE_NETWORK_SECURITY_GROUP new:subnet:SUBNET_ATTACH \
         new:networksecuritygroup:NETWORK_SECURITY_GROUP_UPDATE_MEMBERS",
    ),
    (
        "container_instances",
        "delete_container_instance",
        "COMPUTE_CONTAINER_INSTANCE_DELETE COMPUTE_CONTAINER_DELETE VNIC_DELETE old:subnet:SUBNET_DETACH",
    ),
    (
        "container_instances",
        "get_container_instance",
        "COMPUTE_CONTAINER_INSTANCE_READ COMPUTE_CONTAINER_INSPECT",
    ),
    ("container_instances", "list_container_instance_shapes", "COMPUTE_CONTAINER_INSTANCE_INSPECT"),
    ("container_instances", "list_container_instances", "COMPUTE_CONTAINER_INSTANCE_INSPECT"),
    ("container_instances", "update_container_instance", "COMPUTE_CONTAINER_INSTANCE_UPDATE"),
    ("container_instances", "start_container_instance", "COMPUTE_CONTAINER_INSTANCE_START"),
    ("container_instances", "stop_container_instance", "COMPUTE_CONTAINER_INSTANCE_STOP"),
    ("container_instances", "restart_container_instance", "COMPUTE_CONTAINER_INSTANCE_RESTART"),
    (
        "container_instances",
        "change_container_instance_compartment",
        "COMPUTE_CONTAINER_INSTANCE_MOVE",
    ),
    ("container_instances", "get_container", "COMPUTE_CONTAINER_READ"),
    ("container_instances", "list_containers", "COMPUTE_CONTAINER_INSPECT"),
    ("container_instances", "update_container", "COMPUTE_CONTAINER_UPDATE"),
    ("container_instances", "retrieve_logs", "COMPUTE_CONTAINER_LOG_RETRIEVE"),
    ("container_instances", "get_work_request", "COMPUTE_CONTAINER_INSTANCE_READ"),
    ("container_instances", "list_work_requests", "COMPUTE_CONTAINER_INSTANCE_INSPECT"),
    ("container_instances", "list_work_request_errors", "COMPUTE_CONTAINER_INSTANCE_INSPECT"),
    ("container_instances", "list_work_request_logs", "COMPUTE_CONTAINER_INSTANCE_INSPECT"),
    ("artifacts", "list_container_repositories", "REPOSITORY_INSPECT"),
    ("artifacts", "create_container_repository", "REPOSITORY_CREATE"),
    ("artifacts", "get_container_repository", "REPOSITORY_READ"),
    ("artifacts", "update_container_repository", "REPOSITORY_MANAGE"),
    ("artifacts", "delete_container_repository", "REPOSITORY_DELETE"),
    ("artifacts", "list_container_images", "REPOSITORY_INSPECT"),
    ("artifacts", "get_container_image", "REPOSITORY_READ"),
    ("artifacts", "lookup_container_image_by_uri", "REPOSITORY_READ"),
    ("artifacts", "delete_container_image", "REPOSITORY_UPDATE"),
    ("artifacts", "update_container_image", "REPOSITORY_UPDATE"),
    ("artifacts", "restore_container_image", "REPOSITORY_UPDATE"),
    ("artifacts", "get_container_configuration", "REPOSITORY_INSPECT"),
    ("artifacts", "update_container_configuration", "REPOSITORY_MANAGE"),
    ("object_storage", "get_namespace", ""),
    ("object_storage", "create_bucket", "BUCKET_CREATE"),
    ("object_storage", "get_bucket", "BUCKET_READ"),
    ("object_storage", "list_buckets", "BUCKET_INSPECT"),
    ("object_storage", "delete_bucket", "BUCKET_DELETE"),
    ("object_storage", "get_object", "OBJECT_READ"),
    ("object_storage", "head_object", "OBJECT_READ|OBJECT_INSPECT"),
    ("object_storage", "list_objects", "OBJECT_INSPECT"),
    ("object_storage", "delete_object", "OBJECT_DELETE"),
    ("identity", "list_availability_domains", "COMPARTMENT_INSPECT"),
    ("identity", "list_fault_domains", "COMPARTMENT_INSPECT"),
    ("identity", "list_compartments", "COMPARTMENT_INSPECT"),
    ("identity", "get_compartment", "COMPARTMENT_INSPECT"),
    ("identity", "create_compartment", "COMPARTMENT_CREATE"),
    ("identity", "list_regions", "TENANCY_INSPECT"),
    ("identity", "list_region_subscriptions", "TENANCY_INSPECT"),
    ("identity", "get_tenancy", "TENANCY_INSPECT"),
    ("identity", "get_user", "USER_READ"),
    ("limits", "get_resource_availability", "RESOURCE_AVAILABILITY_READ"),
    ("logging", "list_services", ""),
    ("logging", "list_log_groups", "LOG_GROUP_INSPECT"),
    ("logging", "list_logs", "LOG_GROUP_INSPECT"),
    ("logging", "list_work_requests", "LOG_GROUP_INSPECT"),
    ("logging", "get_log_group", "LOG_GROUP_READ"),
    ("logging", "get_log", "LOG_GROUP_READ"),
    ("logging", "get_work_request", "LOG_GROUP_READ"),
    ("logging", "list_work_request_logs", "LOG_GROUP_READ"),
    ("logging", "update_log_group", "LOG_GROUP_UPDATE"),
    ("logging", "update_log", "LOG_GROUP_UPDATE"),
    ("logging", "change_log_log_group", "LOG_GROUP_UPDATE"),
    ("logging", "create_log_group", "LOG_GROUP_CREATE"),
    ("logging", "create_log", "LOG_GROUP_CREATE"),
    ("logging", "delete_log_group", "LOG_GROUP_DELETE"),
    ("logging", "delete_log", "LOG_GROUP_DELETE"),
    ("logging", "delete_work_request", "LOG_GROUP_DELETE"),
    ("loggingsearch", "search_logs", "LOG_CONTENT_READ"),
];

/// The nouns of the network, by their first words in operations, and how their permissions begin.
const NETWORK: &[(&str, &str)] = &[
    ("vcn", "VCN"),
    ("subnet", "SUBNET"),
    ("route_table", "ROUTE_TABLE"),
    ("security_list", "SECURITY_LIST"),
    ("network_security_group", "NETWORK_SECURITY_GROUP"),
    ("internet_gateway", "INTERNET_GATEWAY"),
    ("nat_gateway", "NAT_GATEWAY"),
    ("service_gateway", "SERVICE_GATEWAY"),
    ("vnic", "VNIC"),
    ("private_ip", "PRIVATE_IP"),
    ("public_ip", "PUBLIC_IP"),
];

/// What of subnets and groups a load balancer uses.
const PLACE: &str = "new:subnet:SUBNET_READ new:subnet:SUBNET_ATTACH \
     new:networksecuritygroup:NETWORK_SECURITY_GROUP_UPDATE_MEMBERS";

/// What an operation needs, in the words of [`TABLE`]; `None` when that is not known. Of `put_object`, what a new object
/// needs.
pub(super) fn needed(service: &str, operation: &str) -> Option<String> {
    let listed = TABLE.iter().find(|(s, o, _)| *s == service && *o == operation);
    if let Some((_, _, permissions)) = listed {
        return Some((*permissions).to_owned());
    }
    match (service, operation) {
        ("load_balancer", operation) => Some(of_load_balancer(operation)),
        ("core", operation) => of_network(operation),
        _ => None,
    }
}

fn of_network(operation: &str) -> Option<String> {
    let (verb, noun) = operation.split_once('_')?;
    let is_it = |(name, _): &&(&str, &str)| noun == *name || noun.strip_suffix('s') == Some(*name);
    let (_, prefix) = NETWORK.iter().find(is_it)?;
    Some(match verb {
        "get" | "list" => format!("{prefix}_READ"),
        "update" | "patch" => format!("{prefix}_UPDATE"),
        "create" => format!("{prefix}_CREATE new:vcn:VCN_ATTACH"),
        "delete" => format!("{prefix}_DELETE old:vcn:VCN_DETACH"),
        _ => return None,
    })
}

fn of_load_balancer(operation: &str) -> String {
    match operation {
        "list_load_balancers"
        | "list_load_balancer_healths"
        | "list_shapes"
        | "list_policies"
        | "list_protocols" => "LOAD_BALANCER_INSPECT".to_owned(),
        "create_load_balancer" => format!("LOAD_BALANCER_CREATE {PLACE}"),
        "update_network_security_groups" => format!("LOAD_BALANCER_UPDATE {PLACE}"),
        "delete_load_balancer" => "LOAD_BALANCER_DELETE".to_owned(),
        "change_load_balancer_compartment" => "LOAD_BALANCER_MOVE".to_owned(),
        reads if reads.starts_with("get_") || reads.starts_with("list_") => {
            "LOAD_BALANCER_READ".to_owned()
        }
        _ => "LOAD_BALANCER_UPDATE".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::contract::{CONTRACT, NOT_IMPLEMENTED};
    use super::*;
    use crate::policy::is_permission;

    #[test]
    fn of_every_operation_it_is_known_which_permissions_it_needs_and_what_gives_them() {
        for operation in CONTRACT.operations() {
            let (service, name) = (operation.service.as_str(), operation.name.as_str());
            if NOT_IMPLEMENTED.contains(&name) {
                continue;
            }
            let found = needed(service, name).or_else(|| {
                (name == "put_object").then(|| "OBJECT_CREATE|OBJECT_OVERWRITE".to_owned())
            });
            let needed = found.unwrap_or_else(|| panic!("{service} {name}"));
            for need in needed.split_whitespace().flat_map(|need| need.split('|')) {
                let permission = need.rsplit(':').next().unwrap_or_default();
                assert!(is_permission(permission), "{service} {name}: {permission}");
            }
        }
    }

    #[test]
    fn what_follows_from_a_name_is_what_the_vendor_lists() {
        let table = [
            ("core", "list_subnets", "SUBNET_READ"),
            ("core", "patch_vcn", "VCN_UPDATE"),
            ("core", "create_security_list", "SECURITY_LIST_CREATE new:vcn:VCN_ATTACH"),
            ("core", "delete_internet_gateway", "INTERNET_GATEWAY_DELETE old:vcn:VCN_DETACH"),
            ("load_balancer", "create_listener", "LOAD_BALANCER_UPDATE"),
            ("load_balancer", "get_work_request", "LOAD_BALANCER_READ"),
        ];
        for (service, operation, expected) in table {
            assert_eq!(needed(service, operation).as_deref(), Some(expected), "{operation}");
        }
    }
}
