//! Colour tags on conversations.

use serde::{Deserialize, Serialize};

use crate::{LabelId, Timestamp};

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Id.
    pub id: LabelId,
    /// Unique in the workspace without regard to case and diacritics; 1 to 40 characters.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why a name or colour is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Empty or longer than 40 characters.
    #[error("a label's name has 1 to 40 characters")]
    Name,
    /// Not `#rrggbb`.
    #[error("a label's colour is written #rrggbb")]
    Color,
}

/// Checks and tidies a label's name.
///
/// # Errors
/// [`LabelError::Name`] when it is empty or too long.
pub fn parse_name(name: &str) -> Result<String, LabelError> {
    let name = name.trim();
    match name.chars().count() {
        1..=40 => Ok(name.to_owned()),
        _ => Err(LabelError::Name),
    }
}

/// Checks a colour.
///
/// # Errors
/// [`LabelError::Color`] when it is not `#` and six hexadecimal digits.
pub fn parse_color(color: &str) -> Result<String, LabelError> {
    let digits = color.strip_prefix('#').ok_or(LabelError::Color)?;
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(color.to_ascii_lowercase())
    } else {
        Err(LabelError::Color)
    }
}
