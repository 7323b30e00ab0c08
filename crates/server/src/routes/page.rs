//! Lists: `?after=&limit=` in, `{ items, next, as_of }` out; and one thing, with its `as_of`. A cursor is opaque and says its version.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use centrala_domain::permission::Scope;
use centrala_store::{Reader, events};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Answer, Problem, Slug};

const CURSOR_VERSION: u8 = 1;
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 200;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageIn {
    /// Where the last part ended: its `next`.
    pub after: Option<String>,
    /// How many items: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    pub limit: Option<usize>,
}

impl PageIn {
    /// How many items.
    ///
    /// # Errors
    /// [`Slug::InvalidInput`] when it is not between 1 and 200.
    pub fn limit(&self) -> Answer<usize> {
        limit(self.limit)
    }

    /// Where the last part ended.
    ///
    /// # Errors
    /// [`Slug::InvalidCursor`] when it was not made by this list.
    pub fn after<T: DeserializeOwned>(&self) -> Answer<Option<T>> {
        self.after.as_deref().map(read_cursor).transpose()
    }
}

/// Checks a limit: 1 to 200, by default 50.
///
/// # Errors
/// [`Slug::InvalidInput`].
pub fn limit(wanted: Option<usize>) -> Answer<usize> {
    match wanted.unwrap_or(LIMIT) {
        limit @ 1..=LIMIT_MAX => Ok(limit),
        _ => Err(Problem::wrong("limit", "range", format!("a limit is between 1 and {LIMIT_MAX}"))
            .with("min", 1)
            .with("max", LIMIT_MAX)),
    }
}

/// One part of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageOut<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give it as `after` for the part that follows; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Number of the workspace's last fact that this list knows of; the live socket goes on from there.
    #[schema(example = 4711)]
    pub as_of: i64,
}

/// One thing that was asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OneOut<T> {
    /// The thing.
    #[serde(flatten)]
    it: T,
    /// Number of the workspace's last fact that this answer knows of: whoever holds a newer one keeps that.
    #[schema(example = 4711)]
    as_of: i64,
}

impl<T> OneOut<T> {
    /// Says how new it is. `reader` is the one that the thing was read with.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(scope: &Scope, reader: &mut Reader, it: T) -> Answer<axum::Json<Self>> {
        let as_of = events::last_seq(scope, reader).await?;
        Ok(axum::Json(Self { it, as_of }))
    }
}

/// Writes a cursor.
#[must_use]
pub fn write_cursor<T: Serialize>(position: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(CURSOR_VERSION, position)).unwrap_or_default())
}

/// Reads a cursor.
///
/// # Errors
/// [`Slug::InvalidCursor`].
pub fn read_cursor<T: DeserializeOwned>(text: &str) -> Answer<T> {
    let position = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<(u8, T)>(&bytes).ok())
        .filter(|(version, _)| *version == CURSOR_VERSION);
    position.map(|(_, position)| position).ok_or_else(|| Slug::InvalidCursor.into())
}

/// Cuts a part out of a list that is short enough to be read whole. The key of an item is its cursor.
///
/// # Errors
/// [`Slug::InvalidCursor`] or [`Slug::InvalidInput`].
pub fn cut<I, K, O>(
    page: &PageIn,
    as_of: i64,
    items: Vec<I>,
    key: impl Fn(&I) -> K,
    out: impl Fn(I) -> O,
) -> Answer<PageOut<O>>
where
    K: Serialize + DeserializeOwned + PartialEq,
{
    let limit = page.limit()?;
    let start = match page.after::<K>()? {
        None => 0,
        // An item that was deleted meanwhile: the list cannot go on from it.
        Some(after) => 1 + items.iter().position(|item| key(item) == after).ok_or(Slug::InvalidCursor)?,
    };
    let has_more = items.len() > start + limit;
    let part: Vec<I> = items.into_iter().skip(start).take(limit).collect();
    let next = part.last().filter(|_| has_more).map(|item| write_cursor(&key(item)));
    Ok(PageOut { items: part.into_iter().map(out).collect(), next, as_of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_one_another_without_gap_or_repetition() {
        let mut page = PageIn { after: None, limit: Some(2) };
        let mut seen = Vec::new();
        loop {
            let part = cut(&page, 7, vec![1, 2, 3, 4, 5], |n| *n, |n| n).unwrap();
            seen.extend(part.items);
            let Some(next) = part.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn foreign_cursors_and_limits_are_refused() {
        for after in ["", "x", "WzIsMV0", &write_cursor(&"text")] {
            let page = PageIn { after: Some(after.into()), limit: None };
            assert_eq!(
                cut(&page, 0, vec![1], |n| *n, |n| n).unwrap_err().slug(),
                Slug::InvalidCursor,
                "{after}"
            );
        }
        assert!(limit(Some(0)).is_err() && limit(Some(201)).is_err());
    }
}
