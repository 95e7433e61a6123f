use super::*;
use crate::json::Json;
use crate::request::Request;

const NOON: i64 = 1_623_672_000_000; // 2021-06-14T12:00:00Z

fn render_for(request: &Request, source: &str) -> Result<String, String> {
    let model = model::model(request, "id-1", &[("user".into(), "ada".into())], &Json::Null);
    Template::compile(source)?.render(&model, NOON, 7)
}

fn render(source: &str) -> String {
    let request = Request::new("POST", "/users/ada?tag=x&tag=y")
        .with_header("X-Trace", "t1")
        .with_header("Cookie", "sid=9")
        .with_body(r#"{"name":"Ada","items":[{"n":1},{"n":2}]}"#);
    render_for(&request, source).unwrap()
}

#[test]
fn the_request_is_seen_as_in_wiremock() {
    assert_eq!(
        render("{{request.method}} {{request.path}} {{request.url}}"),
        "POST /users/ada /users/ada?tag=x&tag=y"
    );
    assert_eq!(
        render("{{request.pathSegments.[1]}} {{request.path.[0]}} {{request.path.user}}"),
        "ada users ada"
    );
    assert_eq!(render("{{request.query.tag}} {{request.query.tag.[1]}}"), "x y");
    assert_eq!(
        render(
            "{{request.headers.X-Trace}} {{request.headers.x-trace.[0]}} {{request.cookies.sid}}"
        ),
        "t1 t1 9"
    );
    assert_eq!(render("{{#each request.query.tag}}{{@index}}={{this}};{{/each}}"), "0=x;1=y;");
}

#[test]
fn helpers_do_what_wiremocks_do() {
    assert_eq!(
        render("{{jsonPath request.body '$.name'}} {{jsonPath request.body '$.none' default='-'}}"),
        "Ada -"
    );
    assert_eq!(
        render("{{#each (jsonPath request.body '$.items') as |item|}}{{item.n}},{{/each}}"),
        "1,2,"
    );
    assert_eq!(
        render("{{now format='yyyy-MM-dd' offset='3 days'}} {{now}}"),
        "2021-06-17 2021-06-14T12:00:00Z"
    );
    assert_eq!(
        render("{{math 1 '+' 2}} {{math 7.0 '/' 2}} {{size 'abc'}} {{join (array 1 2) '-'}}"),
        "3 3.5 3 1-2"
    );
    assert_eq!(
        render("{{regexExtract request.path '[a-z]+$'}} {{urlEncode 'a b/ü'}} {{base64 'hi'}}"),
        "ada a+b%2F%C3%BC aGk="
    );
    assert_eq!(
        render("{{#eq request.method 'POST'}}yes{{else}}no{{/eq}}{{#if (gt 2 1)}}!{{/if}}"),
        "yes!"
    );
    assert_eq!(
        render("{{#trim}}  x {{/trim}}{{upper 'b'}}{{capitalize 'a bc'}}{{substring 'abcd' 1 3}}"),
        "xBA Bcbc"
    );
}

#[test]
fn a_form_can_be_given_a_name_and_its_fields_asked_for() {
    let request = Request::new("POST", "/").with_body("name=Ada+L&k=1");
    assert_eq!(
        render_for(&request, "{{formData request.body 'form'}}{{form.name}}").unwrap(),
        "Ada L"
    );
}

#[test]
fn the_same_seed_makes_the_same_random_values() {
    let source =
        "{{randomValue type='UUID'}} {{randomInt lower=5 upper=9}} {{pickRandom 'a' 'b' 'c'}}";
    assert_eq!(render(source), render(source));
}

#[test]
fn templates_that_call_themselves_are_refused_before_they_are_parsed() {
    for source in [
        r#"{{#*inline "a"}}{{>a}}{{/inline}}{{>a}}"#,
        r#"{{#*inline "a"}}{{>b}}{{/inline}}{{#*inline "b"}}{{>a}}{{/inline}}{{>a}}"#,
        "{{> a}}",
        "{{~> a}}",
        "{{{{raw}}}}x{{{{/raw}}}}",
    ] {
        assert!(Template::compile(source).unwrap_err().contains("not supported"), "{source}");
    }
}

#[test]
fn endless_nesting_is_refused_with_the_limit() {
    let blocks = format!("{}x{}", "{{#if a}}".repeat(2_000), "{{/if}}".repeat(2_000));
    assert!(Template::compile(&blocks).unwrap_err().contains("32 deep"));
    let parentheses = format!("{{{{upper {}'x'{}}}}}", "(upper ".repeat(2_000), ")".repeat(2_000));
    assert!(Template::compile(&parentheses).unwrap_err().contains("32 deep"));
}

#[test]
fn a_cubic_each_stops_even_when_it_writes_nothing() {
    let request = Request::new("POST", "/").with_body(format!("[{}1]", "1,".repeat(999)));
    let list = "(jsonPath @root.request.body '$')";
    let source = format!(
        "{{{{#each {list}}}}}{{{{#each {list}}}}}{{{{#each {list}}}}}{{{{/each}}}}{{{{/each}}}}{{{{/each}}}}"
    );
    assert!(render_for(&request, &source).unwrap_err().contains("200000 steps"));
}

#[test]
fn output_and_helpers_end_at_a_megabyte() {
    let request = Request::new("POST", "/").with_body("a".repeat(600_000));
    let twice = render_for(&request, "{{request.body}}{{request.body}}");
    assert!(twice.unwrap_err().contains("1048576"));
    let grown = render_for(&request, "{{replace request.body 'a' 'bbbbbbbbbb'}}");
    assert!(grown.unwrap().contains("1048576"));
}

#[test]
fn a_helper_that_does_not_exist_is_refused_by_name() {
    assert!(Template::compile("{{hostname 1}}").unwrap_err().contains("no helper `hostname`"));
    assert!(Template::compile("{{log 'x'}}").unwrap_err().contains("no helper `log`"));
}

#[test]
fn whole_numbers_are_picked_between_bounds_that_are_numbers_or_text() {
    assert_eq!(render("{{randomInt lower=5 upper=6}} {{randomInt lower='7' upper='8'}}"), "5 7");
}

#[test]
fn a_pattern_with_a_name_gives_its_groups() {
    let source = "{{regexExtract 'abc123' '([a-z]+)([0-9]+)' 'p'}}{{p.0}}-{{p.1}}";
    assert_eq!(render(source), "abc-123");
}

/// Found by attacking it: compiling was free.
#[test]
fn patterns_made_in_a_loop_cost_steps() {
    let source = "{{#each (range 1 9000)}}{{regexExtract 'x' this default='z'}}{{/each}}";
    let request = Request::new("GET", "/");
    assert!(render_for(&request, source).unwrap_err().contains("200000 steps"));
    let same = "{{#each (range 1 900)}}{{regexExtract 'x' 'x'}}{{/each}}";
    assert_eq!(render_for(&request, same).unwrap().len(), 900);
}
