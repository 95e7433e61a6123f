//! Questions to the cloud's DNS over real sockets, UDP, then TCP when the answer was cut; in a simulation without.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::CAA;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::problem::{Kind, Problem};
use crate::cloud::Cloud;
use crate::services::dns;

const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_CHAIN: usize = 10;

/// Who is asked.
#[derive(Debug)]
pub(super) enum Resolver {
    Server(SocketAddr),
    /// The name server's own function.
    Zones(Arc<Cloud>),
}

/// What was answered.
struct Reply {
    code: ResponseCode,
    answers: Vec<Record>,
}

impl Resolver {
    async fn ask(&self, name: &Name, kind: RecordType) -> io::Result<Reply> {
        match self {
            Self::Zones(cloud) => {
                let answer = dns::resolve(&cloud.zones.read(), name, kind);
                Ok(Reply { code: answer.code, answers: answer.answers })
            }
            Self::Server(server) => {
                let reply = match ask(*server, name, kind).await {
                    Ok(reply) => reply,
                    // One lost datagram is no verdict.
                    Err(_) => ask(*server, name, kind).await?,
                };
                Ok(Reply { code: reply.metadata.response_code, answers: reply.answers })
            }
        }
    }
}

/// The strings of a TXT record are one value (RFC 8555 section 8.4).
pub(super) async fn txt(resolver: &Resolver, name: &str) -> Result<Vec<String>, Problem> {
    let found = lookup(resolver, name, RecordType::TXT).await?;
    let joined = |data: &RData| match data {
        RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        _ => None,
    };
    Ok(found.iter().filter_map(joined).collect())
}

/// The addresses of a name; IPv6 only when there is no IPv4.
pub(super) async fn addresses(resolver: &Resolver, name: &str) -> Result<Vec<IpAddr>, Problem> {
    let address = |data: &RData| match data {
        RData::A(a) => Some(IpAddr::V4(a.0)),
        RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
        _ => None,
    };
    for kind in [RecordType::A, RecordType::AAAA] {
        let found: Vec<IpAddr> =
            lookup(resolver, name, kind).await?.iter().filter_map(address).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The CAA records of exactly this name.
pub(super) async fn caa(resolver: &Resolver, name: &str) -> Result<Vec<CAA>, Problem> {
    let found = lookup(resolver, name, RecordType::CAA).await?;
    Ok(found
        .into_iter()
        .filter_map(|data| if let RData::CAA(caa) = data { Some(caa) } else { None })
        .collect())
}

/// The records of a name, aliases followed; no records when there are none.
async fn lookup(resolver: &Resolver, name: &str, kind: RecordType) -> Result<Vec<RData>, Problem> {
    let failed = |what: &str| {
        Problem::new(Kind::Dns, format!("DNS problem: {what} looking up {kind} for {name}"))
    };
    let mut asked = Name::from_ascii(format!("{name}.")).map_err(|_| failed("bad name"))?;
    for _ in 0..LONGEST_CHAIN {
        let reply = resolver.ask(&asked, kind).await.map_err(|e| failed(&e.to_string()))?;
        match reply.code {
            ResponseCode::NoError | ResponseCode::NXDomain => {}
            // The climb for CAA leaves the zones that this cloud's server speaks for: there is nothing out there.
            ResponseCode::Refused if kind == RecordType::CAA => {}
            other => return Err(failed(&format!("{other}"))),
        }
        let target = follow(&reply, &asked);
        let found: Vec<RData> = reply
            .answers
            .iter()
            .filter(|record| record.name == target && record.record_type() == kind)
            .map(|record| record.data.clone())
            .collect();
        if !found.is_empty() || target == asked {
            return Ok(found);
        }
        asked = target;
    }
    Err(failed("an alias chain without end"))
}

/// Where the aliases in one answer lead.
fn follow(reply: &Reply, from: &Name) -> Name {
    let mut target = from.clone();
    for _ in 0..LONGEST_CHAIN {
        let next = reply.answers.iter().find_map(|record| match &record.data {
            RData::CNAME(cname) if record.name == target => Some(cname.0.clone()),
            _ => None,
        });
        match next {
            Some(next) => target = next,
            None => break,
        }
    }
    target
}

async fn ask(server: SocketAddr, name: &Name, kind: RecordType) -> io::Result<Message> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(name.clone(), kind));
    let wire = question.to_vec().map_err(io::Error::other)?;
    let id = question.metadata.id;
    let reply = timeout(PATIENCE, over_udp(server, &wire, id)).await??;
    if reply.metadata.truncation {
        timeout(PATIENCE, over_tcp(server, &wire, id)).await?
    } else {
        Ok(reply)
    }
}

async fn over_udp(server: SocketAddr, question: &[u8], id: u16) -> io::Result<Message> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let reply = Message::from_vec(&buffer[..length]).map_err(io::Error::other)?;
        if reply.metadata.id == id {
            return Ok(reply);
        }
    }
}

async fn over_tcp(server: SocketAddr, question: &[u8], id: u16) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_u16(u16::try_from(question.len()).map_err(io::Error::other)?).await?;
    stream.write_all(question).await?;
    let mut reply = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut reply).await?;
    let reply = Message::from_vec(&reply).map_err(io::Error::other)?;
    if reply.metadata.id == id {
        Ok(reply)
    } else {
        Err(io::Error::other("an answer to another question"))
    }
}
