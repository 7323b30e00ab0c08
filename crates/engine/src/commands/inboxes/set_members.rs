//! Says who works in an inbox.

use centrala_domain::event::Event;
use centrala_domain::{AgentId, InboxId};
use centrala_store::{Command, Ctx, Done, Error, Tx, inboxes};

/// Replaces the members of an inbox; gives them back as they are now.
#[derive(Debug)]
pub struct SetInboxMembers {
    /// Which.
    pub inbox: InboxId,
    /// Everybody who works in it from now on.
    pub members: Vec<AgentId>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SetInboxMembersError {
    /// There is none in this workspace.
    #[error("there is no such inbox")]
    NotFound,
    /// One of them is not of this workspace.
    #[error("there is no such agent")]
    UnknownAgent {
        /// Who.
        agent: AgentId,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for SetInboxMembers {
    type Out = Vec<AgentId>;
    type Error = SetInboxMembersError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Vec<AgentId>>, SetInboxMembersError> {
        inboxes::find(&ctx.scope, tx, self.inbox).await?.ok_or(SetInboxMembersError::NotFound)?;
        let before = inboxes::members(&ctx.scope, tx, self.inbox).await?;
        inboxes::set_members(&ctx.scope, tx, self.inbox, &self.members)
            .await?
            .map_err(|agent| SetInboxMembersError::UnknownAgent { agent })?;
        let members = inboxes::members(&ctx.scope, tx, self.inbox).await?;
        let event = (members != before).then_some(Event::InboxMembersChanged { inbox: self.inbox });
        Ok(Done::new(members, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn members_are_replaced_and_a_stranger_changes_nothing() {
        let store = TestStore::sqlite().await;
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let inbox = shop.inbox().await;
        let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let stranger = other.agent(Role::Agent).await;
        let set = |members: &[AgentId]| SetInboxMembers { inbox: inbox.id, members: members.to_vec() };

        let members = store.execute(shop.origin(), set(&[ion.id, ana.id, ion.id])).await.unwrap();
        assert_eq!(members, [ana.id, ion.id]);
        store.execute(shop.origin(), set(&[ana.id, ion.id])).await.unwrap();
        assert_eq!(store.events(), [Event::InboxMembersChanged { inbox: inbox.id }]);

        let refused = store.execute(shop.origin(), set(&[stranger.id])).await;
        assert!(matches!(refused, Err(SetInboxMembersError::UnknownAgent { agent }) if agent == stranger.id));
        let refused = store.execute(other.origin(), set(&[stranger.id])).await;
        assert!(matches!(refused, Err(SetInboxMembersError::NotFound)));
        let mut reader = store.read().await.unwrap();
        let left = inboxes::members(&shop.scope(), &mut reader, inbox.id).await.unwrap();
        assert_eq!(left, [ana.id, ion.id]);
    }
}
