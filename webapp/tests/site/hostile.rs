//! Documents that are made to bring down whoever draws them. Each costs its sender an answer and nobody else anything.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::client::{Form, exchange};
use crate::server::Server;

/// A document of one page; `entries` and `contents` are the page's, `more` are objects from number 5 on.
fn document(entries: &str, contents: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    let stream = [
        format!("<< /Length {} >>\nstream\n", contents.len()).as_bytes(),
        contents,
        b"\nendstream",
    ]
    .concat();
    raw_document(entries, stream, more)
}

fn raw_document(entries: &str, contents: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let page = format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R {entries} >>").into_bytes();
    let catalog = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
    let pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec();
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    let objects = [vec![catalog, pages, page, contents], more.to_vec()].concat();
    for (number, object) in (1..).zip(&objects) {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        out.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let (size, start) = (objects.len() + 1, out.len());
    write!(out, "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").unwrap();
    out
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn form(entries: &str, contents: &str) -> Vec<u8> {
    let length = contents.len();
    format!("<< /Type /XObject /Subtype /Form /BBox [0 0 99 99] /Length {length} {entries} >>\nstream\n{contents}\nendstream").into_bytes()
}

const BOX: &str = "/MediaBox [0 0 200 200]";

/// Contents behind two layers of compression, 256 MB in the end.
fn nested_compression() -> Vec<u8> {
    let inner = deflated(&deflated(&vec![b' '; 256 << 20]));
    let head =
        format!("<< /Length {} /Filter [/FlateDecode /FlateDecode] >>\nstream\n", inner.len());
    raw_document(BOX, [head.as_bytes(), &inner, b"\nendstream"].concat(), &[])
}

/// Ten forms, each of which draws the next one ten times.
fn forms_in_forms() -> Vec<u8> {
    let draws = "/F Do ".repeat(10);
    let next = |level: usize| format!("/Resources << /XObject << /F {} 0 R >> >>", 6 + level);
    let forms: Vec<Vec<u8>> =
        (0..10).map(|level| form(&next(level), &draws)).chain([form("", "0 0 9 9 re f")]).collect();
    document(&format!("{BOX} /Resources << /XObject << /F 5 0 R >> >>"), draws.as_bytes(), &forms)
}

fn form_in_itself() -> Vec<u8> {
    let resources = "/Resources << /XObject << /F 5 0 R >> >>";
    document(&format!("{BOX} {resources}"), b"/F Do", &[form(resources, "/F Do /F Do")])
}

fn picture_of_many_pixels() -> Vec<u8> {
    let picture = b"<< /Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 3 >>\nstream\nabc\nendstream";
    document(
        &format!("{BOX} /Resources << /XObject << /I 5 0 R >> >>"),
        b"200 0 0 200 0 0 cm /I Do",
        &[picture.to_vec()],
    )
}

fn small_tiles() -> Vec<u8> {
    let tile = b"<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.001 /YStep 0.001 /Resources << >> /Length 12 >>\nstream\n0 0 1 1 re f\nendstream";
    document(
        &format!("{BOX} /Resources << /Pattern << /P 5 0 R >> >>"),
        b"/Pattern cs /P scn 0 0 200 200 re f",
        &[tile.to_vec()],
    )
}

fn many_lines() -> Vec<u8> {
    document(BOX, "0 0 m 99999 99999 l S\n".repeat(400_000).as_bytes(), &[])
}

/// Each with a name for whoever reads of a failure.
fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let boxed = |numbers: &str| document(&format!("/MediaBox [{numbers}]"), b"0 0 9 9 re f", &[]);
    let whole = document(BOX, b"0 0 9 9 re f", &[]);
    let mut all = vec![
        ("compressed twice", nested_compression()),
        ("forms in forms", forms_in_forms()),
        ("a form in itself", form_in_itself()),
        ("short dashes", document(BOX, b"[0.00001] 0 d 0 0 m 200 200 l S", &[])),
        ("a picture of many pixels", picture_of_many_pixels()),
        ("small tiles", small_tiles()),
        ("many lines", many_lines()),
        ("a tall page", boxed("0 0 1 100000000")),
        ("a huge page", boxed("-1e30 -1e30 1e30 1e30")),
        ("a page without room", boxed("0 0 0 0")),
        ("numbers that are none", boxed("NaN -inf inf 1e999")),
        ("graphics states", document(BOX, "q ".repeat(500_000).as_bytes(), &[])),
        ("arrays in arrays", document(BOX, "[".repeat(200_000).as_bytes(), &[])),
    ];
    all.extend(
        (1..8).map(|eighth| ("a torn document", whole[..whole.len() * eighth / 8].to_vec())),
    );
    all
}

#[test]
fn no_document_takes_more_than_its_own_worker_with_it() {
    let site = Server::start();
    let waiting = Mutex::new(documents());
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while let Some((what, bytes)) = { waiting.lock().unwrap().pop() } {
                    let answer =
                        site.post("/api/pdf/thumbnails", &Form::default().file("a.pdf", &bytes));
                    assert!(
                        [200, 400, 413, 415, 422].contains(&answer.status),
                        "{what}: {answer:?}"
                    );
                    assert_eq!(site.get("/health-check").status, 200, "after {what}");
                }
            });
        }
    });
    assert_eq!(
        site.get("/readyz").json()["workers"],
        std::thread::available_parallelism().unwrap().get()
    );
}

#[test]
fn a_document_that_asks_for_too_much_is_told_what_it_may_have() {
    let site = Server::start();
    let answer =
        site.post("/api/pdf/thumbnails", &Form::default().file("a.pdf", &forms_in_forms()));
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.detail().starts_with("a.pdf needs more than the "), "{}", answer.detail());
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
