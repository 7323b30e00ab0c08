//! Keeps a browser that wants to be woken.

use centrala_domain::push::{PushAddressError, PushSubscription, SUBSCRIPTIONS, check_device};
use centrala_domain::{LoginSessionId, Private};
use centrala_store::push::NewSubscription;
use centrala_store::{Command, Ctx, Done, Error, Tx, push};

use crate::commands::acting;

/// Keeps a browser for the acting agent until his session ends. A browser that is known already is his from now on.
#[derive(Debug)]
pub struct Subscribe {
    /// The session in that browser.
    pub session: LoginSessionId,
    /// Recognises it.
    pub endpoint: Private,
    /// From [`push::seal`].
    pub sealed_address: Vec<u8>,
    /// What it says it is.
    pub device: String,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The actor is no agent, or the session is not his.
    #[error("only a browser in which an agent is signed in can be woken")]
    NotSignedIn,
    /// He has as many as he may.
    #[error("an agent has at most 20 devices")]
    TooMany,
    /// The device has no name.
    #[error(transparent)]
    Device(#[from] PushAddressError),
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for Subscribe {
    type Out = PushSubscription;
    type Error = SubscribeError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<PushSubscription>, SubscribeError> {
        let agent = acting::agent(ctx).ok_or(SubscribeError::NotSignedIn)?;
        check_device(&self.device)?;
        let endpoint_hash = push::hash_endpoint(&self.endpoint);
        if push::count_others(&ctx.scope, tx, agent, &endpoint_hash).await? >= SUBSCRIPTIONS {
            return Err(SubscribeError::TooMany);
        }
        let new = NewSubscription {
            id: ctx.new_id(),
            session: self.session,
            endpoint_hash,
            sealed_address: self.sealed_address.clone(),
            device: self.device.clone(),
        };
        let kept = push::put(&ctx.scope, tx, &new, ctx.now).await?;
        let kept = kept.filter(|kept| kept.agent == agent).ok_or(SubscribeError::NotSignedIn)?;
        Ok(Done::unchanged(kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::agents::disable::DisableAgent;
    use crate::commands::push::note_use::NotePushUse;
    use crate::commands::push::unsubscribe::Unsubscribe;
    use crate::commands::sessions::sign_in::tests::signed_in;
    use crate::commands::sessions::sign_out::SignOut;
    use centrala_domain::agent::Agent;
    use centrala_domain::permission::Role;
    use centrala_domain::push::PushAddress;
    use centrala_testkit::builders::vault;
    use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

    fn address(endpoint: &str) -> PushAddress {
        PushAddress { endpoint: endpoint.into(), p256dh: vec![4; 65].into(), auth: vec![7; 16].into() }
    }

    fn subscribe(session: LoginSessionId, endpoint: &str) -> Subscribe {
        let sealed_address = push::seal(&vault(), &address(endpoint)).unwrap();
        Subscribe { session, endpoint: endpoint.into(), sealed_address, device: "Chrome".into() }
    }

    async fn of(store: &TestStore, shop: &TestWorkspace<'_>, agent: &Agent) -> Vec<PushSubscription> {
        let mut reader = store.read().await.unwrap();
        push::list_of_agent(&shop.scope(), &mut reader, agent.id).await.unwrap()
    }

    #[tokio::test]
    async fn browser_belongs_to_who_is_signed_in_there_and_goes_with_his_session() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
            let hers = signed_in(&store, &shop, &ana, "hers").await.id;
            let his = signed_in(&store, &shop, &ion, "his").await.id;
            let endpoint = "https://push.example/1";
            let first = store.execute(shop.origin_of(&ana), subscribe(hers, endpoint)).await.unwrap();
            let again = store.execute(shop.origin_of(&ana), subscribe(hers, endpoint)).await.unwrap();
            assert_eq!(first, again);
            let mut reader = store.read().await.unwrap();
            let opened = push::address(&shop.scope(), &mut reader, ana.id, first.id, &vault()).await.unwrap();
            assert_eq!(opened, Some(address(endpoint)));
            let foreign =
                push::address(&shop.scope(), &mut reader, ion.id, first.id, &vault()).await.unwrap();
            assert_eq!(foreign, None);
            drop(reader);
            // Somebody else signs in at the same browser.
            store.execute(shop.origin_of(&ion), subscribe(his, endpoint)).await.unwrap();
            assert_eq!((of(&store, &shop, &ana).await.len(), of(&store, &shop, &ion).await.len()), (0, 1));
            let stolen = store.execute(shop.origin_of(&ana), subscribe(his, endpoint)).await;
            assert!(matches!(stolen, Err(SubscribeError::NotSignedIn)));
            store.execute(shop.origin_of(&ion), SignOut { session: his }).await.unwrap();
            assert_eq!(of(&store, &shop, &ion).await, []);
            store.execute(shop.origin_of(&ana), subscribe(hers, endpoint)).await.unwrap();
            let owner = shop.owner().await;
            store.execute(shop.origin_of(&owner), DisableAgent { agent: ana.id }).await.unwrap();
            assert_eq!(of(&store, &shop, &ana).await, []);
        })
        .await;
    }

    #[tokio::test]
    async fn agent_has_twenty_browsers_at_most_and_may_give_one_up() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let ana = shop.agent(Role::Agent).await;
        let session = signed_in(&store, &shop, &ana, "hers").await.id;
        let keep = async |n: usize| {
            let new = subscribe(session, &format!("https://push.example/{n}"));
            store.execute(shop.origin_of(&ana), new).await
        };
        let mut kept = Vec::new();
        for n in 0..20 {
            kept.push(keep(n).await.unwrap());
        }
        assert!(matches!(keep(20).await, Err(SubscribeError::TooMany)));
        keep(3).await.unwrap();
        let subscription = kept[0].id;
        store.execute(shop.origin(), NotePushUse { subscription }).await.unwrap();
        let used = of(&store, &shop, &ana).await.into_iter().filter(|it| it.last_used_at.is_some());
        assert_eq!(used.map(|it| it.id).collect::<Vec<_>>(), [subscription]);
        let give_up = async || {
            let unsubscribe = Unsubscribe { agent: ana.id, subscription };
            store.execute(shop.origin_of(&ana), unsubscribe).await.unwrap()
        };
        assert!(give_up().await);
        assert!(!give_up().await);
        keep(20).await.unwrap();
        let nameless = Subscribe { device: String::new(), ..subscribe(session, "https://push.example/0") };
        let refused = store.execute(shop.origin_of(&ana), nameless).await;
        assert!(matches!(refused, Err(SubscribeError::Device(_))));
        let program = store.execute(shop.origin(), subscribe(session, "https://push.example/3")).await;
        assert!(matches!(program, Err(SubscribeError::NotSignedIn)));
    }
}
