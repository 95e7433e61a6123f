//! What an operator's group must be allowed in the tenancy, as statements of the vendor's policy language: the least
//! with which `up`, `down`, `certs rotate` and `status` of one environment work.

mod network;
#[cfg(test)]
mod tests;

use crate::desired;
use crate::environment::Environment;

/// Whom the statements are for, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Name of the operators' group.
    pub group: &'a str,
    /// OCID of the environment's compartment.
    pub compartment: &'a str,
    /// OCID of the compartment that a network which is there already lies in.
    pub network_compartment: &'a str,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub text: String,
    /// What it is needed for.
    pub why: &'static str,
    /// Whether everything also works without it, less carefully.
    pub is_optional: bool,
}

impl Statement {
    fn only_where(self, condition: &str) -> Self {
        Self { text: format!("{} where {condition}", self.text), ..self }
    }
}

/// The least that the environment needs, in a fixed order.
pub fn statements(environment: &Environment, scope: &Scope<'_>) -> Vec<Statement> {
    let mut all = general(scope).to_vec();
    all.extend(network::statements(environment, scope));
    all.push(here(
        scope,
        "manage load-balancers",
        "make the load balancer, and change listeners, certificates and backends",
    ));
    all.push(here(
        scope,
        "manage compute-container-family",
        "start and remove the container instances that the apps run in",
    ));
    all.extend(repositories(environment, scope));
    if environment.lease {
        let bucket = format!("deployer-{}", environment.uid);
        let why = "take turns with other operators: the lease is an object in a bucket";
        let condition = format!("target.bucket.name = '{bucket}'");
        all.push(here(scope, "manage object-family", why).only_where(&condition));
    }
    all
}

fn general(scope: &Scope<'_>) -> [Statement; 3] {
    let domains = "see the availability domains that container instances can be placed in";
    let limits =
        "see, before anything is made, whether the limits leave room for it; may be left out";
    let regions = "see whether anything was left in another region when the file's region changed; may be left out";
    [
        here(scope, "inspect compartments", domains),
        Statement { is_optional: true, ..here(scope, "read resource-availability", limits) },
        Statement {
            text: format!("Allow group {} to inspect tenancies in tenancy", scope.group),
            why: regions,
            is_optional: true,
        },
    ]
}

fn repositories(environment: &Environment, scope: &Scope<'_>) -> Vec<Statement> {
    let mut all =
        vec![here(scope, "inspect repos", "find the environment's image repositories in the list")];
    let name = |package: &str| format!("{}/{package}", environment.name);
    let names = desired::packages(environment).into_iter().map(name);
    let tests: Vec<String> = names.map(|name| format!("target.repo.name = '{name}'")).collect();
    let condition = match tests.as_slice() {
        [] => return all,
        [test] => test.clone(),
        tests => format!("any {{{}}}", tests.join(", ")),
    };
    let why = "make the repositories of what is built, push images, and let instances pull them";
    all.push(here(scope, "manage repos", why).only_where(&condition));
    all
}

/// A statement about the environment's compartment.
fn here(scope: &Scope<'_>, what: &str, why: &'static str) -> Statement {
    within(scope, scope.compartment, what, why)
}

/// A statement about a compartment, or the tenancy, which is one, too.
fn within(scope: &Scope<'_>, compartment: &str, what: &str, why: &'static str) -> Statement {
    let place = match compartment.starts_with("ocid1.tenancy.") {
        true => "tenancy".to_owned(),
        false => format!("compartment id {compartment}"),
    };
    let text = format!("Allow group {} to {what} in {place}", scope.group);
    Statement { text, why, is_optional: false }
}
