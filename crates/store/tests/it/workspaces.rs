//! Tenants and their settings.

use centrala_domain::permission::Scope;
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_store::{events, workspaces};
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, on_both_engines};

fn workspace(store: &TestStore) -> Workspace {
    Workspace {
        id: store.new_id(),
        name: "Brutăria".into(),
        settings: Settings::default(),
        created_at: START,
    }
}

#[tokio::test]
async fn workspace_comes_back_as_it_was_kept_and_changed() {
    on_both_engines(async |store| {
        let mut kept = workspace(&store);
        let scope = Scope::system(kept.id);
        store
            .write(scope, kept.clone(), |it, ctx, tx| Box::pin(workspaces::insert(&ctx.scope, tx, it)))
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        assert_eq!(workspaces::find(&scope, &mut reader).await.unwrap().as_ref(), Some(&kept));
        assert_eq!(events::last_seq(&scope, &mut reader).await.unwrap(), 0);
        drop(reader);

        kept.name = "Cofetăria".into();
        kept.settings.language = Language::Ro;
        store
            .write(scope, kept.clone(), |it, ctx, tx| Box::pin(workspaces::update(&ctx.scope, tx, it)))
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        assert_eq!(workspaces::find(&scope, &mut reader).await.unwrap(), Some(kept));
        let nobody = Scope::system(store.new_id());
        assert_eq!(workspaces::find(&nobody, &mut reader).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn installation_is_set_up_once() {
    on_both_engines(async |store| {
        let mut reader = store.read().await.unwrap();
        assert!(!workspaces::is_set_up(&mut reader).await.unwrap());
        drop(reader);
        let (first, second) = (workspace(&store), workspace(&store));
        let insert = async |it: &Workspace| {
            store
                .write(Scope::system(it.id), it.clone(), |it, ctx, tx| {
                    Box::pin(workspaces::insert_first(&ctx.scope, tx, it))
                })
                .await
        };
        insert(&first).await.unwrap();
        assert!(insert(&second).await.unwrap_err().is_conflict_on("installation"));
        let mut reader = store.read().await.unwrap();
        assert!(workspaces::is_set_up(&mut reader).await.unwrap());
        assert_eq!(workspaces::ids(&mut reader).await.unwrap(), [first.id]);
    })
    .await;
}
