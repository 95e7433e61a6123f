//! Formats, metadata and what is said of them.

use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::json;

use super::made::{chunk, corner, encoded, exif, jpeg_with, photo, plain, png};
use super::{done, notes, pixels};
use crate::Why;

#[test]
fn every_format_is_written_as_every_other_and_looks_the_same() {
    let source = corner(16, 16);
    for from in
        [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif, ImageFormat::WebP]
    {
        let bytes = encoded(image::DynamicImage::from(source.clone()).to_rgba8(), from);
        for to in ["png", "jpeg", "webp", "gif", "bmp", "tiff"] {
            let made =
                done(json!({"tool": "convert", "format": to, "quality": 100}), &bytes).unwrap();
            assert_eq!(made.about["format"], to);
            let seen = pixels(&made).to_rgb8();
            for (ours, wanted) in seen.pixels().zip(source.pixels()) {
                let off = (0..3).map(|at| ours.0[at].abs_diff(wanted.0[at])).max().unwrap();
                assert!(
                    off <= if to == "jpeg" { 6 } else { 0 },
                    "{from:?} to {to}: {ours:?}, not {wanted:?}"
                );
            }
        }
    }
}

#[test]
fn a_format_is_known_by_its_bytes_and_not_by_its_name() {
    let made =
        done(json!({"tool": "inspect"}), &encoded(plain(3, 2, [0; 3]), ImageFormat::Bmp)).unwrap();
    assert_eq!((&made.about["format"], made.media_type.as_str()), (&json!("bmp"), "image/bmp"));
    assert_eq!((&made.about["width"], &made.about["height"]), (&json!(3), &json!(2)));
}

#[test]
fn what_lies_below_a_transparent_picture_is_the_background_that_is_asked_for() {
    let clear = png(RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0])));
    let job = json!({"tool": "convert", "format": "jpeg", "background": "#ff0000"});
    let seen = pixels(&done(job, &clear).unwrap()).to_rgb8();
    assert!(
        seen.get_pixel(4, 4).0[0] > 250 && seen.get_pixel(4, 4).0[1] < 5,
        "{:?}",
        seen.get_pixel(4, 4)
    );
}

#[test]
fn all_eight_orientations_are_applied() {
    // Where the red corner of a picture that is stored top left is seen.
    let seen_at = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (1, 0), (1, 1), (0, 1)];
    for (orientation, (right, low)) in (1..=8).zip(seen_at) {
        let jpeg = jpeg_with(&exif(orientation, false), &corner(64, 32));
        let made = done(json!({"tool": "resize", "width": 64, "format": "png"}), &jpeg).unwrap();
        let seen = pixels(&made).to_rgb8();
        let (width, height) = seen.dimensions();
        assert_eq!(width < height, orientation >= 5, "orientation {orientation}");
        let pixel = seen.get_pixel(width / 4 + right * width / 2, height / 4 + low * height / 2);
        assert!(pixel.0[0] > 200, "orientation {orientation}: {pixel:?}");
        assert_eq!(notes(&made).contains(&"orientation applied"), orientation != 1);
    }
}

#[test]
fn where_a_picture_was_taken_is_removed_and_said_to_be() {
    let jpeg = jpeg_with(&exif(1, true), &corner(16, 16));
    assert_eq!(done(json!({"tool": "inspect"}), &jpeg).unwrap().about["gps"], true);
    let made = done(json!({"tool": "resize"}), &jpeg).unwrap();
    assert!(notes(&made).contains(&"GPS position removed"), "{}", made.about);
    let about = done(json!({"tool": "inspect"}), &made.bytes).unwrap().about;
    assert_eq!((&about["gps"], &about["exif"]), (&json!(false), &json!(false)));
}

#[test]
fn a_colour_profile_goes_along_where_the_format_takes_it() {
    let mut profile = vec![0; 128];
    profile[16..20].copy_from_slice(b"RGB ");
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 90);
    encoder.add_icc_profile(&profile).unwrap();
    encoder.encode(corner(16, 16).as_raw(), 16, 16, jpeg_encoder::ColorType::Rgb).unwrap();
    for (format, is_kept) in
        [("png", true), ("jpeg", true), ("webp", true), ("tiff", true), ("gif", false)]
    {
        let made = done(json!({"tool": "convert", "format": format}), &out).unwrap();
        assert_eq!(notes(&made).contains(&"colour profile dropped"), !is_kept, "{format}");
        assert_eq!(
            done(json!({"tool": "inspect"}), &made.bytes).unwrap().about["icc"],
            is_kept,
            "{format}"
        );
    }
}

#[test]
fn cmyk_is_shown_in_colours_that_screens_have() {
    let mut out = Vec::new();
    let cyan = [255, 0, 0, 0].repeat(256);
    jpeg_encoder::Encoder::new(&mut out, 95)
        .encode(&cyan, 16, 16, jpeg_encoder::ColorType::Cmyk)
        .unwrap();
    let seen = pixels(&done(json!({"tool": "convert"}), &out).unwrap()).to_rgb8();
    let [red, green, blue] = seen.get_pixel(8, 8).0;
    assert!(red < 10 && green > 245 && blue > 245, "{:?}", seen.get_pixel(8, 8));
}

#[test]
fn a_picture_of_sixteen_bits_or_a_palette_says_so() {
    let deep = png(image::ImageBuffer::from_pixel(2, 2, image::Luma([7_u16])));
    assert_eq!(done(json!({"tool": "inspect"}), &deep).unwrap().about["bit_depth"], 16);
    let mut one_bit = b"\x89PNG\r\n\x1a\n".to_vec();
    one_bit.extend(chunk(*b"IHDR", &[0, 0, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0]));
    one_bit.extend(chunk(*b"IDAT", &[0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0xaa, 0, 0xac, 0, 0xab]));
    one_bit.extend(chunk(*b"IEND", &[]));
    assert_eq!(done(json!({"tool": "inspect"}), &one_bit).unwrap().about["bit_depth"], 1);
}

#[test]
fn a_file_that_ends_too_early_is_broken() {
    let whole = png(corner(64, 64));
    let refusal = done(json!({"tool": "resize"}), &whole[..whole.len() / 2]).unwrap_err();
    assert_eq!((refusal.why, refusal.file), (Why::Malformed, Some(0)), "{refusal}");
}

#[test]
fn colours_in_scans_of_their_own_reach_the_last_row() {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 95);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(corner(16, 16).as_raw(), 16, 16, jpeg_encoder::ColorType::Rgb).unwrap();
    let seen = pixels(&done(json!({"tool": "convert"}), &out).unwrap()).to_rgb8();
    let [red, green, blue] = seen.get_pixel(12, 12).0;
    assert!(red < 5 && green < 5 && blue > 250, "{:?}", seen.get_pixel(12, 12));
}

#[test]
fn a_photograph_decoded_small_looks_as_if_it_were_decoded_whole() {
    let source = image::imageops::blur(&photo(1_600, 1_200), 2.0);
    for sampling in [jpeg_encoder::SamplingFactor::F_1_1, jpeg_encoder::SamplingFactor::F_2_2] {
        let mut out = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut out, 90);
        encoder.set_sampling_factor(sampling);
        encoder.encode(source.as_raw(), 1_600, 1_200, jpeg_encoder::ColorType::Rgb).unwrap();
        let whole = png(image::load_from_memory(&out).unwrap());
        let job = json!({"tool": "resize", "width": 200, "format": "png"});
        let (small, whole) = (done(job.clone(), &out).unwrap(), done(job, &whole).unwrap());
        let (small, whole) = (pixels(&small).to_rgb8(), pixels(&whole).to_rgb8());
        let off: Vec<u8> =
            small.iter().zip(whole.iter()).map(|(one, other)| one.abs_diff(*other)).collect();
        let mean = off.iter().map(|&off| f64::from(off)).sum::<f64>() / off.len() as f64;
        assert!(
            mean < 1.0 && off.iter().all(|&off| off <= 3),
            "mean {mean}, at most {:?}",
            off.iter().max()
        );
    }
}
