//! The helpers that there are; a template that names another is refused.

use super::call::Function;

mod choice;
mod data;
mod dates;
mod numbers;
mod text;

/// What the engine brings along and is offered as it is.
const BUILT_IN: [&str; 5] = ["if", "unless", "with", "lookup", "each"];

const CONDITIONS: [(&str, Function); 11] = [
    ("eq", choice::eq),
    ("neq", choice::neq),
    ("ne", choice::neq),
    ("gt", choice::gt),
    ("gte", choice::gte),
    ("lt", choice::lt),
    ("lte", choice::lte),
    ("and", choice::and),
    ("or", choice::or),
    ("not", choice::not),
    ("contains", choice::contains),
];

const FUNCTIONS: [(&str, Function); 35] = [
    ("now", dates::now),
    ("date", dates::date),
    ("parseDate", dates::parse_date),
    ("dateFormat", dates::date),
    ("randomValue", choice::random_value),
    ("pickRandom", choice::pick_random),
    ("randomInt", numbers::random_int),
    ("randomDecimal", numbers::random_decimal),
    ("jsonPath", data::json_path),
    ("parseJson", data::parse_json),
    ("toJson", data::to_json),
    ("formData", data::form_data),
    ("regexExtract", data::regex_extract),
    ("size", data::size),
    ("range", data::range),
    ("array", data::array),
    ("arrayAdd", data::array_add),
    ("join", data::join),
    ("val", data::val),
    ("math", numbers::math),
    ("add", numbers::add),
    ("subtract", numbers::subtract),
    ("numberFormat", numbers::number_format),
    ("base64", text::base64),
    ("urlEncode", text::url_encode),
    ("trim", text::trim),
    ("capitalize", text::capitalize),
    ("capitalizeFirst", text::capitalize_first),
    ("lower", text::lower),
    ("upper", text::upper),
    ("replace", text::replace),
    ("substring", text::substring),
    ("abbreviate", text::abbreviate),
    ("stripTags", text::strip_tags),
    ("defaultIfEmpty", text::default_if_empty),
];

pub(super) fn find(name: &str) -> Option<Function> {
    FUNCTIONS
        .iter()
        .chain(&CONDITIONS)
        .find(|(known, _)| *known == name)
        .map(|(_, function)| *function)
}

pub(super) fn is_condition(name: &str) -> bool {
    CONDITIONS.iter().any(|(known, _)| *known == name)
}

pub(super) fn is_known(name: &str) -> bool {
    BUILT_IN.contains(&name) || find(name).is_some()
}

pub(super) fn names() -> Vec<&'static str> {
    let functions = CONDITIONS.iter().chain(&FUNCTIONS).map(|(name, _)| *name);
    BUILT_IN.into_iter().chain(functions).collect()
}
