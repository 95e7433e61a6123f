//! API tokens: their form, and whether they are alive.

use http::Method;
use serde::Deserialize;

use super::{Call, Cloudflare, CloudflareError, Kind, escaped};
use crate::secret::Secret;

#[derive(Deserialize)]
struct Verified {
    status: String,
}

impl Cloudflare {
    /// Asks whether the token is alive; says nothing about what it may do. Tokens that an account owns are only
    /// known below that account.
    ///
    /// `GET /user/tokens/verify`, `GET /accounts/{account}/tokens/verify`
    ///
    /// # Errors
    /// [`Kind::Denied`] when it is unknown, disabled or expired.
    pub async fn verify_token(&self, account: Option<&str>) -> Result<(), CloudflareError> {
        let verify = |path| Call::new("verify the API token", Method::GET, path);
        let outcome = self.call::<Verified>(verify("/user/tokens/verify".to_owned())).await;
        let verified = match (outcome, account) {
            (Err(error), Some(account)) if error.kind() == Kind::Denied => {
                self.call(verify(format!("/accounts/{}/tokens/verify", escaped(account)))).await?
            }
            (outcome, _) => outcome?,
        };
        match verified.status.as_str() {
            "active" => Ok(()),
            _ => Err(CloudflareError::TokenInactive { status: verified.status }),
        }
    }
}

/// The token without the line end of the file it came from.
pub(super) fn checked(token: &Secret) -> Result<Secret, CloudflareError> {
    let text = token.expose().trim();
    if text.is_empty() {
        return Err(CloudflareError::Token { reason: "it is empty" });
    }
    // The service answers 6003 or 6111 to these, which tells nobody what is wrong.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(CloudflareError::Token {
            reason: "it has blanks or letters beyond ASCII inside",
        });
    }
    Ok(Secret::from(text.to_owned()))
}
