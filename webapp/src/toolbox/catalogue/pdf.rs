//! Tools for PDF documents.

use super::{Gives, Tool, choice, text, whole};
use crate::toolbox::choice::{Choice, Kind};

const PAGES: &str = "Such as 1-3,7,odd,r1 (r counts from the end). Empty: all pages.";
const PASSWORD: Choice = choice(
    "passwords",
    "Password",
    "Only for a locked file; with several files, once for each.",
    Kind::Each,
);
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        family: "pdf",
        name: "inspect",
        title: "Look into PDFs",
        does: "Tells pages, their sizes, bookmarks, forms and encryption of each document.",
        files: 64,
        gives: Gives::Facts,
        options: &[PASSWORD],
    },
    Tool {
        family: "pdf",
        name: "thumbnails",
        title: "Thumbnails",
        does: "Draws pages as PNG, each sent as soon as it is drawn.",
        files: 1,
        gives: Gives::Lines,
        options: &[
            choice("pages", "Pages", PAGES, text(200, "1-9")),
            choice("width", "Width", "In pixels.", whole(16.0, 1600.0, Some(200.0))),
            PASSWORD,
        ],
    },
    Tool {
        family: "pdf",
        name: "split",
        title: "Split a PDF",
        does: "Makes several documents of one: every page, every so many pages, or by ranges.",
        files: 1,
        gives: Gives::Files,
        options: &[
            choice(
                "ranges",
                "Ranges",
                "One document for each group between semicolons.",
                text(1000, "1-3;4-6;r1"),
            ),
            choice(
                "every",
                "Pages in each",
                "Instead of ranges. Empty: every page by itself.",
                whole(1.0, 2000.0, None),
            ),
            PASSWORD,
        ],
    },
    Tool {
        family: "pdf",
        name: "merge",
        title: "Merge PDFs",
        does: "Makes one document of several, in their order; bookmarks, form fields and links stay.",
        files: 64,
        gives: Gives::Files,
        options: &[PASSWORD],
    },
    Tool {
        family: "pdf",
        name: "organise",
        title: "Organise pages",
        does: "Makes one document of any pages of several, in any order, each turned as you like.",
        files: 64,
        gives: Gives::Files,
        options: &[
            choice(
                "pages",
                "Pages",
                "Which file (from 0), which page (from 1), turned by how many degrees.",
                Kind::Json { example: r#"[{"file":0,"page":2,"turn":90}]"# },
            ),
            PASSWORD,
        ],
    },
    Tool {
        family: "pdf",
        name: "rotate",
        title: "Rotate pages",
        does: "Turns pages by a quarter, a half or three quarters.",
        files: 1,
        gives: Gives::Files,
        options: &[
            choice("pages", "Pages", PAGES, text(1000, "odd")),
            choice(
                "turn",
                "Turn",
                "Clockwise.",
                Kind::OneOf(&[("90", "right"), ("180", "upside down"), ("270", "left")]),
            ),
            PASSWORD,
        ],
    },
    Tool {
        family: "pdf",
        name: "delete",
        title: "Delete pages",
        does: "Leaves pages out.",
        files: 1,
        gives: Gives::Files,
        options: &[choice("pages", "Pages", "Such as 2,5-7,r1.", text(1000, "2,5-7")), PASSWORD],
    },
    Tool {
        family: "pdf",
        name: "extract",
        title: "Extract pages",
        does: "Keeps only these pages.",
        files: 1,
        gives: Gives::Files,
        options: &[choice("pages", "Pages", "Such as 1-3,odd.", text(1000, "1-3")), PASSWORD],
    },
    Tool {
        family: "pdf",
        name: "extract-images",
        title: "Extract images",
        does: "Takes the pictures out: JPEG as it is, others as PNG, each once.",
        files: 1,
        gives: Gives::Files,
        options: &[
            choice(
                "smallest",
                "Smallest side",
                "Leaves smaller pictures out, in pixels.",
                whole(0.0, 10000.0, Some(0.0)),
            ),
            PASSWORD,
        ],
    },
    Tool {
        family: "pdf",
        name: "watermark",
        title: "Watermark a PDF",
        does: "Puts a text, or the picture that is the second file, over or under pages.",
        files: 2,
        gives: Gives::Files,
        options: &[
            choice("text", "Text", "Leave it empty to use a picture.", text(200, "Draft")),
            choice(
                "opacity",
                "Opacity",
                "From 0 to 1.",
                Kind::Number { from: 0.0, to: 1.0, step: 0.05, default: Some(0.2) },
            ),
            choice(
                "angle",
                "Angle",
                "In degrees, counter-clockwise.",
                Kind::Number { from: -360.0, to: 360.0, step: 0.5, default: Some(45.0) },
            ),
            choice(
                "size",
                "Size",
                "Of the letters, in points. Empty: as large as fits.",
                Kind::Number { from: 1.0, to: 1000.0, step: 0.5, default: None },
            ),
            choice("colour", "Colour", "Of the text.", Kind::Colour("#cc0000")),
            choice("tile", "Tiled", "All over the page.", Kind::Switch),
            choice(
                "place",
                "Place",
                "",
                Kind::OneOf(&[("over", "over the page"), ("under", "under the page")]),
            ),
            choice("pages", "Pages", PAGES, text(1000, "1-3")),
            choice(
                "margin",
                "Margin",
                "In points.",
                Kind::Number { from: 0.0, to: 1000.0, step: 0.5, default: Some(20.0) },
            ),
            PASSWORD,
        ],
    },
];
