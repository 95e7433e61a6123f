//! What a call asks, taken apart: path segments, query pairs, body.

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::envelope::Failure;
use crate::model::zone::{World, Zone};

/// One request below `/client/v4`.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// `["zones", "<id>", "dns_records"]`.
    pub(crate) path: Vec<&'a str>,
    /// Decoded pairs in the order they were sent.
    pub(crate) query: Vec<(String, String)>,
    body: &'a Bytes,
}

impl<'a> Call<'a> {
    pub(crate) fn new(path: &'a str, query: &str, body: &'a Bytes) -> Self {
        let query = query.split('&').filter(|pair| !pair.is_empty());
        let query = query.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = query.map(|(key, value)| (decoded(key), decoded(value))).collect();
        Self { path: path.split('/').skip(1).collect(), query, body }
    }

    /// The id after `zones`.
    ///
    /// # Errors
    /// 7003 when it has not the shape of an id.
    pub(crate) fn zone_id(&self) -> Result<&'a str, Failure> {
        self.id(1)
    }

    /// The id after `dns_records`.
    ///
    /// # Errors
    /// 7003 when it has not the shape of an id.
    pub(crate) fn record_id(&self) -> Result<&'a str, Failure> {
        self.id(3)
    }

    fn id(&self, at: usize) -> Result<&'a str, Failure> {
        let id = self.path.get(at).copied().filter(|id| is_id(id));
        id.ok_or_else(|| Failure::no_route(&format!("/{}", self.path.join("/"))))
    }

    /// The zone that the call names.
    ///
    /// # Errors
    /// 7003 or 1001 when there is none.
    pub(crate) fn zone<'w>(&self, world: &'w World) -> Result<&'w Zone, Failure> {
        world.zones.get(self.zone_id()?).ok_or_else(Failure::no_zone)
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON of a shape.
    ///
    /// # Errors
    /// 9207 when it is not.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(self.body).map_err(|e| Failure::body(&e))
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
