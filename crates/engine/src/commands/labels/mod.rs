//! Labels, and putting them on conversations.

pub mod change;
pub mod create;
pub mod delete;
pub mod put;
pub mod take;

use centrala_domain::label;
use centrala_store::Error;

/// Why a change of a label, or of its use, is refused.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// There is none in this workspace.
    #[error("there is no such label")]
    NotFound,
    /// There is no conversation that the actor may see.
    #[error("there is no such conversation")]
    NoConversation,
    /// Another label has the name, but for case and diacritics.
    #[error("there is already a label with this name")]
    NameTaken,
    /// The name or the colour.
    #[error(transparent)]
    Refused(#[from] label::LabelError),
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for LabelError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("name") { Self::NameTaken } else { Self::Store(error) }
    }
}
