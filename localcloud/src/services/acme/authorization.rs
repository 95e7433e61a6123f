//! Authorizations: the proof that an account controls a name (RFC 8555 sections 7.1.4 and 7.5).

use serde::Deserialize;
use serde_json::{Value, json};

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::challenge;
use super::jws::Call;
use super::policy::Profile;
use super::problem::Problem;
use super::state::{Authorization, Challenge, Status, World, rfc3339};
use crate::ids;

#[derive(Deserialize)]
struct Update {
    status: Option<String>,
}

impl AcmeService {
    /// Reads an authorization, or gives it up.
    pub(super) fn authorization(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
        let account = call.account()?;
        let update: Update = call.json()?;
        let now = self.cloud.clock.now().unix_timestamp();
        match update.status.as_deref() {
            None => Ok(shown(call, id, find(&self.world.read(), account, id)?, now)),
            Some("deactivated") => self.world.try_update(|world| {
                find(world, account, id)?;
                let found =
                    world.authorizations.get_mut(id).ok_or_else(|| absent("authorization"))?;
                found.deactivated = true;
                Ok(shown(call, id, found, now))
            }),
            Some(other) => {
                Err(Problem::malformed(format!("an authorization cannot be made {other}")))
            }
        }
    }
}

/// The authorization, if it is the account's.
pub(super) fn find<'w>(
    world: &'w World,
    account: &str,
    id: &str,
) -> Result<&'w Authorization, Problem> {
    world
        .authorizations
        .get(id)
        .filter(|each| each.account == account)
        .ok_or_else(|| absent("authorization"))
}

/// Section 7.1.6: what the challenges add up to.
pub(super) fn status(authorization: &Authorization, now: i64) -> Status {
    let any = |wanted| authorization.challenges.iter().any(|challenge| challenge.status == wanted);
    if authorization.deactivated {
        Status::Deactivated
    } else if any(Status::Invalid) {
        Status::Invalid
    } else if authorization.expires <= now {
        Status::Expired
    } else if any(Status::Valid) {
        Status::Valid
    } else {
        Status::Pending
    }
}

/// The id of an authorization for `name`: a valid one again when `reuse` allows it, else a new one.
pub(super) fn ensure(
    world: &mut World,
    account: &str,
    name: &str,
    profile: &Profile,
    (reuse, now): (bool, i64),
) -> String {
    let (bare, wildcard) = name.strip_prefix("*.").map_or((name, false), |bare| (bare, true));
    let usable = |each: &Authorization| {
        each.account == account
            && each.name == bare
            && each.wildcard == wildcard
            && status(each, now) == Status::Valid
    };
    if reuse && let Some((id, _)) = world.authorizations.iter().find(|(_, each)| usable(each)) {
        return id.to_owned();
    }
    // A wildcard can only be proven by DNS.
    let kinds: &[&str] = if wildcard { &["dns-01"] } else { &["dns-01", "http-01"] };
    let authorization = Authorization {
        account: account.to_owned(),
        name: bare.to_owned(),
        wildcard,
        deactivated: false,
        expires: now + profile.authorization_life.whole_seconds(),
        challenges: kinds.iter().map(|kind| fresh(kind)).collect(),
    };
    let id = ids::token();
    world.authorizations.insert(id.as_str(), authorization);
    id
}

fn fresh(kind: &str) -> Challenge {
    Challenge {
        kind: kind.to_owned(),
        token: ids::token(),
        status: Status::Pending,
        validated: None,
        error: None,
    }
}

fn shown(call: &Call, id: &str, authorization: &Authorization, now: i64) -> Answer {
    let status = status(authorization, now);
    // Section 7.1.4: once decided, only the challenge that decided it is of interest.
    let decided = |each: &&Challenge| status == Status::Pending || each.status != Status::Pending;
    let challenges: Vec<Value> = authorization
        .challenges
        .iter()
        .filter(decided)
        .map(|each| challenge::document(&call.base, id, each))
        .collect();
    let mut body = json!({
        "identifier": { "type": "dns", "value": authorization.name },
        "status": status,
        "expires": rfc3339(authorization.expires),
        "challenges": challenges,
    });
    if authorization.wildcard {
        body["wildcard"] = json!(true);
    }
    Answer::json(200, &body)
}
