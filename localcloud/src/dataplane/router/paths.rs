//! Choosing by path, in the vendor's order: exact, longest forced prefix, then prefixes and suffixes as listed
//! (Load Balancer guide, "Path Route Sets"). Case does not matter.

use crate::model::load_balancer::PathMatch;

/// Things by path.
#[derive(Debug, Clone)]
pub(crate) struct Paths<T> {
    routes: Vec<(PathMatch, String, T)>,
}

impl<T> FromIterator<(PathMatch, String, T)> for Paths<T> {
    fn from_iter<I: IntoIterator<Item = (PathMatch, String, T)>>(routes: I) -> Self {
        let lower = |(kind, path, value): (_, String, _)| (kind, path.to_ascii_lowercase(), value);
        Self { routes: routes.into_iter().map(lower).collect() }
    }
}

impl<T> Paths<T> {
    /// What a path leads to.
    pub(crate) fn find(&self, path: &str) -> Option<&T> {
        let path = path.to_ascii_lowercase();
        let of = |kind| self.routes.iter().filter(move |route| route.0 == kind);
        let exact = of(PathMatch::ExactMatch).find(|route| route.1 == path);
        let forced = || {
            let fitting =
                of(PathMatch::ForceLongestPrefixMatch).filter(|route| path.starts_with(&route.1));
            fitting.max_by_key(|route| route.1.len())
        };
        let listed = || {
            self.routes.iter().find(|(kind, part, _)| match kind {
                PathMatch::PrefixMatch => path.starts_with(part),
                PathMatch::SuffixMatch => path.ends_with(part),
                PathMatch::ExactMatch | PathMatch::ForceLongestPrefixMatch => false,
            })
        };
        exact.or_else(forced).or_else(listed).map(|(_, _, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_match_are_tried_in_the_vendors_order() {
        use PathMatch::{ExactMatch, ForceLongestPrefixMatch, PrefixMatch, SuffixMatch};
        let paths: Paths<&str> = [
            (SuffixMatch, ".png", "images"),
            (PrefixMatch, "/a", "listed"),
            (PrefixMatch, "/a/b/c", "never"),
            (ForceLongestPrefixMatch, "/api", "api"),
            (ForceLongestPrefixMatch, "/api/v2", "api2"),
            (ExactMatch, "/API/v2/exact", "exact"),
        ]
        .into_iter()
        .map(|(kind, path, value)| (kind, path.to_owned(), value))
        .collect();
        for (path, expected) in [
            ("/api/v2/exact", Some("exact")),
            ("/api/v2/exact/not", Some("api2")),
            ("/api/v1", Some("api")),
            ("/API", Some("api")),
            ("/a/x.png", Some("images")),
            ("/a/b/c", Some("listed")),
            ("/x", None),
        ] {
            assert_eq!(paths.find(path).copied(), expected, "{path}");
        }
    }
}
