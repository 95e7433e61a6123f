//! What the environment may say, and how it is told that it may not.

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(|name| {
        let found = pairs.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
    })
}

#[test]
fn an_empty_environment_is_enough() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.address.to_string(), "0.0.0.0:8080");
    assert_eq!(settings.build_id, "development");
    assert_eq!(settings.app_name, "web");
    assert_eq!(settings.app_title, "Companion");
}

#[test]
fn an_empty_value_counts_as_absent() {
    assert_eq!(read(&[("PORT", ""), ("BUILD_ID", ""), ("APP_TITLE", "")]), read(&[]));
}

#[test]
fn every_setting_is_taken_as_given() {
    let settings = read(&[
        ("HOST", "::1"),
        ("PORT", "0"),
        ("BUILD_ID", "2024.02-a1b2c3"),
        ("APP_NAME", "files"),
        ("APP_TITLE", "Files & folders"),
    ])
    .unwrap();
    assert_eq!(settings.address.to_string(), "[::1]:0");
    assert_eq!(settings.build_id, "2024.02-a1b2c3");
    assert_eq!(settings.app_name, "files");
    assert_eq!(settings.app_title, "Files & folders");
}

#[test]
fn all_wrong_settings_are_told_at_once() {
    let message = read(&[("HOST", "localhost"), ("PORT", "65536"), ("BUILD_ID", "a b")])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "wrong settings: HOST must be an IP address, not \"localhost\"; \
         PORT must be a port from 0 to 65535, not \"65536\"; \
         BUILD_ID must be 1 to 128 letters, digits or . _ : + -, not \"a b\""
    );
}

#[test]
fn an_app_is_not_named_like_a_path_of_the_site() {
    for name in RESERVED.into_iter().chain(["Web", "a/b", "{x}", "ü"]) {
        assert!(read(&[("APP_NAME", name)]).is_err(), "{name}");
    }
}

#[test]
fn a_title_is_one_line() {
    assert!(read(&[("APP_TITLE", "two\nlines")]).is_err());
    assert!(read(&[("APP_TITLE", &"x".repeat(61))]).is_err());
}
