//! Helvetica, one of the fonts that every viewer has: its letters as WinAnsiEncoding numbers them, and how wide they are
//! (ISO 32000-1, annex D; widths are those of Adobe's font metrics).

/// How high a capital letter is, as a part of the font's size.
pub(super) const CAPITAL: f32 = 0.718;

/// Thousandths of the font's size, from the blank to the tilde.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// Most letters with accents are as wide as this.
const USUAL: u16 = 556;

/// A text in the font's numbers and its width at size 1, or the letter that the font does not have.
pub(super) fn encode(text: &str) -> Result<(Vec<u8>, f32), char> {
    let mut bytes = Vec::new();
    let mut width = 0;
    for letter in text.chars() {
        let number = number(letter).ok_or(letter)?;
        bytes.push(number);
        let known = number.checked_sub(b' ').and_then(|place| WIDTHS.get(usize::from(place)));
        width += u32::from(*known.unwrap_or(&USUAL));
    }
    Ok((bytes, f32::from(u16::try_from(width).unwrap_or(u16::MAX)) / 1000.0))
}

fn number(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(letter)).ok(),
        '€' => Some(0x80),
        '…' => Some(0x85),
        'Š' => Some(0x8a),
        'Œ' => Some(0x8c),
        'Ž' => Some(0x8e),
        '‘' => Some(0x91),
        '’' => Some(0x92),
        '“' => Some(0x93),
        '”' => Some(0x94),
        '•' => Some(0x95),
        '–' => Some(0x96),
        '—' => Some(0x97),
        '™' => Some(0x99),
        'š' => Some(0x9a),
        'œ' => Some(0x9c),
        'ž' => Some(0x9e),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_its_letters_and_what_the_font_lacks_is_named() {
        let (bytes, width) = encode("AÜ€").unwrap();
        assert_eq!((bytes.as_slice(), width), (&[0x41, 0xdc, 0x80][..], 1.779));
        assert_eq!(encode("Ωmega"), Err('Ω'));
    }
}
