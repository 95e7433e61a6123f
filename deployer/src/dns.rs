//! A small DNS client: one server at a time, or the way to those that speak for a name.
//!
//! Propagation is judged by the authoritative servers themselves: a recursor that was asked too early
//! remembers the absence.

mod exchange;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::time::{Instant, sleep};

use self::exchange::ask;

const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
const LONGEST_CHAIN: usize = 10;

/// Why a name could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    #[error("{name}: not a DNS name")]
    Name { name: String },
    #[error("{server} gave no answer about {name}")]
    Silent {
        server: SocketAddr,
        name: String,
        #[source]
        source: io::Error,
    },
    #[error("{server} answered {code} about {name}")]
    Refused { server: SocketAddr, name: String, code: String },
    #[error("no name server found for {name}")]
    NoAuthority { name: String },
    #[error("no resolver is known, so the name servers of {name} cannot be found")]
    NoResolver { name: String },
    #[error("TXT {name} is not at {server} after {waited:?}: {found}")]
    NotPropagated { name: String, server: SocketAddr, waited: Duration, found: String },
}

/// What one server says.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Whether the server speaks for the zone.
    pub authoritative: bool,
    pub code: ResponseCode,
    pub records: Vec<Record>,
    /// The authority section: who to ask in its place.
    pub authorities: Vec<Record>,
}

impl Answer {
    /// The values of TXT records, the strings of each joined.
    pub fn texts(&self) -> Vec<String> {
        let joined = |record: &Record| match &record.data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.records.iter().filter_map(joined).collect()
    }

    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.records.iter().filter_map(|record| match &record.data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
            _ => None,
        })
    }
}

/// Asks one server, without recursion.
///
/// # Errors
/// When the name is none or the server stays silent; `NXDOMAIN` and the like are answers.
pub async fn lookup(server: SocketAddr, name: &str, kind: RecordType) -> Result<Answer, DnsError> {
    ask(server, name, kind, false).await
}

/// The addresses of a name as one server knows them; none for a name that does not exist.
///
/// # Errors
/// As [`lookup`].
pub async fn addresses_of(server: SocketAddr, name: &str) -> Result<Vec<IpAddr>, DnsError> {
    Ok(lookup(server, name, RecordType::A).await?.addresses().collect())
}

/// Asks recursive resolvers, the next one when one fails.
///
/// # Errors
/// When none of them answers; the last failure is told.
pub async fn resolve(
    resolvers: &[SocketAddr],
    name: &str,
    kind: RecordType,
) -> Result<Answer, DnsError> {
    let mut failure = DnsError::NoResolver { name: name.to_owned() };
    for server in resolvers {
        match ask(*server, name, kind, true).await {
            Ok(answer) if matches!(answer.code, ResponseCode::NoError | ResponseCode::NXDomain) => {
                return Ok(answer);
            }
            Ok(answer) => {
                let (name, code) = (name.to_owned(), answer.code.to_string());
                failure = DnsError::Refused { server: *server, name, code };
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// The addresses of every name server that speaks for `name`: climbs to the nearest ancestor with NS records.
///
/// # Errors
/// When the resolvers fail, or no ancestor has name servers with addresses.
pub async fn authorities(
    resolvers: &[SocketAddr],
    name: &str,
) -> Result<Vec<SocketAddr>, DnsError> {
    let mut at = name;
    loop {
        let answer = resolve(resolvers, at, RecordType::NS).await?;
        let hosts = answer.records.iter().filter_map(|record| match &record.data {
            RData::NS(host) if same(&record.name, at) => Some(host.0.to_ascii()),
            _ => None,
        });
        let hosts: Vec<String> = hosts.collect();
        if !hosts.is_empty() {
            return addresses(resolvers, &hosts, name).await;
        }
        let Some((_, parent)) = at.split_once('.').filter(|(_, parent)| parent.contains('.'))
        else {
            return Err(DnsError::NoAuthority { name: name.to_owned() });
        };
        at = parent;
    }
}

async fn addresses(
    resolvers: &[SocketAddr],
    hosts: &[String],
    name: &str,
) -> Result<Vec<SocketAddr>, DnsError> {
    let mut found = Vec::new();
    for host in hosts {
        // IPv4 first: a machine without IPv6 would wait for every server in vain.
        for kind in [RecordType::A, RecordType::AAAA] {
            let answer = resolve(resolvers, host.trim_end_matches('.'), kind).await?;
            let before = found.len();
            found.extend(answer.addresses().map(|ip| SocketAddr::new(ip, 53)));
            if found.len() > before {
                break;
            }
        }
    }
    if found.is_empty() { Err(DnsError::NoAuthority { name: name.to_owned() }) } else { Ok(found) }
}

/// Where a name leads when it is an alias; the name itself when it is none.
///
/// # Errors
/// As [`resolve`].
pub async fn alias(resolvers: &[SocketAddr], name: &str) -> Result<String, DnsError> {
    let mut target = name.to_owned();
    for _ in 0..LONGEST_CHAIN {
        let answer = resolve(resolvers, &target, RecordType::CNAME).await?;
        let next = answer.records.iter().find_map(|record| match &record.data {
            RData::CNAME(cname) if same(&record.name, &target) => Some(cname.0.to_ascii()),
            _ => None,
        });
        match next {
            Some(next) => target = next.trim_end_matches('.').to_owned(),
            None => break,
        }
    }
    Ok(target)
}

/// Waits until every server has `value` among the TXT records of `name`.
///
/// # Errors
/// When one of them has not at `deadline`; says which, and what it has instead.
pub async fn wait_for_text(
    servers: &[SocketAddr],
    name: &str,
    value: &str,
    within: Duration,
) -> Result<(), DnsError> {
    let deadline = Instant::now() + within;
    for server in servers {
        loop {
            // Silence, NXDOMAIN and SERVFAIL all mean "not yet".
            let seen = lookup(*server, name, RecordType::TXT).await;
            if seen.as_ref().is_ok_and(|answer| answer.texts().iter().any(|text| text == value)) {
                break;
            }
            if Instant::now() + BETWEEN_LOOKS > deadline {
                let found = describe(&seen);
                let name = name.to_owned();
                return Err(DnsError::NotPropagated {
                    name,
                    server: *server,
                    waited: within,
                    found,
                });
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }
    Ok(())
}

fn describe(seen: &Result<Answer, DnsError>) -> String {
    match seen {
        Ok(answer) if answer.texts().is_empty() => format!("it has none ({})", answer.code),
        Ok(answer) => format!("it has {}", answer.texts().join(", ")),
        Err(error) => error.to_string(),
    }
}

/// The servers that a `resolv.conf` names (resolv.conf(5)).
pub fn resolvers(resolv_conf: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        let address = (words.next() == Some("nameserver")).then(|| words.next()).flatten()?;
        // A zone index, as in fe80::1%eth0, cannot be used here.
        Some(SocketAddr::new(address.parse().ok()?, 53))
    };
    resolv_conf.lines().filter_map(server).collect()
}

/// The resolvers of this machine.
///
/// # Errors
/// When `/etc/resolv.conf` cannot be read.
pub fn system_resolvers() -> io::Result<Vec<SocketAddr>> {
    Ok(resolvers(&std::fs::read_to_string("/etc/resolv.conf")?))
}

fn same(name: &Name, other: &str) -> bool {
    name.to_ascii().trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

#[cfg(test)]
pub(crate) mod responder;
#[cfg(test)]
mod tests;
