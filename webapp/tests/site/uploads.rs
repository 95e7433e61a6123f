//! Uploads and what is answered to them.

use crate::client::{Form, exchange};
use crate::server::Server;

const NO_PICTURE: &[u8] = b"just text";

#[test]
fn what_is_no_picture_is_refused_by_its_name_and_with_what_is_taken() {
    let site = Server::start();
    let answer = site.post("/api/image/resize", &Form::default().file("../notes.png", NO_PICTURE));
    assert_eq!(answer.status, 415);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.detail().starts_with("notes.png: "), "{}", answer.detail());
}

#[test]
fn an_upload_without_files_or_with_too_many_is_refused_with_how_many_may_be() {
    let site = Server::start();
    let none = site.post("/api/pdf/split", &Form::default().file("", b""));
    assert_eq!((none.status, none.detail().as_str()), (400, "files must be 1 to 1 files"));
    let two = Form::default().file("a.pdf", b"a").file("b.pdf", b"b");
    let two = site.post("/api/pdf/split", &two);
    assert_eq!((two.status, two.detail().as_str()), (413, "Split a PDF takes at most 1 files"));
}

#[test]
fn a_limit_is_named_before_or_while_it_is_passed() {
    let site = Server::start();
    let head = "POST /api/pdf/merge HTTP/1.1\r\nhost: site\r\ncontent-type: multipart/form-data; boundary=x\r\n\
                connection: close\r\ncontent-length: 999999999\r\n\r\n";
    let declared = exchange(site.address, head, b"");
    assert_eq!(
        (declared.status, declared.detail().as_str()),
        (413, "an upload may have at most 50 MB")
    );
    let large =
        site.post("/api/pdf/merge", &Form::default().file("big.pdf", &vec![b' '; 26 << 20]));
    assert_eq!((large.status, large.detail().as_str()), (413, "big.pdf is larger than 25 MB"));
    let fields = (0..300).fold(Form::default(), |form, _| form.field("passwords", "x"));
    assert_eq!(site.post("/api/pdf/merge", &fields).detail(), "a form may have at most 200 fields");
}

#[test]
fn who_sends_a_form_without_scripts_reads_a_page_about_what_is_wrong() {
    let site = Server::start();
    let form = Form::default().file("<b>.png", NO_PICTURE);
    let answer = site.post_with("/api/image/resize", &form, "accept: text/html\r\n");
    assert_eq!((answer.status, answer.header("content-type")), (415, "text/html; charset=utf-8"));
    assert!(answer.text().contains("b.png: "), "{}", answer.text());
}

#[test]
fn a_page_of_another_site_may_not_send_files() {
    let site = Server::start();
    let form = Form::default().file("a.png", NO_PICTURE);
    let answer = site.post_with("/api/image/resize", &form, "sec-fetch-site: cross-site\r\n");
    assert_eq!(answer.status, 403);
}

#[test]
fn one_address_is_slowed_down_and_may_not_pretend_to_be_many() {
    let site = Server::with(&[("TRUSTED_HOPS", "1")]);
    let form = Form::default().file("a.png", NO_PICTURE);
    let ask = |visitor: &str, forged: u32| {
        let header =
            format!("x-forwarded-for: 10.0.{}.{}, {visitor}\r\n", forged / 250, forged % 250);
        site.post_with("/api/image/inspect", &form, &header)
    };
    let slowed =
        (0..200).map(|forged| ask("203.0.113.7", forged)).find(|answer| answer.status == 429);
    let slowed = slowed.expect("a visitor is slowed down at last");
    assert!(slowed.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_ne!(ask("203.0.113.8", 0).status, 429);
}

#[test]
fn the_log_tells_routes_and_never_names_of_files() {
    let site = Server::start();
    site.post("/api/image/inspect", &Form::default().file("love-letter.png", NO_PICTURE));
    site.get("/readyz");
    let said = site.stop();
    assert!(said.contains("route=\"/api/image/inspect\""), "{said}");
    assert!(!said.contains("love-letter"), "{said}");
}

#[test]
fn counters_are_there_for_prometheus() {
    let site = Server::start();
    site.get("/health-check");
    let metrics = site.get("/metrics");
    assert!(
        metrics.text().contains("http_requests_total{route=\"/health-check\",status=\"200\"} 1"),
        "{}",
        metrics.text()
    );
    assert_eq!(site.get(&format!("/readyz?{}", site.id())).json()["status"], "OK");
}
