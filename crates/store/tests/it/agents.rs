//! The people who answer.

use centrala_domain::Private;
use centrala_domain::permission::Role;
use centrala_domain::workspace::Language;
use centrala_store::agents;
use centrala_testkit::builders::PASSWORD_HASH;
use centrala_testkit::clock::START;
use centrala_testkit::on_both_engines;

#[tokio::test]
async fn agent_comes_back_as_he_was_kept_and_changed() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let mut ana = shop.agent(Role::Agent).await;
        let ion = shop.agent(Role::Admin).await;
        other.agent(Role::Agent).await;
        ana.name = "Ana-Maria".into();
        ana.role = Role::Admin;
        ana.language = Language::En;
        store
            .write(shop.scope(), ana.clone(), |it, ctx, tx| Box::pin(agents::update(&ctx.scope, tx, it)))
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        assert_eq!(agents::find(&scope, &mut reader, ana.id).await.unwrap().as_ref(), Some(&ana));
        assert_eq!(agents::find(&other.scope(), &mut reader, ana.id).await.unwrap(), None);
        assert_eq!(agents::list(&scope, &mut reader).await.unwrap(), [ana, ion]);
    })
    .await;
}

#[tokio::test]
async fn email_is_found_in_any_case_and_belongs_to_one_agent() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let ana = shop.agent(Role::Agent).await;
        let mut reader = store.read().await.unwrap();
        let typed = format!(" {}", ana.email.to_uppercase());
        let found = agents::find_by_email_for_sign_in(&mut reader, &typed).await.unwrap().unwrap();
        assert_eq!((found.agent, found.workspace), (ana.clone(), shop.id()));
        assert_eq!(found.password_hash.expose(), PASSWORD_HASH);
        assert!(agents::find_by_email_for_sign_in(&mut reader, "").await.unwrap().is_none());
        drop(reader);

        let mut second = ana;
        second.id = store.new_id();
        second.email = second.email.to_uppercase();
        let taken = store
            .write(other.scope(), second, |it, ctx, tx| {
                Box::pin(async move { agents::insert(&ctx.scope, tx, it, &Private::from("hash")).await })
            })
            .await;
        assert!(taken.unwrap_err().is_conflict_on("email"));
    })
    .await;
}

#[tokio::test]
async fn owners_who_can_sign_in_are_counted() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let owner = shop.owner().await.id;
        shop.agent(Role::Admin).await;
        other.owner().await;
        let scope = shop.scope();
        for (disabled_at, count) in [(None, 1), (Some(START), 0), (None, 1)] {
            store
                .write(scope, (), move |(), ctx, tx| {
                    Box::pin(async move { agents::set_disabled(&ctx.scope, tx, owner, disabled_at).await })
                })
                .await
                .unwrap();
            let mut reader = store.read().await.unwrap();
            assert_eq!(agents::count_owners(&scope, &mut reader).await.unwrap(), count);
            let found = agents::find(&scope, &mut reader, owner).await.unwrap().unwrap();
            assert_eq!(found.disabled_at, disabled_at);
        }
    })
    .await;
}

#[tokio::test]
async fn password_hash_is_replaced_in_its_workspace_only() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let ana = shop.agent(Role::Agent).await.id;
        for (workspace, hash) in [(&shop, "new"), (&other, "foreign")] {
            store
                .write(workspace.scope(), Private::from(hash), move |hash, ctx, tx| {
                    Box::pin(agents::set_password_hash(&ctx.scope, tx, ana, hash))
                })
                .await
                .unwrap();
        }
        let mut reader = store.read().await.unwrap();
        let hash = agents::password_hash(&shop.scope(), &mut reader, ana).await.unwrap();
        assert_eq!(hash, Some(Private::from("new")));
        assert_eq!(agents::password_hash(&other.scope(), &mut reader, ana).await.unwrap(), None);
    })
    .await;
}
