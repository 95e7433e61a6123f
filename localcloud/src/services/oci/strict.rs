//! Refuses a change that could carry a retry token or a condition and does not.
//!
//! The vendor takes such a call. A client that sends it is not safe against a lost answer, or against somebody else who
//! changes the same thing; a cloud that is asked to be strict tells it so.

use http::Method;

use super::call::Call;
use super::failure::Failure;

/// Checks the headers of a change.
///
/// # Errors
/// A 400 that names the header.
pub(super) fn check(call: &Call) -> Result<(), Failure> {
    let needed = needed(call);
    let lacks =
        |names: &&[&str]| names.iter().all(|name| call.header(name).is_none_or(str::is_empty));
    match needed.into_iter().find(lacks) {
        Some(names) => Err(Failure::invalid(format!(
            "{} without the header {}, which this cloud is asked to insist on",
            call.operation.title(),
            names.join(" or ")
        ))),
        None => Ok(()),
    }
}

/// The headers that a call must carry; of each set one is enough.
fn needed(call: &Call) -> Vec<&'static [&'static str]> {
    let operation = call.operation;
    let takes = |name: &str| operation.headers.iter().any(|header| header == name);
    let mut needed: Vec<&[&str]> = Vec::new();
    if operation.method == Method::POST.as_str() && takes("opc-retry-token") {
        needed.push(&["opc-retry-token"]);
    }
    if operation.method != Method::GET.as_str() && operation.method != Method::HEAD.as_str() {
        // An object that is written may be new.
        match (takes("if-match"), takes("if-none-match")) {
            (true, true) => needed.push(&["if-match", "if-none-match"]),
            (true, false) => needed.push(&["if-match"]),
            (false, _) => {}
        }
    }
    needed
}
