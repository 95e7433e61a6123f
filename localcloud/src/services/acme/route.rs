//! Every path of the authority, on one screen.

/// What a path names; the words borrowed from the path are ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'p> {
    Directory,
    Terms,
    NewNonce,
    NewAccount,
    Account(&'p str),
    AccountOrders(&'p str),
    NewOrder,
    Order(&'p str),
    Finalize(&'p str),
    Authorization(&'p str),
    Challenge(&'p str, &'p str),
    Certificate(&'p str),
    RevokeCert,
    KeyChange,
    RenewalInfo(&'p str),
}

/// The names of all operations.
pub(in crate::services) const OPERATIONS: [&str; 15] = [
    "Account",
    "AccountOrders",
    "Authorization",
    "Certificate",
    "Challenge",
    "Directory",
    "Finalize",
    "KeyChange",
    "NewAccount",
    "NewNonce",
    "NewOrder",
    "Order",
    "RenewalInfo",
    "RevokeCert",
    "Terms",
];

impl<'p> Route<'p> {
    pub(super) fn of(path: &'p str) -> Option<Self> {
        let words: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        Some(match words.as_slice() {
            ["directory"] => Self::Directory,
            ["terms"] => Self::Terms,
            ["acme", "new-nonce"] => Self::NewNonce,
            ["acme", "new-account"] => Self::NewAccount,
            ["acme", "account", id] => Self::Account(id),
            ["acme", "account", id, "orders"] => Self::AccountOrders(id),
            ["acme", "new-order"] => Self::NewOrder,
            ["acme", "order", id] => Self::Order(id),
            ["acme", "order", id, "finalize"] => Self::Finalize(id),
            ["acme", "authorization", id] => Self::Authorization(id),
            ["acme", "challenge", id, kind] => Self::Challenge(id, kind),
            ["acme", "certificate", id] => Self::Certificate(id),
            ["acme", "revoke-cert"] => Self::RevokeCert,
            ["acme", "key-change"] => Self::KeyChange,
            ["acme", "renewal-info", id] => Self::RenewalInfo(id),
            _ => return None,
        })
    }

    /// The name of the operation, for the journal and for planned faults.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Directory => "Directory",
            Self::Terms => "Terms",
            Self::NewNonce => "NewNonce",
            Self::NewAccount => "NewAccount",
            Self::Account(_) => "Account",
            Self::AccountOrders(_) => "AccountOrders",
            Self::NewOrder => "NewOrder",
            Self::Order(_) => "Order",
            Self::Finalize(_) => "Finalize",
            Self::Authorization(_) => "Authorization",
            Self::Challenge(..) => "Challenge",
            Self::Certificate(_) => "Certificate",
            Self::RevokeCert => "RevokeCert",
            Self::KeyChange => "KeyChange",
            Self::RenewalInfo(_) => "RenewalInfo",
        }
    }

    /// Whether a POST with a payload changes something here.
    pub(super) fn writes(&self) -> bool {
        !matches!(
            self,
            Self::Directory
                | Self::Terms
                | Self::NewNonce
                | Self::AccountOrders(_)
                | Self::Order(_)
                | Self::Certificate(_)
                | Self::RenewalInfo(_)
        )
    }
}
