//! Sockets that can only be reached from this machine. There is no option to widen them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, UdpSocket};

/// Binds a TCP port of 127.0.0.1; 0 lets the system choose.
///
/// # Errors
/// When the port is taken; the message names it.
pub async fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(address(port)).await.map_err(|e| taken(port, &e))
}

/// Binds a UDP port of 127.0.0.1.
///
/// # Errors
/// When the port is taken; the message names it.
pub async fn listen_udp(port: u16) -> io::Result<UdpSocket> {
    UdpSocket::bind(address(port)).await.map_err(|e| taken(port, &e))
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn taken(port: u16, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("127.0.0.1:{port}: {error}"))
}

/// Whether a `Host` header names this machine. Anything else is a page of another site that had its own name
/// pointed at loopback (DNS rebinding).
pub fn is_local_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_local_host;

    #[test]
    fn only_names_of_this_machine_are_accepted_as_host() {
        for good in
            ["127.0.0.1:80", "localhost", "LOCALHOST:1", "a.localhost:8443", "[::1]:5", "127.9.9.9"]
        {
            assert!(is_local_host(good), "{good}");
        }
        for bad in
            ["evil.example", "localhost.evil.example", "", "10.0.0.1", "127.0.0.1.evil.example:80"]
        {
            assert!(!is_local_host(bad), "{bad}");
        }
    }
}
