//! Forms that are too much: names, parts, texts, and none at all.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::made::{BOX, document, objects, picture, stream};
use crate::client::{Form, exchange};
use crate::server::Server;

#[test]
fn no_name_of_a_file_leads_out_of_a_folder_or_into_a_page() {
    let site = Server::start();
    let page = document(BOX, b"0 0 9 9 re f", &[]);
    let long = "long ".repeat(60);
    let names = [
        "../../x.pdf",
        "..\\..\\x.pdf",
        "<img src=x onerror=alert(1)>.pdf",
        "a\u{202e}fdp.exe",
        "CON.pdf",
        "a\0b.pdf",
        &long,
    ];
    for name in names {
        let answer = site.post("/api/pdf/split", &Form::default().file(name, &page));
        let told = answer.header("content-disposition");
        // A header cannot hold a zero, so that form is none.
        assert_eq!(answer.status, if name.contains('\0') { 400 } else { 200 }, "{name:?}");
        assert!(!told.contains(['<', '/', '\\', '\u{202e}', '\0']) && told.len() < 500, "{told}");
        assert!(!told.contains("..") && !told.contains("\"CON"), "{told}");
    }
}

#[test]
fn a_form_that_is_none_is_a_client_s_mistake() {
    let site = Server::start();
    let ask = |kind: &str, body: &str| {
        let length = body.len();
        let head = format!(
            "POST /api/pdf/merge HTTP/1.1\r\nhost: site\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
        );
        exchange(site.address, &head, body.as_bytes()).status
    };
    assert_eq!(ask("multipart/form-data", "x"), 400);
    assert_eq!(ask("application/json", "{}"), 400);
    assert_eq!(ask("multipart/form-data; boundary=b", &"preamble ".repeat(1000)), 400);
}

#[test]
fn a_form_of_100_000_parts_is_refused_at_the_first_that_is_too_much() {
    let site = Server::start();
    let form = (0..100_000).fold(Form::default(), |form, _| form.field("passwords", "x"));
    let answer = site.post("/api/pdf/merge", &form);
    let told = (answer.status, answer.detail());
    assert_eq!(told, (413, "a form may have at most 200 fields".to_owned()));
}

#[test]
fn a_form_that_does_not_begin_is_read_no_further_than_an_upload_may_be_long() {
    let site = Server::start();
    let mut stream = TcpStream::connect(site.address).unwrap();
    let head = "POST /api/pdf/merge HTTP/1.1\r\nhost: site\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\
                content-type: multipart/form-data; boundary=x\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [&b"100000\r\n"[..], &vec![b' '; 1 << 20], b"\r\n"].concat();
    let sent = (0..1024).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(sent < 64, "{sent} MB");
    assert_eq!(site.get("/health-check").status, 200);
}

#[test]
fn a_watermark_that_cannot_be_written_is_refused_with_the_reason() {
    let site = Server::start();
    let page = document(BOX, b"0 0 9 9 re f", &[]);
    let mark = |text: &str| {
        let form = Form::default().file("a.pdf", &page).field("text", text);
        let answer = site.post("/api/pdf/watermark", &form);
        let detail = if answer.status == 200 { String::new() } else { answer.detail() };
        (answer.status, detail)
    };
    assert_eq!(mark(&"a".repeat(1_000_000)), (413, "text is too long".to_owned()));
    for text in ["😀 draft", "\u{202e}tfard", "א\u{0}ב"] {
        let (status, detail) = mark(text);
        assert_eq!(status, 400, "{text:?}: {detail}");
        assert!(detail.contains("is not in the font"), "{text:?}: {detail}");
    }
}

#[test]
fn visitors_who_never_read_what_they_asked_for_do_not_keep_others_from_their_turn() {
    let site = Server::with(&[("TRUSTED_HOPS", "1")]);
    let form =
        Form::default().file("a.pdf", &noise(12)).field("pages", "1-").field("width", "1600");
    let places = std::thread::available_parallelism().unwrap().get();
    let deaf: Vec<_> =
        (0..places).map(|_| site.ask_as(&site.stranger(), "/api/pdf/thumbnails", &form)).collect();
    let begun = Instant::now();
    while site.get("/readyz").json()["workers"] != 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the workers were never all busy");
    }
    let page = Form::default().file("a.pdf", &document(BOX, b"0 0 9 9 re f", &[]));
    let answer = site.post_as(&site.stranger(), "/api/pdf/split", &page);
    assert_eq!(answer.status, 200, "{answer:?}");
    drop(deaf);
}

/// So many pages of dots in no order, of which pictures become large.
fn noise(pages: usize) -> Vec<u8> {
    let mut dot = 1_u32;
    let mut next = || {
        dot = dot.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        dot.to_be_bytes()[0]
    };
    let dots: Vec<u8> = (0..700 * 700 * 3).map(|_| next()).collect();
    let size = "/Width 700 /Height 700 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    let page = format!(
        "<< /Type /Page /Parent 2 0 R {BOX} /Contents 4 0 R /Resources << /XObject << /I 3 0 R >> >> >>"
    );
    let kids = (5..5 + pages).map(|page| format!("{page} 0 R ")).collect::<String>();
    let first = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Count {pages} /Kids [{kids}] >>").into_bytes(),
        picture(size, &dots),
        stream("", b"200 0 0 200 0 0 cm /I Do"),
    ];
    objects("", &[first.as_slice(), &vec![page.into_bytes(); pages]].concat())
}
