//! Which permissions a verb gives on a resource-type. Each verb has those of the verbs before it.
//!
//! Source: the tables "Details for Verb + Resource-Type Combinations" of
//! <https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/policyreference.htm>, cut
//! to the services that are emulated.

/// From the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Inspect,
    Read,
    Use,
    Manage,
}

impl Verb {
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "inspect" => Self::Inspect,
            "read" => Self::Read,
            "use" => Self::Use,
            "manage" => Self::Manage,
            _ => return None,
        })
    }
}

/// A resource-type, and what inspect, read, use and manage add to one another.
type Kind = (&'static str, [&'static str; 4]);

const NETWORK: &[Kind] = &[
    (
        "vcns",
        ["VCN_READ", "", "", "VCN_ATTACH VCN_DETACH VCN_UPDATE VCN_CREATE VCN_DELETE VCN_MOVE"],
    ),
    (
        "subnets",
        [
            "SUBNET_READ",
            "",
            "SUBNET_ATTACH SUBNET_DETACH",
            "SUBNET_CREATE SUBNET_UPDATE SUBNET_DELETE SUBNET_MOVE",
        ],
    ),
    (
        "route-tables",
        [
            "ROUTE_TABLE_READ",
            "",
            "",
            "ROUTE_TABLE_ATTACH ROUTE_TABLE_DETACH ROUTE_TABLE_UPDATE ROUTE_TABLE_CREATE ROUTE_TABLE_DELETE ROUTE_TABLE_MOVE",
        ],
    ),
    (
        "network-security-groups",
        [
            "NETWORK_SECURITY_GROUP_INSPECT",
            "NETWORK_SECURITY_GROUP_READ",
            "NETWORK_SECURITY_GROUP_LIST_SECURITY_RULES NETWORK_SECURITY_GROUP_LIST_MEMBERS NETWORK_SECURITY_GROUP_UPDATE_MEMBERS",
            "NETWORK_SECURITY_GROUP_UPDATE NETWORK_SECURITY_GROUP_CREATE NETWORK_SECURITY_GROUP_DELETE NETWORK_SECURITY_GROUP_MOVE NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES",
        ],
    ),
    (
        "security-lists",
        [
            "SECURITY_LIST_READ",
            "",
            "",
            "SECURITY_LIST_ATTACH SECURITY_LIST_DETACH SECURITY_LIST_UPDATE SECURITY_LIST_CREATE SECURITY_LIST_DELETE SECURITY_LIST_MOVE",
        ],
    ),
    (
        "dhcp-options",
        [
            "DHCP_READ",
            "",
            "",
            "DHCP_ATTACH DHCP_DETACH DHCP_UPDATE DHCP_CREATE DHCP_DELETE DHCP_MOVE",
        ],
    ),
    (
        "internet-gateways",
        [
            "INTERNET_GATEWAY_READ",
            "",
            "",
            "INTERNET_GATEWAY_ATTACH INTERNET_GATEWAY_DETACH INTERNET_GATEWAY_UPDATE INTERNET_GATEWAY_CREATE INTERNET_GATEWAY_DELETE INTERNET_GATEWAY_MOVE",
        ],
    ),
    (
        "nat-gateways",
        [
            "",
            "NAT_GATEWAY_READ",
            "NAT_GATEWAY_ATTACH NAT_GATEWAY_DETACH",
            "NAT_GATEWAY_UPDATE NAT_GATEWAY_CREATE NAT_GATEWAY_DELETE NAT_GATEWAY_MOVE",
        ],
    ),
    (
        "service-gateways",
        [
            "SERVICE_GATEWAY_READ",
            "",
            "SERVICE_GATEWAY_ATTACH SERVICE_GATEWAY_DETACH",
            "SERVICE_GATEWAY_UPDATE SERVICE_GATEWAY_CREATE SERVICE_GATEWAY_DELETE SERVICE_GATEWAY_ADD_SERVICE SERVICE_GATEWAY_DELETE_SERVICE SERVICE_GATEWAY_MOVE",
        ],
    ),
    (
        "vnics",
        [
            "VNIC_READ",
            "",
            "VNIC_ATTACH VNIC_DETACH VNIC_CREATE VNIC_DELETE VNIC_UPDATE VNIC_ASSIGN VNIC_UNASSIGN VNIC_ASSOCIATE_NETWORK_SECURITY_GROUP VNIC_DISASSOCIATE_NETWORK_SECURITY_GROUP",
            "",
        ],
    ),
    (
        "private-ips",
        [
            "PRIVATE_IP_READ",
            "",
            "PRIVATE_IP_UPDATE PRIVATE_IP_ASSIGN PRIVATE_IP_UNASSIGN PRIVATE_IP_CREATE PRIVATE_IP_DELETE PRIVATE_IP_ASSIGN_PUBLIC_IP PRIVATE_IP_UNASSIGN_PUBLIC_IP",
            "PRIVATE_IP_ROUTE_TABLE_ATTACH PRIVATE_IP_ROUTE_TABLE_DETACH",
        ],
    ),
    (
        "public-ips",
        [
            "",
            "PUBLIC_IP_READ",
            "PUBLIC_IP_ASSIGN_PRIVATE_IP PUBLIC_IP_UNASSIGN_PRIVATE_IP",
            "PUBLIC_IP_UPDATE PUBLIC_IP_CREATE PUBLIC_IP_DELETE",
        ],
    ),
    (
        "drg-route-tables",
        [
            "DRG_ROUTE_TABLE_READ",
            "",
            "",
            "DRG_ROUTE_TABLE_CREATE DRG_ROUTE_TABLE_DELETE DRG_ROUTE_TABLE_UPDATE",
        ],
    ),
];

const CONTAINERS: &[Kind] = &[
    (
        "compute-container-instances",
        [
            "COMPUTE_CONTAINER_INSTANCE_INSPECT",
            "COMPUTE_CONTAINER_INSTANCE_READ",
            "COMPUTE_CONTAINER_INSTANCE_UPDATE COMPUTE_CONTAINER_INSTANCE_START COMPUTE_CONTAINER_INSTANCE_STOP COMPUTE_CONTAINER_INSTANCE_RESTART",
            "COMPUTE_CONTAINER_INSTANCE_CREATE COMPUTE_CONTAINER_INSTANCE_DELETE COMPUTE_CONTAINER_INSTANCE_MOVE",
        ],
    ),
    (
        "compute-containers",
        [
            "COMPUTE_CONTAINER_INSPECT",
            "COMPUTE_CONTAINER_READ",
            "COMPUTE_CONTAINER_UPDATE COMPUTE_CONTAINER_LOG_RETRIEVE",
            "COMPUTE_CONTAINER_CREATE COMPUTE_CONTAINER_DELETE",
        ],
    ),
];

const OBJECTS: &[Kind] = &[
    (
        "objectstorage-namespaces",
        ["", "OBJECTSTORAGE_NAMESPACE_READ", "", "OBJECTSTORAGE_NAMESPACE_UPDATE"],
    ),
    (
        "buckets",
        [
            "BUCKET_INSPECT",
            "BUCKET_READ",
            "BUCKET_UPDATE",
            "BUCKET_CREATE BUCKET_DELETE PAR_MANAGE",
        ],
    ),
    (
        "objects",
        [
            "OBJECT_INSPECT",
            "OBJECT_READ",
            "OBJECT_OVERWRITE",
            "OBJECT_CREATE OBJECT_DELETE OBJECT_VERSION_DELETE OBJECT_RESTORE",
        ],
    ),
];

const OTHERS: &[Kind] = &[
    (
        "load-balancers",
        [
            "LOAD_BALANCER_INSPECT",
            "LOAD_BALANCER_READ",
            "LOAD_BALANCER_UPDATE LOAD_BALANCER_MOVE",
            "LOAD_BALANCER_CREATE LOAD_BALANCER_DELETE",
        ],
    ),
    (
        "repos",
        [
            "REPOSITORY_INSPECT",
            "REPOSITORY_READ",
            "",
            "REPOSITORY_CREATE REPOSITORY_DELETE REPOSITORY_UPDATE REPOSITORY_MANAGE",
        ],
    ),
    (
        "compartments",
        ["COMPARTMENT_INSPECT", "", "COMPARTMENT_UPDATE", "COMPARTMENT_CREATE COMPARTMENT_DELETE"],
    ),
    ("tenancies", ["TENANCY_INSPECT", "", "TENANCY_UPDATE", ""]),
    ("users", ["USER_INSPECT", "USER_READ", "USER_UPDATE", "USER_CREATE USER_DELETE"]),
    // That GetResourceAvailability needs read, and not inspect, is what users report; the vendor's table is silent.
    (
        "resource-availability",
        ["RESOURCE_AVAILABILITY_INSPECT", "RESOURCE_AVAILABILITY_READ", "", ""],
    ),
];

const LOGS: &[Kind] = &[
    (
        "log-groups",
        [
            "LOG_GROUP_INSPECT",
            "LOG_GROUP_READ",
            "LOG_GROUP_UPDATE",
            "LOG_GROUP_CREATE LOG_GROUP_DELETE",
        ],
    ),
    ("log-content", ["", "LOG_CONTENT_READ", "", ""]),
];

/// Words for all of a group of resource-types.
const FAMILIES: &[(&str, &[Kind])] = &[
    ("virtual-network-family", NETWORK),
    ("compute-container-family", CONTAINERS),
    ("object-family", OBJECTS),
    ("logging-family", LOGS),
];

const ALL: &str = "all-resources";

fn kinds() -> impl Iterator<Item = &'static Kind> {
    NETWORK.iter().chain(CONTAINERS).chain(OBJECTS).chain(LOGS).chain(OTHERS)
}

/// Whether there is a resource-type or family of this name.
pub(super) fn is_known(kind: &str) -> bool {
    let families = FAMILIES.iter().map(|(name, _)| *name);
    families.chain(kinds().map(|(name, _)| *name)).any(|name| name == kind) || kind == ALL
}

/// Whether a verb on a resource-type, or on a family of them, gives a permission.
pub(super) fn grants(verb: Verb, kind: &str, permission: &str) -> bool {
    let gives = |(_, verbs): &Kind| {
        let up_to = verbs.iter().take(verb as usize + 1);
        up_to.flat_map(|permissions| permissions.split(' ')).any(|own| own == permission)
    };
    if kind == ALL {
        return kinds().any(gives);
    }
    match FAMILIES.iter().find(|(name, _)| *name == kind) {
        Some((_, members)) => members.iter().any(gives),
        None => kinds().find(|(name, _)| *name == kind).is_some_and(gives),
    }
}

/// Whether any resource-type has this permission.
#[cfg(test)]
pub(crate) fn is_permission(permission: &str) -> bool {
    grants(Verb::Manage, ALL, permission)
}
