//! Public keys of accounts: form (RFC 7517), thumbprint (RFC 7638), strength, and the signatures they check.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::problem::{Kind, Problem};

/// A public key; members beyond these are ignored, as clients add `alg` and `use`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub(super) enum Jwk {
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: String, x: String },
    #[serde(rename = "RSA")]
    Rsa { e: String, n: String },
}

impl Jwk {
    /// The SHA-256 of the canonical members, base64url.
    pub(super) fn thumbprint(&self) -> String {
        // The members are base64url (see `check`), so that no escaping is needed.
        let canonical = match self {
            Self::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
            Self::Rsa { e, n } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        BASE64.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
    }

    /// Refuses keys of kinds, curves and sizes that are not used.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let good = match self {
            Self::Ec { crv, .. } => match crv.as_str() {
                "P-256" => self.point()?.len() == 65,
                "P-384" => self.point()?.len() == 97,
                _ => false,
            },
            Self::Okp { crv, x } => crv == "Ed25519" && decode(x)?.len() == 32,
            Self::Rsa { e, n } => {
                let exponent = decode(e)?;
                (256..=512).contains(&decode(n)?.len())
                    && (exponent == [1, 0, 1] || exponent == [3])
            }
        };
        let refused = || {
            Problem::new(
                Kind::BadPublicKey,
                "use RSA of 2048 to 4096 bits, P-256, P-384 or Ed25519",
            )
        };
        good.then_some(()).ok_or_else(refused)
    }

    /// Checks a signature in the form that JWS uses.
    pub(super) fn verify(
        &self,
        algorithm: &str,
        message: &[u8],
        signed: &[u8],
    ) -> Result<(), Problem> {
        let verified = match (self, algorithm) {
            (Self::Ec { crv, .. }, "ES256") if crv == "P-256" => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, self.point()?)
                    .verify(message, signed)
            }
            (Self::Ec { crv, .. }, "ES384") if crv == "P-384" => {
                UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, self.point()?)
                    .verify(message, signed)
            }
            (Self::Okp { x, .. }, "EdDSA") => {
                UnparsedPublicKey::new(&signature::ED25519, decode(x)?).verify(message, signed)
            }
            (Self::Rsa { e, n }, "RS256") => {
                RsaPublicKeyComponents { n: decode(n)?, e: decode(e)? }.verify(
                    &signature::RSA_PKCS1_2048_8192_SHA256,
                    message,
                    signed,
                )
            }
            _ => {
                let detail = format!("{algorithm} does not go with this key");
                return Err(Problem::new(Kind::BadSignatureAlgorithm, detail));
            }
        };
        verified
            .map_err(|_| Problem::malformed("the signature does not fit the key and the content"))
    }

    /// Whether a certificate or a request is for this very key.
    pub(super) fn is(&self, other: &SubjectPublicKeyInfo<'_>) -> bool {
        match (self, other.parsed()) {
            (Self::Ec { .. }, Ok(PublicKey::EC(point))) => {
                self.point().is_ok_and(|own| own == point.data())
            }
            (Self::Rsa { e, n }, Ok(PublicKey::RSA(rsa))) => {
                decode(n).is_ok_and(|n| n == trimmed(rsa.modulus))
                    && decode(e).is_ok_and(|e| e == trimmed(rsa.exponent))
            }
            (Self::Okp { x, .. }, _) => {
                decode(x).is_ok_and(|x| x == *other.subject_public_key.data)
            }
            _ => false,
        }
    }

    /// The point in uncompressed form.
    fn point(&self) -> Result<Vec<u8>, Problem> {
        let Self::Ec { x, y, .. } = self else { return Ok(Vec::new()) };
        let (x, y) = (decode(x)?, decode(y)?);
        Ok([&[4][..], &x, &y].concat())
    }
}

fn decode(member: &str) -> Result<Vec<u8>, Problem> {
    BASE64.decode(member).map_err(|_| Problem::malformed("a member of the key is not base64url"))
}

/// Without the zero byte that keeps an ASN.1 integer positive.
fn trimmed(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

#[cfg(test)]
mod tests {
    use super::Jwk;

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        let key: Jwk = serde_json::from_str(
            r#"{"kty":"RSA","alg":"RS256","kid":"2011-04-29","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#,
        )
        .unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert!(key.check().is_ok());
    }

    #[test]
    fn short_and_exotic_keys_are_refused() {
        for key in [
            Jwk::Rsa { e: "AQAB".into(), n: "AAAA".into() },
            Jwk::Ec { crv: "P-521".into(), x: "AA".into(), y: "AA".into() },
            Jwk::Okp { crv: "X25519".into(), x: "AA".into() },
        ] {
            assert!(key.check().is_err(), "{key:?}");
        }
    }
}
