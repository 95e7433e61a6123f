//! Documents of one page that costs too much to draw.

use super::made::{BOX, Case, deflated, document, form, picture, stream, with_contents, zeros};

/// Split and drawn.
const DRAWN: [&[u16]; 2] = [&[200], &[200]];
/// Split; to draw it takes more time or memory than a job may have, on any machine or on slow ones.
const TOO_MUCH: [&[u16]; 2] = [&[200], &[422]];
const PERHAPS: [&[u16]; 2] = [&[200], &[200, 422]];
/// Without a size that is one.
const UNREADABLE: [&[u16]; 2] = [&[422], &[422]];

/// Each with a name for whoever reads of a failure.
pub(super) fn all() -> Vec<Case> {
    let boxed = |numbers: &str| document(&format!("/MediaBox [{numbers}]"), b"0 0 9 9 re f", &[]);
    let flate = "/Filter /FlateDecode";
    let twice = "/Filter [/FlateDecode /FlateDecode]";
    vec![
        ("4 GB compressed once", with_contents(BOX, stream(flate, &zeros(4096)), &[]), TOO_MUCH),
        (
            "4 GB compressed twice",
            with_contents(BOX, stream(twice, &deflated(&zeros(4096))), &[]),
            TOO_MUCH,
        ),
        ("forms in forms", forms_in_forms(), TOO_MUCH),
        ("a form in itself", form_in_itself(), DRAWN),
        ("a mask that masks itself", mask_in_itself(), DRAWN),
        ("short dashes", document(BOX, b"[0.00001] 0 d 0 0 m 200 200 l S", &[]), TOO_MUCH),
        (
            "900 megapixels",
            shown(
                "/Width 30000 /Height 30000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
                &zeros(2575),
            ),
            TOO_MUCH,
        ),
        (
            "900 megapixels that are not there",
            shown("/Width 30000 /Height 30000 /ColorSpace /DeviceRGB /BitsPerComponent 8", b"abc"),
            DRAWN,
        ),
        (
            "a JBIG2 picture without end",
            shown(
                "/Width 9 /Height 9 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode",
                &jbig2(),
            ),
            DRAWN,
        ),
        (
            "a JPEG 2000 picture without end",
            shown("/Width 9 /Height 9 /Filter /JPXDecode", &jpeg_2000()),
            DRAWN,
        ),
        ("a long function", long_function(), DRAWN),
        ("small tiles", small_tiles(), DRAWN),
        (
            "long lines",
            document(BOX, "0 0 m 99999 99999 l S\n".repeat(400_000).as_bytes(), &[]),
            PERHAPS,
        ),
        ("letters that write themselves", letters_in_themselves(), DRAWN),
        ("a font of noise", font_of_noise(), DRAWN),
        ("a tall page", boxed("0 0 1 100000000"), [&[200], &[413]]),
        ("a huge page", boxed("-1e30 -1e30 1e30 1e30"), UNREADABLE),
        ("a page without room", boxed("0 0 0 0"), DRAWN),
        ("numbers that are none", boxed("NaN -inf inf 1e999"), UNREADABLE),
        ("graphics states", document(BOX, "q ".repeat(500_000).as_bytes(), &[]), DRAWN),
        ("arrays in arrays to draw", document(BOX, "[".repeat(200_000).as_bytes(), &[]), DRAWN),
    ]
}

/// Ten forms, each of which draws the next one ten times.
pub(super) fn forms_in_forms() -> Vec<u8> {
    let draws = "/F Do ".repeat(10);
    let next = |level: usize| format!("/Resources << /XObject << /F {} 0 R >> >>", 6 + level);
    let forms: Vec<Vec<u8>> =
        (0..10).map(|level| form(&next(level), &draws)).chain([form("", "0 0 9 9 re f")]).collect();
    document(&format!("{BOX} /Resources << /XObject << /F 5 0 R >> >>"), draws.as_bytes(), &forms)
}

fn form_in_itself() -> Vec<u8> {
    let resources = "/Resources << /XObject << /F 5 0 R >> >>";
    document(&format!("{BOX} {resources}"), b"/F Do", &[form(resources, "/F Do /F Do")])
}

fn mask_in_itself() -> Vec<u8> {
    let resources = "/Resources << /ExtGState << /G 5 0 R >> >>";
    let state = b"<< /Type /ExtGState /SMask << /Type /Mask /S /Luminosity /G 6 0 R >> >>".to_vec();
    let group = "/Group << /S /Transparency /CS /DeviceGray >>";
    let mask = form(&format!("{group} {resources}"), "/G gs 0 0 99 99 re f");
    document(&format!("{BOX} {resources}"), b"/G gs 0 0 99 99 re f", &[state, mask])
}

/// A page that shows a picture.
fn shown(entries: &str, bytes: &[u8]) -> Vec<u8> {
    let resources = "/Resources << /XObject << /I 5 0 R >> >>";
    let draws = b"200 0 0 200 0 0 cm /I Do";
    document(&format!("{BOX} {resources}"), draws, &[picture(entries, bytes)])
}

/// A page of 4,294,967,294 pixels a side (ITU-T T.88, 7.4.8).
fn jbig2() -> Vec<u8> {
    let side = 0xffff_fffe_u32.to_be_bytes();
    let page = [&side[..], &side, &[0; 8], &[0, 0, 0]].concat();
    let head = [0, 0, 0, 0, 0x30, 0, 1, 0, 0, 0, 19];
    // A generic region of the same size, whose length is not told.
    let region = [&side[..], &side, &[0; 8], &[0, 8, 3, 0xff, 0xfd, 0xff, 2, 0xfe, 0xfe, 0xfe]];
    let region_head = [0, 0, 0, 1, 0x26, 0, 1, 0xff, 0xff, 0xff, 0xff];
    [&head[..], &page, &region_head, &region.concat(), &[0; 64]].concat()
}

/// A bare codestream of 4,294,967,295 pixels a side in one tile (ITU-T T.800, A.5.1).
fn jpeg_2000() -> Vec<u8> {
    let side = u32::MAX.to_be_bytes();
    let none = [0; 8];
    let size = [&[0, 41, 0, 0][..], &side, &side, &none, &side, &side, &none, &[0, 1, 7, 1, 1]];
    let style = [0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, 1];
    let quantities = [0xff, 0x5c, 0, 4, 0x40, 0x40];
    let tile = [0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93];
    [
        &[0xff, 0x4f, 0xff, 0x51][..],
        &size.concat(),
        &style,
        &quantities,
        &tile,
        &[0; 99],
        &[0xff, 0xd9],
    ]
    .concat()
}

/// A shading whose colours are computed with 400,000 steps each.
fn long_function() -> Vec<u8> {
    let steps = format!("{{ {} dup dup }}", "1 mul ".repeat(200_000));
    let function = stream("/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1]", steps.as_bytes());
    let shading =
        "<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 200 200] /Function 5 0 R >>";
    let resources = format!("/Resources << /Shading << /S {shading} >> >>");
    document(&format!("{BOX} {resources}"), b"/S sh", &[function])
}

fn small_tiles() -> Vec<u8> {
    let entries = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.001 /YStep 0.001 /Resources << >>";
    document(
        &format!("{BOX} /Resources << /Pattern << /P 5 0 R >> >>"),
        b"/Pattern cs /P scn 0 0 200 200 re f",
        &[stream(entries, b"0 0 1 1 re f")],
    )
}

/// Letters that are drawn by contents, which write the same letters.
fn letters_in_themselves() -> Vec<u8> {
    let resources = "/Resources << /Font << /F 5 0 R >> >>";
    let font = format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 6 0 R >> \
         /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [9] {resources} >>"
    );
    let letter = stream("", b"9 0 d0 BT /F 1 Tf (aaaaaaaaaa) Tj ET");
    let text = b"BT /F 9 Tf (aaaaaaaaaa) Tj ET";
    document(&format!("{BOX} {resources}"), text, &[font.into_bytes(), letter])
}

/// A TrueType font whose tables lie everywhere and nowhere.
fn font_of_noise() -> Vec<u8> {
    let mut program = vec![0, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
    for (number, name) in
        (0_u8..).zip([b"glyf", b"loca", b"head", b"maxp", b"cmap", b"hmtx", b"hhea"])
    {
        program.extend([&name[..], &[0; 4], &[number << 5, 0, 0, number], &[0xff; 4]].concat());
    }
    program.extend((0..=u8::MAX).cycle().map(|byte| byte.wrapping_mul(167)).take(60_000));
    let font = "<< /Type /Font /Subtype /TrueType /BaseFont /Noise /FirstChar 97 /LastChar 97 /Widths [500] /FontDescriptor 6 0 R >>";
    let descriptor = "<< /Type /FontDescriptor /FontName /Noise /Flags 4 /FontFile2 7 0 R >>";
    let more = [font.as_bytes().to_vec(), descriptor.as_bytes().to_vec(), stream("", &program)];
    let resources = "/Resources << /Font << /F 5 0 R >> >>";
    document(&format!("{BOX} {resources}"), b"BT /F 90 Tf (abc) Tj ET", &more)
}
