//! Disables an agent: his sessions end, his tokens stop working.

use centrala_domain::AgentId;
use centrala_domain::agent::Agent;
use centrala_domain::event::Event;
use centrala_domain::permission::Role;
use centrala_store::{Command, Ctx, Done, Tx, agents, login_sessions};

use super::{AgentError, keep_an_owner, managed};

/// Disables an agent. His sessions end; his tokens do not work until he is enabled again.
#[derive(Debug)]
pub struct DisableAgent {
    /// Whom.
    pub agent: AgentId,
}

impl Command for DisableAgent {
    type Out = Agent;
    type Error = AgentError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Agent>, AgentError> {
        let mut agent = managed(ctx, tx, self.agent).await?;
        if agent.disabled_at.is_some() {
            return Ok(Done::unchanged(agent));
        }
        agent.disabled_at = Some(ctx.now);
        agents::set_disabled(&ctx.scope, tx, agent.id, agent.disabled_at).await?;
        if agent.role == Role::Owner {
            keep_an_owner(ctx, tx).await?;
        }
        login_sessions::delete_of_agent(&ctx.scope, tx, agent.id, None).await?;
        Ok(Done::new(agent, [Event::AgentDisabled { agent: self.agent }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::agents::enable::EnableAgent;
    use crate::commands::sessions::sign_in::tests::signed_in;
    use centrala_testkit::TestStore;
    use centrala_testkit::clock::START;

    #[tokio::test]
    async fn sessions_of_a_disabled_agent_end_and_do_not_come_back() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, agent) = (shop.owner().await, shop.agent(Role::Agent).await);
        signed_in(&store, &shop, &agent, "secret").await;
        store.take_events();

        let disable = || DisableAgent { agent: agent.id };
        let disabled = store.execute(shop.origin_of(&owner), disable()).await.unwrap();
        assert_eq!(disabled.disabled_at, Some(START));
        store.execute(shop.origin_of(&owner), disable()).await.unwrap();
        store.execute(shop.origin_of(&owner), EnableAgent { agent: agent.id }).await.unwrap();
        let expected = [Event::AgentDisabled { agent: agent.id }, Event::AgentEnabled { agent: agent.id }];
        assert_eq!(store.events(), expected);
        let mut reader = store.read().await.unwrap();
        let hash = login_sessions::hash_secret("secret");
        assert_eq!(login_sessions::find_by_secret_hash(&mut reader, &hash, START).await.unwrap(), None);
    }

    #[tokio::test]
    async fn last_owner_who_can_sign_in_is_not_disabled() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, other) = (shop.owner().await, shop.owner().await);
        let admin = shop.agent(Role::Admin).await;
        let refused = store.execute(shop.origin_of(&admin), DisableAgent { agent: owner.id }).await;
        assert!(matches!(refused, Err(AgentError::OnlyByOwner)));
        store.execute(shop.origin_of(&owner), DisableAgent { agent: other.id }).await.unwrap();
        let refused = store.execute(shop.origin_of(&owner), DisableAgent { agent: owner.id }).await;
        assert!(matches!(refused, Err(AgentError::LastOwner)));
        let mut reader = store.read().await.unwrap();
        let kept = agents::find(&shop.scope(), &mut reader, owner.id).await.unwrap().unwrap();
        assert_eq!(kept.disabled_at, None);
    }

    #[tokio::test]
    async fn somebody_disabled_meanwhile_manages_nobody() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, admin) = (shop.owner().await, shop.agent(Role::Admin).await);
        store.execute(shop.origin_of(&owner), DisableAgent { agent: admin.id }).await.unwrap();
        let refused = store.execute(shop.origin_of(&admin), EnableAgent { agent: admin.id }).await;
        assert!(matches!(refused, Err(AgentError::NotAllowed)));
    }
}
