//! Tokens with which programs act as an agent.

use std::time::Duration;

use centrala_domain::permission::Role;
use centrala_store::agents;
use centrala_store::api_tokens::{self, ApiToken};
use centrala_store::login_sessions::hash_secret;
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn token(store: &TestStore, shop: &TestWorkspace<'_>, secret: &str) -> ApiToken {
    let token = ApiToken {
        id: store.new_id(),
        agent: shop.agent(Role::Agent).await.id,
        name: "crm".into(),
        created_at: START,
        last_used_at: None,
        revoked_at: None,
    };
    store
        .write(shop.scope(), (token.clone(), hash_secret(secret)), |(token, hash), ctx, tx| {
            Box::pin(api_tokens::insert(&ctx.scope, tx, token, hash))
        })
        .await
        .unwrap();
    token
}

#[tokio::test]
async fn token_is_found_by_its_secret_until_it_is_revoked() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let token = token(&store, &shop, "secret").await;
        let find = async |secret: &str| {
            let mut reader = store.read().await.unwrap();
            api_tokens::find_by_secret_hash(&mut reader, &hash_secret(secret)).await.unwrap()
        };
        let bearer = find("secret").await.unwrap();
        assert_eq!((&bearer.token, bearer.workspace, bearer.agent.id), (&token, shop.id(), token.agent));
        assert_eq!(find("").await, None);

        let id = token.id;
        let revoke = async |workspace: &TestWorkspace<'_>| {
            let revoke = store.write(workspace.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { api_tokens::revoke(&ctx.scope, tx, id, ctx.now).await })
            });
            revoke.await.unwrap()
        };
        assert!(!revoke(&other).await);
        assert!(revoke(&shop).await);
        assert!(!revoke(&shop).await);
        assert_eq!(find("secret").await, None);
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        let found = api_tokens::find(&scope, &mut reader, id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, Some(START));
        assert_eq!(api_tokens::list_of_agent(&scope, &mut reader, token.agent).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn token_of_a_disabled_agent_is_not_found() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let token = token(&store, &shop, "secret").await;
        store
            .write(shop.scope(), token.agent, |id, ctx, tx| {
                Box::pin(async move { agents::set_disabled(&ctx.scope, tx, *id, Some(ctx.now)).await })
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let found = api_tokens::find_by_secret_hash(&mut reader, &hash_secret("secret")).await;
        assert_eq!(found.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn last_use_only_moves_on() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let token = token(&store, &shop, "secret").await;
        let later = store.clock().advance(Duration::from_secs(60));
        for now in [later, START] {
            store.clock().set(now);
            store
                .write(shop.scope(), token.id, |id, ctx, tx| {
                    Box::pin(async move { api_tokens::touch(&ctx.scope, tx, *id, ctx.now).await })
                })
                .await
                .unwrap();
        }
        let mut reader = store.read().await.unwrap();
        let listed = api_tokens::list_of_agent(&shop.scope(), &mut reader, token.agent).await.unwrap();
        assert_eq!(listed, [ApiToken { last_used_at: Some(later), ..token }]);
    })
    .await;
}
