//! Regions and realms, and the address of each service in them.

mod table;

use std::fmt;

use http::Uri;
use table::{REALMS, REGIONS};

/// A region: its identifier (`uk-london-1`), its three-letter key (`lhr`), its realm's domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    identifier: String,
    key: String,
    domain: String,
}

/// The services that this crate speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The registry's control plane: repositories and images.
    Artifacts,
    /// Container instances.
    ContainerInstances,
    /// Tenancies, compartments, availability domains.
    Identity,
    /// What of a tenancy's service limits is left.
    Limits,
    /// Load balancers.
    LoadBalancer,
    /// Virtual cloud networks and what is in them.
    Network,
    /// Buckets and objects.
    ObjectStorage,
}

/// Why a region or an address of services cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// The address is not one that requests can be sent to.
    #[error("`{address}` cannot be the address of the services: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No region has this name.
    #[error(
        "`{0}` is not a known region; use an identifier such as `uk-london-1` or a key such as `lhr`"
    )]
    Unknown(String),
}

impl Region {
    /// The region with this identifier or key, in upper or lower case.
    ///
    /// # Errors
    /// [`RegionError::Unknown`]; a region newer than this crate is made with [`Region::custom`].
    pub fn named(name: &str) -> Result<Self, RegionError> {
        let name = name.trim().to_ascii_lowercase();
        let found = REGIONS.iter().find(|(identifier, key, _)| name == *identifier || name == *key);
        let Some((identifier, key, realm)) = found else {
            return Err(RegionError::Unknown(name));
        };
        let (_, domain) = REALMS
            .iter()
            .find(|(candidate, _)| candidate == realm)
            .expect("every region of the table is in a realm of the table");
        Ok(Self::custom(identifier, key, domain))
    }

    /// A region that is not in the table: `domain` is its realm's, such as `oraclecloud.com`.
    pub fn custom(identifier: &str, key: &str, domain: &str) -> Self {
        Self { identifier: identifier.to_owned(), key: key.to_owned(), domain: domain.to_owned() }
    }

    /// Another region of the same realm, whether or not it is in the table.
    pub fn beside(&self, identifier: &str, key: &str) -> Self {
        Self::custom(identifier, &key.to_ascii_lowercase(), &self.domain)
    }

    /// The identifier, such as `uk-london-1`.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// The three-letter key, such as `lhr`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The host of the container registry (OCIR), such as `lhr.ocir.io`.
    ///
    /// Outside the commercial realm it is the long form, such as `ocir.<region>.oci.<domain>`.
    pub fn registry_host(&self) -> String {
        let Self { identifier, key, domain } = self;
        if domain == "oraclecloud.com" {
            format!("{key}.ocir.io")
        } else {
            format!("ocir.{identifier}.oci.{domain}")
        }
    }

    fn endpoint(&self, service: Service) -> String {
        let Self { identifier, key: _, domain } = self;
        match service {
            Service::Artifacts => format!("https://artifacts.{identifier}.oci.{domain}"),
            Service::ContainerInstances => {
                format!("https://compute-containers.{identifier}.oci.{domain}")
            }
            Service::Identity => format!("https://identity.{identifier}.oci.{domain}"),
            Service::Limits => format!("https://limits.{identifier}.oci.{domain}"),
            Service::LoadBalancer | Service::Network => {
                format!("https://iaas.{identifier}.{domain}")
            }
            Service::ObjectStorage => format!("https://objectstorage.{identifier}.{domain}"),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.identifier)
    }
}

/// Where requests go: to the services of a region, or all to one address.
#[derive(Clone, Debug)]
pub struct Endpoints(Place);

#[derive(Clone, Debug)]
enum Place {
    Region(Region),
    Address(String),
}

impl From<Region> for Endpoints {
    fn from(region: Region) -> Self {
        Self(Place::Region(region))
    }
}

impl Endpoints {
    /// Sends the requests of every service to `address`, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// [`RegionError::Address`] when it is no `https` address of a host alone. Plain `http` is taken
    /// for this machine only: bodies carry private keys.
    pub fn at(address: &str) -> Result<Self, RegionError> {
        let refuse = |reason| RegionError::Address { address: address.to_owned(), reason };
        let uri: Uri = address.parse().map_err(|_| refuse("it is not a URL"))?;
        let host = uri.host().ok_or_else(|| refuse("it names no host"))?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_this_machine(host) => {}
            Some("http") => return Err(refuse("plain http is for this machine only")),
            _ => return Err(refuse("it must start with https://")),
        }
        if uri.path() != "/" || uri.query().is_some() || address.contains(['@', '#']) {
            return Err(refuse("it must be scheme, host and port alone"));
        }
        Ok(Self(Place::Address(address.trim_end_matches('/').to_owned())))
    }

    /// The region, unless all requests go to one address.
    pub fn region(&self) -> Option<&Region> {
        match &self.0 {
            Place::Region(region) => Some(region),
            Place::Address(_) => None,
        }
    }

    /// Scheme, host and port of `service`, without a final slash.
    pub fn of(&self, service: Service) -> String {
        match &self.0 {
            Place::Region(region) => region.endpoint(service),
            Place::Address(address) => address.clone(),
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_found_by_identifier_and_by_key() {
        let london = Region::named("uk-london-1").unwrap();
        assert_eq!(Region::named("LHR").unwrap(), london);
        assert_eq!(london.registry_host(), "lhr.ocir.io");
        assert!(Region::named("atlantis-1").unwrap_err().to_string().contains("`atlantis-1`"));
    }

    #[test]
    fn every_region_of_the_table_has_a_domain() {
        for (identifier, ..) in REGIONS {
            assert!(!Region::named(identifier).unwrap().domain.is_empty());
        }
    }

    #[test]
    fn each_service_has_its_address_in_the_region() {
        let endpoints = Endpoints::from(Region::named("fra").unwrap());
        assert_eq!(endpoints.of(Service::Network), "https://iaas.eu-frankfurt-1.oraclecloud.com");
        assert_eq!(
            endpoints.of(Service::ContainerInstances),
            "https://compute-containers.eu-frankfurt-1.oci.oraclecloud.com"
        );
        let gov = Endpoints::from(Region::named("uk-gov-london-1").unwrap());
        assert_eq!(
            gov.of(Service::ObjectStorage),
            "https://objectstorage.uk-gov-london-1.oraclegovcloud.uk"
        );
    }

    #[test]
    fn one_address_serves_every_service() {
        let endpoints = Endpoints::at("http://127.0.0.1:8080/").unwrap();
        assert_eq!(endpoints.of(Service::Identity), "http://127.0.0.1:8080");
        assert_eq!(endpoints.of(Service::Network), "http://127.0.0.1:8080");
        assert!(Endpoints::at("http://[::1]:80").is_ok());
    }

    #[test]
    fn an_address_that_is_not_a_private_host_alone_is_refused() {
        for address in
            ["http://example.com", "ftp://127.0.0.1", "127.0.0.1", "https://a/b", "https://u@a", ""]
        {
            assert!(Endpoints::at(address).is_err(), "{address}");
        }
    }
}
