//! The people: adding, changing, disabling them. An owner is made, changed and disabled by an owner only, and the
//! workspace always keeps one who can sign in.

pub mod add;
pub mod change;
pub mod disable;
pub mod enable;
pub mod set_password;

use centrala_domain::AgentId;
use centrala_domain::agent::Agent;
use centrala_domain::permission::{Permission, Role};
use centrala_store::{Ctx, Error, Tx, agents};

use super::acting;

/// Why a change of an agent is refused.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is none in this workspace.
    #[error("there is no such agent")]
    NotFound,
    /// The actor does not manage agents.
    #[error("only an admin or an owner may do this")]
    NotAllowed,
    /// It is about an owner.
    #[error("only an owner may do this to an owner")]
    OnlyByOwner,
    /// Nobody could manage the workspace any more.
    #[error("the last owner stays an owner who can sign in")]
    LastOwner,
    /// The name is empty, too long, or has control characters.
    #[error("an agent's name has 1 to 100 characters")]
    Name,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The agent, if whoever acts may manage him.
async fn managed(ctx: &Ctx, tx: &mut Tx, id: AgentId) -> Result<Agent, AgentError> {
    let role = acting::role(ctx, tx).await?;
    if !role.may(Permission::ManageAgents) {
        return Err(AgentError::NotAllowed);
    }
    let agent = agents::find(&ctx.scope, tx, id).await?.ok_or(AgentError::NotFound)?;
    if agent.role == Role::Owner && role != Role::Owner {
        return Err(AgentError::OnlyByOwner);
    }
    Ok(agent)
}

/// Refuses a change after which no owner could sign in. Commands of one workspace follow one another, so nobody
/// else removes the other owner meanwhile.
async fn keep_an_owner(ctx: &Ctx, tx: &mut Tx) -> Result<(), AgentError> {
    if agents::count_owners(&ctx.scope, tx).await? == 0 {
        return Err(AgentError::LastOwner);
    }
    Ok(())
}
