//! Content digests as registries write them: `sha256:` and 64 hex digits (OCI image spec,
//! descriptor.md, "Digests"). No other algorithm is spoken.

use std::{
    fmt::{self, Write as _},
    io::{self, Write},
    str::FromStr,
};

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde::Serialize;

/// A SHA-256 digest; prints as `sha256:<hex>`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// What is not a digest; carries the text.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a sha256 digest")]
pub struct DigestError(String);

impl Digest {
    /// The digest of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self::from_output(digest(&SHA256, content).as_ref())
    }

    /// The 64 hex digits without the algorithm.
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string does not fail");
            text
        })
    }

    fn from_output(output: &[u8]) -> Self {
        Self(output.try_into().expect("SHA-256 gives 32 bytes"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let parse = || {
            let hex = text.strip_prefix("sha256:")?.as_bytes();
            let nibble = |digit: u8| match digit {
                b'0'..=b'9' => Some(digit - b'0'),
                b'a'..=b'f' => Some(digit - b'a' + 10),
                _ => None,
            };
            let (pairs, []) = hex.as_chunks::<2>() else { return None };
            let bytes: Option<Vec<u8>> =
                pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect();
            bytes?.try_into().ok().map(Self)
        };
        parse().ok_or_else(|| DigestError(text.to_owned()))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Hashes everything on its way to `inner`.
pub(super) struct Hashing<W> {
    inner: W,
    context: Context,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, context: Context::new(&SHA256) }
    }

    /// The inner writer and the digest of all that went through.
    pub(super) fn finish(self) -> (W, Digest) {
        (self.inner, Digest::from_output(self.context.finish().as_ref()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.context.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_back_what_it_prints() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert!(digest.hex().starts_with("ba7816bf8f01cfea"));
    }

    #[test]
    fn what_is_not_sha256_in_lower_case_hex_is_refused() {
        let upper = Digest::of(b"").to_string().replace('e', "E");
        for text in ["", "sha256:", "sha256:abc", "sha512:00", "sha256:zz", &upper] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
