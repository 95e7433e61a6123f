//! Certificates from an ACME authority, proven by DNS (RFC 8555 with dns-01; renewal information of RFC 9773).
//!
//! [`Authority`] keeps the account; an order is placed, its names are proven through a [`Dns01`], the certificate is
//! fetched and checked. Placing and completing are apart, so that a crash between them costs no second certificate.

pub mod chain;
pub mod cloudflare;
pub mod dns01;
pub mod error;
pub mod key;
mod order;
pub mod renewal;
mod wire;

use std::time::Duration;

use instant_acme::{Account, AccountCredentials, Identifier, NewAccount, NewOrder};

pub use self::chain::Issued;
pub use self::dns01::{Dns01, NameServers};
pub use self::error::AcmeError;
pub use self::key::KeyType;
pub use self::renewal::renewal_due;
use self::wire::{Tries, Wire};
use crate::http::HttpTransport;
use crate::secret::Secret;

/// What is ordered.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// DNS names; `*.example.com` for wildcards.
    pub names: Vec<String>,
    /// Taken when the authority offers it; else its default.
    pub profile: Option<String>,
    /// PEM chain of the certificate that this one takes the place of: exempts from rate limits where supported.
    pub replaces: Option<String>,
}

/// How long to wait for others.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Until every name server has the proof.
    pub propagation: Duration,
    /// Until the authority has looked.
    pub validation: Duration,
    /// Until the certificate is made.
    pub issuance: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            propagation: Duration::from_secs(120),
            validation: Duration::from_secs(120),
            issuance: Duration::from_secs(120),
        }
    }
}

/// An account at an authority.
pub struct Authority {
    account: Account,
    credentials: Secret,
    wire: Wire,
    deadlines: Deadlines,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("account", &self.account.id()).finish_non_exhaustive()
    }
}

impl Authority {
    /// Opens the account of `credentials` (what [`Self::credentials`] gave), or makes one that is reached at the mail
    /// address `contact`; making one agrees to the terms of service.
    ///
    /// # Errors
    /// When the authority cannot be reached or refuses, or the credentials belong to another directory.
    pub async fn open(
        http: HttpTransport,
        directory_url: &str,
        credentials: Option<&Secret>,
        contact: Option<&str>,
    ) -> Result<Self, AcmeError> {
        let wire = Wire::new(http);
        let builder = Account::builder_with_http(Box::new(wire.clone()));
        let (account, credentials) = match credentials {
            Some(stored) => {
                let parsed = read_credentials(stored, directory_url)?;
                let account = builder.from_credentials(parsed).await;
                (account.map_err(|e| wire.explain("open the account", e))?, stored.clone())
            }
            None => {
                let contact: Vec<String> =
                    contact.iter().map(|mail| format!("mailto:{mail}")).collect();
                let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
                let wanted = NewAccount {
                    contact: &contact,
                    terms_of_service_agreed: true,
                    only_return_existing: false,
                };
                let made = builder.create(&wanted, directory_url.to_owned(), None).await;
                let (account, made) = made.map_err(|e| wire.explain("make an account", e))?;
                let text = serde_json::to_string(&made).map_err(AcmeError::Credentials)?;
                (account, Secret::from(text))
            }
        };
        Ok(Self { account, credentials, wire, deadlines: Deadlines::default() })
    }

    /// Waits differently.
    #[must_use]
    pub fn with_deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// The account's key and URL as JSON, to be stored and given to [`Self::open`] again.
    pub fn credentials(&self) -> &Secret {
        &self.credentials
    }

    /// The account's URL.
    pub fn account_url(&self) -> &str {
        self.account.id()
    }

    /// Places an order and returns its URL; an authority may answer with an equal order that is still open.
    ///
    /// # Errors
    /// When the authority refuses; see [`AcmeError::next_step`].
    pub async fn place(&self, request: &Request) -> Result<String, AcmeError> {
        let names: Vec<Identifier> = request.names.iter().cloned().map(Identifier::Dns).collect();
        let offered =
            |wanted: &&str| self.account.profiles().any(|profile| profile.name == *wanted);
        let profile = request.profile.as_deref().filter(offered);
        let plain = || profile.into_iter().fold(NewOrder::new(&names), NewOrder::profile);
        let replaced = request.replaces.as_deref().map(chain::leaf).transpose()?;
        if let Some(identifier) = replaced.as_ref().and_then(|leaf| leaf.try_into().ok()) {
            match self.send(&plain().replaces(identifier)).await {
                // Replaced before, or the authority knows no `replaces`: an ordinary order will do.
                Err(error) if error.is_about_replacing() => {}
                outcome => return outcome,
            }
        }
        self.send(&plain()).await
    }

    async fn send(&self, order: &NewOrder<'_>) -> Result<String, AcmeError> {
        let mut tries = Tries::default();
        loop {
            let placed = self.account.new_order(order).await;
            if !tries.again(&placed) {
                let placed = placed.map_err(|e| self.wire.explain("place the order", e))?;
                return Ok(placed.url().to_owned());
            }
        }
    }

    /// Takes an order, whatever its state, to its certificate. `key_pem` is the certificate's key; the same one
    /// must be given when an order is taken up again.
    ///
    /// # Errors
    /// When a proof cannot be published or seen, the authority refuses, or a deadline passes. What was published is
    /// withdrawn in any case.
    pub async fn complete(
        &self,
        order_url: &str,
        key_pem: &Secret,
        dns: &impl Dns01,
        servers: &NameServers,
    ) -> Result<Issued, AcmeError> {
        let key = key::read(key_pem)?;
        let order = self.account.order(order_url.to_owned()).await;
        let order = order.map_err(|e| self.wire.explain("read the order", e))?;
        let mut open = order::Open { order, wire: &self.wire, deadlines: self.deadlines };
        let names = open.names().await?;
        let leftovers = open.prove(dns, servers).await?;
        let chain_pem = open.certificate(&names, &key).await?;
        let mut issued = chain::check(chain_pem, key_pem.clone(), &key, &names)?;
        issued.leftovers = leftovers;
        order_url.clone_into(&mut issued.order_url);
        Ok(issued)
    }

    /// Places an order and completes it with a new key.
    ///
    /// # Errors
    /// As [`Self::place`] and [`Self::complete`].
    pub async fn issue(
        &self,
        request: &Request,
        key_type: KeyType,
        dns: &impl Dns01,
        servers: &NameServers,
    ) -> Result<Issued, AcmeError> {
        let key_pem = key::generate(key_type)?;
        let order_url = self.place(request).await?;
        self.complete(&order_url, &key_pem, dns, servers).await
    }
}

fn read_credentials(stored: &Secret, directory_url: &str) -> Result<AccountCredentials, AcmeError> {
    #[derive(serde::Deserialize)]
    struct Home {
        directory: Option<String>,
    }
    let home: Home = serde_json::from_str(stored.expose()).map_err(AcmeError::Credentials)?;
    match home.directory {
        Some(directory) if directory != directory_url => {
            Err(AcmeError::OtherDirectory { stored: directory, wanted: directory_url.to_owned() })
        }
        _ => serde_json::from_str(stored.expose()).map_err(AcmeError::Credentials),
    }
}

#[cfg(test)]
mod tests;
