//! The addresses that the edge publishes and calls origins from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::network::cidr::Cidr;

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
        let ranges = self.family(address).iter().filter_map(|text| text.parse::<Cidr>().ok());
        ranges.into_iter().any(|range| range.contains(address))
    }

    /// An address within the ranges of `like`'s family; the same for the same `seed`.
    pub fn pick(&self, like: IpAddr, seed: u64) -> Option<IpAddr> {
        let list = self.family(like);
        let index = seed.checked_rem(u64::try_from(list.len()).ok()?)?;
        let (network, prefix) = list.get(usize::try_from(index).ok()?)?.split_once('/')?;
        let prefix: u32 = prefix.parse().ok()?;
        // The last byte stays out of 0 and 255, which nobody has as a host address.
        let host = (seed >> 16) << 8 | (1 + (seed >> 4) % 254);
        Some(match network.parse().ok()? {
            IpAddr::V4(network) => {
                let free = u32::MAX.checked_shr(prefix).unwrap_or(0);
                let low = u32::try_from(host & u64::from(u32::MAX)).ok()?;
                Ipv4Addr::from_bits(network.to_bits() | (low & free)).into()
            }
            IpAddr::V6(network) => {
                let free = u128::MAX.checked_shr(prefix).unwrap_or(0);
                Ipv6Addr::from_bits(network.to_bits() | (u128::from(host) & free)).into()
            }
        })
    }

    fn family(&self, like: IpAddr) -> &[String] {
        if like.is_ipv4() { &self.ipv4_cidrs } else { &self.ipv6_cidrs }
    }
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
