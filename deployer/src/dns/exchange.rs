//! One question and its answer on the wire: UDP, then TCP when the answer was cut (RFC 1035, RFC 7766).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{Answer, DnsError};

const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 2;
/// The UDP payload that passes everywhere without fragments (RFC 9715).
const PAYLOAD: u16 = 1232;

/// Asks one server; whatever it answers is an answer.
pub(super) async fn ask(
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
