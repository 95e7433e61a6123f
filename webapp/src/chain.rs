//! The way a request came, drawn from what its headers say: five stations from the visitor's name lookup
//! to this container. A header is a claim, so a station is `claimed`, `silent` when it left none, and `certain` when the
//! settings say that this proxy stands in front.

use http::HeaderMap;
use serde::Serialize;

use crate::arrival::value;
use crate::settings::Settings;
use crate::visitor::vouched;

/// Characters of a line beside a station that are sure to fit into the drawing.
const LINE: usize = 36;
/// Distance between two stations in the drawing.
const PITCH: usize = 100;
/// Where the first station is.
const TOP: usize = 30;

/// All stations, in the order of travel, with the size of their drawing.
#[derive(Debug, Serialize)]
pub(crate) struct Chain {
    height: usize,
    stations: Vec<Station>,
}

#[derive(Debug, Serialize)]
struct Station {
    number: usize,
    name: &'static str,
    standing: Standing,
    /// What is to be read beside it, in lines that fit.
    lines: Vec<Line>,
    evidence: Vec<Evidence>,
    y: usize,
    /// Where the line to the next station ends; none after the last.
    next: Option<usize>,
}

/// How much is known of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// It is this process, or a proxy that is known to be in front of it.
    Certain,
    /// Headers say so.
    Claimed,
    /// Nothing in the request speaks of it.
    Silent,
}

#[derive(Debug, Serialize)]
struct Line {
    text: String,
    y: usize,
}

#[derive(Debug, Serialize)]
struct Evidence {
    header: &'static str,
    value: String,
}

impl Chain {
    pub(crate) fn of(headers: &HeaderMap, settings: &Settings) -> Self {
        // The nearest proxy is the load balancer, the one before it the edge.
        let hops = settings.trusted_hops;
        let known = |hop, (standing, says, evidence): Told| match standing {
            Standing::Claimed if hop <= hops && vouched(headers, hops).is_some() => {
                (Standing::Certain, says, evidence)
            }
            _ => (standing, says, evidence),
        };
        let told = [
            ("DNS", name_lookup(headers)),
            ("Cloudflare edge", known(2, edge(headers))),
            (
                "Security rules",
                (Standing::Silent, "pass or drop, and leave no mark".into(), vec![]),
            ),
            ("Load balancer", known(1, load_balancer(headers))),
            ("This container", container(settings)),
        ];
        let last = told.len() - 1;
        let stations = told.into_iter().enumerate().map(|(index, (name, told))| {
            let (standing, says, evidence) = told;
            let y = TOP + index * PITCH;
            let next = (index < last).then_some(y + PITCH);
            Station { number: index + 1, name, standing, lines: lines(&says), evidence, y, next }
        });
        Self { height: TOP + last * PITCH + 54, stations: stations.collect() }
    }
}

type Told = (Standing, String, Vec<Evidence>);

fn name_lookup(headers: &HeaderMap) -> Told {
    let evidence = evidence(headers, &["Host"]);
    match evidence.first() {
        Some(host) if host.value.parse::<std::net::SocketAddr>().is_ok() => {
            (Standing::Silent, format!("asked by address, {}", host.value), evidence)
        }
        Some(host) => (Standing::Claimed, host.value.clone(), evidence),
        None => (Standing::Silent, "no Host header".to_owned(), evidence),
    }
}

/// CF-Ray is `<id>-<data centre>`.
fn edge(headers: &HeaderMap) -> Told {
    let evidence = evidence(
        headers,
        &["CF-Ray", "CF-Connecting-IP", "CF-IPCountry", "CF-Visitor", "CDN-Loop"],
    );
    let ray = value(headers, "cf-ray");
    match ray.as_deref().map(|ray| ray.rsplit_once('-').unwrap_or((ray, "unknown"))) {
        Some((ray, place)) => {
            (Standing::Claimed, format!("data centre {place}, ray {ray}"), evidence)
        }
        None => (Standing::Silent, "no CF-Ray in this request".to_owned(), evidence),
    }
}

fn load_balancer(headers: &HeaderMap) -> Told {
    let evidence = evidence(
        headers,
        &[
            "X-Forwarded-Proto",
            "X-Forwarded-Port",
            "X-Forwarded-Host",
            "X-Forwarded-For",
            "X-Real-IP",
        ],
    );
    if evidence.is_empty() {
        return (Standing::Silent, "no X-Forwarded-* in this request".to_owned(), evidence);
    }
    let said = |name| value(headers, name).unwrap_or_else(|| "unsaid".to_owned());
    let (scheme, port) = (said("x-forwarded-proto"), said("x-forwarded-port"));
    (Standing::Claimed, format!("came in as {scheme}, port {port}"), evidence)
}

fn container(settings: &Settings) -> Told {
    let says = format!("app {}, build {}", settings.app_name, settings.build_id);
    (Standing::Certain, says, vec![])
}

fn evidence(headers: &HeaderMap, names: &[&'static str]) -> Vec<Evidence> {
    let found = names.iter().filter_map(|header| Some((*header, value(headers, header)?)));
    found.map(|(header, value)| Evidence { header, value }).collect()
}

/// Breaks a text into at most two lines, at a blank where there is one; SVG text does not wrap.
fn lines(text: &str) -> Vec<Line> {
    let (first, rest) = broken(text);
    let (second, over) = broken(rest);
    let second = if over.is_empty() { second.to_owned() } else { format!("{second}…") };
    [first.to_owned(), second]
        .into_iter()
        .filter(|line| !line.is_empty())
        .zip([24, 42])
        .map(|(text, y)| Line { text, y })
        .collect()
}

fn broken(text: &str) -> (&str, &str) {
    let Some((end, _)) = text.char_indices().nth(LINE) else { return (text, "") };
    let (line, _) = text.split_at(end);
    let end = line.rfind(' ').filter(|blank| *blank > 0).unwrap_or(end);
    (&text[..end], text[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standings(headers: &[(&'static str, &str)]) -> Vec<Standing> {
        standings_behind("0", headers)
    }

    fn standings_behind(hops: &str, headers: &[(&'static str, &str)]) -> Vec<Standing> {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let hops = |name: &str| Some(hops.to_owned()).filter(|_| name == "TRUSTED_HOPS");
        let settings =
            Settings::read(|name| hops(name).ok_or(std::env::VarError::NotPresent)).unwrap();
        Chain::of(&headers.collect(), &settings).stations.iter().map(|s| s.standing).collect()
    }

    #[test]
    fn a_request_straight_to_the_container_speaks_of_nothing_before_it() {
        use Standing::{Certain, Silent};
        let standings = standings(&[("host", "127.0.0.1:8080")]);
        assert_eq!(standings, [Silent, Silent, Silent, Silent, Certain]);
    }

    #[test]
    fn headers_of_edge_and_load_balancer_are_told_as_claims() {
        use Standing::{Certain, Claimed, Silent};
        let standings = standings(&[
            ("host", "site.example.org"),
            ("cf-ray", "8f2d1c0a9b7e6d5c-LHR"),
            ("x-forwarded-port", "443"),
        ]);
        assert_eq!(standings, [Claimed, Claimed, Silent, Claimed, Certain]);
    }

    #[test]
    fn proxies_that_are_known_to_be_in_front_are_certain() {
        use Standing::{Certain, Claimed, Silent};
        let through = [
            ("host", "site.example.org"),
            ("cf-ray", "8f2d1c0a9b7e6d5c-LHR"),
            ("x-forwarded-for", "203.0.113.7, 198.51.100.4"),
        ];
        assert_eq!(standings_behind("2", &through), [Claimed, Certain, Silent, Certain, Certain]);
        assert_eq!(standings_behind("1", &through), [Claimed, Claimed, Silent, Certain, Certain]);
        // Who went round the proxies is believed nothing.
        assert_eq!(standings_behind("3", &through), [Claimed, Claimed, Silent, Claimed, Certain]);
    }

    #[test]
    fn long_values_are_broken_into_two_lines_and_then_cut() {
        let texts = |text: &str| lines(text).into_iter().map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(texts("short"), ["short"]);
        assert_eq!(
            texts("data centre LHR, ray 8f2d1c0a9b7e6d5c and more"),
            ["data centre LHR, ray", "8f2d1c0a9b7e6d5c and more"]
        );
        assert_eq!(texts(&"ü".repeat(80)), ["ü".repeat(36), format!("{}…", "ü".repeat(36))]);
    }
}
