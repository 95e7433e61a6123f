//! A text or a picture over or under pages, drawn once and placed on each page the way it is looked at.

use std::collections::HashMap;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use serde::{Deserialize, Serialize};

use super::assemble::{Pick, build, finish};
use super::source::Source;
use super::{helvetica, range};
use crate::{File, Refusal, image};

/// The most pixels of a side of a picture; more is not seen.
const SHARP_ENOUGH: u32 = 1600;
/// Tiles next to each other are this many times as far apart as they are large.
const SPACING: f32 = 1.4;
/// Tiles across a page unless a size is asked for.
const ACROSS: f32 = 4.0;
/// The most tiles on a page.
const MOST_TILES: f32 = 2_000.0;

/// What is to be put where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watermark {
    /// Without one, the second file is the picture.
    pub text: Option<String>,
    /// From 0, not seen, to 1.
    pub opacity: f32,
    /// In degrees, counter-clockwise, as the page is looked at.
    pub angle: f32,
    /// Of letters in points, of a picture in points across; without one, as large as fits.
    pub size: Option<f32>,
    /// `#rrggbb`, of a text.
    pub colour: String,
    /// All over the page.
    pub tile: bool,
    pub place: Layer,
    /// Without one, all pages.
    pub pages: Option<String>,
    /// Kept free at the edges, in points.
    pub margin: f32,
    pub passwords: Vec<Option<String>>,
}

/// Before or behind what a page shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    #[default]
    Over,
    Under,
}

impl Default for Watermark {
    fn default() -> Self {
        Self {
            text: None,
            opacity: 0.2,
            angle: 45.0,
            size: None,
            colour: "#cc0000".to_owned(),
            tile: false,
            place: Layer::Over,
            pages: None,
            margin: 20.0,
            passwords: Vec::new(),
        }
    }
}

/// A mark as a form of a document: how large it is when one unit is one point.
struct Form {
    id: ObjectId,
    width: f32,
    height: f32,
}

/// A page as it is looked at.
struct Sight {
    center: (f32, f32),
    width: f32,
    height: f32,
    /// Clockwise, in degrees.
    turn: f32,
}

/// Returns the document with the mark on its pages.
pub(super) fn watermark(
    wish: &Watermark,
    sources: &[Source],
    picture: Option<&File>,
) -> Result<Vec<u8>, Refusal> {
    check(wish)?;
    let count = sources[0].pages.len();
    let marked = match wish.pages.as_deref() {
        Some(text) => range::expand(text, count, "pages")?,
        None => (1..=count).collect(),
    };
    let picks: Vec<_> = (0..count).map(|page| Pick { file: 0, page, turn: 0 }).collect();
    let mut made = build(sources, &picks)?;
    let form = match (wish.text.as_deref().filter(|text| !text.trim().is_empty()), picture) {
        (Some(text), None) => of_text(&mut made, wish, text)?,
        (None, Some(picture)) => of_picture(&mut made, wish, picture)?,
        (Some(_), Some(_)) => {
            return Err(Refusal::option(
                "text",
                "give either a text or a picture as second file, not both",
            ));
        }
        (None, None) => {
            return Err(Refusal::option("text", "give a text, or a picture as second file"));
        }
    };
    let mut streams = HashMap::new();
    let pages: Vec<_> = made
        .get_pages()
        .into_iter()
        .filter(|(number, _)| marked.contains(&(*number as usize)))
        .collect();
    for (_, page) in pages {
        let drawing = drawing(wish, &form, &sight(&made, page));
        put(&mut made, page, (&form, wish.place), &drawing, &mut streams);
    }
    finish(made)
}

fn check(wish: &Watermark) -> Result<(), Refusal> {
    let within = |name: &str, value: f32, from: f32, to: f32| {
        if (from..=to).contains(&value) {
            Ok(())
        } else {
            Err(Refusal::option(name, format!("{value}; give {from} to {to}")))
        }
    };
    within("opacity", wish.opacity, 0.0, 1.0)?;
    within("angle", wish.angle, -360.0, 360.0)?;
    within("margin", wish.margin, 0.0, 1000.0)?;
    within("size", wish.size.unwrap_or(1.0), 1.0, 1000.0)
}

fn of_text(made: &mut Document, wish: &Watermark, text: &str) -> Result<Form, Refusal> {
    let (bytes, width) = helvetica::encode(text).map_err(|letter| {
        Refusal::option(
            "text",
            format!(
                "{letter:?} is not in the font; Western European letters, digits and signs are"
            ),
        )
    })?;
    let [red, green, blue] = colour(&wish.colour)?;
    let font = made.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let operations = [
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F".into(), 1.into()]),
        Operation::new("rg", vec![red.into(), green.into(), blue.into()]),
        Operation::new("Td", vec![(-width / 2.0).into(), (-helvetica::CAPITAL / 2.0).into()]),
        Operation::new("Tj", vec![Object::String(bytes, StringFormat::Literal)]),
        Operation::new("ET", vec![]),
    ];
    let resources = dictionary! { "Font" => dictionary! { "F" => font } };
    Ok(form(made, wish, (width, helvetica::CAPITAL), resources, operations.to_vec()))
}

fn of_picture(made: &mut Document, wish: &Watermark, picture: &File) -> Result<Form, Refusal> {
    let pixels =
        image::pixels(&picture.bytes).map_err(|refusal| Refusal { file: Some(1), ..refusal })?;
    let pixels = if pixels.width().max(pixels.height()) > SHARP_ENOUGH {
        pixels.thumbnail(SHARP_ENOUGH, SHARP_ENOUGH)
    } else {
        pixels
    };
    let pixels = pixels.into_rgba8();
    let (wide, high) = pixels.dimensions();
    let entries = |space: &str| {
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(wide), "Height" => i64::from(high),
            "ColorSpace" => space, "BitsPerComponent" => 8,
        }
    };
    let alpha = pixels.pixels().map(|pixel| pixel.0[3]).collect();
    let mask = made.add_object(Stream::new(entries("DeviceGray"), alpha));
    let mut shown = entries("DeviceRGB");
    shown.set("SMask", mask);
    let colours = pixels.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]).collect();
    let shown = made.add_object(Stream::new(shown, colours));
    // As wide as one unit.
    let (width, height) = (
        1.0,
        f32::from(u16::try_from(high).unwrap_or(1)) / f32::from(u16::try_from(wide).unwrap_or(1)),
    );
    let at: Vec<Object> =
        [width, 0.0, 0.0, height, -width / 2.0, -height / 2.0].map(Object::from).to_vec();
    let operations = vec![Operation::new("cm", at), Operation::new("Do", vec!["I".into()])];
    let resources = dictionary! { "XObject" => dictionary! { "I" => shown } };
    Ok(form(made, wish, (width, height), resources, operations))
}

/// Two forms: the inner is drawn as a whole before the outer lets it shine through.
fn form(
    made: &mut Document,
    wish: &Watermark,
    (width, height): (f32, f32),
    resources: Dictionary,
    operations: Vec<Operation>,
) -> Form {
    let entries = |resources: Dictionary| {
        // Room for what hangs below a line.
        let (right, top) = (width / 2.0 + 0.1, height / 2.0 + 0.4);
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "Resources" => resources,
            "BBox" => [-right, -top, right, top].map(Object::from).to_vec(),
            "Group" => dictionary! { "S" => "Transparency" },
        }
    };
    let encoded = |operations| Content { operations }.encode().unwrap_or_default();
    let inner = made.add_object(Stream::new(entries(resources), encoded(operations)));
    let state = dictionary! { "ca" => wish.opacity, "CA" => wish.opacity };
    let resources = dictionary! { "XObject" => dictionary! { "M" => inner }, "ExtGState" => dictionary! { "G" => state } };
    let operations =
        vec![Operation::new("gs", vec!["G".into()]), Operation::new("Do", vec!["M".into()])];
    Form {
        id: made.add_object(Stream::new(entries(resources), encoded(operations))),
        width,
        height,
    }
}

/// Where and how large a page is, as its viewer turns it.
fn sight(made: &Document, page: ObjectId) -> Sight {
    let entries = made.get_dictionary(page).ok();
    let entry =
        |key: &[u8]| made.dereference(entries?.get(key).ok()?).ok().map(|(_, object)| object);
    let area = |key| {
        let sides: Vec<f32> =
            entry(key)?.as_array().ok()?.iter().filter_map(|side| side.as_float().ok()).collect();
        <[f32; 4]>::try_from(sides).ok().filter(|sides| sides.iter().all(|side| side.is_finite()))
    };
    let [left, bottom, right, top] =
        area(b"CropBox").or_else(|| area(b"MediaBox")).unwrap_or([0.0, 0.0, 612.0, 792.0]);
    let (width, height) = ((right - left).abs(), (top - bottom).abs());
    let turn = entry(b"Rotate").and_then(|turn| turn.as_i64().ok()).unwrap_or(0).rem_euclid(360);
    let (width, height) = if turn % 180 == 90 { (height, width) } else { (width, height) };
    let turn = f32::from(u16::try_from(turn).unwrap_or(0));
    Sight { center: (left.midpoint(right), bottom.midpoint(top)), width, height, turn }
}

/// The matrix of each place where the mark is drawn.
fn drawing(wish: &Watermark, form: &Form, sight: &Sight) -> Vec<[f32; 6]> {
    let (sine, cosine) = wish.angle.to_radians().sin_cos();
    let wide = form.width * cosine.abs() + form.height * sine.abs();
    let high = form.width * sine.abs() + form.height * cosine.abs();
    let room =
        ((sight.width - 2.0 * wish.margin).max(1.0), (sight.height - 2.0 * wish.margin).max(1.0));
    let fits = (room.0 / wide).min(room.1 / high);
    let scale = wish.size.unwrap_or(if wish.tile { fits / ACROSS } else { fits });
    let (sine, cosine) = (wish.angle + sight.turn).to_radians().sin_cos();
    let turned = [scale * cosine, scale * sine, -scale * sine, scale * cosine];
    let (turn_sine, turn_cosine) = sight.turn.to_radians().sin_cos();
    let at = |(x, y): (f32, f32)| {
        let (x, y) = (x * turn_cosine - y * turn_sine, x * turn_sine + y * turn_cosine);
        let [a, b, c, d] = turned;
        [a, b, c, d, sight.center.0 + x, sight.center.1 + y]
    };
    if !wish.tile {
        return vec![at((0.0, 0.0))];
    }
    tiles(sight, (wide * scale * SPACING, high * scale * SPACING)).into_iter().map(at).collect()
}

/// Middles of tiles around the middle of a page.
fn tiles(sight: &Sight, step: (f32, f32)) -> Vec<(f32, f32)> {
    let count = (sight.width / step.0 + 1.0) * (sight.height / step.1 + 1.0);
    let wider = (count / MOST_TILES).max(1.0).sqrt();
    let (across, down) = (step.0 * wider, step.1 * wider);
    let line = |room: f32, step: f32| {
        let places = std::iter::successors(Some(0.0), move |at: &f32| Some(at + step))
            .take_while(move |at| *at <= room / 2.0 + step / 2.0);
        places.flat_map(|at| if at > 0.0 { vec![at, -at] } else { vec![at] }).collect::<Vec<_>>()
    };
    let columns = line(sight.width, across);
    line(sight.height, down)
        .into_iter()
        .flat_map(|y| columns.iter().map(move |x| (*x, y)).collect::<Vec<_>>())
        .collect()
}

/// Adds the drawing to a page, around what is there, which may have left its own state behind.
fn put(
    made: &mut Document,
    page: ObjectId,
    (form, layer): (&Form, Layer),
    places: &[[f32; 6]],
    streams: &mut HashMap<Vec<u8>, ObjectId>,
) {
    let name = add_resource(made, page, form.id);
    let mut draws = Vec::new();
    for place in places {
        draws.push(Operation::new("q", vec![]));
        draws.push(Operation::new("cm", place.map(Object::from).to_vec()));
        draws.push(Operation::new("Do", vec![Object::Name(name.clone())]));
        draws.push(Operation::new("Q", vec![]));
    }
    let (save, restore) = (Operation::new("q", vec![]), Operation::new("Q", vec![]));
    let (before, behind) = match layer {
        Layer::Over => (vec![save], std::iter::once(restore).chain(draws).collect()),
        Layer::Under => (draws.into_iter().chain([save]).collect(), vec![restore]),
    };
    let [before, behind] = [before, behind].map(|operations| {
        let bytes =
            [b"\n", Content { operations }.encode().unwrap_or_default().as_slice(), b"\n"].concat();
        *streams.entry(bytes).or_insert_with_key(|bytes| {
            made.add_object(Stream::new(Dictionary::new(), bytes.clone()))
        })
    });
    let there = contents(made, page);
    let contents: Vec<Object> =
        std::iter::once(before.into()).chain(there).chain([behind.into()]).collect();
    if let Ok(entries) = made.get_object_mut(page).and_then(Object::as_dict_mut) {
        entries.set("Contents", contents);
    }
}

/// The streams of a page, whichever way they are listed.
fn contents(made: &Document, page: ObjectId) -> Vec<Object> {
    let listed = made.get_dictionary(page).ok().and_then(|entries| entries.get(b"Contents").ok());
    match (listed, listed.and_then(|listed| made.dereference(listed).ok())) {
        (_, Some((_, Object::Array(streams)))) => streams.clone(),
        (Some(listed @ Object::Reference(_)), Some(_)) => vec![listed.clone()],
        _ => Vec::new(),
    }
}

/// Gives a page resources of its own with the form among them; its name there.
fn add_resource(made: &mut Document, page: ObjectId, form: ObjectId) -> Vec<u8> {
    let entry = |of: Option<&Dictionary>, key: &[u8]| {
        let found = made.dereference(of?.get(key).ok()?).ok()?;
        found.1.as_dict().ok().cloned()
    };
    let mut resources = entry(made.get_dictionary(page).ok(), b"Resources").unwrap_or_default();
    let mut objects = entry(Some(&resources), b"XObject").unwrap_or_default();
    let names = (0..).map(|number: u32| format!("Watermark{number}").into_bytes());
    let name = names.into_iter().find(|name| !objects.has(name)).unwrap_or_default();
    objects.set(name.clone(), form);
    resources.set("XObject", objects);
    if let Ok(entries) = made.get_object_mut(page).and_then(Object::as_dict_mut) {
        entries.set("Resources", resources);
    }
    name
}

fn colour(text: &str) -> Result<[f32; 3], Refusal> {
    let number = text
        .strip_prefix('#')
        .filter(|digits| digits.len() == 6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let [_, red, green, blue] = number
        .ok_or_else(|| Refusal::option("colour", "a colour is written as #rrggbb"))?
        .to_be_bytes();
    Ok([red, green, blue].map(|part| f32::from(part) / 255.0))
}
