//! Files that promise more than anybody should make room for.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::ImageFormat;
use serde_json::json;

use super::done;
use super::made::{chunk, encoded, jpeg_with, moving_gif, plain};
use crate::Why::{self, Malformed, TooLarge, Unsupported};

fn assert_refused(bytes: &[u8], why: Why, words: &[&str]) {
    for tool in ["inspect", "resize", "palette"] {
        let start = Instant::now();
        let refusal = done(json!({"tool": tool}), bytes).unwrap_err();
        assert_eq!(refusal.why, why, "{tool}: {refusal}");
        assert!(words.iter().all(|word| refusal.detail.contains(word)), "{tool}: {refusal}");
        assert!(start.elapsed() < Duration::from_secs(1), "{tool}: {:?}", start.elapsed());
    }
}

fn png_of(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(*b"IHDR", &header), &chunks.concat(), &chunk(*b"IEND", &[])]
        .concat()
}

/// So many zeros, or a few more, in zlib.
fn squeezed(zeros: usize) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let side = u32::try_from(zeros.isqrt()).unwrap();
    plain(side / 3, side, [0; 3]).write_to(&mut out, ImageFormat::Png).unwrap();
    let bytes = out.into_inner();
    let start = bytes.windows(4).position(|name| name == b"IDAT").unwrap();
    let length = u32::from_be_bytes(bytes[start - 4..start].try_into().unwrap());
    bytes[start + 4..start + 4 + usize::try_from(length).unwrap()].to_vec()
}

#[test]
fn a_small_png_of_361_megapixels_is_refused() {
    assert_refused(
        &png_of(19_000, 19_000, &[chunk(*b"IDAT", &[0; 44_000])]),
        TooLarge,
        &["361", "100"],
    );
}

#[test]
fn a_header_alone_is_enough_to_be_refused() {
    assert_refused(&png_of(60_000, 60_000, &[]), TooLarge, &["60000", "32768"]);
    assert_refused(
        b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0;",
        TooLarge,
        &["65535"],
    );
    let mut bmp = encoded(plain(2, 2, [0; 3]), ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0xe8, 0xfd, 0, 0, 0xe8, 0xfd, 0, 0]);
    assert_refused(&bmp, TooLarge, &["65000"]);
}

#[test]
fn a_tiff_of_huge_tiles_is_refused() {
    let entry = |tag: u16, value: u32| {
        [&tag.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()]
            .concat()
    };
    let tiff = |side: u32, tile: u32| {
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
        let entries: Vec<u8> =
            entries.into_iter().flat_map(|(tag, value)| entry(tag, value)).collect();
        [&b"II\x2a\0\x08\0\0\0\x0a\0"[..], &entries, &[0; 4]].concat()
    };
    assert_refused(&tiff(65_000, 65_000), TooLarge, &["65000"]);
    let refusal = done(json!({"tool": "resize"}), &tiff(10, 4_000_000_000)).unwrap_err();
    assert!(matches!(refusal.why, TooLarge | Malformed | Unsupported), "{refusal}");
}

#[test]
fn a_gif_of_100_000_frames_is_refused() {
    let few = moving_gif(1);
    let start = few.iter().rposition(|&byte| byte == 0x21).unwrap();
    let frame = few[start..few.len() - 1].repeat(100_000);
    assert_refused(&[&few[..start], &frame, b";"].concat(), TooLarge, &["200 frames"]);
}

#[test]
fn a_huge_jpeg_and_one_of_a_thousand_scans_are_refused() {
    let mut jpeg = encoded(plain(64, 64, [9; 3]), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let scans = jpeg[scan..jpeg.len() - 2].repeat(1_000);
    assert_refused(&[&jpeg[..scan], &scans, &[0xff, 0xd9]].concat(), TooLarge, &["100 scans"]);
    let size = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap() + 5;
    jpeg[size..size + 4].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    assert_refused(&jpeg, TooLarge, &["65500", "32768"]);
}

#[test]
fn frames_count_together() {
    let mut gif = moving_gif(30);
    gif[6..10].copy_from_slice(&[0x88, 0x13, 0x88, 0x13]);
    assert_refused(&gif, TooLarge, &["750 megapixels", "30 frame"]);
}

#[test]
fn metadata_that_blows_up_takes_neither_time_nor_room() {
    let bomb = squeezed(60_000_000);
    let profile = chunk(*b"iCCP", &[&b"bomb\0\0"[..], &bomb].concat());
    let text = chunk(*b"zTXt", &[&b"bomb\0\0"[..], &bomb].concat());
    let pixels = chunk(*b"IDAT", &[0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0xaa, 0, 0xac, 0, 0xab]);
    let start = Instant::now();
    for chunks in [[profile, pixels.clone()], [text, pixels]] {
        let done = done(json!({"tool": "convert"}), &png_of(8, 1, &chunks));
        assert!(done.is_ok_and(|made| made.bytes.len() < 1_000_000));
    }
    let huge = [&b"MM\0\x2a\0\0\0\x08\xff\xff"[..], &[0xff; 60_000]].concat();
    done(json!({"tool": "resize"}), &jpeg_with(&huge, &plain(8, 8, [0; 3]))).unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn markup_under_the_name_of_a_picture_is_refused_as_what_it_is() {
    let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><svg>&b;</svg>";
    assert_refused(bomb, Unsupported, &["SVG", "PNG, JPEG, WebP, GIF, BMP and TIFF"]);
    assert_refused(b"  <svg xmlns=\"http://www.w3.org/2000/svg\"/>", Unsupported, &["SVG"]);
    assert_refused(b"", Unsupported, &["empty"]);
    assert_refused(b"%PDF-1.7", Unsupported, &["PDF"]);
}

#[test]
fn nothing_that_is_cut_or_changed_anywhere_brings_the_tools_down() {
    let formats = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
    ];
    for format in formats {
        let whole = encoded(plain(24, 16, [200, 100, 50]), format);
        for at in 0..whole.len().min(400) {
            let mut changed = whole.clone();
            changed[at] ^= 0xff;
            let _ = done(json!({"tool": "thumbnail"}), &changed);
            let _ = done(json!({"tool": "thumbnail"}), &whole[..at]);
        }
    }
}
