//! Names that point at resources: what is protected, and which app is another one under a new name.

use std::collections::BTreeSet;

use crate::address::{Address, Kind};
use crate::environment::read::Section;
use crate::environment::{Environment, Move, Protected};
use crate::problem::nearest;

/// What a word of `protect` stands for, or what is wrong with it and what to do.
pub(in crate::environment) fn protected(word: &str) -> Result<Protected, (String, String)> {
    let (kind_name, name) =
        word.split_once('.').map_or((word, None), |(kind, name)| (kind, Some(name)));
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == kind_name) else {
        let names = Kind::ALL.map(Kind::name);
        let hint = match nearest(kind_name, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("kinds: {}", names.join(", ")),
        };
        return Err((format!("`{kind_name}` is no kind of resource"), hint));
    };
    if kind == Kind::ContainerInstance {
        let hint = "the last working ones of an app are never deleted before others serve";
        return Err(("instances are replaced by every rollout".to_owned(), hint.to_owned()));
    }
    match name {
        None => Ok(Protected::Kind(kind)),
        Some("") => Err((
            format!("`{word}` names no resource"),
            format!("\"{kind}\", or \"{kind}.<name>\" as in a plan"),
        )),
        Some(name) => Ok(Protected::Address(Address::new(kind, name))),
    }
}

/// Each app comes from one name and goes to one name, and nobody has the old name any more.
pub(super) fn moved(root: &Section<'_>, environment: &Environment) {
    let (mut from_seen, mut to_seen) = (BTreeSet::new(), BTreeSet::new());
    for Move { from, to } in &environment.moved {
        if environment.apps.contains_key(from) {
            let hint = format!("remove the line, or the table [apps.{from}]");
            root.problem("moved", format!("`app.{from}` is still asked for"), hint);
        }
        if !environment.apps.contains_key(to) {
            let meant = nearest(to, environment.apps.keys().map(String::as_str));
            let hint = meant.map_or_else(
                || "`to` is the app's name in this file".to_owned(),
                |meant| format!("did you mean `app.{meant}`?"),
            );
            root.problem("moved", format!("`app.{to}` is no app of this file"), hint);
        }
        for (app, seen, side) in [(from, &mut from_seen, "from"), (to, &mut to_seen, "to")] {
            if !seen.insert(app) {
                let hint = "an app had one name, and has one";
                root.problem("moved", format!("`app.{app}` stands twice as `{side}`"), hint);
            }
        }
    }
}
