//! The people who answer.

use serde::{Deserialize, Serialize};

use crate::permission::Role;
use crate::workspace::Language;
use crate::{AgentId, Timestamp};

/// A member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Id.
    pub id: AgentId,
    /// Shown to colleagues.
    pub name: String,
    /// Sign-in name, lower case, unique in the installation.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// Language of his screens.
    pub language: Language,
    /// Set while he may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// When he was added.
    pub created_at: Timestamp,
}

/// Who caused something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person who is signed in, or his API token.
    Agent {
        /// Which.
        id: AgentId,
    },
    /// A customer, through a channel.
    Contact {
        /// Which.
        id: crate::ContactId,
    },
    /// The product itself: timers, projections, reconciliation.
    System,
}
