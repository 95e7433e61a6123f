//! Reads the `WWW-Authenticate` header of a 401 (RFC 9110, 11.6.1; distribution token
//! specification, "How to authenticate") and decides whether the password may go where it points.

use reqwest::{Url, header::HeaderMap};

/// What a registry wants to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The user and password themselves.
    Basic,
    /// A token, to be had at this address for user and password.
    Bearer(Url),
}

impl Challenge {
    /// The challenge of an answer of `registry`; `scope` is asked for when it names none.
    pub(super) fn read(headers: &HeaderMap, registry: &Url, scope: &str) -> Result<Self, String> {
        let offers: Vec<_> = headers
            .get_all("www-authenticate")
            .iter()
            .filter_map(|value| value.to_str().ok()?.split_once(' '))
            .collect();
        let offer = |scheme: &str| {
            offers.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme)).map(|(_, rest)| *rest)
        };
        if let Some(parameters) = offer("Bearer") {
            bearer(parameters, registry, scope).map(Self::Bearer)
        } else if offer("Basic").is_some() {
            Ok(Self::Basic)
        } else {
            Err("it asks for a login without saying how (no Bearer or Basic challenge)".to_owned())
        }
    }
}

fn bearer(parameters: &str, registry: &Url, scope: &str) -> Result<Url, String> {
    let parameter = |name: &str| {
        split(parameters).into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|it| it.1)
    };
    let realm = parameter("realm").unwrap_or_default();
    let mut url = Url::parse(&realm)
        .map_err(|_| format!("its token service {realm:?} is not an absolute URL"))?;
    // A registry that is reached over TLS must not talk us into sending the password in the clear;
    // one on this machine must not have it sent away.
    let safe = url.scheme() == "https" && registry.scheme() == "https";
    if !safe && !is_loopback(&url) {
        return Err(format!("its token service {realm} is not a safe place for a password"));
    }
    let asked = parameter("scope").filter(|asked| !asked.is_empty());
    let mut query = url.query_pairs_mut();
    if let Some(service) = parameter("service") {
        query.append_pair("service", &service);
    }
    query.append_pair("scope", asked.as_deref().unwrap_or(scope));
    drop(query);
    Ok(url)
}

/// Is the host this machine, whoever listens?
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `key="value", key=token` as pairs; commas and escaped characters inside quotes are kept.
fn split(parameters: &str) -> Vec<(String, String)> {
    let mut pairs = vec![(String::new(), String::new())];
    let (mut quoted, mut in_value) = (false, false);
    let mut characters = parameters.chars();
    while let Some(character) = characters.next() {
        let (key, value) = pairs.last_mut().expect("the list starts with one and only grows");
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => value.extend(characters.next()),
            ',' if !quoted => {
                pairs.push((String::new(), String::new()));
                in_value = false;
            }
            '=' if !in_value => in_value = true,
            ' ' if !quoted => {}
            other if in_value => value.push(other),
            other => key.push(other),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(registry: &str, challenge: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("www-authenticate", challenge.parse().unwrap());
        match Challenge::read(&headers, &registry.parse().unwrap(), "repository:ns/site:pull") {
            Ok(Challenge::Basic) => "basic".to_owned(),
            Ok(Challenge::Bearer(url)) => url.to_string(),
            Err(reason) => reason,
        }
    }

    #[test]
    fn a_bearer_challenge_becomes_the_address_of_a_token() {
        assert_eq!(
            check(
                "https://lhr.ocir.io",
                r#"Bearer realm="https://lhr.ocir.io/20180419/docker/token",service="lhr.ocir.io",scope="repository:a/b:pull,push""#
            ),
            "https://lhr.ocir.io/20180419/docker/token?service=lhr.ocir.io&scope=repository%3Aa%2Fb%3Apull%2Cpush"
        );
    }

    #[test]
    fn a_scope_left_empty_is_the_one_we_need() {
        assert_eq!(
            check("https://lhr.ocir.io", r#"bearer realm="https://lhr.ocir.io/token", scope="""#),
            "https://lhr.ocir.io/token?scope=repository%3Ans%2Fsite%3Apull"
        );
    }

    #[test]
    fn the_password_is_not_sent_where_others_could_read_it() {
        for (registry, realm) in [
            ("https://lhr.ocir.io", "http://lhr.ocir.io/token"),
            ("http://127.0.0.1:5000", "http://tokens.example/"),
            ("http://127.0.0.1:5000", "https://tokens.example/"),
        ] {
            assert_eq!(
                check(registry, &format!("Bearer realm=\"{realm}\"")),
                format!("its token service {realm} is not a safe place for a password")
            );
        }
    }

    #[test]
    fn other_challenges_are_basic_or_an_error() {
        assert_eq!(check("https://lhr.ocir.io", "Basic realm=\"x\""), "basic");
        assert!(check("https://lhr.ocir.io", "Negotiate abc").contains("without saying how"));
        assert!(check("https://lhr.ocir.io", "Bearer realm=\"/token\"").contains("absolute URL"));
    }
}
