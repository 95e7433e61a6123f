//! Orders: which names, which profile, what they wait for (RFC 8555 section 7.4).

use serde::Deserialize;
use serde_json::{Value, json};

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::authorization;
use super::jws::Call;
use super::policy::Profile;
use super::problem::{Kind, Problem};
use super::state::{Order, Progress, Status, World, rfc3339};
use crate::ids;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewOrder {
    identifiers: Vec<Identifier>,
    profile: Option<String>,
    replaces: Option<String>,
    not_before: Option<String>,
    not_after: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

impl AcmeService {
    pub(super) fn new_order(&self, call: &Call) -> Result<Answer, Problem> {
        let account = call.account()?;
        let wanted: NewOrder = call.json()?;
        if wanted.not_before.is_some() || wanted.not_after.is_some() {
            return Err(Problem::malformed("notBefore and notAfter are not supported"));
        }
        let profile = Profile::find(wanted.profile.as_deref()).ok_or_else(|| {
            Problem::new(Kind::InvalidProfile, "meta.profiles has the profiles there are")
        })?;
        let names = names(&wanted.identifiers, profile.most_names)?;
        let reuse = self.policy().reuse;
        let now = self.cloud.clock.now().unix_timestamp();
        self.world.try_update(|world| {
            if let Some(replaced) = &wanted.replaces {
                replace(world, account, replaced, &names)?;
            } else if reuse
                && let Some(id) = unfinished(world, account, &names, wanted.profile.as_deref(), now)
            {
                return Ok(shown(201, call, &id, world, now));
            }
            let authorizations = names
                .iter()
                .map(|name| authorization::ensure(world, account, name, profile, (reuse, now)))
                .collect();
            let order = Order {
                account: account.to_owned(),
                names,
                authorizations,
                expires: now + profile.order_life.whole_seconds(),
                profile: wanted.profile,
                replaces: wanted.replaces,
                progress: Progress::Open,
            };
            let id = ids::token();
            world.orders.insert(id.clone(), order);
            Ok(shown(201, call, &id, world, now))
        })
    }

    pub(super) fn order(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
        let world = self.world.read();
        find(&world, call.account()?, id)?;
        Ok(shown(200, call, id, &world, self.cloud.clock.now().unix_timestamp()))
    }
}

/// The order, if it is the account's.
pub(super) fn find<'w>(world: &'w World, account: &str, id: &str) -> Result<&'w Order, Problem> {
    world.orders.get(id).filter(|order| order.account == account).ok_or_else(|| absent("order"))
}

/// Section 7.1.6: what the order's own progress and its authorizations add up to.
pub(super) fn status(world: &World, order: &Order, now: i64) -> Status {
    match order.progress {
        Progress::Issued(_) => return Status::Valid,
        Progress::Processing(_) => return Status::Processing,
        Progress::Open if order.expires <= now => return Status::Invalid,
        Progress::Open => {}
    }
    let statuses = order.authorizations.iter().map(|id| {
        world
            .authorizations
            .get(id)
            .map_or(Status::Invalid, |each| authorization::status(each, now))
    });
    statuses.fold(Status::Ready, |so_far, each| match (so_far, each) {
        (Status::Invalid, _) => Status::Invalid,
        (so_far, Status::Valid) => so_far,
        (_, Status::Pending) => Status::Pending,
        _ => Status::Invalid,
    })
}

/// The order as clients see it.
pub(super) fn shown(code: u16, call: &Call, id: &str, world: &World, now: i64) -> Answer {
    let Some(order) = world.orders.get(id) else { return absent("order").answer(&call.base) };
    let base = &call.base;
    let status = status(world, order, now);
    let identifiers: Vec<Value> =
        order.names.iter().map(|name| json!({ "type": "dns", "value": name })).collect();
    let authorizations: Vec<String> =
        order.authorizations.iter().map(|id| format!("{base}/acme/authorization/{id}")).collect();
    let url = format!("{base}/acme/order/{id}");
    let mut body = json!({
        "status": status,
        "expires": rfc3339(order.expires),
        "identifiers": identifiers,
        "authorizations": authorizations,
        "finalize": format!("{url}/finalize"),
    });
    if let Some(profile) = &order.profile {
        body["profile"] = json!(profile);
    }
    if let Some(replaces) = &order.replaces {
        body["replaces"] = json!(replaces);
    }
    if let Progress::Issued(certificate) = &order.progress {
        body["certificate"] = json!(format!("{base}/acme/certificate/{certificate}"));
    }
    if status == Status::Invalid
        && let Some(error) = failure(world, order)
    {
        body["error"] = error;
    }
    let answer = Answer::json(code, &body).with("location", url);
    if status == Status::Processing { answer.with("retry-after", "1") } else { answer }
}

/// Why the first failed authorization of an order failed.
fn failure(world: &World, order: &Order) -> Option<Value> {
    let challenges = order.authorizations.iter().filter_map(|id| world.authorizations.get(id));
    challenges.flat_map(|each| &each.challenges).find_map(|challenge| challenge.error.clone())
}

/// An order that asks for the same and is not finished.
fn unfinished(
    world: &World,
    account: &str,
    names: &[String],
    profile: Option<&str>,
    now: i64,
) -> Option<String> {
    let equal = |order: &Order| {
        order.account == account
            && order.names == names
            && order.profile.as_deref() == profile
            && order.replaces.is_none()
            && matches!(status(world, order, now), Status::Pending | Status::Ready)
    };
    world.orders.iter().find(|(_, order)| equal(order)).map(|(id, _)| id.to_owned())
}

/// Marks a certificate as replaced (RFC 9773 section 5).
fn replace(
    world: &mut World,
    account: &str,
    replaced: &str,
    names: &[String],
) -> Result<(), Problem> {
    let named = world.certificates.iter().find(|(_, each)| each.renewal_id == replaced);
    let id = named.map(|(id, _)| id.to_owned()).unwrap_or_default();
    let certificate = world.certificates.get_mut(&id);
    let Some(certificate) = certificate.filter(|each| each.account == account) else {
        return Err(Problem::malformed("`replaces` names no certificate of this account"));
    };
    if certificate.replaced {
        return Err(Problem::new(
            Kind::AlreadyReplaced,
            "another order has replaced this certificate",
        ));
    }
    if !certificate.names.iter().any(|name| names.contains(name)) {
        return Err(Problem::malformed(
            "the order shares no name with the certificate it replaces",
        ));
    }
    certificate.replaced = true;
    Ok(())
}

/// The names of an order: lower case, sorted, each once; or everything that is wrong with them.
fn names(identifiers: &[Identifier], most: usize) -> Result<Vec<String>, Problem> {
    let mut names = Vec::new();
    let mut refused = Vec::new();
    for identifier in identifiers {
        let name = identifier.value.to_ascii_lowercase();
        if identifier.kind != "dns" {
            let detail = format!("identifiers of type {} are not supported", identifier.kind);
            refused.push((name, Problem::new(Kind::UnsupportedIdentifier, detail)));
        } else if let Err(reason) = check_name(&name) {
            refused.push((name, Problem::new(Kind::RejectedIdentifier, reason)));
        } else {
            names.push(name);
        }
    }
    names.sort();
    names.dedup();
    match refused.as_slice() {
        [] if names.is_empty() => Err(Problem::malformed("an order needs an identifier")),
        [] if names.len() > most => Err(Problem::new(
            Kind::RejectedIdentifier,
            format!("at most {most} names go into one certificate"),
        )),
        [] => Ok(names),
        [(_, only)] => Err(only.clone()),
        _ => Err(Problem::new(Kind::RejectedIdentifier, "several identifiers are refused")
            .about(refused)),
    }
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let letters = |label: &str| label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && letters(label)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if bare.contains('*') {
        return Err("`*` may only stand alone, as the leftmost label");
    }
    if bare.len() > 253 || !bare.split('.').all(label) {
        return Err("not a host name of letters, digits and hyphens");
    }
    if !bare.contains('.') {
        return Err("a name needs at least two labels");
    }
    let last = bare.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err("addresses are not supported");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn only_host_names_with_a_leftmost_wildcard_are_accepted() {
        for good in ["example.com", "*.example.com", "a-b.xn--nxasmq6b.example", "1.example.com"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in [
            "com",
            "*",
            "a.*.com",
            "*a.example.com",
            "127.0.0.1",
            "-a.example.com",
            "a..com",
            "a_b.com",
            "é.com",
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
