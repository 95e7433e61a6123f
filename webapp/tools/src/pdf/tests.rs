//! Documents made here, and what becomes of them.

mod hostile;
mod marks;

use lopdf::{Document, Object, Stream, StringFormat, dictionary};
use serde_json::{Value, json};

use crate::{File, Refusal, Why};

/// A document with a text per page, a bookmark to each page, a link from page 1 to the last, and a field on page 1.
fn sample(pages: usize) -> Vec<u8> {
    let mut made = Document::with_version("1.7");
    let font = made.add_object(
        dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" },
    );
    let root = made.new_object_id();
    let ids: Vec<_> = (0..pages).map(|_| made.new_object_id()).collect();
    let field = made.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("name"),
        "Rect" => vec![0.into(), 0.into(), 50.into(), 20.into()], "P" => ids[0],
    });
    let link = dictionary! {
        "Type" => "Annot", "Subtype" => "Link", "Rect" => vec![0.into(), 50.into(), 50.into(), 70.into()],
        "Dest" => vec![ids[pages - 1].into(), "Fit".into()],
    };
    for (place, id) in ids.iter().enumerate() {
        let text = format!("BT /F 24 Tf 20 100 Td (page {}) Tj ET", place + 1);
        let contents = made.add_object(Stream::new(dictionary! {}, text.into_bytes()));
        let mut page = dictionary! { "Type" => "Page", "Parent" => root, "Contents" => contents };
        if place == 0 {
            page.set("Annots", vec![field.into(), link.clone().into()]);
        }
        made.objects.insert(*id, page.into());
    }
    let marks: Vec<_> = ids.iter().map(|_| made.new_object_id()).collect();
    let outlines = made.add_object(dictionary! { "First" => marks[0], "Last" => marks[pages - 1] });
    for (place, id) in marks.iter().enumerate() {
        let title =
            Object::String(format!("Chapter {}", place + 1).into_bytes(), StringFormat::Literal);
        let target: Vec<Object> = vec![ids[place].into(), "Fit".into()];
        let mut mark = dictionary! { "Title" => title, "Parent" => outlines, "Dest" => target };
        if let Some(next) = marks.get(place + 1) {
            mark.set("Next", *next);
        }
        made.objects.insert(*id, mark.into());
    }
    let kids: Vec<Object> = ids.iter().map(|id| (*id).into()).collect();
    made.objects.insert(
        root,
        dictionary! {
            "Type" => "Pages", "Kids" => kids, "Count" => i64::try_from(pages).unwrap(),
            "MediaBox" => vec![0.into(), 0.into(), 300.into(), 200.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
        }
        .into(),
    );
    let catalog = made.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => root, "Outlines" => outlines,
        "AcroForm" => dictionary! { "Fields" => vec![field.into()] },
    });
    made.trailer.set("Root", catalog);
    saved(made)
}

fn saved(mut made: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    made.save_to(&mut bytes).unwrap();
    bytes
}

fn run(job: Value, files: Vec<Vec<u8>>) -> Result<Vec<File>, Refusal> {
    let job = serde_json::from_value(job).unwrap();
    let names = ["one.pdf", "two.pdf", "three.pdf"];
    let files =
        files.into_iter().zip(names).map(|(bytes, name)| File::uploaded(name, bytes)).collect();
    let mut made = Vec::new();
    super::run(&job, files, &mut |file| made.push(file))?;
    Ok(made)
}

fn about(file: &File) -> Value {
    run(json!({ "tool": "inspect" }), vec![file.bytes.clone()]).unwrap().remove(0).about
}

/// What the pages say, in order.
fn texts(file: &File) -> Vec<String> {
    let made = Document::load_mem(&file.bytes).unwrap();
    let content = made.page_iter().map(|page| made.get_page_content(page));
    let text = content.map(|bytes| String::from_utf8(bytes).unwrap());
    text.map(|text| text.split(['(', ')']).nth(1).unwrap().to_owned()).collect()
}

#[test]
fn a_document_says_what_it_is() {
    let about = run(json!({ "tool": "inspect" }), vec![sample(3)]).unwrap().remove(0).about;
    assert_eq!(about["bookmarks"], 3);
    assert_eq!(about["forms"], true);
    assert_eq!(about["pages"][2], json!({ "width": 300.0, "height": 200.0, "rotation": 0 }));
}

#[test]
fn splitting_makes_a_file_per_page_with_its_own_bookmark() {
    let made = run(json!({ "tool": "split" }), vec![sample(3)]).unwrap();
    let names: Vec<_> = made.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["one-page-01.pdf", "one-page-02.pdf", "one-page-03.pdf"]);
    assert_eq!(texts(&made[1]), ["page 2"]);
    assert_eq!(about(&made[1])["bookmarks"], 1);
    assert_eq!(about(&made[1])["forms"], false, "the field is on page 1");
}

#[test]
fn splitting_by_ranges_makes_a_file_per_group() {
    let made = run(json!({ "tool": "split", "ranges": "1-2;z" }), vec![sample(4)]).unwrap();
    assert_eq!(made[0].name, "one-pages-01-02.pdf");
    assert_eq!(texts(&made[0]), ["page 1", "page 2"]);
    assert_eq!(texts(&made[1]), ["page 4"]);
}

#[test]
fn merging_keeps_bookmarks_and_fields_of_all_files() {
    let made = run(json!({ "tool": "merge" }), vec![sample(2), sample(3)]).unwrap().remove(0);
    assert_eq!(texts(&made), ["page 1", "page 2", "page 1", "page 2", "page 3"]);
    assert_eq!(about(&made)["bookmarks"], 5 + 2, "one more per file");
    let made = Document::load_mem(&made.bytes).unwrap();
    let names: Vec<_> =
        made.objects.values().filter_map(|object| object.as_dict().ok()?.get(b"T").ok()).collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1], "two fields of one name would share their value");
}

#[test]
fn equal_streams_of_two_files_are_written_once() {
    let made = run(json!({ "tool": "merge" }), vec![sample(2), sample(2)]).unwrap().remove(0);
    let made = Document::load_mem(&made.bytes).unwrap();
    let contents = made.objects.values().filter_map(|object| object.as_stream().ok());
    let contents = contents.filter(|stream| !stream.dict.has(b"Type"));
    assert_eq!(contents.count(), 2);
}

#[test]
fn pages_are_reordered_turned_dropped_and_doubled_in_one_go() {
    let pages = json!([{ "page": 3 }, { "page": 1, "turn": 90 }, { "page": 3 }]);
    let made =
        run(json!({ "tool": "organise", "pages": pages }), vec![sample(3)]).unwrap().remove(0);
    assert_eq!(texts(&made), ["page 3", "page 1", "page 3"]);
    assert_eq!(about(&made)["pages"][1]["rotation"], 90);
}

#[test]
fn a_link_goes_with_the_page_it_leads_to() {
    let links = |pages: &str| {
        let made =
            run(json!({ "tool": "extract", "pages": pages }), vec![sample(3)]).unwrap().remove(0);
        let made = Document::load_mem(&made.bytes).unwrap();
        let page = made.get_dictionary(made.page_iter().next().unwrap()).unwrap();
        page.get(b"Annots").unwrap().as_array().unwrap().len()
    };
    assert_eq!(links("1,3"), 2, "the field and the link");
    assert_eq!(links("1,2"), 1, "the field");
}

#[test]
fn deleting_all_pages_is_refused() {
    let refusal = run(json!({ "tool": "delete", "pages": "1-" }), vec![sample(2)]).unwrap_err();
    assert_eq!((refusal.why, refusal.option.as_deref()), (Why::Option, Some("pages")));
}

#[test]
fn thumbnails_are_pictures_of_the_width_asked_for() {
    let made = run(json!({ "tool": "thumbnails", "width": 150, "pages": "2,1" }), vec![sample(2)])
        .unwrap();
    assert_eq!(made[0].about, json!({ "page": 2, "pages": 2, "width": 150, "height": 100 }));
    assert!(made[1].bytes.starts_with(b"\x89PNG"));
    assert_ne!(made[0].bytes, made[1].bytes, "each page has its own text");
}
