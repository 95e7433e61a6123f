//! Content addresses: `sha256:` and 64 lower-case hex digits (image specification, descriptor.md).

use std::fmt;
use std::fmt::Write as _;
use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

/// A SHA-256 digest; its text is safe as a file name and in a URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Digest(String);

impl Digest {
    /// Reads `sha256:<hex>`; any other algorithm or spelling is `None`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?;
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (hex.len() == 64 && hex.bytes().all(lower_hex)).then(|| Self(text.to_owned()))
    }

    /// The digest of bytes at hand.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The digest of all that `source` still holds.
    ///
    /// # Errors
    /// When reading fails.
    pub(crate) fn of_reader(mut source: impl Read) -> io::Result<Self> {
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; 128 << 10];
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                read => hasher.update(&buffer[..read]),
            }
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The 64 digits.
    pub(crate) fn hex(&self) -> &str {
        self.0.trim_start_matches("sha256:")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text} is not a sha256 digest"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

/// A digest in the making.
pub(crate) struct Hasher(Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Digest {
        let mut text = String::from("sha256:");
        for byte in self.0.finish().as_ref() {
            // Writing to a `String` cannot fail.
            let _infallible = write!(text, "{byte:02x}");
        }
        Digest(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn only_a_well_formed_sha256_is_a_digest() {
        let good = Digest::of(b"");
        assert_eq!(
            good.as_str(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(Digest::parse(good.as_str()), Some(good.clone()));
        for bad in ["", "sha256:", "sha256:../../etc", "sha512:00", &good.as_str().to_uppercase()] {
            assert_eq!(Digest::parse(bad), None, "{bad}");
        }
    }
}
