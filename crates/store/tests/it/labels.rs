//! Labels and their use on conversations.

use centrala_domain::label::Label;
use centrala_domain::{ConversationId, LabelId};
use centrala_store::labels;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn put(store: &TestStore, shop: &TestWorkspace<'_>, on: ConversationId, label: LabelId) -> bool {
    let put = store.write(shop.scope(), (), move |(), ctx, tx| {
        Box::pin(async move { labels::put(&ctx.scope, tx, on, label).await })
    });
    put.await.unwrap()
}

async fn take(store: &TestStore, shop: &TestWorkspace<'_>, off: ConversationId, label: LabelId) -> bool {
    let take = store.write(shop.scope(), (), move |(), ctx, tx| {
        Box::pin(async move { labels::take(&ctx.scope, tx, off, label).await })
    });
    take.await.unwrap()
}

#[tokio::test]
async fn labels_are_listed_by_name_in_the_same_order_on_both_engines() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        for name in ["Ștampilă", "urgent", "Retur", "știre", "Ambalaj-2", "ambalaj 10"] {
            shop.label(name).await;
        }
        other.label("retur").await;
        let mut reader = store.read().await.unwrap();
        let listed = labels::list(&shop.scope(), &mut reader).await.unwrap();
        let names: Vec<&str> = listed.iter().map(|label| label.name.as_str()).collect();
        assert_eq!(names, ["ambalaj 10", "Ambalaj-2", "Retur", "Ștampilă", "știre", "urgent"]);
    })
    .await;
}

#[tokio::test]
async fn name_is_unique_but_for_case_and_diacritics_also_when_it_changes() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (mut one, two) = (shop.label("Știre").await, shop.label("Retur").await);
        let update = async |label: &Label| {
            store
                .write(shop.scope(), label.clone(), |it, ctx, tx| {
                    Box::pin(labels::update(&ctx.scope, tx, it))
                })
                .await
        };
        let renamed = Label { name: "STIRE".into(), ..two.clone() };
        assert!(update(&renamed).await.unwrap_err().is_conflict_on("name"));
        one.name = "STIRE".into();
        one.color = "#123456".into();
        update(&one).await.unwrap();
        let mut reader = store.read().await.unwrap();
        assert_eq!(labels::find(&shop.scope(), &mut reader, one.id).await.unwrap(), Some(one.clone()));
        drop(reader);
        let same = Label { id: store.new_id(), ..two };
        let taken =
            store.write(shop.scope(), same, |it, ctx, tx| Box::pin(labels::insert(&ctx.scope, tx, it))).await;
        assert!(taken.unwrap_err().is_conflict_on("name"));
    })
    .await;
}

#[tokio::test]
async fn label_is_put_and_taken_once_and_within_its_workspace() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (one, two) = (shop.label("unu").await.id, shop.label("doi").await.id);
        let foreign = other.label("unu").await.id;
        let inbox = shop.inbox().await;
        let (first, second) = (shop.conversation(&inbox).await.id, shop.conversation(&inbox).await.id);

        assert!(put(&store, &shop, first, two).await);
        assert!(put(&store, &shop, first, one).await);
        assert!(!put(&store, &shop, first, one).await);
        assert!(put(&store, &shop, second, one).await);
        assert!(!put(&store, &shop, first, foreign).await);
        assert!(!put(&store, &other, first, foreign).await);
        assert!(!take(&store, &other, first, one).await);

        let uses = async |of: &[ConversationId]| {
            let mut reader = store.read().await.unwrap();
            let uses = labels::of_conversations(&shop.scope(), &mut reader, of).await.unwrap();
            let mut uses: Vec<_> = uses.into_iter().collect();
            uses.sort();
            uses
        };
        assert_eq!(uses(&[first, second]).await, [(first, vec![one, two]), (second, vec![one])]);
        assert!(take(&store, &shop, first, two).await);
        assert!(!take(&store, &shop, first, two).await);
        assert_eq!(uses(&[first]).await, [(first, vec![one])]);
        assert_eq!(uses(&[]).await, []);
        let mut reader = store.read().await.unwrap();
        let foreign = labels::of_conversations(&other.scope(), &mut reader, &[first]).await.unwrap();
        assert!(foreign.is_empty());
    })
    .await;
}

#[tokio::test]
async fn deleted_label_is_gone_with_its_uses() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let label = shop.label("retur").await.id;
        let conversation = shop.conversation(&shop.inbox().await).await.id;
        put(&store, &shop, conversation, label).await;
        let delete = async |workspace: &TestWorkspace<'_>| {
            let delete = store.write(workspace.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { labels::delete(&ctx.scope, tx, label).await })
            });
            delete.await.unwrap()
        };
        assert!(!delete(&other).await);
        let mut reader = store.read().await.unwrap();
        let uses = labels::of_conversations(&shop.scope(), &mut reader, &[conversation]).await.unwrap();
        assert_eq!(uses.len(), 1);
        drop(reader);
        assert!(delete(&shop).await);
        assert!(!delete(&shop).await);
        let mut reader = store.read().await.unwrap();
        let uses = labels::of_conversations(&shop.scope(), &mut reader, &[conversation]).await.unwrap();
        assert!(uses.is_empty());
        assert_eq!(labels::find(&shop.scope(), &mut reader, label).await.unwrap(), None);
    })
    .await;
}
