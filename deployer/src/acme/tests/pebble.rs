//! Against Pebble, Let's Encrypt's own test authority: over TLS, with a tenth of the nonces refused.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;

use super::{Peer, check};
use crate::dns::responder;
use crate::http::client;

const PROGRAM: &str = "/usr/bin/pebble";

/// A running Pebble, which ends with the test.
struct Pebble {
    process: Child,
    folder: PathBuf,
    directory: String,
    root_pem: String,
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

impl Pebble {
    fn start(dns: SocketAddr) -> Self {
        let folder =
            std::env::temp_dir().join(format!("pebble-{}-{}", std::process::id(), dns.port()));
        fs::create_dir_all(&folder).unwrap();
        let root_pem = certify(&folder);
        let port = free_port();
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{}", free_port()),
            "certificate": folder.join("cert.pem"),
            "privateKey": folder.join("key.pem"),
            "httpPort": free_port(),
            "tlsPort": free_port(),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        let process = Command::new(PROGRAM)
            .arg("-config")
            .arg(folder.join("config.json"))
            .args(["-dnsserver", &dns.to_string()])
            .envs([
                ("PEBBLE_VA_NOSLEEP", "1"),
                ("PEBBLE_WFE_NONCEREJECT", "10"),
                ("PEBBLE_AUTHZREUSE", "0"),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(port);
        Self { process, folder, directory: format!("https://127.0.0.1:{port}/dir"), root_pem }
    }
}

/// Writes a certificate for 127.0.0.1 and its key; returns the root that signed it.
fn certify(folder: &Path) -> String {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    fs::write(folder.join("cert.pem"), leaf.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    root_pem
}

fn wait_for(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "Pebble does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn pebble_passes_the_suite() {
    if !Path::new(PROGRAM).exists() {
        eprintln!("skipped: {PROGRAM} is not installed");
        return;
    }
    let dns = responder::serve().await;
    let pebble = Pebble::start(dns.0);
    let http = client(std::slice::from_ref(&pebble.root_pem), &[]).unwrap();
    check(&Peer::new(http, pebble.directory.clone(), dns)).await;
}
