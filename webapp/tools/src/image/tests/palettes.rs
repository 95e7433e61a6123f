//! The colours of pictures.

use image::{Rgb, Rgba, RgbaImage};
use serde_json::{Value, json};

use super::made::{photo, plain, png};
use super::{done, pixels};
use crate::File;

fn palette(options: &Value, bytes: &[u8]) -> File {
    let mut job = json!({"tool": "palette"});
    job.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    done(job, bytes).unwrap()
}

fn hexes(file: &File) -> Vec<&str> {
    file.about["colours"]
        .as_array()
        .unwrap()
        .iter()
        .map(|colour| colour["hex"].as_str().unwrap())
        .collect()
}

/// Three quarters red, one quarter blue.
fn flag() -> Vec<u8> {
    let mut flag = plain(40, 40, [255, 0, 0]);
    for (x, _, pixel) in flag.enumerate_pixels_mut() {
        if x >= 30 {
            *pixel = Rgb([0, 0, 255]);
        }
    }
    png(flag)
}

#[test]
fn a_picture_of_one_colour_has_one_colour() {
    let made = palette(&json!({"colours": 8}), &png(plain(30, 30, [255, 0, 0])));
    assert_eq!(hexes(&made), ["#ff0000"]);
    assert_eq!((pixels(&made).width(), pixels(&made).height()), (100, 100));
}

#[test]
fn few_colours_are_exact_and_counted() {
    let made = palette(&json!({"as": "json"}), &flag());
    let written: Value = serde_json::from_slice(&made.bytes).unwrap();
    assert_eq!(
        written,
        json!([
            {"hex": "#ff0000", "rgb": [255, 0, 0], "count": 1200, "share": 0.75},
            {"hex": "#0000ff", "rgb": [0, 0, 255], "count": 400, "share": 0.25},
        ])
    );
    assert_eq!(made.about["exact"], true);
}

#[test]
fn a_treemap_gives_each_colour_the_area_of_its_share_in_its_own_colour() {
    let chart = pixels(&palette(&json!({"chart": "treemap"}), &flag())).to_rgb8();
    assert_eq!(chart.dimensions(), (800, 800));
    let area = |colour: [u8; 3]| chart.pixels().filter(|pixel| pixel.0 == colour).count();
    assert_eq!(area([255, 0, 0]) + area([0, 0, 255]) + area([0, 0, 0]) + area([255; 3]), 640_000);
    assert!(
        area([0, 0, 255]).abs_diff(160_000) < 2_000 && area([255; 3]) > 100,
        "with labels in white"
    );
}

#[test]
fn many_colours_make_a_treemap_and_few_a_strip() {
    let photo = png(photo(200, 200));
    let size = |colours: u32| {
        let made = pixels(&palette(&json!({"colours": colours}), &photo));
        (made.width(), made.height())
    };
    assert_eq!((size(16), size(17)), ((1600, 100), (800, 800)));
}

#[test]
fn as_many_colours_as_asked_for_come_with_all_pixels_counted() {
    let photo = photo(300, 200);
    for most in [1_usize, 2, 8, 64, 256] {
        let made = palette(&json!({"colours": most, "as": "json"}), &png(photo.clone()));
        let colours = made.about["colours"].as_array().unwrap();
        assert!(
            colours.len() <= most && colours.len() * 10 >= most * 9,
            "{} of {most}",
            colours.len()
        );
        let pixels: u64 = colours.iter().map(|colour| colour["count"].as_u64().unwrap()).sum();
        assert_eq!(pixels, 60_000);
    }
}

#[test]
fn colours_stand_by_population_lightness_or_hue() {
    let shades = RgbaImage::from_fn(6, 1, |x, _| {
        Rgba([[0, 0, 255, 255], [0, 255, 0, 255], [255, 0, 0, 255]][[0, 1, 1, 2, 2, 2][x as usize]])
    });
    let by = |order: &str| {
        let made = palette(&json!({"order": order}), &png(shades.clone()));
        hexes(&made).join(" ")
    };
    assert_eq!(by("population"), "#ff0000 #00ff00 #0000ff");
    assert_eq!(by("lightness"), "#0000ff #ff0000 #00ff00");
    assert_eq!(by("hue"), "#ff0000 #00ff00 #0000ff");
}

#[test]
fn pixels_that_are_not_seen_do_not_count() {
    let mut half = RgbaImage::from_pixel(4, 4, Rgba([1, 2, 3, 255]));
    half.put_pixel(0, 0, Rgba([200, 0, 0, 0]));
    assert_eq!(hexes(&palette(&json!({}), &png(half))), ["#010203"]);
    let refusal = done(json!({"tool": "palette"}), &png(RgbaImage::new(4, 4))).unwrap_err();
    assert!(refusal.detail.contains("transparent"), "{refusal}");
}

#[test]
fn a_palette_is_written_for_programs_too() {
    let text =
        |format: &str| String::from_utf8(palette(&json!({"as": format}), &flag()).bytes).unwrap();
    assert_eq!(text("css"), ":root {\n  --colour-1: #ff0000;\n  --colour-2: #0000ff;\n}\n");
    assert_eq!(text("scss"), "$colour-1: #ff0000;\n$colour-2: #0000ff;\n");
    assert!(
        text("gpl").ends_with("#\n255   0   0\t#ff0000\n  0   0 255\t#0000ff\n"),
        "{}",
        text("gpl")
    );
    assert!(text("svg").contains("<title>#0000ff 25.0%</title>"), "{}", text("svg"));
}
