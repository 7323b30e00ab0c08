//! Who acts, for the few commands whose rules depend on more than a permission.

use centrala_domain::AgentId;
use centrala_domain::agent::Actor;
use centrala_domain::permission::Role;
use centrala_store::{Ctx, Error, Tx, agents};

/// The role of whoever acts, as it is now. The product itself (the command line) acts as an owner; somebody who
/// was disabled in the meantime has the lowest role.
pub(crate) async fn role(ctx: &Ctx, tx: &mut Tx) -> Result<Role, Error> {
    match ctx.actor {
        Actor::System => Ok(Role::Owner),
        Actor::Contact { .. } => Ok(Role::Agent),
        Actor::Agent { id } => {
            let agent = agents::find(&ctx.scope, tx, id).await?;
            let role = agent.filter(|agent| agent.disabled_at.is_none()).map(|agent| agent.role);
            Ok(role.unwrap_or(Role::Agent))
        }
    }
}

/// The agent who acts, if it is one.
pub(crate) const fn agent(ctx: &Ctx) -> Option<AgentId> {
    match ctx.actor {
        Actor::Agent { id } => Some(id),
        Actor::Contact { .. } | Actor::System => None,
    }
}
