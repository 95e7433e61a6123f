//! IPv4 networks in CIDR notation (RFC 4632 section 3.1).

use std::net::Ipv4Addr;

use crate::services::oci::failure::Failure;

/// A network whose base address has no host bits set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cidr {
    base: u32,
    prefix: u8,
}

impl Cidr {
    /// # Errors
    /// A 400 that names the text.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let refused = || Failure::invalid(format!("The requested CIDR {text} is invalid"));
        let (base, prefix) = text.split_once('/').ok_or_else(refused)?;
        let base: Ipv4Addr = base.parse().map_err(|_| refused())?;
        let prefix: u8 = prefix.parse().ok().filter(|p| *p <= 32).ok_or_else(refused)?;
        let cidr = Self { base: base.into(), prefix };
        if cidr.base & cidr.mask() == cidr.base { Ok(cidr) } else { Err(refused()) }
    }

    pub(super) fn prefix(self) -> u8 {
        self.prefix
    }

    pub(super) fn contains(self, other: Self) -> bool {
        other.prefix >= self.prefix && other.base & self.mask() == self.base
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The router's address, the first after the base.
    pub(super) fn router(self) -> Ipv4Addr {
        Ipv4Addr::from(self.base.saturating_add(1))
    }

    /// What the vendor hands out: all but the first two addresses and the last.
    pub(super) fn hosts(self) -> impl Iterator<Item = Ipv4Addr> {
        let last = self.base | !self.mask();
        (self.base.saturating_add(2)..last).map(Ipv4Addr::from)
    }

    /// The `/16` around it.
    pub(super) fn widest(self) -> String {
        format!("{}/16", Ipv4Addr::from(self.base & 0xffff_0000))
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_addresses_and_the_last_are_not_handed_out() {
        let hosts: Vec<String> =
            Cidr::parse("10.0.0.8/29").unwrap().hosts().map(|h| h.to_string()).collect();
        assert_eq!(hosts, ["10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.14"]);
    }

    #[test]
    fn networks_with_host_bits_or_no_prefix_are_refused() {
        for bad in ["10.0.0.1/24", "10.0.0.0", "10.0.0.0/33", "ten/8", "::/0"] {
            assert!(Cidr::parse(bad).is_err(), "{bad}");
        }
        assert!(
            Cidr::parse("0.0.0.0/0").unwrap().contains(Cidr::parse("255.255.255.255/32").unwrap())
        );
    }
}
