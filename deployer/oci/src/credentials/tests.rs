//! What each way of configuring credentials gives, and what each mistake says.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use super::*;

const KEY: &str = include_str!("../../../../tests/contracts/signing/key.pem");
const FINGERPRINT: &str = "1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5";
const PROFILE: &str = "[DEFAULT]
user = ocid1.user.oc1..u
fingerprint = 1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5
tenancy = ocid1.tenancy.oc1..t
key_file = ~/.oci/key.pem
region = uk-london-1
";

/// A folder with a key and a configuration file, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn with(config: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("oci-credentials-{}-{number}", std::process::id()));
        fs::create_dir_all(folder.join(".oci")).unwrap();
        fs::write(folder.join(".oci/key.pem"), KEY).unwrap();
        fs::write(folder.join(".oci/config"), config).unwrap();
        Self(folder)
    }

    fn load(&self, profile: &str) -> Result<Credentials, CredentialsError> {
        Credentials::from_file(&self.0.join(".oci/config"), profile, Some(&self.0))
    }

    fn lookup(&self, variables: &[(&str, &str)]) -> Result<Credentials, CredentialsError> {
        Credentials::from_environment(|name| {
            let home = ("HOME", self.0.to_str().unwrap());
            let found = variables.iter().chain([&home]).find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The message of loading `config`, without the folder's own path.
fn complaint(config: &str, profile: &str) -> String {
    let folder = Folder::with(config);
    let error = folder.load(profile).unwrap_err().to_string();
    error.replace(folder.0.to_str().unwrap(), "~")
}

#[test]
fn a_profile_gives_the_key_id_and_the_region() {
    let credentials = Folder::with(PROFILE).load("DEFAULT").unwrap();
    let expected = format!("ocid1.tenancy.oc1..t/ocid1.user.oc1..u/{FINGERPRINT}");
    assert_eq!(credentials.key_id(), expected);
    assert_eq!(credentials.region(), Some("uk-london-1"));
}

#[test]
fn a_profile_inherits_from_default_and_stands_in_front_of_it() {
    let folder = Folder::with(&format!("{PROFILE}\n# other\n[TEST]\nregion=eu-frankfurt-1\n"));
    let credentials = folder.load("TEST").unwrap();
    assert_eq!(credentials.region(), Some("eu-frankfurt-1"));
    assert_eq!(credentials.user(), Some("ocid1.user.oc1..u"));
}

#[test]
fn variables_alone_are_enough() {
    let folder = Folder::with("not read");
    let single_line = KEY.replace('\n', "\\n");
    let credentials = folder.lookup(&[
        ("OCI_CLI_USER", "ocid1.user.oc1..e"),
        ("OCI_CLI_TENANCY", "ocid1.tenancy.oc1..t"),
        ("OCI_CLI_FINGERPRINT", FINGERPRINT),
        ("OCI_CLI_REGION", "uk-london-1"),
        ("OCI_CLI_KEY_CONTENT", &single_line),
    ]);
    assert_eq!(credentials.unwrap().user(), Some("ocid1.user.oc1..e"));
}

#[test]
fn a_variable_stands_in_front_of_the_profile() {
    let folder = Folder::with(&format!("{PROFILE}[TEST]\nregion = uk-cardiff-1"));
    let credentials =
        folder.lookup(&[("OCI_CLI_PROFILE", "TEST"), ("OCI_CLI_USER", "ocid1.user.oc1..e")]);
    let credentials = credentials.unwrap();
    assert_eq!(credentials.user(), Some("ocid1.user.oc1..e"));
    assert_eq!(credentials.region(), Some("uk-cardiff-1"));
}

#[test]
fn a_session_signs_under_its_token_and_never_shows_it() {
    let folder = Folder::with(&format!("{PROFILE}security_token_file = ~/.oci/token\n"));
    fs::write(folder.0.join(".oci/token"), "aaa.bbb.ccc\n").unwrap();
    let credentials = folder.load("DEFAULT").unwrap();
    assert_eq!(credentials.key_id(), "ST$aaa.bbb.ccc");
    assert!(!format!("{credentials:?}").contains("bbb"));
}

#[test]
fn both_forms_of_pem_are_read() {
    let der = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&der);
    let body = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, der.unwrap().as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    for pem in [KEY, &pem] {
        let made = Credentials::user_key("ocid1.tenancy.t", "ocid1.user.u", FINGERPRINT, pem);
        assert!(made.is_ok(), "{made:?}");
    }
}

#[test]
fn neither_the_key_nor_its_file_is_shown() {
    let credentials = Folder::with(PROFILE).load("DEFAULT").unwrap();
    let secret = KEY.lines().nth(3).unwrap();
    assert!(!format!("{credentials:?} {}", credentials.describe()).contains(secret));
}

#[test]
fn a_missing_setting_says_where_to_add_it() {
    let config = PROFILE.replace("user = ", "# user = ");
    assert_eq!(
        complaint(&config, "DEFAULT"),
        "profile [DEFAULT] of ~/.oci/config: `user` is missing; add `user = ...` there or set \
         OCI_CLI_USER"
    );
}

#[test]
fn a_wrong_form_names_file_line_and_what_was_expected() {
    let config = PROFILE.replace("ocid1.tenancy.oc1..t", "acme");
    assert_eq!(
        complaint(&config, "DEFAULT"),
        "~/.oci/config:4: tenancy: `tenancy` is `acme`, expected an OCID such as \
         `ocid1.tenancy.oc1..aaaa`"
    );
    let config = PROFILE.replace("1f:e6", "xx");
    assert!(complaint(&config, "DEFAULT").starts_with("~/.oci/config:3: fingerprint: "));
}

#[test]
fn an_unknown_profile_lists_those_that_exist() {
    assert_eq!(
        complaint(PROFILE, "PROD"),
        "~/.oci/config: there is no profile [PROD]; it has [DEFAULT]"
    );
}

#[test]
fn a_line_that_is_no_setting_is_named() {
    let config = format!("{PROFILE}nonsense\n");
    assert!(complaint(&config, "DEFAULT").starts_with("~/.oci/config:7: expected `key = value`"));
}

#[test]
fn a_missing_file_says_how_to_make_it() {
    let folder = Folder::with("");
    let missing = folder.0.join("nowhere");
    let error = Credentials::from_file(&missing, "DEFAULT", None).unwrap_err().to_string();
    assert!(error.contains("oci setup config"), "{error}");
    let config = PROFILE.replace("key.pem", "other.pem");
    let error = complaint(&config, "DEFAULT");
    assert!(error.starts_with("~/.oci/config:5: key_file: ~/.oci/other.pem cannot be read"));
}

#[test]
fn an_encrypted_key_says_how_to_open_it() {
    let pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
    let error = Credentials::user_key("ocid1.tenancy.t", "ocid1.user.u", FINGERPRINT, pem);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("openssl pkcs8 -topk8 -nocrypt"), "{error}");
}

#[test]
fn a_file_without_a_key_is_refused_without_showing_it() {
    let folder = Folder::with(PROFILE);
    fs::write(folder.0.join(".oci/key.pem"), "hunter2").unwrap();
    let error = folder.load("DEFAULT").unwrap_err().to_string();
    assert!(error.contains("key.pem holds no RSA private key"), "{error}");
    assert!(!error.contains("hunter2"));
}
