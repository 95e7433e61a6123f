//! Who asks: the address that the proxies in front vouch for, and how much of the site one visitor may use.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use http::{Extensions, HeaderMap};

/// How many uploads a visitor may make at once, and then in a minute.
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("above zero");
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(120).expect("above zero");
/// How many visitors are remembered before those who have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// The other end of the connection: a proxy, or the visitor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Returns the address that the proxies in front vouch for. Each of the `hops` of them adds the address it was called from
/// to the end of `X-Forwarded-For`, so what stands further left than they reach was written by anyone.
pub(crate) fn vouched(headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let addresses: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let place = addresses.len().checked_sub(hops)?;
    addresses.get(place)?.parse().ok()
}

/// Returns the visitor's address: that which is vouched for, else that of the connection.
pub(crate) fn address(extensions: &Extensions, headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    vouched(headers, hops).or_else(|| extensions.get::<Peer>().map(|peer| peer.0.ip()))
}

/// Uploads that each visitor may still make.
#[derive(Debug)]
pub(crate) struct Allowance(RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>);

impl Allowance {
    pub(crate) fn new() -> Self {
        Self(RateLimiter::hashmap(Quota::per_minute(PER_MINUTE).allow_burst(BURST)))
    }

    /// Takes one, or says in how many seconds there is one.
    pub(crate) fn take(&self, visitor: IpAddr) -> Result<(), u32> {
        if self.0.len() > REMEMBERED {
            self.0.retain_recent();
        }
        let taken = self.0.check_key(&network(visitor));
        taken.map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now()).as_secs();
            u32::try_from(wait + 1).unwrap_or(u32::MAX)
        })
    }
}

/// What one visitor can hold many of counts as one: the /56 that a home gets of IPv6 (RFC 6177).
pub(crate) fn network(visitor: IpAddr) -> IpAddr {
    match visitor.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 72)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded: &[&str], hops: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(Peer("10.0.0.9:4711".parse().unwrap()));
        address(&extensions, &headers, hops).map(|address| address.to_string())
    }

    #[test]
    fn only_what_the_proxies_in_front_added_is_believed() {
        let forged = ["1.1.1.1, 203.0.113.7", "198.51.100.4"];
        assert_eq!(seen(&forged, 2).unwrap(), "203.0.113.7");
        assert_eq!(seen(&forged, 1).unwrap(), "198.51.100.4");
        assert_eq!(seen(&forged, 0).unwrap(), "10.0.0.9");
    }

    #[test]
    fn a_request_that_went_round_the_proxies_has_the_address_of_its_connection() {
        assert_eq!(seen(&[], 2).unwrap(), "10.0.0.9");
        assert_eq!(seen(&["203.0.113.7"], 2).unwrap(), "10.0.0.9");
        assert_eq!(seen(&["nonsense, 198.51.100.4"], 2).unwrap(), "10.0.0.9");
    }

    #[test]
    fn a_visitor_is_stopped_after_a_burst_and_others_are_not() {
        let allowance = Allowance::new();
        let [one, neighbour, other] = ["2001:db8::1", "2001:db8::ff:1", "2001:db8:1::1"]
            .map(|address| address.parse::<IpAddr>().unwrap());
        assert!((0..BURST.get()).all(|_| allowance.take(one).is_ok()));
        assert!((1..=2).contains(&allowance.take(neighbour).unwrap_err()));
        assert_eq!(allowance.take(other), Ok(()));
    }
}
