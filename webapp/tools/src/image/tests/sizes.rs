//! How large pictures become.

use image::{Rgba, RgbaImage};
use serde_json::json;

use super::made::{photo, plain, png};
use super::{done, notes, pixels};
use crate::Why;

fn size(job: serde_json::Value, width: u32, height: u32) -> (u32, u32) {
    let made = pixels(&done(job, &png(plain(width, height, [9, 9, 9]))).unwrap());
    (made.width(), made.height())
}

#[test]
fn a_picture_is_halved_when_no_side_is_given() {
    assert_eq!(size(json!({"tool": "resize"}), 101, 50), (51, 25));
}

#[test]
fn one_side_keeps_the_aspect_and_no_side_becomes_nothing() {
    assert_eq!(size(json!({"tool": "resize", "width": 40}), 100, 50), (40, 20));
    assert_eq!(size(json!({"tool": "resize", "height": 10}), 100, 50), (20, 10));
    assert_eq!(size(json!({"tool": "resize", "width": 10}), 4000, 3), (10, 1));
}

#[test]
fn two_sides_are_a_box_to_fit_in_to_fill_or_to_press_into() {
    let resize =
        |fit: &str| size(json!({"tool": "resize", "width": 40, "height": 40, "fit": fit}), 100, 50);
    assert_eq!((resize("within"), resize("fill"), resize("exact")), ((40, 20), (40, 40), (40, 40)));
}

#[test]
fn filling_cuts_off_what_stands_out_and_does_not_distort() {
    let mut bars = plain(90, 30, [0, 255, 0]);
    for (x, _, pixel) in bars.enumerate_pixels_mut() {
        if !(30..60).contains(&x) {
            pixel.0 = [255, 0, 0];
        }
    }
    let made = pixels(
        &done(json!({"tool": "resize", "width": 10, "height": 10, "fit": "fill"}), &png(bars))
            .unwrap(),
    );
    assert_eq!(made.to_rgb8().get_pixel(5, 5).0, [0, 255, 0]);
    assert!(made.to_rgb8().get_pixel(1, 5).0[1] > 240, "the red bars are outside");
}

#[test]
fn a_picture_grows_only_when_asked_to() {
    let small = png(plain(10, 10, [1, 2, 3]));
    let made = done(json!({"tool": "resize", "width": 30}), &small).unwrap();
    assert_eq!((made.about["width"].as_u64(), notes(&made)), (Some(10), vec!["not enlarged"]));
    let made = done(json!({"tool": "resize", "width": 30, "enlarge": true}), &small).unwrap();
    assert_eq!((made.about["width"].as_u64(), notes(&made)), (Some(30), vec![]));
}

#[test]
fn a_thumbnail_fits_in_a_small_box_and_never_grows() {
    assert_eq!(size(json!({"tool": "thumbnail"}), 400, 100), (32, 8));
    assert_eq!(size(json!({"tool": "thumbnail", "width": 50}), 400, 100), (50, 13));
    assert_eq!(size(json!({"tool": "thumbnail", "width": 5000}), 20, 10), (20, 10));
}

#[test]
fn a_result_that_would_be_too_large_names_the_side_and_the_limit() {
    let picture = png(plain(100, 100, [0; 3]));
    let refusal =
        done(json!({"tool": "resize", "width": 20_000, "enlarge": true}), &picture).unwrap_err();
    assert_eq!((refusal.why, refusal.option.as_deref()), (Why::TooLarge, Some("width")));
    assert!(
        refusal.detail.contains("20000") && refusal.detail.contains("16384"),
        "{}",
        refusal.detail
    );
}

#[test]
fn options_that_mean_nothing_are_refused_by_name() {
    let picture = png(plain(10, 10, [0; 3]));
    let option = |job| done(job, &picture).unwrap_err().option.unwrap();
    assert_eq!(option(json!({"tool": "resize", "width": 0})), "width");
    assert_eq!(option(json!({"tool": "convert", "quality": 0})), "quality");
    assert_eq!(option(json!({"tool": "convert", "background": "#12"})), "background");
    assert_eq!(option(json!({"tool": "palette", "colours": 0})), "colours");
    let unknown =
        serde_json::from_value::<crate::image::Job>(json!({"tool": "resize", "widht": 3}));
    assert!(unknown.unwrap_err().to_string().contains("widht"));
}

#[test]
fn colours_that_are_not_seen_do_not_bleed_into_those_that_are() {
    let half = RgbaImage::from_fn(64, 64, |x, _| {
        Rgba(if x < 32 { [255, 0, 0, 255] } else { [0, 255, 0, 0] })
    });
    let made = pixels(&done(json!({"tool": "resize", "width": 9}), &png(half)).unwrap()).to_rgba8();
    for pixel in made.pixels().filter(|pixel| pixel.0[3] > 8) {
        assert!(pixel.0[0] > 240 && pixel.0[1] < 15, "{pixel:?}");
    }
}

#[test]
fn sixteen_bits_stay_sixteen_in_png_and_are_rounded_elsewhere() {
    let deep = image::ImageBuffer::from_pixel(8, 8, image::Luma([0x1234_u16]));
    let made = done(json!({"tool": "resize", "width": 4}), &png(deep.clone())).unwrap();
    assert_eq!(pixels(&made).to_luma16().get_pixel(1, 1).0, [0x1234]);
    let made = done(json!({"tool": "convert", "format": "bmp"}), &png(deep)).unwrap();
    assert_eq!(pixels(&made).to_luma8().get_pixel(1, 1).0, [0x12]);
    assert!(notes(&made).contains(&"16 bits reduced to 8"));
}

#[test]
fn compressing_finds_the_best_quality_at_or_under_the_target() {
    let photo = png(photo(320, 240));
    let made = done(json!({"tool": "compress", "target_bytes": 20_000, "format": "jpeg"}), &photo)
        .unwrap();
    assert!(made.bytes.len() <= 20_000 && made.bytes.len() > 16_000, "{}", made.about);
    assert!(made.about["quality"].as_u64().unwrap() >= 40);
    let made =
        done(json!({"tool": "compress", "target_bytes": 2_000, "format": "jpeg"}), &photo).unwrap();
    assert!(
        made.bytes.len() <= 2_000 && made.about["scale_percent"].as_f64().unwrap() < 100.0,
        "{}",
        made.about
    );
}

#[test]
fn compressing_to_less_than_possible_says_what_is() {
    let refusal =
        done(json!({"tool": "compress", "target_bytes": 50}), &png(photo(320, 240))).unwrap_err();
    assert_eq!((refusal.why, refusal.option.as_deref()), (Why::Option, Some("target_bytes")));
    assert!(refusal.detail.contains("least possible"), "{}", refusal.detail);
}

/// Found by trying it: what was small enough went back with the place in it.
#[test]
fn what_is_small_enough_goes_back_as_it_was_only_when_it_is_a_picture_and_nothing_else() {
    let compressed = |file: &[u8]| {
        done(json!({"tool": "compress", "target_bytes": 1_000_000}), file).unwrap().bytes
    };
    let clean = png(photo(40, 30));
    assert_eq!(compressed(&clean), clean);
    let jpeg = done(json!({"tool": "convert", "format": "jpeg"}), &clean).unwrap().bytes;
    assert_eq!(compressed(&jpeg), jpeg);
    let comment = [&jpeg[..2], b"\xff\xfe\0\x0dGPS 51.5 N", &jpeg[2..]].concat();
    let second = [jpeg.as_slice(), jpeg.as_slice()].concat();
    let words = super::made::chunk(*b"tEXt", b"XMP\0GPS 51.5 N");
    let text = [&clean[..33], &words, &clean[33..]].concat();
    for file in [comment, second, text] {
        let made = compressed(&file);
        assert!(!made.windows(3).any(|part| part == b"GPS"));
        assert_ne!(made, file);
    }
}
