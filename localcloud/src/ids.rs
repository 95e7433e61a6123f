//! Identifiers in the vendors' shapes.

use aws_lc_rs::rand;

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// An OCID, `ocid1.<kind>.oc1.<region>.<60 base32 letters>`; `region` is empty for global kinds.
pub fn ocid(kind: &str, region: &str) -> String {
    let unique: String =
        bytes::<60>().iter().map(|b| char::from(BASE32[usize::from(b & 31)])).collect();
    format!("ocid1.{kind}.oc1.{region}.{unique}")
}

/// `N` random bytes in lower-case hex.
pub fn hex<const N: usize>() -> String {
    bytes::<N>().iter().map(|b| format!("{b:02x}")).collect()
}

/// An opaque word for URLs, of 160 bits.
pub fn token() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<20>())
}

/// `N` bytes from the system's generator.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    rand::fill(&mut out).expect("the system's random generator works");
    out
}
