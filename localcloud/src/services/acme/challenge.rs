//! Challenges: one way of proving control (RFC 8555 section 8); a POST of `{}` says that the answer is in place.

use std::sync::Arc;

use serde_json::{Value, json};

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::authorization;
use super::jws::Call;
use super::problem::Problem;
use super::state::{Challenge, Status};

impl AcmeService {
    /// Begins a validation, or reads how it went. Repeats are harmless.
    pub(super) fn challenge(
        self: &Arc<Self>,
        call: &Call,
        id: &str,
        kind: &str,
    ) -> Result<Answer, Problem> {
        let account = call.account()?;
        let now = self.cloud.clock.now().unix_timestamp();
        let (begins, document) = self.world.try_update(|world| {
            let found = authorization::find(world, account, id)?;
            let open = authorization::status(found, now) == Status::Pending;
            let challenges =
                world.authorizations.get_mut(id).map(|each| each.challenges.iter_mut());
            let found = challenges.into_iter().flatten().find(|each| each.kind == kind);
            let challenge = found.ok_or_else(|| absent("challenge"))?;
            let begins = open && challenge.status == Status::Pending && !call.payload.is_empty();
            if begins {
                challenge.status = Status::Processing;
            }
            Ok::<_, Problem>((begins, document(&call.base, id, challenge)))
        })?;
        if begins {
            self.validate(id.to_owned(), kind.to_owned());
        }
        let up = format!("<{}/acme/authorization/{id}>;rel=\"up\"", call.base);
        Ok(Answer::json(200, &document).with("link", up))
    }
}

/// The challenge as clients see it.
pub(super) fn document(base: &str, id: &str, challenge: &Challenge) -> Value {
    let mut document = json!({
        "type": challenge.kind,
        "url": format!("{base}/acme/challenge/{id}/{}", challenge.kind),
        "token": challenge.token,
        "status": challenge.status,
    });
    if let Some(validated) = &challenge.validated {
        document["validated"] = json!(validated);
    }
    if let Some(error) = &challenge.error {
        document["error"] = error.clone();
    }
    document
}
