//! Queries against one row.

use serde_json::{Value, json};

use super::*;

fn row() -> Value {
    json!({"datetime": 1000, "logContent": {"type": "com.oraclecloud.loadbalancer.access",
        "data": {"lbStatusCode": "502", "host": "a.example", "userAgent": "it's curl", "a.b": "x"}}})
}

fn holds(condition: &str) -> bool {
    let query = Query::parse(&format!("search \"c\" | where {condition}")).unwrap();
    query.conditions.iter().all(|condition| condition.holds(&row()))
}

fn refusal(query: &str) -> String {
    Query::parse(query).unwrap_err()
}

#[test]
fn comparisons_are_about_the_fields_of_the_content() {
    for condition in [
        "data.lbStatusCode = '502'",
        "data.lbStatusCode = 502",
        "data.lbStatusCode >= 500 and data.lbStatusCode < 1000",
        "\"data\".\"lbStatusCode\" != '200'",
        "logContent.data.host = 'a.example'",
        "data.\"a.b\" = 'x'",
        "data.userAgent = 'it''s curl'",
        "data.host = '*.example'",
        "data.host LIKE 'a%'",
        "logContent = '*a.example*'",
        "datetime = 1000",
        "not data.host = 'b'",
        "data.host = 'b' or data.host = 'a.example' and type = '*access'",
    ] {
        assert!(holds(condition), "{condition}");
    }
    for condition in [
        "data.lbStatusCode = '50'",
        "data.host = 'A.EXAMPLE'",
        "(data.host = 'b' or data.host = 'a.example') and type = 'x'",
        "data.nothing != 'x'",
        "data.host like 'example%'",
        "data.host = 'a*z*e'",
    ] {
        assert!(!holds(condition), "{condition}");
    }
}

#[test]
fn streams_order_and_limit_are_read() {
    let query = Query::parse(
        "search \"c/g/l\", \"d\" \"e/g\" | sort by data.host desc | limit 5 | limit 3",
    )
    .unwrap();
    assert_eq!(query.streams, [vec!["c", "g", "l"], vec!["d"], vec!["e", "g"]]);
    assert_eq!(query.order, Some((Field(vec!["data".into(), "host".into()]), true)));
    assert_eq!(query.limit, Some(3));
}

#[test]
fn what_is_not_understood_is_refused_by_what_it_is() {
    let deep = format!("search \"c\" | where {}a = 1{}", "(".repeat(40), ")".repeat(40));
    let many = format!("search \"c\" | where {} a = 1", "not ".repeat(3000));
    for (query, word) in [
        ("", "search"),
        ("search c", "search takes"),
        ("search \"a/b/c/d\"", "a/b/c/d"),
        ("search \"c\" | summarize count()", "summarize"),
        ("search \"c\" | where a =~ 'b'", "=~"),
        ("search \"c\" | where a = b", "b"),
        ("search \"c\" | where a = 'b", "no end"),
        ("search \"c\" | limit x", "number"),
        ("search \"c\" | limit 1 | where a = 1", "last"),
        ("search \"c\" | where a = 1 ;", ";"),
        ("search \"c\" where a = 1", "where"),
        (deep.as_str(), "deep"),
        (many.as_str(), "not"),
    ] {
        assert!(refusal(query).contains(word), "{query}: {}", refusal(query));
    }
}
