//! Documents whose parts refer to each other in ways that nobody should follow, or that lie about themselves.

use std::fmt::Write as _;

use lopdf::{Document, EncryptionState, EncryptionVersion, Object, Permissions, StringFormat};

use super::made::{BOX, Case, deflated, document, objects, stream, with_contents, zeros};

const ANY: &[u16] = &[200, 413, 415, 422];

/// Each with the statuses of splitting it and of drawing it.
pub(super) fn all() -> Vec<Case> {
    let whole = document(BOX, b"0 0 9 9 re f", &[]);
    let mut all: Vec<Case> = vec![
        ("a page below 60,000 nodes", tree(60_000, |node| vec![node + 1]), [&[200], &[200]]),
        ("a tree of pages that closes on itself", tree(4, |_| vec![1, 2]), [&[422], &[422]]),
        (
            "a tree of pages that shares its branches",
            tree(40, |node| vec![node + 1; 4]),
            [&[200], &[200]],
        ),
        ("arrays in arrays", arrays_in_arrays(), [&[200], &[200]]),
        ("bookmarks that close on themselves", bookmarks_in_a_ring(), [&[200], &[200]]),
        ("a table before itself", tables_in_a_ring(&whole), [&[200], &[200]]),
        (
            "packed objects that extend themselves",
            packed("/Extends 4 0 R", false),
            [&[200], &[200]],
        ),
        ("packed objects of 4 GB", packed("", true), [&[422], &[422]]),
        ("a length beyond the end", lengthy("99999999999"), [&[200], &[200]]),
        ("a negative length", lengthy("-1"), [&[200], &[200]]),
        ("a length that is its own stream", lengthy("4 0 R"), [&[200], &[200]]),
        ("locked for who has no password", locked("secret"), [&[422], &[422]]),
        ("locked for who wants to change it", locked(""), [&[200], &[200]]),
        ("a cipher from the future", enciphered("/V 99 /R 99"), [&[422], &[422]]),
        (
            "AES-256 with keys that are too short",
            enciphered("/V 5 /R 6 /Length 256"),
            [&[422], &[422]],
        ),
        ("a document that is a page and an archive, too", polyglot(&whole), [&[200], &[200]]),
        ("a document with programs", programs(), [&[200], &[200]]),
    ];
    all.extend(
        (0..16)
            .map(|part| ("a torn document", whole[..whole.len() * part / 16].to_vec(), [ANY, ANY])),
    );
    all
}

/// A tree whose nodes, by number from 1, have those kids; the last node is a page.
fn tree(nodes: u32, kids: impl Fn(u32) -> Vec<u32>) -> Vec<u8> {
    let node = |number: u32| {
        let kids: String = kids(number).iter().fold(String::new(), |mut text, kid| {
            write!(text, "{} 0 R ", kid + 1).unwrap();
            text
        });
        format!("<< /Type /Pages /Count 1000000000 /Kids [{kids}] >>").into_bytes()
    };
    let catalog = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
    let page = format!("<< /Type /Page {BOX} >>").into_bytes();
    let all: Vec<_> = [catalog].into_iter().chain((1..nodes).map(node)).chain([page]).collect();
    objects("", &all)
}

fn arrays_in_arrays() -> Vec<u8> {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    document(BOX, b"0 0 9 9 re f", &[deep.into_bytes()])
}

fn bookmarks_in_a_ring() -> Vec<u8> {
    let catalog = "<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>";
    let pages = "<< /Type /Pages /Count 1 /Kids [3 0 R] >>";
    let page = format!("<< /Type /Page /Parent 2 0 R {BOX} >>");
    let outlines = "<< /Type /Outlines /First 5 0 R /Last 6 0 R >>";
    let mark = |next: u8| {
        format!(
            "<< /Title (a) /Parent 4 0 R /Dest [3 0 R /Fit] /First {next} 0 R /Next {next} 0 R /Prev {next} 0 R >>"
        )
    };
    let all = [catalog, pages, &page, outlines, &mark(6), &mark(5)];
    objects("", &all.map(|object| object.as_bytes().to_vec()))
}

/// The table of objects says that there is an older one, which is itself.
fn tables_in_a_ring(whole: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(whole).unwrap();
    let start = text.find("xref\n").unwrap();
    text.replace("trailer\n<<", &format!("trailer\n<< /Prev {start}")).into_bytes()
}

/// A document whose objects are packed into object 4 (ISO 32000-1, 7.5.7).
fn packed(entries: &str, is_bomb: bool) -> Vec<u8> {
    let parts = [
        "<< /Type /Catalog /Pages 2 0 R >> ".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >> ".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R {BOX} >> "),
    ];
    let (mut places, mut at) = (String::new(), 0);
    for (number, part) in (1..).zip(&parts) {
        write!(places, "{number} {at} ").unwrap();
        at += part.len();
    }
    let contents = if is_bomb {
        zeros(4096)
    } else {
        deflated(format!("{places}{}", parts.concat()).as_bytes())
    };
    let entries =
        format!("/Type /ObjStm /N 3 /First {} /Filter /FlateDecode {entries}", places.len());
    let mut out = b"%PDF-1.7\n4 0 obj\n".to_vec();
    out.extend(stream(&entries, &contents));
    out.extend(b"\nendobj\n");
    let start = out.len();
    let place = |offset: usize| u32::try_from(offset).unwrap().to_be_bytes();
    let mut table = vec![0, 0, 0, 0, 0, 0xff, 0xff];
    for index in 0..3 {
        table.extend([2, 0, 0, 0, 4, 0, index]);
    }
    table.extend([&[1][..], &place(9), &[0, 0, 1], &place(start), &[0, 0]].concat());
    out.extend(b"5 0 obj\n");
    out.extend(stream("/Type /XRef /Size 6 /Root 1 0 R /W [1 4 2]", &table));
    out.extend(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    out
}

fn lengthy(length: &str) -> Vec<u8> {
    let contents = format!("<< /Length {length} >>\nstream\n0 0 9 9 re f\nendstream");
    with_contents(BOX, contents.into_bytes(), &[])
}

fn locked(user_password: &str) -> Vec<u8> {
    let mut made = Document::load_mem(&document(BOX, b"0 0 9 9 re f", &[])).unwrap();
    let id = || Object::String(vec![7; 16], StringFormat::Hexadecimal);
    made.trailer.set("ID", vec![id(), id()]);
    let version = EncryptionVersion::V2 {
        document: &made,
        owner_password: "owner",
        user_password,
        key_length: 128,
        permissions: Permissions::empty(),
    };
    let state = EncryptionState::try_from(version).unwrap();
    made.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    made.save_to(&mut bytes).unwrap();
    bytes
}

fn enciphered(version: &str) -> Vec<u8> {
    let objects_of_a_page = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R {BOX} >>"),
        format!("<< /Filter /Standard {version} /O (o) /U (u) /OE () /UE () /P -4 /Perms (x) >>"),
    ];
    objects("/Encrypt 4 0 R /ID [<07> <07>]", &objects_of_a_page.map(String::into_bytes))
}

/// A web page first, an archive at the end.
fn polyglot(whole: &[u8]) -> Vec<u8> {
    [&b"<html><script>alert(1)</script><!--\n"[..], whole, b"PK\x05\x06", &[0; 18]].concat()
}

/// Scripts, a program to start and one to unpack, wherever a document may have them.
pub(super) fn programs() -> Vec<u8> {
    let script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
    let launch = "<< /S /Launch /F (cmd.exe) >>";
    let file = "<< /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>";
    let names = format!(
        "/Names << /JavaScript << /Names [(a) {script}] >> /EmbeddedFiles << /Names [(a.exe) {file}] >> >>"
    );
    let catalog = format!(
        "<< /Type /Catalog /Pages 2 0 R /OpenAction {script} /AA << /WC {script} >> {names} >>"
    );
    let link = |action: &str| {
        format!(
            "<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A {action} /AA << /E {script} >> >>"
        )
    };
    let page = format!(
        "<< /Type /Page /Parent 2 0 R {BOX} /AA << /O {launch} >> /Annots [{} {} 5 0 R] >>",
        link(script),
        link(launch)
    );
    let attached = format!(
        "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS {file} /A {launch} >>"
    );
    let pages = "<< /Type /Pages /Count 1 /Kids [3 0 R] >>";
    let all = [&catalog, pages, &page, "null", &attached].map(|object| object.as_bytes().to_vec());
    objects("", &[all.as_slice(), &[stream("/Type /EmbeddedFile", b"MZ")]].concat())
}
