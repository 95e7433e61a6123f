//! What attacks are made of: documents object by object, and compressed zeros without end.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, FlushCompress};

/// A document, with the statuses of splitting it and of drawing it.
pub(super) type Case = (&'static str, Vec<u8>, [&'static [u16]; 2]);

/// The entry of a page that has room for something.
pub(super) const BOX: &str = "/MediaBox [0 0 200 200]";

/// A document of one page; `entries` and `contents` are the page's, `more` are objects from number 5 on.
pub(super) fn document(entries: &str, contents: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    with_contents(entries, stream("", contents), more)
}

/// The same, where the page's contents are a whole object.
pub(super) fn with_contents(entries: &str, contents: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let page = format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R {entries} >>");
    let first =
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>", &page];
    let first = first.map(|object| object.as_bytes().to_vec());
    objects("", &[first.as_slice(), &[contents], more].concat())
}

/// A document of these objects, numbered from 1, the first of which is its catalog.
pub(super) fn objects(trailer: &str, objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        out.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let (size, start) = (objects.len() + 1, out.len());
    write!(
        out,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    out
}

pub(super) fn stream(entries: &str, contents: &[u8]) -> Vec<u8> {
    let head = format!("<< /Length {} {entries} >>\nstream\n", contents.len());
    [head.as_bytes(), contents, b"\nendstream"].concat()
}

/// A form XObject.
pub(super) fn form(entries: &str, contents: &str) -> Vec<u8> {
    stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 99 99] {entries}"),
        contents.as_bytes(),
    )
}

/// A picture XObject.
pub(super) fn picture(entries: &str, contents: &[u8]) -> Vec<u8> {
    stream(&format!("/Type /XObject /Subtype /Image {entries}"), contents)
}

pub(super) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// So many megabytes of zeros in zlib (RFC 1950): a thousandth of that.
pub(super) fn zeros(megabytes: usize) -> Vec<u8> {
    const MEGABYTE: usize = 1 << 20;
    let mut block = Vec::with_capacity(MEGABYTE / 64);
    // After a full flush a block stands for itself, so that it can be repeated.
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&vec![0; MEGABYTE], &mut block, FlushCompress::Full).unwrap();
    let last = [1, 0, 0, 0xff, 0xff];
    let sum = u32::try_from(megabytes * MEGABYTE % 65_521).unwrap() << 16 | 1;
    [&[0x78, 0xda][..], &block.repeat(megabytes), &last, &sum.to_be_bytes()].concat()
}
