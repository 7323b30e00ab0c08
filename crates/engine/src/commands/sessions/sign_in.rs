//! Begins a session, after the password was found right.

use centrala_domain::event::Event;
use centrala_domain::{AgentId, Private};
use centrala_store::login_sessions::{LIFETIME, LoginSession};
use centrala_store::{Command, Ctx, Done, Error, Tx, agents, login_sessions};

/// Begins a session.
#[derive(Debug)]
pub struct SignIn {
    /// Who.
    pub agent: AgentId,
    /// The hash that his password was checked against.
    pub password_hash: Private,
    /// Hash of the session's secret.
    pub secret_hash: Vec<u8>,
    /// What the browser says it is.
    pub user_agent: Option<String>,
    /// Where he signs in from.
    pub address: Option<Private>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// He is disabled, or his password changed while it was checked. Deliberately no more than that.
    #[error("e-mail address or password is wrong")]
    Refused,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for SignIn {
    type Out = LoginSession;
    type Error = SignInError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<LoginSession>, SignInError> {
        let agent = agents::find(&ctx.scope, tx, self.agent).await?.ok_or(SignInError::Refused)?;
        // Checking a password takes long enough for it to be changed meanwhile, and a session that begins after
        // the change would outlive it.
        let password_hash = agents::password_hash(&ctx.scope, tx, self.agent).await?;
        if agent.disabled_at.is_some() || password_hash.as_ref() != Some(&self.password_hash) {
            return Err(SignInError::Refused);
        }
        let session = LoginSession {
            id: ctx.new_id(),
            agent: self.agent,
            user_agent: self.user_agent.clone(),
            address: self.address.clone(),
            created_at: ctx.now,
            last_seen_at: ctx.now,
            expires_at: ctx.now.plus(LIFETIME),
        };
        login_sessions::insert(&ctx.scope, tx, &session, &self.secret_hash).await?;
        Ok(Done::new(session, [Event::SignedIn { agent: self.agent }]))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use centrala_domain::agent::Agent;
    use centrala_domain::permission::Role;
    use centrala_store::login_sessions::hash_secret;
    use centrala_testkit::builders::PASSWORD_HASH;
    use centrala_testkit::clock::START;
    use centrala_testkit::{TestStore, TestWorkspace};

    fn sign_in(agent: &Agent, secret: &str) -> SignIn {
        SignIn {
            agent: agent.id,
            password_hash: Private::from(PASSWORD_HASH),
            secret_hash: hash_secret(secret),
            user_agent: Some("Firefox".into()),
            address: Some(Private::from("192.0.2.1")),
        }
    }

    /// A session of an agent, with that secret.
    pub(crate) async fn signed_in(
        store: &TestStore,
        shop: &TestWorkspace<'_>,
        agent: &Agent,
        secret: &str,
    ) -> LoginSession {
        store.execute(shop.origin_of(agent), sign_in(agent, secret)).await.expect("he may sign in")
    }

    #[tokio::test]
    async fn session_is_found_by_its_secret() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let agent = shop.agent(Role::Agent).await;
        let session = signed_in(&store, &shop, &agent, "secret").await;
        assert_eq!(store.events(), [Event::SignedIn { agent: agent.id }]);
        let mut reader = store.read().await.unwrap();
        let found = login_sessions::find_by_secret_hash(&mut reader, &hash_secret("secret"), START).await;
        let found = found.unwrap().unwrap();
        assert_eq!((found.session, found.workspace, found.agent), (session, shop.id(), agent));
    }

    #[tokio::test]
    async fn password_changed_while_it_was_checked_signs_nobody_in() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let agent = shop.agent(Role::Agent).await;
        let command = SignIn { password_hash: Private::from("older"), ..sign_in(&agent, "secret") };
        let refused = store.execute(shop.origin(), command).await;
        assert!(matches!(refused, Err(SignInError::Refused)));
    }

    #[tokio::test]
    async fn disabled_agent_does_not_sign_in() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (owner, agent) = (shop.owner().await, shop.agent(Role::Agent).await);
        let disable = crate::commands::agents::disable::DisableAgent { agent: agent.id };
        store.execute(shop.origin_of(&owner), disable).await.unwrap();
        let refused = store.execute(shop.origin(), sign_in(&agent, "secret")).await;
        assert!(matches!(refused, Err(SignInError::Refused)));
    }
}
