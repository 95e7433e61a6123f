//! Who holds a lease: a name for people, and a nonce for the machine.

use std::fs;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};

use crate::failure::{Failure, Kind};
use crate::settings::Settings;

/// `user@host`, as far as this machine says.
pub fn holder(settings: &Settings) -> String {
    let user = ["USER", "LOGNAME"].iter().find_map(|name| settings.variable(name));
    let host = settings.variable("HOSTNAME").or_else(|| {
        let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
        files.iter().find_map(|path| fs::read_to_string(path).ok())
    });
    let text = |value: Option<String>| {
        let value = value.unwrap_or_default();
        let value = value.trim();
        if value.is_empty() { "unknown".to_owned() } else { value.to_owned() }
    };
    format!("{}@{}", text(user), text(host))
}

/// 128 random bits, as text.
///
/// # Errors
/// When the system has no randomness.
pub fn nonce() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Failure::new(Kind::Other, "the system gives no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
