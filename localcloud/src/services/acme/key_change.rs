//! A new key for an account, signed for by the old one and by itself (RFC 8555 section 7.3.5).

use serde::Deserialize;
use serde_json::json;

use super::AcmeService;
use super::account::absent;
use super::answer::Answer;
use super::jwk::Jwk;
use super::jws::{Call, Jws};
use super::problem::{Kind, Problem};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyChange {
    account: String,
    old_key: Jwk,
}

impl AcmeService {
    pub(super) fn key_change(&self, call: &Call) -> Result<Answer, Problem> {
        let account_id = call.account()?;
        let inner = Jws::parse(&call.payload)?;
        let Some(new_key) = &inner.header.jwk else {
            return Err(Problem::malformed("the inner JWS must carry the new key as `jwk`"));
        };
        new_key.check()?;
        inner.verify(new_key)?;
        if inner.header.url.as_deref() != Some(call.url.as_str()) {
            return Err(Problem::malformed("the inner and the outer `url` differ"));
        }
        let change: KeyChange = serde_json::from_slice(&inner.payload)
            .map_err(|e| Problem::malformed(format!("inner payload: {e}")))?;
        if !change.account.ends_with(&format!("/acme/account/{account_id}")) {
            return Err(Problem::malformed("the inner `account` is not the one that signed"));
        }
        let thumbprint = new_key.thumbprint();
        self.world.try_update(|world| {
            if let Some((holder, _)) =
                world.accounts.iter().find(|(_, a)| a.thumbprint == thumbprint)
            {
                let location = format!("{}/acme/account/{holder}", call.base);
                return Err(
                    Problem::new(Kind::Conflict, "another account has this key").at(location)
                );
            }
            let account = world.accounts.get_mut(account_id).ok_or_else(|| absent("account"))?;
            if change.old_key.thumbprint() != account.thumbprint {
                return Err(Problem::malformed("`oldKey` is not the key of the account"));
            }
            account.key = new_key.clone();
            account.thumbprint = thumbprint;
            Ok(Answer::json(200, &json!({ "status": "valid", "contact": account.contact })))
        })
    }
}
