//! `Allow <subject> to <verb> <resource-type> in <location> [where <conditions>]`, of which the words' case is free.
//!
//! Source: <https://docs.oracle.com/en-us/iaas/Content/Identity/policysyntax/policy-syntax.htm>. Statements across
//! tenancies (`Endorse`, `Admit`, `Define`) and paths of compartments are not understood.

use std::slice::Iter;

use super::condition::Condition;
use super::resource::{self, Verb};
use super::token::{Token, tokens};

/// A text that is no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy statement `{statement}` is not understood: {reason}")]
pub struct StatementError {
    pub statement: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// Whether it speaks of groups or of everybody; dynamic groups and services have no user in them.
    pub(super) is_for_users: bool,
    pub(super) what: What,
    pub(super) location: Location,
    pub(super) condition: Option<Condition>,
}

/// What is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Verb(Verb, String),
    /// `{VCN_CREATE, VCN_READ}`.
    Permissions(Vec<String>),
}

/// Where; a compartment stands for those in it, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    Tenancy,
    Id(String),
    Name(String),
}

impl Statement {
    /// # Errors
    /// What is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, StatementError> {
        let parsed = tokens(text).and_then(|tokens| Self::read(&mut tokens.iter()));
        parsed.map_err(|reason| StatementError { statement: text.to_owned(), reason })
    }

    fn read(tokens: &mut Iter<'_, Token>) -> Result<Self, String> {
        keyword(tokens, "allow")?;
        let is_for_users = subject(tokens)?;
        let what = What::read(tokens)?;
        keyword(tokens, "in")?;
        let location = Location::read(tokens)?;
        let condition = match tokens.next() {
            None => None,
            Some(token) if is(token, "where") => Some(Condition::parse(tokens)?),
            Some(token) => return Err(format!("`{}` is not expected there", token.shown())),
        };
        match tokens.next() {
            None => Ok(Self { is_for_users, what, location, condition }),
            Some(token) => Err(format!("`{}` comes after the end", token.shown())),
        }
    }
}

/// Reads up to `to`: one or several names of groups, which are all the user's.
fn subject(tokens: &mut Iter<'_, Token>) -> Result<bool, String> {
    let Some(Token::Word(kind)) = tokens.next() else {
        return Err("after Allow comes whom".to_owned());
    };
    let kind = kind.to_ascii_lowercase();
    let names = tokens.by_ref().take_while(|token| !is(token, "to")).count();
    match kind.as_str() {
        "any-user" | "any-group" if names == 0 => Ok(true),
        "group" if names > 0 => Ok(true),
        "dynamic-group" | "service" if names > 0 => Ok(false),
        _ => Err(format!(
            "`{kind}` is none of any-user, group NAME, dynamic-group NAME, service NAME"
        )),
    }
}

impl What {
    fn read(tokens: &mut Iter<'_, Token>) -> Result<Self, String> {
        let first = match tokens.next() {
            Some(Token::Open) => return Self::permissions(tokens),
            Some(Token::Word(word)) => word.to_ascii_lowercase(),
            _ => return Err("after to comes a verb or { and permissions".to_owned()),
        };
        let verb = Verb::named(&first)
            .ok_or_else(|| format!("`{first}` is none of inspect, read, use, manage"))?;
        let kind = word(tokens, "a resource-type")?.to_ascii_lowercase();
        if !resource::is_known(&kind) {
            return Err(format!("the resource-type {kind} is not known here"));
        }
        Ok(Self::Verb(verb, kind))
    }

    fn permissions(tokens: &mut Iter<'_, Token>) -> Result<Self, String> {
        let mut permissions = Vec::new();
        loop {
            permissions.push(word(tokens, "a permission")?.to_ascii_uppercase());
            match tokens.next() {
                Some(Token::Comma) => {}
                Some(Token::Close) => return Ok(Self::Permissions(permissions)),
                _ => return Err("permissions are parted by commas and end with }".to_owned()),
            }
        }
    }

    pub(super) fn includes(&self, permission: &str) -> bool {
        match self {
            Self::Verb(verb, kind) => resource::grants(*verb, kind, permission),
            Self::Permissions(permissions) => permissions.iter().any(|own| own == permission),
        }
    }
}

impl Location {
    fn read(tokens: &mut Iter<'_, Token>) -> Result<Self, String> {
        let kind = word(tokens, "tenancy or compartment")?.to_ascii_lowercase();
        match kind.as_str() {
            "tenancy" => return Ok(Self::Tenancy),
            "compartment" => {}
            other => return Err(format!("`{other}` is neither tenancy nor compartment")),
        }
        match word(tokens, "a compartment's name")? {
            id if id.eq_ignore_ascii_case("id") => {
                word(tokens, "a compartment's OCID").map(Self::Id)
            }
            name => Ok(Self::Name(name)),
        }
    }
}

fn is(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(own) if own.eq_ignore_ascii_case(word))
}

fn keyword(tokens: &mut Iter<'_, Token>, word: &str) -> Result<(), String> {
    match tokens.next() {
        Some(token) if is(token, word) => Ok(()),
        Some(token) => Err(format!("`{word}` is expected, not `{}`", token.shown())),
        None => Err(format!("`{word}` is missing")),
    }
}

fn word(tokens: &mut Iter<'_, Token>, what: &str) -> Result<String, String> {
    match tokens.next() {
        Some(Token::Word(word) | Token::Text(word)) => Ok(word.clone()),
        Some(token) => Err(format!("{what} is expected, not `{}`", token.shown())),
        None => Err(format!("{what} is missing")),
    }
}
