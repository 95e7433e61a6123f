//! Validation: looks for the answer to a challenge where the world would see it, and records the verdict.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use tokio::time::timeout;

use super::problem::{Kind, Problem};
use super::state::{Progress, Status, rfc3339};
use super::{AcmeService, caa, http01, lookup};

const PATIENCE: Duration = Duration::from_secs(10);

/// What has to be found, and where.
#[derive(Debug)]
struct Expectation {
    account: String,
    name: String,
    wildcard: bool,
    token: String,
    /// `<token>.<thumbprint>` (RFC 8555 section 8.1).
    key_authorization: String,
}

impl AcmeService {
    /// Begins to validate; the verdict is written when it is there.
    pub(super) fn validate(self: &Arc<Self>, authorization: String, kind: String) {
        let service = Arc::clone(self);
        self.spawn(async move {
            let Some(expected) = service.expectation(&authorization, &kind) else { return };
            let verdict = match timeout(PATIENCE, service.look(&expected, &kind)).await {
                Ok(verdict) => verdict,
                Err(_) => {
                    Err(Problem::new(Kind::Connection, format!("{} took too long", expected.name)))
                }
            };
            service.record(&authorization, &kind, &verdict);
        });
    }

    /// Takes up the validations and issuances that a restart interrupted.
    pub(super) fn resume(self: &Arc<Self>) {
        let world = self.world.read();
        for (id, authorization) in &world.authorizations {
            for challenge in
                authorization.challenges.iter().filter(|each| each.status == Status::Processing)
            {
                self.validate(id.to_owned(), challenge.kind.clone());
            }
        }
        for (id, order) in &world.orders {
            if matches!(order.progress, Progress::Processing(_)) {
                self.issue(id.to_owned());
            }
        }
    }

    fn expectation(&self, id: &str, kind: &str) -> Option<Expectation> {
        let world = self.world.read();
        let authorization = world.authorizations.get(id)?;
        let token = authorization.challenges.iter().find(|each| each.kind == kind)?.token.clone();
        let thumbprint = &world.accounts.get(&authorization.account)?.thumbprint;
        Some(Expectation {
            account: authorization.account.clone(),
            name: authorization.name.clone(),
            wildcard: authorization.wildcard,
            key_authorization: format!("{token}.{thumbprint}"),
            token,
        })
    }

    async fn look(&self, expected: &Expectation, kind: &str) -> Result<(), Problem> {
        match kind {
            "dns-01" => self.look_in_dns(expected).await?,
            _ => self.look_over_http(expected).await?,
        }
        if !self.policy().checks_caa {
            return Ok(());
        }
        let Expectation { account, name, wildcard, .. } = expected;
        let intent = caa::Intent { name, wildcard: *wildcard, method: kind, account };
        caa::check(&self.resolver, intent).await
    }

    /// Section 8.4. Other values may stand beside ours: two orders, or leftovers.
    async fn look_in_dns(&self, expected: &Expectation) -> Result<(), Problem> {
        let name = format!("_acme-challenge.{}", expected.name);
        let wanted =
            BASE64.encode(digest::digest(&digest::SHA256, expected.key_authorization.as_bytes()));
        let found = lookup::txt(&self.resolver, &name).await?;
        match found.first() {
            Some(_) if found.contains(&wanted) => Ok(()),
            Some(other) => {
                let more = found.len() - 1;
                let detail =
                    format!("Incorrect TXT record \"{other}\" (and {more} more) found at {name}");
                Err(Problem::new(Kind::Unauthorized, detail))
            }
            None => Err(Problem::new(Kind::Unauthorized, format!("No TXT record found at {name}"))),
        }
    }

    /// Section 8.3.
    async fn look_over_http(&self, expected: &Expectation) -> Result<(), Problem> {
        let port = self.policy().http_port;
        let found = http01::fetch(&self.resolver, port, &expected.name, &expected.token).await?;
        if found == expected.key_authorization {
            return Ok(());
        }
        let detail =
            format!("the key authorization file of {} holds something else", expected.name);
        Err(Problem::new(Kind::Unauthorized, detail))
    }

    fn record(&self, id: &str, kind: &str, verdict: &Result<(), Problem>) {
        let now = rfc3339(self.cloud.clock.now().unix_timestamp());
        self.world.update(|world| {
            let challenges =
                world.authorizations.get_mut(id).map(|each| each.challenges.iter_mut());
            let Some(challenge) = challenges.into_iter().flatten().find(|each| each.kind == kind)
            else {
                return;
            };
            match verdict {
                Ok(()) => challenge.status = Status::Valid,
                Err(problem) => {
                    challenge.status = Status::Invalid;
                    challenge.error = Some(problem.document());
                }
            }
            challenge.validated = Some(now);
        });
    }
}
