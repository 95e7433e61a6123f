//! An authoritative server for tests, UDP and TCP on one port, which publishes proofs as well.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, OpCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

use crate::acme::Dns01;
use crate::acme::dns01::PublishError;

/// The records, and how to serve them.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    records: Mutex<Vec<(Name, RData)>>,
    /// Answers over UDP are cut short.
    pub(crate) truncates: AtomicBool,
    /// Proofs are accepted but never served.
    pub(crate) loses_proofs: AtomicBool,
    /// How many proofs were published.
    pub(crate) published: AtomicUsize,
}

impl Zone {
    pub(crate) fn add(&self, name: &str, data: RData) {
        self.records.lock().unwrap().push((absolute(name), data));
    }

    pub(crate) fn len(&self) -> usize {
        self.records.lock().unwrap().len()
    }

    fn answer(&self, question: &[u8]) -> Message {
        let question = Message::from_vec(question).unwrap();
        let query = question.queries[0].clone();
        let mut reply = Message::response(question.metadata.id, OpCode::Query);
        reply.metadata.authoritative = true;
        for (name, data) in
            self.records.lock().unwrap().iter().filter(|(name, _)| name == query.name())
        {
            if data.record_type() == query.query_type() || matches!(data, RData::CNAME(_)) {
                reply.add_answer(Record::from_rdata(name.clone(), 60, data.clone()));
            }
        }
        reply.add_query(query);
        reply
    }
}

impl Dns01 for Arc<Zone> {
    async fn publish(&self, name: &str, value: &str) -> Result<String, PublishError> {
        self.published.fetch_add(1, Ordering::Relaxed);
        if !self.loses_proofs.load(Ordering::Relaxed) {
            self.add(name, text(value));
        }
        Ok(name.to_owned())
    }

    async fn withdraw(&self, name: &str, value: &str) -> Result<(), PublishError> {
        let gone = (absolute(name), text(value));
        self.records.lock().unwrap().retain(|record| *record != gone);
        Ok(())
    }
}

pub(crate) fn text(value: &str) -> RData {
    RData::TXT(TXT::new(vec![value.to_owned()]))
}

fn absolute(name: &str) -> Name {
    Name::from_ascii(format!("{name}.")).unwrap()
}

/// Serves a zone until the test ends.
pub(crate) async fn serve() -> (SocketAddr, Arc<Zone>) {
    let zone = Arc::new(Zone::default());
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(address).await.unwrap();
    tokio::spawn(over_udp(udp, Arc::clone(&zone)));
    tokio::spawn(over_tcp(tcp, Arc::clone(&zone)));
    (address, zone)
}

async fn over_udp(socket: UdpSocket, zone: Arc<Zone>) {
    let mut buffer = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        let mut reply = zone.answer(&buffer[..length]);
        if zone.truncates.load(Ordering::Relaxed) {
            // The question stays, as it does with real servers.
            let queries = std::mem::take(&mut reply.queries);
            reply = reply.truncate();
            reply.queries = queries;
        }
        let _gone = socket.send_to(&reply.to_vec().unwrap(), peer).await;
    }
}

async fn over_tcp(listener: TcpListener, zone: Arc<Zone>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut question = vec![0; usize::from(stream.read_u16().await.unwrap())];
        stream.read_exact(&mut question).await.unwrap();
        let reply = zone.answer(&question).to_vec().unwrap();
        stream.write_u16(u16::try_from(reply.len()).unwrap()).await.unwrap();
        stream.write_all(&reply).await.unwrap();
    }
}
