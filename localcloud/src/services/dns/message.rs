//! Octets of a query to octets of a response (RFC 1035, RFC 6891).

use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};

use super::resolve::{self, Answer};
use crate::model::zone::World;

/// What we offer and, over UDP, the most we send: fits one Ethernet frame (DNS flag day 2020).
const PAYLOAD: u16 = 1232;
/// Every client takes this much over UDP (RFC 1035 section 2.3.4).
const LEAST: u16 = 512;

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Udp,
}

/// Answers a query; `None` when it is too broken to be answered, or is itself a response.
pub(crate) fn respond(world: &World, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let Ok(query) = Message::from_vec(query) else {
        let id = u16::from_be_bytes([*query.first()?, *query.get(1)?]);
        return Message::error_msg(id, OpCode::Query, ResponseCode::FormErr).to_vec().ok();
    };
    if query.metadata.message_type == MessageType::Response {
        return None;
    }
    let response = response(world, &query);
    let octets = response.to_vec().ok()?;
    let limit = query.edns.as_ref().map_or(LEAST, |e| e.max_payload().clamp(LEAST, PAYLOAD));
    if transport == Transport::Udp && octets.len() > usize::from(limit) {
        return response.truncate().to_vec().ok();
    }
    Some(octets)
}

fn response(world: &World, query: &Message) -> Message {
    let mut response = Message::response(query.metadata.id, query.metadata.op_code);
    response.metadata.recursion_desired = query.metadata.recursion_desired;
    response.metadata.checking_disabled = query.metadata.checking_disabled;
    // The question goes back as it came: its letter case is the asker's proof of identity ("0x20").
    response.add_queries(query.queries.iter().cloned());
    if let Some(theirs) = &query.edns {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD);
        if theirs.version() > 0 {
            response.metadata.response_code = ResponseCode::BADVERS;
            edns.set_rcode_high(1);
            response.set_edns(edns);
            return response;
        }
        response.set_edns(edns);
    }
    match answer(world, query) {
        Ok(answer) => {
            response.metadata.response_code = answer.code;
            response.metadata.authoritative = answer.authoritative;
            response.add_answers(answer.answers);
            response.add_authorities(answer.authorities);
        }
        Err(code) => response.metadata.response_code = code,
    }
    response
}

fn answer(world: &World, query: &Message) -> Result<Answer, ResponseCode> {
    if query.metadata.op_code != OpCode::Query {
        return Err(ResponseCode::NotImp);
    }
    let [question] = query.queries.as_slice() else { return Err(ResponseCode::FormErr) };
    if question.query_class() != DNSClass::IN {
        return Err(ResponseCode::Refused);
    }
    match question.query_type() {
        RecordType::AXFR | RecordType::IXFR => Err(ResponseCode::Refused),
        kind => Ok(resolve::resolve(world, question.name(), kind)),
    }
}
