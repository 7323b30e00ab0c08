//! Gives an agent a new password. Not here: checking the old one and hashing the new one (`server`).

use centrala_domain::event::Event;
use centrala_domain::{AgentId, LoginSessionId, Private};
use centrala_store::{Command, Ctx, Done, Tx, agents, login_sessions};

use super::{AgentError, managed};
use crate::commands::acting;

/// Gives an agent a new password and ends his sessions. One's own needs no permission.
#[derive(Debug)]
pub struct SetPassword {
    /// Whose.
    pub agent: AgentId,
    /// Hash of the new password.
    pub password_hash: Private,
    /// The session that goes on: the one in which he changes his own password.
    pub kept: Option<LoginSessionId>,
}

impl Command for SetPassword {
    type Out = ();
    type Error = AgentError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, AgentError> {
        if acting::agent(ctx) == Some(self.agent) {
            agents::find(&ctx.scope, tx, self.agent).await?.ok_or(AgentError::NotFound)?;
        } else {
            managed(ctx, tx, self.agent).await?;
        }
        agents::set_password_hash(&ctx.scope, tx, self.agent, &self.password_hash).await?;
        login_sessions::delete_of_agent(&ctx.scope, tx, self.agent, self.kept).await?;
        Ok(Done::new((), [Event::PasswordChanged { agent: self.agent }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sessions::sign_in::tests::signed_in;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;
    use centrala_testkit::clock::START;

    #[tokio::test]
    async fn own_password_ends_every_session_but_the_one_in_use() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let agent = shop.agent(Role::Agent).await;
        let here = signed_in(&store, &shop, &agent, "here").await;
        signed_in(&store, &shop, &agent, "there").await;
        store.take_events();

        let command =
            SetPassword { agent: agent.id, password_hash: Private::from("new"), kept: Some(here.id) };
        store.execute(shop.origin_of(&agent), command).await.unwrap();
        assert_eq!(store.events(), [Event::PasswordChanged { agent: agent.id }]);
        let scope = shop.scope();
        let mut reader = store.read().await.unwrap();
        let left = login_sessions::list_of_agent(&scope, &mut reader, agent.id, START).await.unwrap();
        assert_eq!(left, [here]);
        let hash = agents::password_hash(&scope, &mut reader, agent.id).await.unwrap();
        assert_eq!(hash, Some(Private::from("new")));
    }

    #[tokio::test]
    async fn password_of_others_is_set_by_those_who_manage_them() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, admin) = (shop.owner().await, shop.agent(Role::Admin).await);
        let agent = shop.agent(Role::Agent).await;
        let set = |of: AgentId| SetPassword { agent: of, password_hash: Private::from("new"), kept: None };
        let refused = store.execute(shop.origin_of(&agent), set(admin.id)).await;
        assert!(matches!(refused, Err(AgentError::NotAllowed)));
        let refused = store.execute(shop.origin_of(&admin), set(owner.id)).await;
        assert!(matches!(refused, Err(AgentError::OnlyByOwner)));
        store.execute(shop.origin_of(&admin), set(agent.id)).await.unwrap();
        store.execute(shop.origin_of(&owner), set(admin.id)).await.unwrap();
    }
}
