//! Address ranges, IPv4 and IPv6 (RFC 4632 section 3.1, RFC 4291 section 2.3).

use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses such as `10.0.0.0/16`. Bits below the prefix are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

/// Why a text is not a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address range such as 10.0.0.0/16")]
pub struct NotACidr {
    text: String,
}

impl Cidr {
    /// Whether the address is in the range; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                self.agrees(network.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                self.agrees(network.to_bits(), address.to_bits(), 128)
            }
            _ => false,
        }
    }

    /// Bits that all addresses of the range share; the larger, the more specific.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    fn agrees(&self, left: u128, right: u128, bits: u8) -> bool {
        let free = u32::from(bits - self.prefix);
        (left ^ right).checked_shr(free).unwrap_or(0) == 0
    }
}

impl FromStr for Cidr {
    type Err = NotACidr;

    fn from_str(text: &str) -> Result<Self, NotACidr> {
        parse(text).ok_or_else(|| NotACidr { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Cidr> {
    let (address, prefix) = text.split_once('/')?;
    let network: IpAddr = address.parse().ok()?;
    let digits = prefix.bytes().all(|b| b.is_ascii_digit());
    let prefix: u8 = prefix.parse().ok().filter(|_| digits)?;
    let longest = if network.is_ipv4() { 32 } else { 128 };
    (prefix <= longest).then_some(Cidr { network, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, address: &str) -> bool {
        range.parse::<Cidr>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_the_addresses_that_share_its_prefix() {
        for (range, inside) in [
            ("10.0.0.0/16", "10.0.255.255"),
            ("10.0.0.7/24", "10.0.0.200"),
            ("0.0.0.0/0", "255.255.255.255"),
            ("192.0.2.1/32", "192.0.2.1"),
            ("2400:cb00::/32", "2400:cb00:ffff::1"),
            ("::/0", "2001:db8::1"),
            ("2001:db8::1/128", "2001:db8::1"),
            ("173.245.48.0/20", "::ffff:173.245.63.255"),
        ] {
            assert!(holds(range, inside), "{inside} in {range}");
        }
        for (range, outside) in [
            ("10.0.0.0/16", "10.1.0.0"),
            ("192.0.2.1/32", "192.0.2.2"),
            ("173.245.48.0/20", "173.245.64.0"),
            ("2400:cb00::/32", "2400:cb01::"),
            ("0.0.0.0/0", "2001:db8::1"),
            ("::/0", "10.0.0.1"),
        ] {
            assert!(!holds(range, outside), "{outside} in {range}");
        }
    }

    #[test]
    fn what_is_not_a_range_is_refused() {
        for text in
            ["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0/8", "x/8", "10.0.0.0/+8"]
        {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }
}
