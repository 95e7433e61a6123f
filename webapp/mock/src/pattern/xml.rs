//! Equality of XML: the same tree, whatever the white space, the order of attributes and the prefixes.

use roxmltree::{Document, Node, ParsingOptions};

/// The most nodes a document may have.
const MAX_NODES: u32 = 20_000;
/// How deeply elements may be nested.
const MAX_DEPTH: usize = 64;

/// An expected document, reduced to what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqualXml(Element);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Element {
    name: (Option<String>, String),
    attributes: Vec<(Option<String>, String, String)>,
    text: String,
    children: Vec<Self>,
}

impl EqualXml {
    /// # Errors
    /// When the text is not XML, has a DTD, or is too large.
    pub fn parse(text: &str) -> Result<Self, String> {
        if nesting(text) > MAX_DEPTH {
            return Err(format!("XML may be nested {MAX_DEPTH} deep"));
        }
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MAX_NODES,
            ..ParsingOptions::default()
        };
        let document =
            Document::parse_with_options(text, options).map_err(|e| format!("not XML: {e}"))?;
        Ok(Self(element(document.root_element())))
    }

    #[must_use]
    pub fn accepts(&self, text: &str) -> bool {
        Self::parse(text).is_ok_and(|found| found == *self)
    }
}

fn element(node: Node<'_, '_>) -> Element {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let mut attributes: Vec<_> = node
        .attributes()
        .map(|a| (owned(a.namespace()), a.name().to_owned(), a.value().to_owned()))
        .collect();
    attributes.sort();
    let texts = node.children().filter(Node::is_text).filter_map(|n| n.text());
    Element {
        name: (owned(node.tag_name().namespace()), node.tag_name().name().to_owned()),
        attributes,
        text: texts.map(str::trim).collect(),
        children: node.children().filter(Node::is_element).map(element).collect(),
    }
}

/// An upper bound of how deep the elements are, without a parser that could recurse.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for piece in text.split('<').skip(1) {
        if piece.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !piece.starts_with(['!', '?'])
            && !piece.split('>').next().unwrap_or("").ends_with('/')
        {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_the_order_of_attributes_do_not_matter_but_text_does() {
        let expected = EqualXml::parse("<a x='1' y='2'><b>hi</b></a>").unwrap();
        assert!(expected.accepts("<a y=\"2\" x=\"1\">\n  <b>hi</b>\n</a>"));
        assert!(!expected.accepts("<a x='1' y='2'><b>ho</b></a>"));
    }

    #[test]
    fn entities_and_endless_nesting_are_refused() {
        assert!(EqualXml::parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").is_err());
        assert!(EqualXml::parse(&"<a>".repeat(100_000)).unwrap_err().contains("64"));
    }
}
