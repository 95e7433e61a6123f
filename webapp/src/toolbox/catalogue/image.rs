//! Tools for pictures.

use super::{Gives, Tool, choice, whole};
use crate::toolbox::choice::{Choice, Kind};

const FORMATS: &[(&str, &str)] = &[
    ("", "as it was"),
    ("png", "PNG"),
    ("jpeg", "JPEG"),
    ("webp", "WebP"),
    ("gif", "GIF"),
    ("bmp", "BMP"),
    ("tiff", "TIFF"),
];
const QUALITY: Choice =
    choice("quality", "Quality", "Of JPEG, 1 to 100.", whole(1.0, 100.0, Some(82.0)));
const WIDTH: Choice = choice("width", "Width", "In pixels.", whole(1.0, 16384.0, None));
const HEIGHT: Choice = choice("height", "Height", "In pixels.", whole(1.0, 16384.0, None));

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        family: "image",
        name: "inspect",
        title: "Look into images",
        does: "Tells format, size, frames, orientation and what metadata there is.",
        files: 16,
        gives: Gives::Facts,
        options: &[],
    },
    Tool {
        family: "image",
        name: "resize",
        title: "Resize images",
        does: "Makes images larger or smaller. Without a size: half.",
        files: 16,
        gives: Gives::Files,
        options: &[
            WIDTH,
            HEIGHT,
            choice(
                "fit",
                "Fit",
                "What happens when both are given.",
                Kind::OneOf(&[
                    ("within", "fit within"),
                    ("fill", "fill and cut"),
                    ("exact", "stretch"),
                ]),
            ),
            choice("enlarge", "Enlarge", "Also make small images larger.", Kind::Switch),
            choice("format", "Format", "", Kind::OneOf(FORMATS)),
            QUALITY,
        ],
    },
    Tool {
        family: "image",
        name: "thumbnail",
        title: "Thumbnails of images",
        does: "Makes images fit into a box, 32 by 32 unless said otherwise; never larger than they are.",
        files: 16,
        gives: Gives::Files,
        options: &[WIDTH, HEIGHT],
    },
    Tool {
        family: "image",
        name: "convert",
        title: "Convert images",
        does: "Writes images in another format.",
        files: 16,
        gives: Gives::Files,
        options: &[
            choice("format", "Format", "", Kind::OneOf(FORMATS.split_at(1).1)),
            QUALITY,
            choice(
                "background",
                "Background",
                "Behind transparent parts, where a format has none.",
                Kind::Colour("#ffffff"),
            ),
        ],
    },
    Tool {
        family: "image",
        name: "compress",
        title: "Compress images",
        does: "Makes images fit into a number of bytes, with the best quality that does.",
        files: 16,
        gives: Gives::Files,
        options: &[
            choice(
                "target_bytes",
                "Largest file",
                "Such as 200 KB.",
                Kind::Bytes { from: 100, to: 25_000_000, default: "200 KB" },
            ),
            choice("format", "Format", "", Kind::OneOf(FORMATS)),
        ],
    },
    Tool {
        family: "image",
        name: "palette",
        title: "Palette of an image",
        does: "Finds the colours of an image and how much of it each covers.",
        files: 16,
        gives: Gives::Files,
        options: &[
            choice("colours", "Colours", "At most.", whole(1.0, 256.0, Some(8.0))),
            choice(
                "chart",
                "Chart",
                "",
                Kind::OneOf(&[
                    ("auto", "strip up to 16, else treemap"),
                    ("strip", "strip"),
                    ("treemap", "treemap"),
                ]),
            ),
            choice(
                "as",
                "As",
                "",
                Kind::OneOf(&[
                    ("png", "PNG"),
                    ("svg", "SVG"),
                    ("css", "CSS"),
                    ("scss", "SCSS"),
                    ("json", "JSON"),
                    ("gpl", "GIMP palette"),
                ]),
            ),
            choice(
                "order",
                "Order",
                "",
                Kind::OneOf(&[
                    ("population", "commonest first"),
                    ("lightness", "darkest first"),
                    ("hue", "around the colour circle"),
                ]),
            ),
        ],
    },
];
