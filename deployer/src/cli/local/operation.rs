//! Names of services and operations that a user gives, checked against those that there are.

use deployer_core::problem::nearest;
use serde_json::Value;

use super::get;
use crate::failure::{Failure, Kind};
use crate::site::Site;

/// # Errors
/// When there is no such service, or none of its operations is named so; `*` at the end of a name stands for any rest.
pub(super) async fn check(
    site: &Site,
    service: Option<&str>,
    operation: Option<&str>,
) -> Result<(), Failure> {
    if service.is_none() && operation.is_none() {
        return Ok(());
    }
    let known = get(site, "operations").await?;
    match objection(&known, service, operation) {
        Some((message, hint)) => Err(Failure::new(Kind::Usage, message).hint(hint)),
        None => Ok(()),
    }
}

/// Whether a name is the one that is asked for; `*` at the end of that stands for any rest.
pub(super) fn is_named(name: &str, asked: &str) -> bool {
    asked.strip_suffix('*').map_or(name == asked, |start| name.starts_with(start))
}

/// What is wrong, and what to do; `known` is an object of services with their operations.
fn objection(
    known: &Value,
    service: Option<&str>,
    operation: Option<&str>,
) -> Option<(String, String)> {
    let services = known.as_object()?;
    if let Some(service) = service.filter(|service| !services.contains_key(*service)) {
        let names: Vec<&str> = services.keys().map(String::as_str).collect();
        return Some((format!("no service is named `{service}`"), names.join(", ")));
    }
    let asked = operation?;
    let meant = services.iter().filter(|(name, _)| service.is_none_or(|service| service == *name));
    let names = meant.filter_map(|(_, names)| names.as_array()).flatten().filter_map(Value::as_str);
    if names.clone().any(|name| is_named(name, asked)) {
        return None;
    }
    let of = service.map(|service| format!(" of {service}")).unwrap_or_default();
    let hint = names.clone().find(|name| name.eq_ignore_ascii_case(asked));
    let hint = hint.or_else(|| nearest(asked, names)).map_or_else(
        || "`deployer local journal` shows the names as they are called".to_owned(),
        |name| format!("did you mean {name}?"),
    );
    Some((format!("no operation{of} is named `{asked}`"), hint))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_nothing_has_is_refused_with_the_one_that_was_meant() {
        let known = json!({"oci": ["CreateVcn", "ListVcns"], "acme": ["NewOrder"]});
        let told = |service: Option<&str>, operation: &str| {
            let objection = objection(&known, service, Some(operation));
            objection.map(|(what, hint)| format!("{what}: {hint}"))
        };
        assert_eq!(told(Some("oci"), "Create*"), None);
        assert_eq!(told(None, "NewOrder"), None);
        for (service, operation, expected) in [
            (None, "createvcn", "no operation is named `createvcn`: did you mean CreateVcn?"),
            (None, "ListVcn", "no operation is named `ListVcn`: did you mean ListVcns?"),
            (
                Some("acme"),
                "CreateVcn",
                "no operation of acme is named `CreateVcn`: `deployer local journal` shows the names as they are called",
            ),
            (Some("aws"), "*", "no service is named `aws`: acme, oci"),
        ] {
            assert_eq!(told(service, operation).as_deref(), Some(expected));
        }
    }
}
