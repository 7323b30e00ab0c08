//! Changes an agent's name, role or language.

use centrala_domain::AgentId;
use centrala_domain::agent::Agent;
use centrala_domain::event::Event;
use centrala_domain::permission::Role;
use centrala_domain::workspace::Language;
use centrala_store::{Command, Ctx, Done, Tx, agents};

use super::{AgentError, keep_an_owner, managed};
use crate::commands::{acting, text};

/// Changes an agent's name, role or language; what is absent stays. Name and language of oneself need no
/// permission.
#[derive(Debug)]
pub struct ChangeAgent {
    /// Whom.
    pub agent: AgentId,
    /// New name.
    pub name: Option<String>,
    /// New role.
    pub role: Option<Role>,
    /// New language.
    pub language: Option<Language>,
}

impl Command for ChangeAgent {
    type Out = Agent;
    type Error = AgentError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Agent>, AgentError> {
        let is_own_profile = acting::agent(ctx) == Some(self.agent) && self.role.is_none();
        let before = if is_own_profile {
            agents::find(&ctx.scope, tx, self.agent).await?.ok_or(AgentError::NotFound)?
        } else {
            managed(ctx, tx, self.agent).await?
        };
        let mut agent = before.clone();
        if let Some(name) = &self.name {
            agent.name = text::name(name).ok_or(AgentError::Name)?;
        }
        agent.role = self.role.unwrap_or(agent.role);
        agent.language = self.language.unwrap_or(agent.language);
        if agent == before {
            return Ok(Done::unchanged(agent));
        }
        let becomes_owner = agent.role == Role::Owner && before.role != Role::Owner;
        if becomes_owner && acting::role(ctx, tx).await? != Role::Owner {
            return Err(AgentError::OnlyByOwner);
        }
        agents::update(&ctx.scope, tx, &agent).await?;
        if before.role == Role::Owner && agent.role != Role::Owner {
            keep_an_owner(ctx, tx).await?;
        }
        let event = Event::AgentChanged { agent: agent.id, role: agent.role };
        Ok(Done::new(agent, [event]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::{TestStore, on_both_engines};

    fn to_role(agent: &Agent, role: Role) -> ChangeAgent {
        ChangeAgent { agent: agent.id, name: None, role: Some(role), language: None }
    }

    #[tokio::test]
    async fn admin_makes_no_owner_of_himself_and_touches_none() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, admin) = (shop.owner().await, shop.agent(Role::Admin).await);
        for command in [to_role(&admin, Role::Owner), to_role(&owner, Role::Agent)] {
            let refused = store.execute(shop.origin_of(&admin), command).await;
            assert!(matches!(refused, Err(AgentError::OnlyByOwner)));
        }
        let changed = store.execute(shop.origin_of(&owner), to_role(&admin, Role::Owner)).await.unwrap();
        assert_eq!(store.events(), [Event::AgentChanged { agent: admin.id, role: Role::Owner }]);
        assert_eq!(changed.role, Role::Owner);
    }

    #[tokio::test]
    async fn agent_changes_his_own_name_and_language_but_not_his_role() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (agent, other) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let rename = |agent: &Agent| ChangeAgent {
            agent: agent.id,
            name: Some(" Ioana ".into()),
            role: None,
            language: Some(Language::En),
        };
        let changed = store.execute(shop.origin_of(&agent), rename(&agent)).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.language), ("Ioana", Language::En));
        for command in [rename(&other), to_role(&agent, Role::Admin)] {
            let refused = store.execute(shop.origin_of(&agent), command).await;
            assert!(matches!(refused, Err(AgentError::NotAllowed)));
        }
    }

    #[tokio::test]
    async fn last_owner_stays_one_even_when_all_step_down_at_once() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let owners = [shop.owner().await, shop.owner().await, shop.owner().await];
            let all = owners.iter().map(|it| store.execute(shop.origin_of(it), to_role(it, Role::Admin)));
            let outcomes = futures_util::future::join_all(all).await;
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
            assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(AgentError::LastOwner))));
            let mut reader = store.read().await.unwrap();
            assert_eq!(agents::count_owners(&shop.scope(), &mut reader).await.unwrap(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn agent_of_another_workspace_is_not_found() {
        let store = TestStore::sqlite().await;
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (owner, stranger) = (shop.owner().await, other.agent(Role::Agent).await);
        let refused = store.execute(shop.origin_of(&owner), to_role(&stranger, Role::Admin)).await;
        assert!(matches!(refused, Err(AgentError::NotFound)));
    }
}
