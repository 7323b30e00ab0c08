//! Browsers that are woken by notices.

use centrala_domain::LoginSessionId;
use centrala_domain::agent::Agent;
use centrala_domain::permission::Role;
use centrala_domain::push::{PushAddress, PushSubscription};
use centrala_store::login_sessions::{LIFETIME, LoginSession, hash_secret};
use centrala_store::push::{NewSubscription, Target, hash_endpoint, seal};
use centrala_store::{agents, login_sessions, push};
use centrala_testkit::builders::vault;
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

fn address(endpoint: &str) -> PushAddress {
    PushAddress { endpoint: endpoint.into(), p256dh: vec![4; 65].into(), auth: vec![7; 16].into() }
}

async fn session_of(store: &TestStore, shop: &TestWorkspace<'_>, agent: &Agent) -> LoginSessionId {
    let id: LoginSessionId = store.new_id();
    let session = LoginSession {
        id,
        agent: agent.id,
        user_agent: None,
        address: None,
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus(LIFETIME),
    };
    store
        .write(shop.scope(), (session, hash_secret(&id.to_string())), |(session, hash), ctx, tx| {
            Box::pin(login_sessions::insert(&ctx.scope, tx, session, hash))
        })
        .await
        .unwrap();
    id
}

async fn put(
    store: &TestStore,
    shop: &TestWorkspace<'_>,
    session: LoginSessionId,
    endpoint: &str,
) -> Option<PushSubscription> {
    let new = NewSubscription {
        id: store.new_id(),
        session,
        endpoint_hash: hash_endpoint(&endpoint.into()),
        sealed_address: seal(&vault(), &address(endpoint)).unwrap(),
        device: "Chrome".into(),
    };
    store
        .write(shop.scope(), new, |new, ctx, tx| {
            Box::pin(async move { push::put(&ctx.scope, tx, new, ctx.now).await })
        })
        .await
        .unwrap()
}

async fn targets(store: &TestStore, shop: &TestWorkspace<'_>) -> Vec<Target> {
    push::targets(&shop.scope(), &mut store.read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn browsers_of_a_workspace_open_with_its_vault_and_end_with_session_and_agent() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Owner).await);
        let (hers, his) = (session_of(&store, &shop, &ana).await, session_of(&store, &shop, &ion).await);
        let (one, two) = ("https://push.example/1", "https://push.example/2");
        let first = put(&store, &shop, hers, one).await.unwrap();
        put(&store, &shop, his, two).await.unwrap();
        assert_eq!((first.agent, first.session, first.created_at), (ana.id, hers, START));
        assert_eq!(put(&store, &other, hers, one).await, None, "it is no session of that workspace");

        let all = targets(&store, &shop).await;
        let of_ana = all.iter().find(|target| target.agent == ana.id).unwrap();
        assert_eq!((all.len(), of_ana.id, of_ana.role, of_ana.session.id), (2, first.id, Role::Agent, hers));
        assert_eq!(of_ana.address(&vault()).unwrap(), address(one));
        assert!(of_ana.address(&centrala_store::Vault::new(&[8; 32])).is_err());
        assert!(targets(&store, &other).await.is_empty());

        let mut reader = store.read().await.unwrap();
        for (endpoint, expected) in [(one, 0), (two, 1)] {
            let hash = hash_endpoint(&endpoint.into());
            assert_eq!(
                push::count_others(&shop.scope(), &mut reader, ana.id, &hash).await.unwrap(),
                expected
            );
        }
        drop(reader);

        let use_and_disable = store.write(shop.scope(), (first.id, ion.id), |(used, disabled), ctx, tx| {
            Box::pin(async move {
                push::note_use(&ctx.scope, tx, *used, ctx.now).await?;
                agents::set_disabled(&ctx.scope, tx, *disabled, Some(ctx.now)).await
            })
        });
        use_and_disable.await.unwrap();
        let left = targets(&store, &shop).await;
        assert_eq!((left.len(), left[0].id, left[0].last_used_at), (1, first.id, Some(START)));
        let end = store.write(shop.scope(), hers, |session, ctx, tx| {
            Box::pin(async move { login_sessions::delete(&ctx.scope, tx, *session).await })
        });
        end.await.unwrap();
        assert!(targets(&store, &shop).await.is_empty());
        let mut reader = store.read().await.unwrap();
        assert_eq!(push::list_of_agent(&shop.scope(), &mut reader, ana.id).await.unwrap(), []);
    })
    .await;
}
