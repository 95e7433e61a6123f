//! Pages of a list. A page beyond the last is empty, never the last again: clients walk until an empty one.

use serde_json::{Value, json};

use super::call::Call;
use super::envelope::Failure;

/// How many items a page may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) default: usize,
    pub(crate) most: usize,
}

/// Cuts the page out that the call asks for, with its `result_info`.
///
/// # Errors
/// When `page` or `per_page` is not a positive number.
pub(crate) fn cut<T>(
    items: Vec<T>,
    call: &Call<'_>,
    size: Size,
) -> Result<(Vec<T>, Value), Failure> {
    let page = number(call, "page", 1)?;
    let per_page = number(call, "per_page", size.default)?.min(size.most);
    let total = items.len();
    let from = (page - 1).saturating_mul(per_page);
    let cut: Vec<T> = items.into_iter().skip(from).take(per_page).collect();
    let info = json!({
        "page": page,
        "per_page": per_page,
        "count": cut.len(),
        "total_count": total,
        "total_pages": total.div_ceil(per_page),
    });
    Ok((cut, info))
}

fn number(call: &Call<'_>, name: &str, default: usize) -> Result<usize, Failure> {
    let Some(text) = call.parameter(name) else { return Ok(default) };
    text.parse()
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| Failure::bad_request(9207, format!("`{name}` must be a positive number")))
}
