//! The words and signs of a policy statement.

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// Between quotes.
    Text(String),
    /// Between slashes, after an operator.
    Pattern(String),
    Open,
    Close,
    Comma,
    Equal,
    Unequal,
}

impl Token {
    /// As it was written, nearly.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Text(text) => format!("'{text}'"),
            Self::Pattern(pattern) => format!("/{pattern}/"),
            Self::Open => "{".to_owned(),
            Self::Close => "}".to_owned(),
            Self::Comma => ",".to_owned(),
            Self::Equal => "=".to_owned(),
            Self::Unequal => "!=".to_owned(),
        }
    }
}

/// Takes a statement apart; what a quote or slash opens must be closed.
///
/// # Errors
/// What is wrong.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let is_value = matches!(tokens.last(), Some(Token::Equal | Token::Unequal));
        let (token, left) = match first {
            '{' => (Token::Open, after),
            '}' => (Token::Close, after),
            ',' => (Token::Comma, after),
            '=' => (Token::Equal, after),
            '!' if after.starts_with('=') => (Token::Unequal, &after[1..]),
            '\'' | '"' => {
                let (inner, left) = closed(after, first)?;
                (Token::Text(inner), left)
            }
            '/' if is_value => {
                let (inner, left) = pattern(after)?;
                (Token::Pattern(inner), left)
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || "{},=!'\"".contains(c);
                let end = after.find(ends).map_or(rest.len(), |end| end + first.len_utf8());
                (Token::Word(rest[..end].to_owned()), &rest[end..])
            }
        };
        tokens.push(token);
        rest = left.trim_start();
    }
    Ok(tokens)
}

fn closed(text: &str, mark: char) -> Result<(String, &str), String> {
    let (inner, left) = text.split_once(mark).ok_or_else(|| format!("a {mark} is not closed"))?;
    Ok((inner.to_owned(), left))
}

/// A slash is part of the pattern unless the value ends with it.
fn pattern(text: &str) -> Result<(String, &str), String> {
    let is_end = |(at, _): &(usize, &str)| {
        let next = text[at + 1..].chars().next();
        next.is_none_or(|next| next.is_whitespace() || ",}".contains(next))
    };
    let (end, _) = text.match_indices('/').find(is_end).ok_or("a / is not closed")?;
    Ok((text[..end].to_owned(), &text[end + 1..]))
}
