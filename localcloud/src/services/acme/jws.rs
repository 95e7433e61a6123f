//! Signed requests: flattened JWS (RFC 7515, RFC 8555 section 6.2), checked in the order that clients rely on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::AcmeService;
use super::jwk::Jwk;
use super::problem::{Kind, Problem};

pub(super) const ALGORITHMS: [&str; 4] = ["ES256", "ES384", "RS256", "EdDSA"];
const LARGEST: usize = 64 * 1024;

/// A request whose signature, nonce and account hold good.
#[derive(Debug)]
pub(super) struct Call {
    /// Origin of this service as the client knows it.
    pub(super) base: String,
    pub(super) url: String,
    /// Empty for POST-as-GET.
    pub(super) payload: Vec<u8>,
    pub(super) signer: Signer,
}

/// Who signed.
#[derive(Debug)]
pub(super) enum Signer {
    Key(Jwk),
    /// Id of the account.
    Account(String),
}

impl Call {
    /// The account that signed.
    pub(super) fn account(&self) -> Result<&str, Problem> {
        match &self.signer {
            Signer::Account(id) => Ok(id),
            Signer::Key(_) => Err(Problem::malformed("this resource wants `kid`, not `jwk`")),
        }
    }

    /// The payload; JSON `null` and absent members are the same to `T`'s options.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let payload: &[u8] = if self.payload.is_empty() { b"{}" } else { &self.payload };
        serde_json::from_slice(payload).map_err(|e| Problem::malformed(format!("payload: {e}")))
    }
}

/// A flattened JWS with its protected header decoded.
#[derive(Debug)]
pub(super) struct Jws {
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    pub(super) jwk: Option<Jwk>,
    kid: Option<String>,
    nonce: Option<String>,
    pub(super) url: Option<String>,
}

#[derive(Deserialize)]
struct Flattened {
    protected: String,
    payload: String,
    signature: String,
    header: Option<Value>,
    signatures: Option<Value>,
}

impl Jws {
    /// Reads the form; nothing is verified yet but the algorithm's name.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let flat: Flattened = serde_json::from_slice(body)
            .map_err(|e| Problem::malformed(format!("not a flattened JWS: {e}")))?;
        if flat.header.is_some() || flat.signatures.is_some() {
            return Err(Problem::malformed(
                "`header` and `signatures` are not allowed in a JWS here",
            ));
        }
        let header: Header = serde_json::from_slice(&decode("protected", &flat.protected)?)
            .map_err(|e| Problem::malformed(format!("protected header: {e}")))?;
        if !ALGORITHMS.contains(&header.alg.as_str()) {
            let detail = format!("{} is not one of {}", header.alg, ALGORITHMS.join(", "));
            return Err(Problem::new(Kind::BadSignatureAlgorithm, detail));
        }
        Ok(Self {
            header,
            payload: decode("payload", &flat.payload)?,
            signed: format!("{}.{}", flat.protected, flat.payload).into_bytes(),
            signature: decode("signature", &flat.signature)?,
        })
    }

    pub(super) fn verify(&self, key: &Jwk) -> Result<(), Problem> {
        key.verify(&self.header.alg, &self.signed, &self.signature)
    }
}

impl AcmeService {
    /// Lets a POST in, or says why not.
    pub(super) fn admit(&self, request: &Request<Bytes>, base: &str) -> Result<Call, Problem> {
        let media =
            request.headers().get(CONTENT_TYPE).map_or(&b""[..], http::HeaderValue::as_bytes);
        if media != b"application/jose+json" {
            return Err(Problem::new(Kind::UnsupportedMediaType, "send application/jose+json"));
        }
        if request.body().len() > LARGEST {
            return Err(Problem::new(
                Kind::TooLarge,
                format!("a request has at most {LARGEST} bytes"),
            ));
        }
        let jws = Jws::parse(request.body())?;
        // From here on the nonce is used up, whatever else is wrong.
        let nonce = jws.header.nonce.as_deref();
        let fresh = nonce.is_some_and(|nonce| self.nonces.redeem(nonce, self.cloud.clock.now()));
        if jws.header.jwk.is_some() == jws.header.kid.is_some() {
            return Err(Problem::malformed("exactly one of `jwk` and `kid` must be given"));
        }
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let url = format!("{base}{path}");
        if jws.header.url.as_deref() != Some(url.as_str()) {
            return Err(Problem::new(Kind::Unauthorized, format!("the signed `url` is not {url}")));
        }
        if !fresh {
            return Err(Problem::new(Kind::BadNonce, "the nonce is unknown, used or too old"));
        }
        let signer = self.signer(&jws)?;
        Ok(Call { base: base.to_owned(), url, payload: jws.payload, signer })
    }

    /// Whose signature it is, after checking it.
    fn signer(&self, jws: &Jws) -> Result<Signer, Problem> {
        if let Some(key) = &jws.header.jwk {
            key.check()?;
            jws.verify(key)?;
            return Ok(Signer::Key(key.clone()));
        }
        // Only the path counts: a restart may have moved this service to another port.
        let kid = jws.header.kid.as_deref().unwrap_or_default();
        let id = kid.rsplit_once("/acme/account/").map_or("", |(_, id)| id);
        let world = self.world.read();
        let Some(account) = world.accounts.get(id) else {
            return Err(Problem::new(Kind::AccountDoesNotExist, format!("no account {kid}")));
        };
        if account.deactivated {
            return Err(Problem::new(Kind::Unauthorized, "the account is deactivated"));
        }
        jws.verify(&account.key)?;
        Ok(Signer::Account(id.to_owned()))
    }
}

fn decode(member: &str, text: &str) -> Result<Vec<u8>, Problem> {
    BASE64
        .decode(text)
        .map_err(|_| Problem::malformed(format!("`{member}` is not base64url without padding")))
}
