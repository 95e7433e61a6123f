//! A small DNS client: asks one server over UDP, then TCP when the answer was cut (RFC 1035, RFC 7766).
//!
//! Propagation is judged by the authoritative servers themselves: a recursor that was asked too early
//! remembers the absence.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 2;
/// The UDP payload that passes everywhere without fragments (RFC 9715).
const PAYLOAD: u16 = 1232;
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

async fn ask(
    server: SocketAddr,
    name: &str,
    kind: RecordType,
    recursive: bool,
) -> Result<Answer, DnsError> {
    let asked = Name::from_ascii(format!("{}.", name.trim_end_matches('.')))
        .map_err(|_| DnsError::Name { name: name.to_owned() })?;
    let mut question = Message::query();
    question.metadata.recursion_desired = recursive;
    question.add_query(Query::query(asked, kind));
    question.set_edns(Edns::new().set_max_payload(PAYLOAD).clone());
    let silent = |source| DnsError::Silent { server, name: name.to_owned(), source };
    let reply = exchange(server, &question).await.map_err(silent)?;
    Ok(Answer {
        authoritative: reply.metadata.authoritative,
        code: reply.metadata.response_code,
        records: reply.answers,
        authorities: reply.authorities,
    })
}

async fn exchange(server: SocketAddr, question: &Message) -> io::Result<Message> {
    let wire = question.to_vec().map_err(io::Error::other)?;
    let mut outcome = Err(io::ErrorKind::TimedOut.into());
    for _ in 0..TRIES {
        outcome = timeout(PATIENCE, over_udp(server, &wire, question))
            .await
            .unwrap_or_else(|e| Err(e.into()));
        if outcome.is_ok() {
            break;
        }
    }
    let reply = outcome?;
    if reply.metadata.truncation {
        return timeout(PATIENCE, over_tcp(server, &wire, question)).await?;
    }
    Ok(reply)
}

async fn over_udp(server: SocketAddr, wire: &[u8], question: &Message) -> io::Result<Message> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(wire).await?;
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // A forged or late datagram must not end the wait for the real one.
        if let Ok(reply) = Message::from_vec(&buffer[..length])
            && answers(&reply, question)
        {
            return Ok(reply);
        }
    }
}

async fn over_tcp(server: SocketAddr, wire: &[u8], question: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(wire.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], wire].concat()).await?;
    let mut reply = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut reply).await?;
    let reply = Message::from_vec(&reply).map_err(io::Error::other)?;
    if answers(&reply, question) { Ok(reply) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn answers(reply: &Message, question: &Message) -> bool {
    reply.metadata.id == question.metadata.id && reply.queries == question.queries
}

#[cfg(test)]
mod tests;
