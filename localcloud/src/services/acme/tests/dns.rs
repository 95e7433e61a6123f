//! An authoritative server for a test: exact names, UDP and TCP on one port, truncation on demand.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, OpCode};
use hickory_proto::rr::rdata::{A, CAA, CNAME, TXT};
use hickory_proto::rr::{Name, RData, Record};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// The records, and how to serve them.
#[derive(Default)]
pub(super) struct Zone {
    records: Mutex<Vec<(Name, RData)>>,
    /// Answers over UDP are cut short.
    pub(super) truncates: AtomicBool,
}

impl Zone {
    pub(super) fn txt(&self, name: &str, value: &str) {
        // Two strings: readers have to join them.
        let (head, tail) = value.split_at(value.len() / 2);
        self.add(name, RData::TXT(TXT::new(vec![head.to_owned(), tail.to_owned()])));
    }

    pub(super) fn cname(&self, name: &str, target: &str) {
        self.add(name, RData::CNAME(CNAME(absolute(target))));
    }

    pub(super) fn a(&self, name: &str, address: Ipv4Addr) {
        self.add(name, RData::A(A(address)));
    }

    pub(super) fn caa(&self, name: &str, issuer: &str) {
        let issuer = Name::from_ascii(issuer).unwrap();
        self.add(name, RData::CAA(CAA::new_issue(false, Some(issuer), Vec::new())));
    }

    fn add(&self, name: &str, data: RData) {
        self.records.lock().unwrap().push((absolute(name), data));
    }

    fn answer(&self, question: &[u8]) -> Message {
        let question = Message::from_vec(question).unwrap();
        let query = question.queries[0].clone();
        let mut reply = Message::response(question.metadata.id, OpCode::Query);
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

fn absolute(name: &str) -> Name {
    Name::from_ascii(format!("{name}.")).unwrap()
}

/// Serves a zone until the test ends.
pub(super) async fn serve() -> (SocketAddr, Arc<Zone>) {
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
            reply = reply.truncate();
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
