//! Documents made to hurt: each is answered, none ends the process.

use std::fmt::Write;

use lopdf::{Document, Object, dictionary};
use serde_json::json;

use super::{run, sample, saved};
use crate::Why;

/// A page tree whose nodes, by number from 1, have those kids; the last node is a page.
fn tree(nodes: u32, kids: impl Fn(u32) -> Vec<u32>) -> Vec<u8> {
    let mut made = Document::with_version("1.7");
    for node in 1..nodes {
        let kids: Vec<Object> = kids(node).into_iter().map(|kid| (kid, 0).into()).collect();
        let node_of = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1_000_000_000 };
        made.objects.insert((node, 0), node_of.into());
    }
    made.objects.insert((nodes, 0), dictionary! { "Type" => "Page" }.into());
    made.max_id = nodes;
    let catalog = made.add_object(dictionary! { "Type" => "Catalog", "Pages" => (1, 0) });
    made.trailer.set("Root", catalog);
    saved(made)
}

fn answer(bytes: Vec<u8>) -> Result<usize, Why> {
    run(json!({ "tool": "split" }), vec![bytes])
        .map(|made| made.len())
        .map_err(|refusal| refusal.why)
}

#[test]
fn a_page_below_sixty_thousand_nodes_is_found() {
    assert_eq!(answer(tree(60_000, |node| vec![node + 1])), Ok(1));
}

#[test]
fn a_tree_that_shares_its_branches_is_not_multiplied_out() {
    assert!(answer(tree(40, |node| vec![node + 1; 4])).is_ok_and(|pages| pages <= 4));
}

#[test]
fn a_tree_that_closes_on_itself_has_no_pages() {
    assert_eq!(answer(tree(4, |_| vec![1, 2])), Err(Why::Malformed));
}

#[test]
fn bookmarks_that_close_on_themselves_are_read_once() {
    let mut made = Document::load_mem(&sample(3)).unwrap();
    let marks =
        made.objects.iter().filter(|(_, mark)| mark.as_dict().is_ok_and(|mark| mark.has(b"Title")));
    let marks: Vec<_> = marks.map(|(id, _)| *id).collect();
    for id in &marks {
        let mark = made.get_dictionary_mut(*id).unwrap();
        mark.set("Next", marks[0]);
        mark.set("First", marks[1]);
    }
    assert_eq!(answer(saved(made)), Ok(3));
}

#[test]
fn arrays_in_arrays_do_not_exhaust_the_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let mut bytes = String::from("%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n");
    bytes.push_str("2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n");
    write!(bytes, "3 0 obj <</Type/Page/Deep {deep}>> endobj\ntrailer <</Root 1 0 R>>\n").unwrap();
    let _answered = answer(bytes.into_bytes());
}

#[test]
fn a_file_that_breaks_off_is_answered() {
    let whole = sample(3);
    for part in 0..16 {
        let _answered = answer(whole[..whole.len() * part / 16].to_vec());
    }
    assert_eq!(answer(whole[..4].to_vec()), Err(Why::Unsupported));
}
