//! Logical names: what identifiers and addresses stand for.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::plain::ORDERED;
use crate::services::oci::Holding;

/// Rounds of telling twins apart by what they refer to and by what refers to them: as long as the longest chain of
/// references, from a VNIC over an instance or group and a subnet to its VCN.
const ROUNDS: usize = 4;

const VNIC: &str = "vnic";

/// Words by what they stand for.
pub(super) struct Names {
    /// Kind and name, with a number when several have the same, by OCID.
    objects: BTreeMap<String, String>,
    /// Owner and whether it is public, by address.
    addresses: BTreeMap<String, (String, bool)>,
    aliases: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn of(holdings: &[Holding], aliases: BTreeMap<String, String>) -> Self {
        let base = |h: &Holding| (h.id.clone(), format!("{} {}", h.kind, h.name));
        let mut names = Self {
            objects: holdings.iter().filter(|h| h.kind != VNIC).map(base).collect(),
            addresses: addresses(holdings),
            aliases,
        };
        names.number_twins(holdings);
        // Interfaces are named after their owners, which may have got a number.
        for vnic in holdings.iter().filter(|h| h.kind == VNIC) {
            let name = names.text(&format!("{VNIC} {}", vnic.name));
            let name = numbered(&name, |name| names.objects.values().any(|other| other == name));
            names.objects.insert(vnic.id.clone(), name);
        }
        names
    }

    fn number_twins(&mut self, holdings: &[Holding]) {
        let mut of_name: BTreeMap<String, Vec<&Holding>> = BTreeMap::new();
        for holding in holdings.iter().filter(|h| h.kind != VNIC) {
            of_name.entry(self.logical(&holding.id)).or_default().push(holding);
        }
        of_name.retain(|_, twins| twins.len() > 1);
        if of_name.is_empty() {
            return;
        }
        for _ in 0..ROUNDS {
            let twins = of_name.values().flatten();
            let told: Vec<(String, String)> =
                twins.map(|t| (t.id.clone(), self.description(t, holdings))).collect();
            self.objects.extend(told);
        }
        for (base, mut twins) in of_name {
            twins.sort_by_key(|twin| self.logical(&twin.id));
            for (number, twin) in (1..).zip(twins) {
                self.objects.insert(twin.id.clone(), suffixed(&base, number));
            }
        }
    }

    /// The name of an object.
    pub(super) fn logical(&self, id: &str) -> String {
        self.objects.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// A value with names in place of what they stand for, its lists sorted.
    pub(super) fn render(&self, value: &Value) -> Value {
        self.rendered(value, "")
    }

    fn rendered(&self, value: &Value, field: &str) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => {
                let mut items: Vec<Value> =
                    items.iter().map(|item| self.rendered(item, "")).collect();
                if !ORDERED.contains(&field) {
                    items.sort_by_cached_key(Value::to_string);
                }
                Value::Array(items)
            }
            Value::Object(fields) => {
                let fields = fields.iter();
                let renamed = fields.map(|(name, v)| (self.text(name), self.rendered(v, name)));
                Value::Object(renamed.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    /// A text, word by word.
    fn text(&self, text: &str) -> String {
        let of_word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let mut named = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|c| !of_word(c)).unwrap_or(rest.len());
            named.push_str(&self.word(&rest[..word]));
            let gap = rest[word..].find(of_word).unwrap_or(rest.len() - word);
            named.push_str(&rest[word..word + gap]);
            rest = &rest[word + gap..];
        }
        named
    }

    fn word(&self, word: &str) -> String {
        if let Some(name) = self.objects.get(word).or_else(|| self.aliases.get(word)) {
            return name.clone();
        }
        if let Some((owner, public)) = self.addresses.get(word) {
            let kind = if *public { "public ip of" } else { "ip of" };
            return format!("{kind} {}", self.logical(owner));
        }
        match word.strip_prefix("ocid1.") {
            Some(rest) => format!("some {}", rest.split('.').next().unwrap_or_default()),
            None => word.to_owned(),
        }
    }

    /// What tells an object from its twins: what is in it, and in what refers to it.
    fn description(&self, twin: &Holding, holdings: &[Holding]) -> String {
        let marked = Value::String(twin.id.clone()).to_string();
        let referring = holdings.iter().filter(|h| h.value.to_string().contains(&marked));
        let mut around: Vec<String> =
            referring.map(|h| format!("{} {}", h.kind, self.render(&h.value))).collect();
        around.sort_unstable();
        let whole = format!("{}{around:?}", self.render(&twin.value));
        crate::services::registry::digest::Digest::of(whole.as_bytes()).to_string()
    }
}

fn addresses(holdings: &[Holding]) -> BTreeMap<String, (String, bool)> {
    let mut addresses = BTreeMap::new();
    for holding in holdings {
        let owner = holding.value["ownerId"].as_str().unwrap_or(&holding.id);
        for (field, public) in [("privateIp", false), ("publicIp", true), ("natIp", true)] {
            if let Some(address) = holding.value[field].as_str() {
                addresses.insert(address.to_owned(), (owner.to_owned(), public));
            }
        }
    }
    addresses
}

/// The name, with the first number behind it that is free.
pub(super) fn numbered(base: &str, is_taken: impl Fn(&str) -> bool) -> String {
    (1..).map(|n| suffixed(base, n)).find(|name| !is_taken(name)).unwrap_or_default()
}

fn suffixed(base: &str, number: usize) -> String {
    if number == 1 { base.to_owned() } else { format!("{base} ({number})") }
}
