//! Lets a disabled agent sign in again.

use centrala_domain::AgentId;
use centrala_domain::agent::Agent;
use centrala_domain::event::Event;
use centrala_store::{Command, Ctx, Done, Tx, agents};

use super::{AgentError, managed};

/// Lets a disabled agent sign in again.
#[derive(Debug)]
pub struct EnableAgent {
    /// Whom.
    pub agent: AgentId,
}

impl Command for EnableAgent {
    type Out = Agent;
    type Error = AgentError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Agent>, AgentError> {
        let mut agent = managed(ctx, tx, self.agent).await?;
        if agent.disabled_at.take().is_none() {
            return Ok(Done::unchanged(agent));
        }
        agents::set_disabled(&ctx.scope, tx, agent.id, None).await?;
        Ok(Done::new(agent, [Event::AgentEnabled { agent: self.agent }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn enabling_somebody_who_is_enabled_changes_nothing() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, agent) = (shop.owner().await, shop.agent(Role::Agent).await);
        let enabled = store.execute(shop.origin_of(&owner), EnableAgent { agent: agent.id }).await;
        assert_eq!(enabled.unwrap(), agent);
        assert!(store.events().is_empty());
    }
}
