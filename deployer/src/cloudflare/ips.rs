//! The addresses that the edge calls origins from. A wrong list opens the origin to everybody, or closes it to all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Method;
use serde::Deserialize;

use super::{Call, Cloudflare, CloudflareError};

/// The ranges as they were published in November 2026, for plans that are made without a network.
pub const KNOWN_IPV4: [&str; 15] = [
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "108.162.192.0/18",
    "131.0.72.0/22",
    "141.101.64.0/18",
    "162.158.0.0/15",
    "172.64.0.0/13",
    "173.245.48.0/20",
    "188.114.96.0/20",
    "190.93.240.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
];

/// As [`KNOWN_IPV4`].
pub const KNOWN_IPV6: [&str; 7] = [
    "2400:cb00::/32",
    "2405:8100::/32",
    "2405:b500::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
];

/// Wider than anything that was ever published: a list with one of these is not to be believed.
const WIDEST: (u8, u8) = (9, 20);

/// Published ranges, in CIDR notation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ranges {
    #[serde(rename = "ipv4_cidrs")]
    pub ipv4: Vec<String>,
    #[serde(rename = "ipv6_cidrs")]
    pub ipv6: Vec<String>,
    /// Changes when the list does.
    #[serde(default)]
    pub etag: String,
}

impl Ranges {
    /// The ranges that are compiled in.
    pub fn known() -> Self {
        let owned = |list: &[&str]| list.iter().map(|&cidr| cidr.to_owned()).collect();
        Self { ipv4: owned(&KNOWN_IPV4), ipv6: owned(&KNOWN_IPV6), etag: String::new() }
    }

    /// Refuses a list that is empty, opens everything, or holds what is not of the public internet.
    fn check(self) -> Result<Self, CloudflareError> {
        let refuse = |reason: String| Err(CloudflareError::Ranges { reason });
        if self.ipv4.is_empty() || self.ipv6.is_empty() {
            return refuse("the list is empty".to_owned());
        }
        for (list, is_v4) in [(&self.ipv4, true), (&self.ipv6, false)] {
            for cidr in list {
                match parse(cidr) {
                    Some((address, _)) if address.is_ipv4() != is_v4 => {
                        return refuse(format!("{cidr} is in the wrong list"));
                    }
                    Some((address, prefix)) if !is_public(address) || prefix < widest(address) => {
                        return refuse(format!("{cidr} is not a range of the public internet"));
                    }
                    Some(_) => {}
                    None => return refuse(format!("{cidr:?} is not a range")),
                }
            }
        }
        Ok(self)
    }
}

impl Cloudflare {
    /// The ranges that are published now.
    ///
    /// `GET /ips`
    ///
    /// # Errors
    /// When the call fails, or the list cannot be believed.
    pub async fn ips(&self) -> Result<Ranges, CloudflareError> {
        let call = Call::new("read the edge ranges", Method::GET, "/ips".to_owned());
        self.call::<Ranges>(call).await?.check()
    }
}

fn parse(cidr: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = cidr.split_once('/')?;
    let (address, prefix): (IpAddr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
    (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, prefix))
}

fn widest(address: IpAddr) -> u8 {
    if address.is_ipv4() { WIDEST.0 } else { WIDEST.1 }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || shared
        || first == 0
        || first >= 224)
}

/// Global unicast is 2000::/3, but for documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0x0db8)
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    fn with(cidr: &str) -> Result<Ranges, String> {
        let mut ranges = Ranges::known();
        let list = if cidr.contains(':') { &mut ranges.ipv6 } else { &mut ranges.ipv4 };
        list.push(cidr.to_owned());
        ranges.check().map_err(|e| e.to_string())
    }

    #[test]
    fn the_compiled_in_list_is_believed() {
        assert!(Ranges::known().check().is_ok());
    }

    #[test]
    fn a_range_that_would_open_the_origin_is_refused() {
        let bad = [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/16",
            "127.0.0.1/32",
            "100.64.0.0/16",
            "1.0.0.0/8",
            "fc00::/32",
        ];
        for cidr in bad.iter().chain(&["2000::/3", "1.2.3.4", "1.2.3.0/33", "nonsense"]) {
            assert!(with(cidr).is_err(), "{cidr}");
        }
    }

    #[test]
    fn an_empty_list_is_refused() {
        let ranges = Ranges { ipv4: Vec::new(), ..Ranges::known() };
        assert!(ranges.check().is_err());
    }
}
