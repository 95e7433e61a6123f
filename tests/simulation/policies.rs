//! Operators who may do what `policy print` prints, and nothing more.

use std::collections::BTreeMap;
use std::sync::Arc;

use deployer_core::policy::{self, Scope, Statement};
use localcloud::SeedSubnet;

use crate::environments::{self, CHANGED, COMPARTMENT, LARGE};
use crate::operator::{Ended, Operator, Wish};
use crate::world::{Clouds, simulate};

/// Where a network lies that is there already.
const ELSEWHERE: &str = "ocid1.compartment.oc1..elsewhere";
const VERBS: [&str; 4] = ["inspect", "read", "use", "manage"];

/// Two states of an environment, and where its network lies.
struct Site {
    first: String,
    second: String,
    network_compartment: &'static str,
}

/// How a life ended.
struct Life {
    /// The first run that failed.
    failed: Option<String>,
    /// What the cloud refused.
    denials: Vec<String>,
    /// How many objects of which kinds are left of it.
    left: BTreeMap<String, usize>,
}

impl Site {
    fn with_own_network() -> Self {
        let [first, second] = [LARGE, CHANGED].map(str::to_owned);
        Self { first, second, network_compartment: COMPARTMENT }
    }

    fn with_existing_network(network_compartment: &'static str) -> Self {
        let network = "load_balancer_subnet = \"ocid1.subnet.oc1..public\"\n\
             app_subnet = \"ocid1.subnet.oc1..private\"\n\
             load_balancer_nsg = \"ocid1.networksecuritygroup.oc1..balancer\"\n\
             app_nsg = \"ocid1.networksecuritygroup.oc1..app\"";
        let [first, second] =
            [LARGE, CHANGED].map(|text| text.replacen("cidr = \"10.20.0.0/16\"", network, 1));
        Self { first, second, network_compartment }
    }

    fn statements(&self) -> Vec<Statement> {
        let scope = Scope {
            group: "Operators",
            compartment: COMPARTMENT,
            network_compartment: self.network_compartment,
        };
        let of = |text: &str| policy::statements(&environments::read("sim", text), &scope);
        assert_eq!(of(&self.first), of(&self.second), "both states need the same");
        of(&self.first)
    }

    fn open(&self, statements: &[String]) -> Arc<Clouds> {
        Clouds::open(1, |options| {
            options.conduct.policies = statements.to_vec();
            if self.first.contains("cidr") {
                return;
            }
            // Seeds of networks go to the first compartment.
            let compartments = &mut options.seeds.compartments;
            if !compartments.iter().any(|there| there == self.network_compartment) {
                compartments.insert(0, self.network_compartment.to_owned());
            }
            let subnet = |name: &str, cidr: &str, public| SeedSubnet {
                id: format!("ocid1.subnet.oc1..{name}"),
                cidr: cidr.to_owned(),
                public,
            };
            options.seeds.subnets = vec![
                subnet("public", "10.30.0.0/24", true),
                subnet("private", "10.30.1.0/24", false),
            ];
            options.seeds.network_security_groups = ["balancer", "app"]
                .map(|name| format!("ocid1.networksecuritygroup.oc1..{name}"))
                .to_vec();
        })
    }

    /// From nothing over a change and a new certificate to nothing, under these statements.
    fn live(&self, statements: &[String]) -> Life {
        simulate(async {
            let clouds = self.open(statements);
            let operator = Operator::new("ada", &clouds);
            let mut failed = None;
            let second = Wish::up(&self.second);
            for wish in [Wish::up(&self.first), second, second.rotate(), second.down()] {
                if let Ended::Failed(failure) = operator.calmly(&clouds, wish).await {
                    failed = Some(failure.to_string());
                    break;
                }
            }
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            Life {
                failed,
                denials: clouds.home().cloud().policies.denials(),
                left: clouds.home().inventory(),
            }
        })
    }

    /// Everything works with the statements, and something does not with any of them left out or weaker.
    fn needs_exactly_what_is_printed(&self) {
        let statements = self.statements();
        let texts: Vec<String> = statements.iter().map(|s| s.text.clone()).collect();
        let whole = self.live(&texts);
        assert_eq!((whole.failed, whole.denials), (None, Vec::new()));
        assert!(whole.left.is_empty(), "{:?}", whole.left);
        for (position, statement) in statements.iter().enumerate() {
            let mut fewer = texts.clone();
            fewer.remove(position);
            is_missed(statement, "left out", &self.live(&fewer));
            if let Some(weaker) = weaker(&statement.text) {
                let mut texts = texts.clone();
                texts[position] = weaker;
                is_missed(statement, "weakened", &self.live(&texts));
            }
        }
    }
}

#[track_caller]
fn is_missed(statement: &Statement, how: &str, life: &Life) {
    let Statement { text, is_optional, .. } = statement;
    assert!(!life.denials.is_empty(), "{how}, and nothing was refused: {text}");
    match &life.failed {
        Some(why) => assert!(!is_optional, "{how}, and a run failed: {text}\n{why}"),
        None => assert!(is_optional, "{how}, and no run failed: {text}\n{:?}", life.denials),
    }
}

/// The statement with the next lesser verb.
fn weaker(statement: &str) -> Option<String> {
    VERBS.windows(2).find_map(|pair| {
        let [lesser, verb] = [pair[0], pair[1]].map(|verb| format!(" to {verb} "));
        statement.contains(&verb).then(|| statement.replacen(&verb, &lesser, 1))
    })
}

#[test]
fn an_environment_with_its_own_network_needs_exactly_the_statements_that_are_printed() {
    Site::with_own_network().needs_exactly_what_is_printed();
}

#[test]
fn an_environment_in_an_existing_network_needs_exactly_the_statements_that_are_printed() {
    Site::with_existing_network(COMPARTMENT).needs_exactly_what_is_printed();
}

#[test]
fn a_network_in_another_compartment_needs_exactly_the_statements_that_are_printed() {
    Site::with_existing_network(ELSEWHERE).needs_exactly_what_is_printed();
}

#[test]
fn a_call_that_is_not_allowed_tells_the_next_step() {
    let statement =
        format!("Allow group Operators to inspect compartments in compartment id {COMPARTMENT}");
    let life = Site::with_own_network().live(&[statement]);
    let told = life.failed.unwrap_or_default();
    assert!(told.contains("NotAuthorizedOrNotFound"), "{told}");
    assert!(told.contains("deployer policy print --env"), "{told}");
}
