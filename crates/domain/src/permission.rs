//! Roles, what each may do, and the scope that every read and write carries.

use serde::{Deserialize, Serialize};

use crate::{AgentId, WorkspaceId};

/// A set of permissions with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works with conversations in the inboxes he is a member of.
    Agent,
    /// Also manages inboxes, agents and labels.
    Admin,
    /// Also manages owners and the workspace itself.
    Owner,
}

impl Role {
    /// All roles, lowest first.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Admin, Self::Owner];

    /// The name used in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether this role may do that.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }
}

/// What an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Read conversations, contacts and messages of one's inboxes.
    ReadConversations,
    /// Answer, assign, label, snooze, resolve.
    WorkConversations,
    /// See the workspace, its agents, labels and inboxes (without credentials).
    ReadWorkspace,
    /// Create and change labels.
    ManageLabels,
    /// Connect and change inboxes and their members.
    ManageInboxes,
    /// Add, change and disable agents (an owner only by an owner).
    ManageAgents,
    /// Change the workspace itself.
    ManageWorkspace,
    /// See receipts and replay them; doctor.
    Operate,
    /// Manage one's own sessions, tokens and profile.
    ManageSelf,
}

impl Permission {
    /// The lowest role that has it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        match self {
            Self::ReadConversations | Self::WorkConversations | Self::ReadWorkspace | Self::ManageSelf => {
                Role::Agent
            }
            Self::ManageLabels | Self::ManageInboxes | Self::ManageAgents | Self::Operate => Role::Admin,
            Self::ManageWorkspace => Role::Owner,
        }
    }
}

/// What the actor of a read or a command may see. Every store function on an aggregate takes one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The tenant. There is no scope without one.
    pub workspace: WorkspaceId,
    /// Which inboxes' conversations are visible.
    pub inboxes: InboxScope,
}

/// Which inboxes' conversations are visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxScope {
    /// Every inbox: owners, admins, and the system itself.
    All,
    /// Only inboxes that this agent is a member of.
    MemberOf(AgentId),
}

impl Scope {
    /// The system's own view of a workspace, for jobs and projections.
    #[must_use]
    pub const fn system(workspace: WorkspaceId) -> Self {
        Self { workspace, inboxes: InboxScope::All }
    }

    /// What an agent of this role sees.
    #[must_use]
    pub const fn of(workspace: WorkspaceId, agent: AgentId, role: Role) -> Self {
        let inboxes = match role {
            Role::Agent => InboxScope::MemberOf(agent),
            Role::Admin | Role::Owner => InboxScope::All,
        };
        Self { workspace, inboxes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_what_the_lower_ones_have() {
        for permission in
            [Permission::WorkConversations, Permission::ManageInboxes, Permission::ManageWorkspace]
        {
            let allowed: Vec<bool> = Role::ALL.iter().map(|role| role.may(permission)).collect();
            assert!(allowed.is_sorted(), "{permission:?}");
        }
    }
}
