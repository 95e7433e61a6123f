//! Pictures that promise more than anybody should make room for.

use flate2::Crc;

use super::made::zeros;

/// Each with the status of resizing it.
pub(super) fn all() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let bomb = zeros(1024);
    let text = [b"bomb\0\0", bomb.as_slice()].concat();
    let with = |name: &[u8; 4], data: &[u8]| png(8, 1, &[(name, data), (b"IDAT", DOTS)]);
    let entities = r#"<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>"#;
    vec![
        ("a PNG of 361 megapixels in 44 KB", png(19_000, 19_000, &[(b"IDAT", &zeros(44))]), &[413]),
        ("a PNG of 3,600 megapixels without any", png(60_000, 60_000, &[]), &[413]),
        ("a GIF of 4,295 megapixels", gif(u16::MAX, 1), &[413]),
        ("a GIF of 100,000 frames", gif(1, 100_000), &[413]),
        ("a BMP of 4,225 megapixels", bmp(65_000), &[413]),
        ("a TIFF of one tile of 4,225 megapixels", tiff(65_000, 65_000), &[413]),
        ("a TIFF whose tile is larger than itself", tiff(16, 4_000_000_000), &[422]),
        ("a JPEG of 4,290 megapixels", jpeg(65_500, 1), &[413]),
        ("a JPEG of a thousand scans", jpeg(64, 1_000), &[413]),
        ("a profile of 1 GB", with(b"iCCP", &text), &[200]),
        ("a text of 1 GB", with(b"zTXt", &text), &[200]),
        ("a PNG of 1 GB in a picture of eight dots", png(8, 1, &[(b"IDAT", &bomb)]), &[200]),
        ("Exif that points everywhere", with(b"eXIf", &noise()), &[200]),
        ("markup under the name of a picture", entities.as_bytes().to_vec(), &[415]),
    ]
}

/// Eight black dots of one bit in a row.
const DOTS: &[u8] = &[0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0, 0, 2, 0, 1];

/// A PNG of one bit for each dot.
fn png(width: u32, height: u32, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    let all = [&[(b"IHDR", head.as_slice())], chunks, &[(b"IEND", &[][..])]].concat();
    let chunks = all.into_iter().flat_map(|(name, data)| {
        let length = u32::try_from(data.len()).unwrap();
        let named = [&name[..], data].concat();
        let mut sum = Crc::new();
        sum.update(&named);
        [&length.to_be_bytes()[..], &named, &sum.sum().to_be_bytes()].concat()
    });
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.collect()].concat()
}

fn gif(side: u16, frames: usize) -> Vec<u8> {
    let side = side.to_le_bytes();
    let head = [b"GIF89a", &side[..], &side, &[0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff]].concat();
    let frame = [&[0x2c, 0, 0, 0, 0][..], &side, &side, &[0, 2, 2, 0x44, 1, 0]].concat();
    [head, frame.repeat(frames), b";".to_vec()].concat()
}

fn bmp(side: u32) -> Vec<u8> {
    let side = side.to_le_bytes();
    let head = [b"BM", &[0; 8][..], &54_u32.to_le_bytes(), &40_u32.to_le_bytes(), &side, &side];
    [&head.concat()[..], &[1, 0, 24, 0], &[0; 24], &[0; 16]].concat()
}

/// A grey picture in tiles (TIFF 6.0, section 15).
fn tiff(side: u32, tile: u32) -> Vec<u8> {
    let entries = [
        (256, side),
        (257, side),
        (258, 8),
        (259, 1),
        (262, 1),
        (277, 1),
        (322, tile),
        (323, tile),
        (324, 8),
        (325, 8),
    ];
    let entry = |(tag, value): (u16, u32)| {
        [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat()
    };
    let entries: Vec<u8> = entries.into_iter().flat_map(entry).collect();
    [&b"II\x2a\0\x08\0\0\0\x0a\0"[..], &entries, &[0; 4]].concat()
}

/// A progressive JPEG of so many scans, each of which refines the same coefficient.
fn jpeg(side: u16, scans: usize) -> Vec<u8> {
    let side = side.to_be_bytes();
    let table = [&[0xff, 0xdb, 0, 67, 0][..], &[1; 64]].concat();
    let frame = [&[0xff, 0xc2, 0, 11, 8][..], &side, &side, &[1, 1, 0x11, 0]].concat();
    let codes = [&[0xff, 0xc4, 0, 20, 0, 1][..], &[0; 15], &[0]].concat();
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    [&[0xff, 0xd8][..], &table, &frame, &codes, &scan.repeat(scans), &[0xff, 0xd9]].concat()
}

/// Numbers in no order, as lengths and places.
fn noise() -> Vec<u8> {
    [&b"MM\0\x2a\0\0\0\x08\xff\xff"[..], &[0xff; 60_000]].concat()
}
