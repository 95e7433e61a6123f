//! The mark that makes a thing ours: version, environment, what it is, what it was made from. No state file knows more.
//!
//! It has two forms. Things that take tags carry five; records and rules carry one line in their comment.

use deployer_core::address::Address;
use serde_json::{Value, json};

/// Version of the mark. Things that carry a higher one were made by a newer deployer, and are left alone.
pub(super) const SCHEMA: u64 = 1;

const SCHEMA_TAG: &str = "deployer";
const ENVIRONMENT_TAG: &str = "deployer-environment";
pub(super) const ADDRESS_TAG: &str = "deployer-address";
const GENERATION_TAG: &str = "deployer-generation";
const EPOCH_TAG: &str = "deployer-epoch";

/// What a thing of ours says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Uid of the environment.
    pub(super) environment: String,
    /// Its address; in one line the role of the thing, or nothing.
    pub(super) subject: String,
    /// What it was made from: a digest of eight letters.
    pub(super) generation: String,
    /// How many like it were made before it under its retry token.
    pub(super) epoch: u32,
}

/// Whose a thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    Ours(Mark),
    /// This environment's, made by a newer deployer.
    Newer,
    Others,
}

impl Mark {
    /// As tags.
    pub(super) fn tags(&self) -> Value {
        json!({
            SCHEMA_TAG: SCHEMA.to_string(),
            ENVIRONMENT_TAG: self.environment,
            ADDRESS_TAG: self.subject,
            GENERATION_TAG: self.generation,
            EPOCH_TAG: self.epoch.to_string(),
        })
    }

    /// As one line: `deployer/1 <uid> host g=1f2e3d4c e=0`, at most 100 letters; without what is not said.
    pub(super) fn line(&self) -> String {
        let mut line = format!("deployer/{SCHEMA} {}", self.environment);
        if !self.subject.is_empty() {
            line = format!("{line} {}", self.subject);
        }
        if !self.generation.is_empty() {
            line = format!("{line} g={} e={}", self.generation, self.epoch);
        }
        line
    }

    pub(super) fn address(&self) -> Option<Address> {
        self.subject.parse().ok()
    }
}

/// The tags of a thing that is to carry `ours` besides those that it `has`; none when it carries them.
pub(super) fn added(has: Option<&oci::FreeformTags>, ours: &Value) -> Option<Value> {
    let before = has.map_or_else(|| json!({}), |has| json!(has));
    let mut tags = before.clone();
    for (name, value) in ours.as_object().into_iter().flatten() {
        tags[name] = value.clone();
    }
    (tags != before).then_some(tags)
}

/// Whose a thing with these tags is; `environment` is the uid of ours.
pub(super) fn of_tags(tags: &Value, environment: &str) -> Whose {
    let tag = |name: &str| tags[name].as_str();
    if tag(ENVIRONMENT_TAG) != Some(environment) {
        return Whose::Others;
    }
    // Who writes marks writes the version; where it is missing, somebody took it away.
    if tag(SCHEMA_TAG).is_some_and(|schema| schema.parse().map_or(true, |s: u64| s > SCHEMA)) {
        return Whose::Newer;
    }
    Whose::Ours(Mark {
        environment: environment.to_owned(),
        subject: tag(ADDRESS_TAG).unwrap_or_default().to_owned(),
        generation: tag(GENERATION_TAG).unwrap_or_default().to_owned(),
        epoch: tag(EPOCH_TAG).and_then(|epoch| epoch.parse().ok()).unwrap_or_default(),
    })
}

/// The tags of what belongs to an environment and is no resource of a plan.
pub(crate) fn of_environment(uid: &str) -> oci::FreeformTags {
    let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    [tag(SCHEMA_TAG, &SCHEMA.to_string()), tag(ENVIRONMENT_TAG, uid)].into()
}

/// Whose a thing with this line is; `environment` is the uid of ours. Where a newer line has the uid is not known.
pub(super) fn of_line(line: Option<&str>, environment: &str) -> Whose {
    let mut words = line.unwrap_or_default().split_whitespace();
    let schema = words.next().and_then(|word| word.strip_prefix("deployer/"));
    let Some(schema) = schema.and_then(|schema| schema.parse::<u64>().ok()) else {
        return Whose::Others;
    };
    if schema > SCHEMA {
        let is_ours = words.any(|word| word == environment);
        return if is_ours { Whose::Newer } else { Whose::Others };
    }
    if words.next() != Some(environment) {
        return Whose::Others;
    }
    let mut mark = Mark { environment: environment.to_owned(), ..Mark::default() };
    for word in words {
        match word.split_once('=') {
            Some(("g", generation)) => generation.clone_into(&mut mark.generation),
            Some(("e", epoch)) => mark.epoch = epoch.parse().unwrap_or_default(),
            Some(_) => {}
            None => word.clone_into(&mut mark.subject),
        }
    }
    Whose::Ours(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "9f3c21ab";

    fn mark(subject: &str) -> Mark {
        let generation = "1f2e3d4c".to_owned();
        Mark { environment: UID.to_owned(), subject: subject.to_owned(), generation, epoch: 2 }
    }

    #[test]
    fn a_mark_is_read_as_it_was_written_in_both_forms() {
        let tagged = mark("subnet.app");
        assert_eq!(of_tags(&tagged.tags(), UID), Whose::Ours(tagged.clone()));
        assert_eq!(tagged.address().unwrap().to_string(), "subnet.app");
        let record = mark("host");
        assert_eq!(record.line(), "deployer/1 9f3c21ab host g=1f2e3d4c e=2");
        assert_eq!(of_line(Some(&record.line()), UID), Whose::Ours(record));
        let rule = Mark { environment: UID.to_owned(), ..Mark::default() };
        assert_eq!(rule.line(), "deployer/1 9f3c21ab");
        assert_eq!(of_line(Some(&rule.line()), UID), Whose::Ours(rule));
    }

    #[test]
    fn a_line_fits_into_a_hundred_letters_even_with_the_longest_uid() {
        let uid = "0123456789abcdef0123456789abcdef0123";
        let mark = Mark { environment: uid.to_owned(), epoch: u32::MAX, ..mark("host") };
        assert!(mark.line().len() <= 100, "{}", mark.line());
    }

    #[test]
    fn another_environments_mark_and_none_at_all_are_not_ours() {
        for line in
            [None, Some("deployer/1 other host"), Some("deployer/1"), Some("by hand"), Some(UID)]
        {
            assert_eq!(of_line(line, UID), Whose::Others, "{line:?}");
        }
        assert_eq!(of_line(Some("deployer/1 london/acme 9f3c21ab x=3600"), UID), Whose::Others);
        assert_eq!(of_tags(&mark("vcn.main").tags(), "other"), Whose::Others);
        assert_eq!(of_tags(&Value::Null, UID), Whose::Others);
    }

    #[test]
    fn a_newer_mark_on_something_of_this_environment_is_told_apart() {
        assert_eq!(of_line(Some("deployer/2 v=x 9f3c21ab"), UID), Whose::Newer);
        assert_eq!(of_line(Some("deployer/2 v=x other"), UID), Whose::Others);
        for schema in ["2", "next"] {
            let mut tags = mark("vcn.main").tags();
            tags[SCHEMA_TAG] = json!(schema);
            assert_eq!(of_tags(&tags, UID), Whose::Newer);
        }
    }

    #[test]
    fn what_lost_only_the_version_of_its_mark_is_ours() {
        let mut tags = mark("vcn.main").tags();
        tags.as_object_mut().unwrap().remove(SCHEMA_TAG);
        assert_eq!(of_tags(&tags, UID), Whose::Ours(mark("vcn.main")));
    }

    #[test]
    fn a_mark_of_an_older_deployer_without_generation_is_ours() {
        let tags =
            json!({ "deployer": "1", "deployer-environment": UID, "deployer-address": "vcn.main" });
        assert!(matches!(of_tags(&tags, UID), Whose::Ours(mark) if mark.subject == "vcn.main"));
        assert!(
            matches!(of_line(Some("deployer/1 9f3c21ab host"), UID), Whose::Ours(m) if m.subject == "host")
        );
    }
}
