//! Pictures that move.

use serde_json::json;

use super::made::moving_gif;
use super::{done, notes, pixels};

#[test]
fn every_frame_of_an_animation_is_resized_and_keeps_its_time() {
    for format in ["gif", "png"] {
        let made =
            done(json!({"tool": "resize", "width": 10, "format": format}), &moving_gif(5)).unwrap();
        assert_eq!((&made.about["frames"], &made.about["width"]), (&json!(5), &json!(10)));
        let source = crate::image::source::Source::open(&made.bytes).unwrap();
        assert_eq!(source.frames, 5, "{format}");
        for still in source.stills(None).unwrap() {
            let still = still.unwrap();
            assert_eq!((still.pixels.width(), still.delay.0 / still.delay.1), (10, 70), "{format}");
        }
    }
}

#[test]
fn nothing_of_one_frame_is_seen_through_the_next() {
    for format in ["gif", "png"] {
        let made = done(json!({"tool": "convert", "format": format}), &moving_gif(3)).unwrap();
        let source = crate::image::source::Source::open(&made.bytes).unwrap();
        let second = source.stills(None).unwrap().nth(1).unwrap().unwrap().pixels.to_rgba8();
        assert_eq!(
            (second.get_pixel(2, 2).0[3], second.get_pixel(15, 2).0[3]),
            (0, 255),
            "{format}"
        );
    }
}

#[test]
fn an_animation_plays_as_often_as_before() {
    let plays = |bytes: &[u8]| crate::image::source::Source::open(bytes).unwrap().plays;
    let source = moving_gif(2);
    for format in ["gif", "png"] {
        let made = done(json!({"tool": "convert", "format": format}), &source).unwrap();
        assert_eq!(plays(&made.bytes), plays(&source), "{format}");
    }
}

#[test]
fn a_format_without_motion_holds_the_first_frame_and_says_so() {
    let made = done(json!({"tool": "convert", "format": "jpeg"}), &moving_gif(4)).unwrap();
    assert_eq!((pixels(&made).width(), &made.about["frames"]), (20, &json!(1)));
    assert!(notes(&made).contains(&"only the first of 4 frames"), "{}", made.about);
}

#[test]
fn the_frames_of_webp_and_png_are_counted() {
    let made = done(json!({"tool": "convert", "format": "png"}), &moving_gif(4)).unwrap();
    assert_eq!(done(json!({"tool": "inspect"}), &made.bytes).unwrap().about["frames"], 4);
    let made = done(json!({"tool": "inspect"}), &moving_webp()).unwrap();
    assert_eq!(made.about["frames"], 2);
    let made = done(json!({"tool": "resize", "width": 4}), &moving_webp()).unwrap();
    assert_eq!((&made.about["format"], &made.about["frames"]), (&json!("png"), &json!(2)));
}

/// Two frames of 8 x 8, put together from two pictures.
fn moving_webp() -> Vec<u8> {
    let part = |name: &[u8; 4], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [&name[..], &length, body, &vec![0; body.len() % 2]].concat()
    };
    let mut body = b"WEBP".to_vec();
    body.extend(part(b"VP8X", &[0x02, 0, 0, 0, 7, 0, 0, 7, 0, 0]));
    body.extend(part(b"ANIM", &[0; 6]));
    for shade in [10, 200] {
        let still =
            super::made::encoded(super::made::plain(8, 8, [shade; 3]), image::ImageFormat::WebP);
        let header = [0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 100, 0, 0, 0];
        body.extend(part(b"ANMF", &[&header, &still[12..]].concat()));
    }
    part(b"RIFF", &body)
}
