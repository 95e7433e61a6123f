//! What a purge names: everything, or answers by address, tag, host or beginning of the address.

use http::Uri;

use super::Key;
use super::stored::Stored;

/// One call of `purge_cache`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purge {
    Everything,
    Files(Vec<Address>),
    /// `host/path`, without scheme.
    Prefixes(Vec<String>),
    Hosts(Vec<String>),
    Tags(Vec<String>),
}

/// A URL as visitors write it, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    scheme: String,
    pub(crate) host: String,
    path: String,
    query: Option<String>,
}

impl Address {
    /// Takes an absolute URL apart; `None` when it is none.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.split('#').next()?.parse().ok()?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
        Some(Self {
            scheme: scheme.to_owned(),
            host: uri.host()?.to_ascii_lowercase(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
        })
    }

    fn is_of(&self, key: &Key) -> bool {
        self.scheme == key.scheme
            && self.host == key.host
            && self.path == key.path
            && self.query == key.query
    }
}

impl Purge {
    /// Whether an answer of the purged zone is to be forgotten.
    pub(crate) fn names(&self, key: &Key, stored: &Stored) -> bool {
        match self {
            Self::Everything => true,
            Self::Files(files) => files.iter().any(|file| file.is_of(key)),
            Self::Hosts(hosts) => hosts.iter().any(|host| host.eq_ignore_ascii_case(&key.host)),
            Self::Prefixes(prefixes) => prefixes.iter().any(|prefix| begins(key, prefix)),
            Self::Tags(tags) => {
                stored.tags().any(|tag| tags.iter().any(|named| named.eq_ignore_ascii_case(tag)))
            }
        }
    }
}

/// Prefixes end at a slash: `a.example/css` names `/css/x`, but not `/cssx`.
fn begins(key: &Key, prefix: &str) -> bool {
    let (host, path) = prefix.split_once('/').unwrap_or((prefix, ""));
    let path = path.trim_end_matches('/');
    let rest = key.path.trim_start_matches('/').strip_prefix(path);
    host.eq_ignore_ascii_case(&key.host)
        && rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
}
