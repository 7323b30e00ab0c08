//! Adds an agent.

use centrala_domain::Private;
use centrala_domain::agent::Agent;
use centrala_domain::event::Event;
use centrala_domain::permission::{Permission, Role};
use centrala_domain::workspace::Language;
use centrala_store::{Command, Ctx, Done, Error, Tx, agents};

use crate::commands::{acting, text};

/// Adds an agent.
#[derive(Debug)]
pub struct AddAgent {
    /// Shown to colleagues.
    pub name: String,
    /// Sign-in name.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// Language of his screens.
    pub language: Language,
    /// Hash of his first password.
    pub password_hash: Private,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum AddAgentError {
    /// The actor does not manage agents.
    #[error("only an admin or an owner may do this")]
    NotAllowed,
    /// It is about an owner.
    #[error("only an owner may add an owner")]
    OnlyByOwner,
    /// Somebody has that address.
    #[error("somebody already has this e-mail address")]
    EmailTaken,
    /// The name is empty, too long, or has control characters.
    #[error("an agent's name has 1 to 100 characters")]
    Name,
    /// Not an e-mail address.
    #[error("this is not an e-mail address")]
    Email,
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for AddAgentError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("email") { Self::EmailTaken } else { Self::Store(error) }
    }
}

impl Command for AddAgent {
    type Out = Agent;
    type Error = AddAgentError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Agent>, AddAgentError> {
        let acting = acting::role(ctx, tx).await?;
        if !acting.may(Permission::ManageAgents) {
            return Err(AddAgentError::NotAllowed);
        }
        if self.role == Role::Owner && acting != Role::Owner {
            return Err(AddAgentError::OnlyByOwner);
        }
        let agent = Agent {
            id: ctx.new_id(),
            name: text::name(&self.name).ok_or(AddAgentError::Name)?,
            email: text::email(&self.email).ok_or(AddAgentError::Email)?,
            role: self.role,
            language: self.language,
            disabled_at: None,
            created_at: ctx.now,
        };
        agents::insert(&ctx.scope, tx, &agent, &self.password_hash).await?;
        let event = Event::AgentAdded { agent: agent.id, role: agent.role };
        Ok(Done::new(agent, [event]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::on_both_engines;

    fn add(email: &str, role: Role) -> AddAgent {
        AddAgent {
            name: "Ion".into(),
            email: email.into(),
            role,
            language: Language::En,
            password_hash: Private::from("hash"),
        }
    }

    #[tokio::test]
    async fn email_is_unique_in_the_installation_without_regard_to_case() {
        on_both_engines(async |store| {
            let (shop, other) = (store.workspace().await, store.workspace().await);
            let agent = store.execute(shop.origin(), add("Ion@Shop.Example", Role::Agent)).await.unwrap();
            assert_eq!(store.events(), [Event::AgentAdded { agent: agent.id, role: Role::Agent }]);
            for origin in [shop.origin(), other.origin()] {
                let refused = store.execute(origin, add("ion@shop.example", Role::Agent)).await;
                assert!(matches!(refused, Err(AddAgentError::EmailTaken)));
            }
        })
        .await;
    }

    #[tokio::test]
    async fn owner_is_added_by_an_owner_and_nobody_by_an_agent() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let (owner, admin) = (shop.owner().await, shop.agent(Role::Admin).await);
            let agent = shop.agent(Role::Agent).await;
            let refused = store.execute(shop.origin_of(&admin), add("a@x", Role::Owner)).await;
            assert!(matches!(refused, Err(AddAgentError::OnlyByOwner)));
            let refused = store.execute(shop.origin_of(&agent), add("a@x", Role::Agent)).await;
            assert!(matches!(refused, Err(AddAgentError::NotAllowed)));
            store.execute(shop.origin_of(&admin), add("a@x", Role::Admin)).await.unwrap();
            store.execute(shop.origin_of(&owner), add("b@x", Role::Owner)).await.unwrap();
        })
        .await;
    }
}
