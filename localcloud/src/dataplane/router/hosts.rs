//! The listeners of one port by host name, in the vendor's order of preference: exact, longest `*.x`, longest `x.*`,
//! then the listener without host names (Load Balancer guide, "Virtual Hostnames").

use std::collections::HashMap;

/// Something per host name.
#[derive(Debug, Clone)]
pub(crate) struct Hosts<T> {
    exact: HashMap<String, T>,
    /// Endings with what they lead to, longest first.
    endings: Vec<(String, T)>,
    /// Beginnings, longest first.
    beginnings: Vec<(String, T)>,
    default: Option<T>,
}

impl<T> Default for Hosts<T> {
    fn default() -> Self {
        Self { exact: HashMap::new(), endings: Vec::new(), beginnings: Vec::new(), default: None }
    }
}

impl<T> Hosts<T> {
    /// Adds a name, `*.x` or `x.*`; the first of two equal names stays.
    pub(crate) fn add(&mut self, pattern: &str, value: T) {
        let pattern = pattern.to_ascii_lowercase();
        if let Some(ending) = pattern.strip_prefix('*') {
            insert(&mut self.endings, ending, value);
        } else if let Some(beginning) = pattern.strip_suffix('*') {
            insert(&mut self.beginnings, beginning, value);
        } else {
            self.exact.entry(pattern).or_insert(value);
        }
    }

    /// Sets what answers for every other name.
    pub(crate) fn set_default(&mut self, value: T) {
        self.default.get_or_insert(value);
    }

    /// What answers for a host, written without port.
    pub(crate) fn find(&self, host: &str) -> Option<&T> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let longer = |part: &str| host.len() > part.len();
        let by_ending = || {
            self.endings
                .iter()
                .find(|(ending, _)| longer(ending) && host.ends_with(ending.as_str()))
        };
        let by_beginning = || {
            self.beginnings
                .iter()
                .find(|(start, _)| longer(start) && host.starts_with(start.as_str()))
        };
        let by_pattern = || by_ending().or_else(by_beginning).map(|(_, value)| value);
        self.exact.get(&host).or_else(by_pattern).or(self.default.as_ref())
    }

    /// Everything, the default first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        let patterns = self.endings.iter().chain(&self.beginnings).map(|(_, value)| value);
        self.default.iter().chain(self.exact.values()).chain(patterns)
    }
}

fn insert<T>(sorted: &mut Vec<(String, T)>, part: &str, value: T) {
    let at = sorted.partition_point(|(other, _)| other.len() >= part.len());
    sorted.insert(at, (part.to_owned(), value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_name_wins() {
        let mut hosts = Hosts::default();
        for pattern in
            ["*.example.com", "*.b.example.com", "www.example.com", "www.*", "www.example.*"]
        {
            hosts.add(pattern, pattern);
        }
        hosts.set_default("default");
        for (host, expected) in [
            ("www.example.com", "www.example.com"),
            ("WWW.Example.com.", "www.example.com"),
            ("a.example.com", "*.example.com"),
            ("a.b.example.com", "*.b.example.com"),
            ("www.example.org", "www.example.*"),
            ("www.other.org", "www.*"),
            ("example.com", "default"),
            ("", "default"),
        ] {
            assert_eq!(hosts.find(host), Some(&expected), "{host}");
        }
    }

    #[test]
    fn without_a_default_an_unknown_host_finds_nothing() {
        let mut hosts = Hosts::default();
        hosts.add("a.example", ());
        assert_eq!(hosts.find("b.example"), None);
    }
}
