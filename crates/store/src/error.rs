//! What can go wrong with the database, in three words: conflict, unavailable, corrupt.

/// Result of a store function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the database. "Not found" is not one: lookups return `Option`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A unique key or a reference decided against the change.
    #[error("a constraint refused the change: {0}")]
    Conflict(String),
    /// The database cannot take or answer it now: full disk, lock, lost connection. Trying later may work.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Two transactions got in each other's way; the executor runs the command again.
    #[error("the transaction must be run again: {0}")]
    Retry(String),
    /// What is stored cannot be understood, or the code and the schema disagree.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
}

impl Error {
    /// A value that cannot be what it is stored as.
    #[must_use]
    pub fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }

    /// Whether the constraint (SQLite names the columns, PostgreSQL the index) is about this.
    #[must_use]
    pub fn is_conflict_on(&self, needle: &str) -> bool {
        matches!(self, Self::Conflict(what) if what.contains(needle))
    }
}
