//! The server asked over sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::world;
use crate::services::dns::DnsServer;
use crate::{Cloud, Options, Ports, RuntimeChoice, Seed, ids};

async fn serving(records: &[(&str, &str, &str)]) -> (Arc<Cloud>, DnsServer) {
    let cloud = Cloud::open(Options {
        state: std::env::temp_dir().join(format!("localcloud-dns-{}", ids::hex::<8>())),
        ports: Ports::default(),
        runtime: RuntimeChoice::Process,
        seed: Seed::default(),
        latency_ms: 0,
        conduct: crate::options::Conduct::default(),
    })
    .unwrap();
    cloud.zones.update(|zones| *zones = world(records));
    let server = DnsServer::start(cloud.clone(), 0).await.unwrap();
    std::fs::remove_dir_all(&cloud.options.state).unwrap();
    (cloud, server)
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::query();
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message.metadata.recursion_desired = true;
    message
}

async fn udp(server: SocketAddr, question: &Message) -> (Message, usize) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question.to_vec().unwrap(), server).await.unwrap();
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).await.unwrap();
    (Message::from_vec(&buffer[..length]).unwrap(), length)
}

async fn tcp(stream: &mut TcpStream, question: &Message) -> Message {
    let octets = question.to_vec().unwrap();
    stream.write_u16(u16::try_from(octets.len()).unwrap()).await.unwrap();
    stream.write_all(&octets).await.unwrap();
    let mut answer = vec![0; usize::from(stream.read_u16().await.unwrap())];
    stream.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

#[tokio::test]
async fn the_letter_case_of_a_question_comes_back() {
    let (_cloud, server) = serving(&[("www.@", "A", "192.0.2.1")]).await;
    let question = question("wWw.CodeHarmony.NET.", RecordType::A);
    let (answer, _) = udp(server.address, &question).await;
    assert_eq!(answer.metadata.id, question.metadata.id);
    assert!(answer.metadata.authoritative && answer.metadata.recursion_desired);
    assert!(!answer.metadata.recursion_available);
    assert!(answer.queries[0].name().eq_case(question.queries[0].name()));
    assert!(answer.answers[0].name.eq_case(question.queries[0].name()));
}

#[tokio::test]
async fn an_answer_too_big_for_the_client_is_truncated_and_whole_over_tcp() {
    let texts = ["a", "b", "c", "d"].map(|c| c.repeat(250));
    let records: Vec<_> = texts.iter().map(|t| ("t.@", "TXT", t.as_str())).collect();
    let (_cloud, server) = serving(&records).await;
    let mut question = question("t.codeharmony.net.", RecordType::TXT);

    let (answer, length) = udp(server.address, &question).await;
    assert!(answer.metadata.truncation && length <= 512);

    let mut edns = Edns::new();
    edns.set_max_payload(4096);
    question.set_edns(edns);
    let (answer, _) = udp(server.address, &question).await;
    assert!(!answer.metadata.truncation);
    assert_eq!(answer.edns.unwrap().max_payload(), 1232);

    let mut stream = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(tcp(&mut stream, &question).await.answers.len(), 4);
}

#[tokio::test]
async fn one_connection_carries_many_questions() {
    let (cloud, server) = serving(&[]).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let question = question("new.codeharmony.net.", RecordType::A);
    let answer = tcp(&mut stream, &question).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    cloud.zones.update(|zones| *zones = world(&[("new.@", "A", "192.0.2.7")]));
    assert_eq!(tcp(&mut stream, &question).await.answers.len(), 1);
}

#[tokio::test]
async fn rubbish_is_answered_with_a_format_error() {
    let (_cloud, server) = serving(&[]).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&[7, 7, 1, 0, 0, 9, 0, 0, 0, 0, 0, 0, 255], server.address).await.unwrap();
    let mut buffer = [0; 512];
    let length = socket.recv(&mut buffer).await.unwrap();
    let answer = Message::from_vec(&buffer[..length]).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::FormErr);
}
