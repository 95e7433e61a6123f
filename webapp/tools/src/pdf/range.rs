//! Page ranges as people write them: `1-3,7,odd,r1,r3-r1,z,5-`. Pages count from 1; `r1` and `z` are the last one.

use super::limits;
use crate::Refusal;

/// The pages that `text` names in a document of `count` pages, in its order, repetitions included.
///
/// # Errors
/// Names the part of the text that has no meaning, or none for that many pages.
pub(super) fn expand(text: &str, count: usize, option: &str) -> Result<Vec<usize>, Refusal> {
    let mut pages = Vec::new();
    for part in text.split(',') {
        let fault = |detail: &str| Refusal::option(option, format!("{part:?}: {detail}"));
        match part.trim() {
            "" => return Err(fault("a page or range is missing; write for example 1-3,7,odd,r1")),
            "odd" => pages.extend((1..=count).step_by(2)),
            "even" => pages.extend((2..=count).step_by(2)),
            part => {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let first = page(first, count, 1).map_err(|detail| fault(&detail))?;
                let last = page(last, count, count).map_err(|detail| fault(&detail))?;
                extend(&mut pages, first, last);
            }
        }
        limits::check(None, "pages in a range", pages.len(), limits::PAGES)?;
    }
    Ok(pages)
}

fn extend(pages: &mut Vec<usize>, first: usize, last: usize) {
    if first <= last {
        pages.extend(first..=last);
    } else {
        pages.extend((last..=first).rev());
    }
}

/// One end of a range; `open` is what an end means that is left out.
fn page(text: &str, count: usize, open: usize) -> Result<usize, String> {
    let text = text.trim();
    let number = match text {
        "" => open,
        "z" => count,
        text => {
            let (digits, from_end) =
                text.strip_prefix('r').map_or((text, false), |rest| (rest, true));
            let number = digits.parse::<usize>().map_err(|_| {
                "not a page; write a number, r1 for the last page, z, odd or even".to_owned()
            })?;
            if from_end { (count + 1).saturating_sub(number) } else { number }
        }
    };
    if (1..=count).contains(&number) {
        return Ok(number);
    }
    Err(format!("there is no such page; the document has pages 1 to {count}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::expand;

    fn pages(text: &str) -> Vec<usize> {
        expand(text, 9, "pages").unwrap()
    }

    #[test]
    fn a_range_means_what_people_write() {
        assert_eq!(pages("1-3,7"), [1, 2, 3, 7]);
        assert_eq!(pages("odd"), [1, 3, 5, 7, 9]);
        assert_eq!(pages("even,r1"), [2, 4, 6, 8, 9]);
        assert_eq!(pages("r3-r1,z"), [7, 8, 9, 9]);
        assert_eq!(pages("7-, 3-1"), [7, 8, 9, 3, 2, 1]);
    }

    #[test]
    fn a_refusal_names_the_part_at_fault() {
        for (text, part) in
            [("1,12-13", "12-13"), ("1,x", "\"x\""), ("0", "\"0\""), ("2,,3", "\"\"")]
        {
            let refusal = expand(text, 9, "pages").unwrap_err();
            assert!(refusal.detail.contains(part), "{text}: {refusal}");
            assert_eq!(refusal.option.as_deref(), Some("pages"));
        }
    }

    proptest! {
        #[test]
        fn no_text_leads_out_of_the_document(text in "[0-9rzodevn,-]{0,12}", count in 1_usize..40) {
            if let Ok(pages) = expand(&text, count, "pages") {
                prop_assert!(pages.iter().all(|page| (1..=count).contains(page)));
            }
        }
    }
}
