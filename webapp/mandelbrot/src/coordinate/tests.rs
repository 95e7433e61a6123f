//! Text to numbers and back.

use super::*;

fn written(text: &str) -> String {
    text.parse::<Coordinate>().unwrap().to_string()
}

#[test]
fn what_is_read_is_written_again() {
    for text in
        ["0.5", "-0.75", "0.1", "-1.999999999999999", "3", "0", "-0.000000000000000000000000000123"]
    {
        assert_eq!(written(text), text);
    }
    let long = format!("-1.{}7", "0123456789".repeat(120));
    assert_eq!(written(&long), long);
    assert_eq!(written("3e-34"), format!("0.{}3", "0".repeat(33)));
    assert_eq!(written("0.000025e4"), "0.25");
}

#[test]
fn a_fraction_over_a_power_of_two_is_exact() {
    assert_eq!(Coordinate::dyadic("-3", 2).unwrap(), "-0.75".parse().unwrap());
    assert_eq!(
        Coordinate::dyadic("5", 66).unwrap(),
        Coordinate::from_f64(5.0 * 2_f64.powi(-66)).unwrap()
    );
    assert!(Coordinate::dyadic("17", 2).is_err());
}

#[test]
fn hostile_numbers_are_refused() {
    let endless = "9".repeat(1_000_000);
    for text in
        ["", "-", ".", "NaN", "inf", "1e", "1e99999", "5", "-4.1", "1e3", "0x1", "1.2.3", &endless]
    {
        assert!(text.parse::<Coordinate>().is_err(), "{text:.20}");
    }
    for value in [f64::NAN, f64::INFINITY, -4.1] {
        assert!(Coordinate::from_f64(value).is_err());
    }
    assert_eq!(Coordinate::from_f64(5e-324).unwrap().0.to_f64(), 5e-324);
}
