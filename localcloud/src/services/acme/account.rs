//! Accounts: made once per key, updated, deactivated (RFC 8555 sections 7.3 and 7.1.2).

use serde::Deserialize;
use serde_json::json;

use super::AcmeService;
use super::answer::Answer;
use super::jws::{Call, Signer};
use super::problem::{Kind, Problem};
use super::state::{Account, rfc3339};
use crate::ids;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAccount {
    contact: Option<Vec<String>>,
    terms_of_service_agreed: Option<bool>,
    only_return_existing: Option<bool>,
}

#[derive(Deserialize)]
struct Update {
    contact: Option<Vec<String>>,
    status: Option<String>,
}

impl AcmeService {
    /// 201 for a new key, 200 for a known one: making an account twice makes it once.
    pub(super) fn new_account(&self, call: &Call) -> Result<Answer, Problem> {
        let Signer::Key(key) = &call.signer else {
            return Err(Problem::malformed("newAccount wants `jwk`, not `kid`"));
        };
        let wanted: NewAccount = call.json()?;
        let thumbprint = key.thumbprint();
        let now = self.cloud.clock.now().unix_timestamp();
        self.world.try_update(|world| {
            if let Some((id, account)) =
                world.accounts.iter().find(|(_, a)| a.thumbprint == thumbprint)
            {
                if account.deactivated {
                    return Err(Problem::new(
                        Kind::Unauthorized,
                        "the account of this key is deactivated",
                    ));
                }
                return Ok(shown(200, &call.base, id, account));
            }
            if wanted.only_return_existing == Some(true) {
                return Err(Problem::new(Kind::AccountDoesNotExist, "no account has this key"));
            }
            if wanted.terms_of_service_agreed != Some(true) {
                return Err(Problem::new(
                    Kind::UserActionRequired,
                    "the terms of service must be agreed to",
                ));
            }
            let contact = wanted.contact.unwrap_or_default();
            check_contact(&contact)?;
            let account =
                Account { key: key.clone(), thumbprint, contact, deactivated: false, created: now };
            let id = ids::token();
            let answer = shown(201, &call.base, &id, &account);
            world.accounts.insert(id, account);
            Ok(answer)
        })
    }

    /// Reads, changes the contact of, or deactivates an account.
    pub(super) fn account(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
        owner(call, id)?;
        let update: Update = call.json()?;
        self.world.try_update(|world| {
            let account = world.accounts.get_mut(id).ok_or_else(|| absent("account"))?;
            if let Some(contact) = update.contact {
                check_contact(&contact)?;
                account.contact = contact;
            }
            match update.status.as_deref() {
                None | Some("valid") => {}
                Some("deactivated") => account.deactivated = true,
                Some(other) => {
                    return Err(Problem::malformed(format!("an account cannot be made {other}")));
                }
            }
            Ok(shown(200, &call.base, id, account))
        })
    }

    /// The orders of an account that are still open (section 7.1.2.1).
    pub(super) fn account_orders(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
        owner(call, id)?;
        let now = self.cloud.clock.now().unix_timestamp();
        let world = self.world.read();
        let orders =
            world.orders.iter().filter(|(_, order)| order.account == id && order.expires > now);
        let urls: Vec<String> =
            orders.map(|(id, _)| format!("{}/acme/order/{id}", call.base)).collect();
        Ok(Answer::json(200, &json!({ "orders": urls })))
    }
}

fn owner(call: &Call, id: &str) -> Result<(), Problem> {
    if call.account()? == id {
        Ok(())
    } else {
        Err(Problem::new(Kind::Unauthorized, "this account is not yours"))
    }
}

/// What a path names does not exist, or belongs to somebody else; which of the two is not told.
pub(super) fn absent(what: &str) -> Problem {
    Problem::new(Kind::NotFound, format!("no such {what}"))
}

fn check_contact(contact: &[String]) -> Result<(), Problem> {
    for entry in contact {
        let Some(address) = entry.strip_prefix("mailto:") else {
            return Err(Problem::new(
                Kind::UnsupportedContact,
                format!("{entry}: only mailto: is supported"),
            ));
        };
        if !address.contains('@') || address.contains(['?', ',', ' ']) || !address.is_ascii() {
            return Err(Problem::new(
                Kind::InvalidContact,
                format!("{entry}: not one mail address"),
            ));
        }
    }
    Ok(())
}

fn shown(status: u16, base: &str, id: &str, account: &Account) -> Answer {
    let url = format!("{base}/acme/account/{id}");
    let body = json!({
        "status": if account.deactivated { "deactivated" } else { "valid" },
        "contact": account.contact,
        "key": account.key,
        "orders": format!("{url}/orders"),
        "createdAt": rfc3339(account.created),
    });
    Answer::json(status, &body).with("location", url)
}
