//! `kind.name`: what a resource is called inside one environment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A type of resource. The order is the order of creation; deletes go the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Vcn,
    InternetGateway,
    NatGateway,
    RouteTable,
    SecurityList,
    Subnet,
    NetworkSecurityGroup,
    Repository,
    Image,
    ContainerInstance,
    Certificate,
    LoadBalancer,
    ZoneSetting,
    DnsRecord,
}

impl Kind {
    /// Every kind, in the order of creation.
    pub const ALL: [Self; 14] = [
        Self::Vcn,
        Self::InternetGateway,
        Self::NatGateway,
        Self::RouteTable,
        Self::SecurityList,
        Self::Subnet,
        Self::NetworkSecurityGroup,
        Self::Repository,
        Self::Image,
        Self::ContainerInstance,
        Self::Certificate,
        Self::LoadBalancer,
        Self::ZoneSetting,
        Self::DnsRecord,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Vcn => "vcn",
            Self::InternetGateway => "internet_gateway",
            Self::NatGateway => "nat_gateway",
            Self::RouteTable => "route_table",
            Self::SecurityList => "security_list",
            Self::Subnet => "subnet",
            Self::NetworkSecurityGroup => "network_security_group",
            Self::Repository => "repository",
            Self::Image => "image",
            Self::ContainerInstance => "container_instance",
            Self::Certificate => "certificate",
            Self::LoadBalancer => "load_balancer",
            Self::ZoneSetting => "zone_setting",
            Self::DnsRecord => "dns_record",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `kind.name`, unique in an environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub kind: Kind,
    pub name: String,
}

impl Address {
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// The app of a container instance, whose name is `<app>-<generation>-<replica>`.
    pub fn app(&self) -> Option<&str> {
        let name = (self.kind == Kind::ContainerInstance).then_some(self.name.as_str())?;
        let (name, _replica) = name.rsplit_once('-')?;
        name.rsplit_once('-').map(|(app, _generation)| app)
    }
}

impl Address {
    /// Whether it is a proof for an ACME authority: nobody asks for one, and it goes by itself.
    pub fn is_proof(&self) -> bool {
        self.kind == Kind::DnsRecord && self.name.starts_with("_acme-challenge.")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)
    }
}

/// Text that is no address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no address of the form kind.name")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || AddressError(text.to_owned());
        let (kind, name) = text.split_once('.').ok_or_else(wrong)?;
        let kind = Kind::ALL.into_iter().find(|k| k.name() == kind).ok_or_else(wrong)?;
        if name.is_empty() { Err(wrong()) } else { Ok(Self::new(kind, name)) }
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
