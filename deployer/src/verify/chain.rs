//! One probe a function: what a visitor would see, and which link of the chain is to blame when it is wrong.

use std::net::IpAddr;

use reqwest::Url;

use super::{Finding, Outside};

type Target<'a> = (&'a str, u16, &'a str);

/// Something to look at from outside.
#[derive(Debug)]
pub(super) enum Probe {
    Url { host: String, port: u16, path: String, app: String, build: Option<String> },
    Redirect { host: String, port: u16 },
    UnknownHost { host: String, port: u16 },
    Origin { address: String, port: u16 },
}

impl Probe {
    pub(super) async fn look(&self, outside: &Outside) -> Finding {
        match self {
            Self::Url { host, port, path, app, build } => {
                url(outside, (host, *port, path), app, build.as_deref()).await
            }
            Self::Redirect { host, port } => redirect(outside, host, *port).await,
            Self::UnknownHost { host, port } => unknown_host(outside, host, *port).await,
            Self::Origin { address, port } => origin(outside, address, *port).await,
        }
    }
}

/// A declared URL answers 200, from the build that was deployed.
async fn url(
    outside: &Outside,
    (host, port, path): Target<'_>,
    app: &str,
    build: Option<&str>,
) -> Finding {
    let url = outside.url("https", host, port, path);
    let outcome = answered(outside, (host, port), &url).await.and_then(|response| {
        let status = response.status();
        let server_error = status.is_server_error();
        if !status.is_success() {
            let link = if server_error { blamed(status.as_u16()) } else { "app" };
            return Err(format!("{link}: HTTP {status}"));
        }
        match (response.headers().get("x-build").and_then(|value| value.to_str().ok()), build) {
            (Some(found), Some(wanted)) if found != wanted => {
                Err(format!("app: build {found} answers, {wanted} was deployed"))
            }
            (Some(found), _) => Ok(format!("{} {app}, build {found}", status.as_u16())),
            (None, _) => Ok(format!(
                "{} {app} (no X-Build header: which build answers is not known)",
                status.as_u16()
            )),
        }
    });
    finding(url, outcome)
}

/// The host over HTTP is sent to HTTPS, on the port where it is.
async fn redirect(outside: &Outside, host: &str, port: u16) -> Finding {
    let url = outside.url("http", host, 80, "/");
    let wanted = outside.url("https", host, port, "/");
    let outcome = answered(outside, (host, 80), &url).await.and_then(|response| {
        let status = response.status().as_u16();
        let location = response
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match status {
            301 | 308 if same_origin(location, &wanted) => Ok(format!("{status} to {location}")),
            301 | 308 => Err(format!(
                "load balancer (or the zone's always_use_https): {status} to {location} instead of {wanted}"
            )),
            _ => Err(format!("{}: HTTP {status} instead of 301 to https", blamed(status))),
        }
    });
    finding(url, outcome)
}

/// Whether two URLs have the same scheme, host and port, be the port written out or not.
fn same_origin(one: &str, other: &str) -> bool {
    let origin = |url: &str| Url::parse(url).map(|url| url.origin()).ok();
    origin(one).is_some() && origin(one) == origin(other)
}

/// A host that nobody declared reaches no app.
async fn unknown_host(outside: &Outside, host: &str, port: u16) -> Finding {
    let name = format!("unknown host {}", authority(host, port));
    let addresses = match outside.resolve(host).await {
        Ok(addresses) => addresses,
        Err(reason) => return finding(name, Err(format!("DNS: {reason}"))),
    };
    let Some(address) = addresses.first() else {
        return finding(name, Ok("has no address".to_owned()));
    };
    let url = outside.url("https", host, port, "/");
    let outcome = match outside.get(&url, host, *address, port).await {
        Ok(response)
            if response.status().is_success() || response.headers().contains_key("x-build") =>
        {
            Err(format!("load balancer: an app answers it with HTTP {}", response.status()))
        }
        Ok(response) => Ok(format!("HTTP {}", response.status().as_u16())),
        Err(_) => Ok("no answer".to_owned()),
    };
    finding(name, outcome)
}

/// Nobody but the edge reaches the origin's own address.
async fn origin(outside: &Outside, origin: &str, port: u16) -> Finding {
    let (open, what) = outside.origin_is_open(origin, port).await;
    let outcome = if open {
        Err(format!("security rules: {what} although the request does not come from Cloudflare"))
    } else {
        Ok(format!("refused ({what})"))
    };
    finding(format!("origin {} past the edge", authority(origin, port)), outcome)
}

/// The port goes without saying when it is 443.
fn authority(host: &str, port: u16) -> String {
    if port == 443 { host.to_owned() } else { format!("{host}:{port}") }
}

fn finding(name: String, outcome: Result<String, String>) -> Finding {
    let passed = outcome.is_ok();
    let (Ok(detail) | Err(detail)) = outcome;
    Finding { name, passed, detail }
}

async fn answered(
    outside: &Outside,
    (host, port): (&str, u16),
    url: &str,
) -> Result<reqwest::Response, String> {
    let addresses = outside.resolve(host).await.map_err(|reason| format!("DNS: {reason}"))?;
    let address: IpAddr =
        *addresses.first().ok_or_else(|| format!("DNS: {host} has no address"))?;
    outside
        .get(url, host, address, port)
        .await
        .map_err(|failure| format!("edge: {}", failure.message))
}

/// The link that an answer of this status comes from (cloudflare.com, "5xx errors").
fn blamed(status: u16) -> &'static str {
    match status {
        521 => "load balancer (it refuses connections: no listener on the port)",
        522 | 523 => "security rules (the edge cannot reach the load balancer)",
        525 => "load balancer (the TLS handshake fails)",
        526 => "certificate (the edge does not trust what the load balancer shows)",
        530 => "DNS record (it points to no origin)",
        502 => "app (no healthy backend)",
        504 => "app (it does not answer in time)",
        _ => "app",
    }
}

#[cfg(test)]
mod tests {
    use super::same_origin;

    #[test]
    fn a_redirect_may_write_the_usual_port_out_but_not_lead_to_another() {
        for location in ["https://a.example/x", "https://a.example:443/"] {
            assert!(same_origin(location, "https://a.example/"), "{location}");
        }
        for location in
            ["http://a.example/", "https://a.example:2053/", "https://a.example.org/", "/", ""]
        {
            assert!(!same_origin(location, "https://a.example/"), "{location}");
        }
    }
}
