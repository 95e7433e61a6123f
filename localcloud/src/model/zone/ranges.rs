//! The addresses that the edge publishes and calls origins from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// The list as of 2026-11; the vendor changes it a few times in a decade.
const IPV4: [&str; 15] = [
    "173.245.48.0/20",
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "141.101.64.0/18",
    "108.162.192.0/18",
    "190.93.240.0/20",
    "188.114.96.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
    "162.158.0.0/15",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "172.64.0.0/13",
    "131.0.72.0/22",
];

const IPV6: [&str; 7] = [
    "2400:cb00::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2405:b500::/32",
    "2405:8100::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
];

/// Published ranges, in the vendor's field names (`GET /ips`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges {
    pub ipv4_cidrs: Vec<String>,
    pub ipv6_cidrs: Vec<String>,
}

impl Default for Ranges {
    fn default() -> Self {
        Self {
            ipv4_cidrs: IPV4.map(str::to_owned).into(),
            ipv6_cidrs: IPV6.map(str::to_owned).into(),
        }
    }
}

impl Ranges {
    /// Whether an address lies within a published range.
    pub fn contains(&self, address: IpAddr) -> bool {
        let list = if address.is_ipv4() { &self.ipv4_cidrs } else { &self.ipv6_cidrs };
        list.iter().filter_map(|cidr| parse(cidr)).any(|(network, prefix)| {
            let host_bits = width(address) - u32::from(prefix);
            shifted(bits(address), host_bits) == shifted(bits(network), host_bits)
        })
    }

    /// An address within the ranges of `like`'s family; the same for the same `seed`.
    pub fn pick(&self, like: IpAddr, seed: u64) -> Option<IpAddr> {
        let list = if like.is_ipv4() { &self.ipv4_cidrs } else { &self.ipv6_cidrs };
        let index = usize::try_from(seed % u64::try_from(list.len()).ok()?.max(1)).ok()?;
        let (network, prefix) = parse(list.get(index)?)?;
        // The last 8 bits stay out of 0 and 255, which nobody has as a host address.
        let host = 256 * u128::from(seed >> 8) + 1 + u128::from(seed >> 4) % 254;
        let host_bits = width(network) - u32::from(prefix);
        let mask = u128::MAX.checked_shr(128 - host_bits).unwrap_or(0);
        address(network, bits(network) | (host & mask))
    }
}

fn parse(cidr: &str) -> Option<(IpAddr, u8)> {
    let (network, prefix) = cidr.split_once('/')?;
    let (network, prefix) = (network.parse().ok()?, prefix.parse().ok()?);
    (u32::from(prefix) <= width(network)).then_some((network, prefix))
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn shifted(bits: u128, by: u32) -> u128 {
    bits.checked_shr(by).unwrap_or(0)
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn address(like: IpAddr, bits: u128) -> Option<IpAddr> {
    Some(match like {
        IpAddr::V4(_) => Ipv4Addr::from_bits(u32::try_from(bits).ok()?).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::{IPV4, Ranges};

    #[test]
    fn a_picked_address_lies_within_the_published_ranges() {
        let ranges = Ranges::default();
        for seed in [0, 1, 7, 255, 4_000_000_007, u64::MAX] {
            for like in ["192.0.2.1", "2001:db8::1"] {
                let like = like.parse().unwrap();
                let picked = ranges.pick(like, seed).unwrap();
                assert!(ranges.contains(picked), "{picked}");
                assert_eq!(picked.is_ipv4(), like.is_ipv4());
            }
        }
    }

    #[test]
    fn an_address_outside_is_not_contained() {
        for stranger in ["192.0.2.1", "104.32.0.1", "2001:db8::1"] {
            assert!(!Ranges::default().contains(stranger.parse().unwrap()), "{stranger}");
        }
    }

    #[test]
    fn an_empty_list_picks_nothing() {
        let ranges = Ranges { ipv4_cidrs: Vec::new(), ipv6_cidrs: Vec::new() };
        assert_eq!(ranges.pick("192.0.2.1".parse().unwrap(), 1), None);
        assert_eq!(IPV4.len(), 15);
    }
}
