//! Pebble, Let's Encrypt's own test authority, as a process that ends with the test.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;

use super::{eventually, unique, visitor};

const PROGRAM: &str = "/usr/bin/pebble";

/// A running authority.
#[derive(Debug)]
pub(crate) struct Pebble {
    process: Child,
    folder: PathBuf,
    management: String,
    /// URL of the ACME directory.
    pub(crate) directory: String,
}

impl Pebble {
    pub(crate) fn is_installed() -> bool {
        Path::new(PROGRAM).exists()
    }

    /// Starts one that asks this name server.
    pub(crate) fn start(dns: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pebble-{}", unique()));
        fs::create_dir_all(&folder).unwrap();
        certify(&folder);
        let (listen, management) = (free_address(), free_address());
        let config = json!({ "pebble": {
            "listenAddress": listen,
            "managementListenAddress": management,
            "certificate": folder.join("cert.pem"),
            "privateKey": folder.join("key.pem"),
            "httpPort": 5002,
            "tlsPort": 5001,
        }});
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        let mut pebble = Command::new(PROGRAM);
        pebble.arg("-config").arg(folder.join("config.json")).args(["-dnsserver", dns]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1").stdout(Stdio::null()).stderr(Stdio::null());
        let process = pebble.spawn().unwrap();
        Self { process, folder, management, directory: format!("https://{listen}/dir") }
    }

    /// The root that issued certificates lead to, PEM.
    pub(crate) fn root(&self) -> String {
        let url = format!("https://{}/roots/0", self.management);
        let listener = self.listener_root().display().to_string();
        eventually("Pebble answers", || visitor::read(&listener, &url).ok())
    }

    /// Path of the root that vouches for the directory itself.
    pub(crate) fn listener_root(&self) -> PathBuf {
        self.folder.join("root.pem")
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

/// Writes a root, and a certificate of it for 127.0.0.1 with its key.
fn certify(folder: &Path) {
    let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(folder.join("root.pem"), root.self_signed(&root_key).unwrap().pem()).unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    fs::write(folder.join("cert.pem"), leaf.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
