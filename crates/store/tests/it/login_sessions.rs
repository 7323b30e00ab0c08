//! Signed-in browsers and programs.

use std::time::Duration;

use centrala_domain::agent::Agent;
use centrala_domain::permission::Role;
use centrala_domain::{LoginSessionId, Private};
use centrala_store::login_sessions::{IDLE_LIMIT, LIFETIME, LoginSession, hash_secret};
use centrala_store::{agents, login_sessions};
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn begin(store: &TestStore, shop: &TestWorkspace<'_>, agent: &Agent, secret: &str) -> LoginSession {
    let session = LoginSession {
        id: store.new_id(),
        agent: agent.id,
        user_agent: Some("Firefox".into()),
        address: Some(Private::from("192.0.2.1")),
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus(LIFETIME),
    };
    store
        .write(shop.scope(), (session, hash_secret(secret)), |(session, hash), ctx, tx| {
            Box::pin(login_sessions::insert(&ctx.scope, tx, session, hash))
        })
        .await
        .unwrap();
    let mut reader = store.read().await.unwrap();
    login_sessions::list_of_agent(&shop.scope(), &mut reader, agent.id, START).await.unwrap().remove(0)
}

async fn touch(store: &TestStore, shop: &TestWorkspace<'_>, id: LoginSessionId) {
    store
        .write(shop.scope(), (), move |(), ctx, tx| {
            Box::pin(async move { login_sessions::touch(&ctx.scope, tx, id, ctx.now).await })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn session_is_found_by_its_secret_until_it_is_idle_too_long_or_old() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let ana = shop.agent(Role::Agent).await;
        let session = begin(&store, &shop, &ana, "secret").await;
        let find = async |secret: &str, after: Duration| {
            let mut reader = store.read().await.unwrap();
            let hash = hash_secret(secret);
            login_sessions::find_by_secret_hash(&mut reader, &hash, START.plus(after)).await.unwrap()
        };
        let found = find("secret", Duration::ZERO).await.unwrap();
        assert_eq!((&found.session, found.workspace, &found.agent), (&session, shop.id(), &ana));
        for wrong in ["", "Secret", "secret "] {
            assert_eq!(find(wrong, Duration::ZERO).await, None);
        }
        let moment = Duration::from_secs(1);
        assert!(find("secret", IDLE_LIMIT - moment).await.is_some());
        assert_eq!(find("secret", IDLE_LIMIT).await, None);

        for _ in 0..5 {
            store.clock().advance(IDLE_LIMIT - moment);
            touch(&store, &shop, session.id).await;
        }
        assert!(find("secret", LIFETIME - moment).await.is_some());
        assert_eq!(find("secret", LIFETIME).await, None);
    })
    .await;
}

#[tokio::test]
async fn session_of_a_disabled_agent_is_not_found() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let ana = shop.agent(Role::Agent).await;
        begin(&store, &shop, &ana, "secret").await;
        store
            .write(shop.scope(), ana.id, |id, ctx, tx| {
                Box::pin(async move { agents::set_disabled(&ctx.scope, tx, *id, Some(ctx.now)).await })
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let found = login_sessions::find_by_secret_hash(&mut reader, &hash_secret("secret"), START).await;
        assert_eq!(found.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn last_use_only_moves_on() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let ana = shop.agent(Role::Agent).await;
        let session = begin(&store, &shop, &ana, "secret").await;
        let later = store.clock().advance(Duration::from_secs(60));
        touch(&store, &shop, session.id).await;
        store.clock().set(START);
        touch(&store, &shop, session.id).await;
        let mut reader = store.read().await.unwrap();
        let found = login_sessions::find(&shop.scope(), &mut reader, session.id).await.unwrap().unwrap();
        assert_eq!(found.last_seen_at, later);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_one_by_one_or_all_but_one_and_in_their_workspace_only() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let mut of_ana = Vec::new();
        for secret in ["1", "2", "3", "4"] {
            of_ana.push(begin(&store, &shop, &ana, secret).await.id);
        }
        let of_ion = begin(&store, &shop, &ion, "5").await.id;
        let left = async |agent: &Agent| {
            let mut reader = store.read().await.unwrap();
            let list = login_sessions::list_of_agent(&shop.scope(), &mut reader, agent.id, START).await;
            list.unwrap().iter().map(|session| session.id).collect::<Vec<_>>()
        };
        let end = async |workspace: &TestWorkspace<'_>, id: LoginSessionId| {
            let end = store.write(workspace.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { login_sessions::delete(&ctx.scope, tx, id).await })
            });
            end.await.unwrap()
        };
        let end_all = async |except: Option<LoginSessionId>| {
            let agent = ana.id;
            let end = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { login_sessions::delete_of_agent(&ctx.scope, tx, agent, except).await })
            });
            end.await.unwrap()
        };
        assert!(!end(&other, of_ana[0]).await);
        assert!(end(&shop, of_ana[0]).await);
        assert!(!end(&shop, of_ana[0]).await);
        assert_eq!(left(&ana).await, [of_ana[3], of_ana[2], of_ana[1]]);
        assert_eq!(end_all(Some(of_ana[2])).await, 2);
        assert_eq!(left(&ana).await, [of_ana[2]]);
        assert_eq!(end_all(None).await, 1);
        assert_eq!(left(&ana).await, []);
        assert_eq!(left(&ion).await, [of_ion]);
    })
    .await;
}

#[tokio::test]
async fn ended_sessions_are_forgotten_and_the_others_are_not() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let ana = shop.agent(Role::Agent).await;
        let (idle, used) = (begin(&store, &shop, &ana, "1").await, begin(&store, &shop, &ana, "2").await);
        let forget = async || {
            let forget = store.write(shop.scope(), (), |(), ctx, tx| {
                Box::pin(async move { login_sessions::delete_expired(&ctx.scope, tx, ctx.now).await })
            });
            forget.await.unwrap()
        };
        store.clock().advance(IDLE_LIMIT - Duration::from_secs(1));
        touch(&store, &shop, used.id).await;
        assert_eq!(forget().await, 0);
        store.clock().advance(Duration::from_secs(1));
        assert_eq!(forget().await, 1);
        let mut reader = store.read().await.unwrap();
        assert_eq!(login_sessions::find(&shop.scope(), &mut reader, idle.id).await.unwrap(), None);
        drop(reader);
        store.clock().set(START.plus(LIFETIME));
        assert_eq!(forget().await, 1);
    })
    .await;
}
