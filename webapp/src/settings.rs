//! Everything that the environment can say to the app, read once at start.

use std::env::VarError;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// How this process listens and what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `HOST` and `PORT`: where to listen, by default `0.0.0.0:8080`; port 0 takes any free one.
    pub address: SocketAddr,
    /// `BUILD_ID`: which build this is, by default `development`. A header value without blanks.
    pub build_id: String,
    /// `APP_NAME`: which app of the environment this is, by default `web`. The site also answers
    /// below `/<name>`, so that a path route of a load balancer can lead to it.
    pub app_name: String,
    /// `APP_TITLE`: what people read at the top of the page, by default `Companion`.
    pub app_title: String,
    /// `TRUSTED_HOPS`: how many proxies in front add the address they were called from to `X-Forwarded-For`, by default 0.
    /// Behind an edge and a load balancer: 2.
    pub trusted_hops: usize,
    /// `MOCK_DOMAIN`: below which host name each workspace of the mock server has one of its own, `{id}.mock.example.org`
    /// for `mock.example.org`. Without it they are paths of the site.
    pub mock_domain: Option<String>,
    /// `MOCK_STORE`: the folder in which workspaces are kept. Without it they are lost when the process ends.
    pub mock_store: Option<PathBuf>,
}

/// All settings that are wrong, each with what is expected.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsError(Vec<String>);

/// First path segments that are the site's own and therefore no app's name.
const RESERVED: [&str; 12] = [
    "api",
    "assets",
    "docs",
    "echo",
    "fractals",
    "health-check",
    "image",
    "metrics",
    "mock",
    "pdf",
    "readyz",
    "version",
];

impl Settings {
    /// Reads the settings through `lookup`, which is `std::env::var` in a process. An empty value
    /// counts as absent, because that is what an unset variable of a container definition becomes.
    ///
    /// # Errors
    /// [`SettingsError`] naming every variable whose value cannot be used.
    pub fn read(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, SettingsError> {
        let mut source = Source { lookup, wrong: Vec::new() };
        let host = source.parsed("HOST", IpAddr::V4(Ipv4Addr::UNSPECIFIED), "an IP address");
        let port = source.parsed("PORT", 8080, "a port from 0 to 65535");
        let settings = Self {
            address: SocketAddr::new(host, port),
            build_id: source.checked(
                "BUILD_ID",
                "development",
                is_build_id,
                "1 to 128 letters, digits or . _ : + -",
            ),
            app_name: source.checked(
                "APP_NAME",
                "web",
                is_app_name,
                "1 to 32 of a-z, 0-9 and -, and no path of the site itself",
            ),
            app_title: source.checked(
                "APP_TITLE",
                "Companion",
                is_app_title,
                "at most 60 characters without line breaks or other controls",
            ),
            trusted_hops: source.parsed("TRUSTED_HOPS", 0, "a small number"),
            mock_domain: Some(source.checked(
                "MOCK_DOMAIN",
                "",
                is_domain,
                "a host name such as mock.example.org",
            ))
            .filter(|domain| !domain.is_empty()),
            mock_store: source.present("MOCK_STORE", "a folder").map(PathBuf::from),
        };
        if source.wrong.is_empty() { Ok(settings) } else { Err(SettingsError(source.wrong)) }
    }
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "wrong settings: {}", self.0.join("; "))
    }
}

impl std::error::Error for SettingsError {}

/// Where values come from, and what was wrong with them so far.
struct Source<L> {
    lookup: L,
    wrong: Vec<String>,
}

impl<L: Fn(&str) -> Result<String, VarError>> Source<L> {
    fn parsed<T: FromStr>(&mut self, name: &str, default: T, expected: &str) -> T {
        let Some(text) = self.present(name, expected) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.refuse(name, expected, &text);
            default
        })
    }

    fn checked(
        &mut self,
        name: &str,
        default: &str,
        fits: fn(&str) -> bool,
        expected: &str,
    ) -> String {
        let text = self.present(name, expected).unwrap_or_else(|| default.to_owned());
        if !fits(&text) {
            self.refuse(name, expected, &text);
        }
        text
    }

    fn present(&mut self, name: &str, expected: &str) -> Option<String> {
        match (self.lookup)(name) {
            Ok(text) => Some(text).filter(|text| !text.is_empty()),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(bytes)) => {
                self.refuse(name, expected, &bytes.to_string_lossy());
                None
            }
        }
    }

    fn refuse(&mut self, name: &str, expected: &str, text: &str) {
        self.wrong.push(format!("{name} must be {expected}, not {text:?}"));
    }
}

fn is_build_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:+-".contains(&byte))
}

fn is_app_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !RESERVED.contains(&text)
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let letters = label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        letters
            && (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.is_empty() || (text.len() <= 200 && text.split('.').all(is_label))
}

fn is_app_title(text: &str) -> bool {
    text.chars().count() <= 60 && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
