//! Internal notes.

use std::time::Duration;

use centrala_domain::agent::Agent;
use centrala_domain::{ConversationId, Private};
use centrala_store::notes::{self, Note};
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

fn note(store: &TestStore, author: &Agent, conversation: ConversationId, client_id: Option<&str>) -> Note {
    Note {
        id: store.new_id(),
        conversation,
        author: author.id,
        body: Private::from("sună mâine"),
        client_id: client_id.map(str::to_owned),
        created_at: START,
    }
}

async fn insert(store: &TestStore, shop: &TestWorkspace<'_>, note: &Note) -> bool {
    let insert =
        store.write(shop.scope(), note.clone(), |it, ctx, tx| Box::pin(notes::insert(&ctx.scope, tx, it)));
    insert.await.unwrap()
}

async fn delete(store: &TestStore, shop: &TestWorkspace<'_>, note: &Note) -> bool {
    let id = note.id;
    let delete = store.write(shop.scope(), (), move |(), ctx, tx| {
        Box::pin(async move { notes::delete(&ctx.scope, tx, id, ctx.now).await })
    });
    delete.await.unwrap()
}

#[tokio::test]
async fn one_client_id_makes_one_note_in_a_workspace() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (ana, eva) = (shop.owner().await, other.owner().await);
        let here = shop.conversation(&shop.inbox().await).await.id;
        let there = other.conversation(&other.inbox().await).await.id;
        let first = note(&store, &ana, here, Some("c1"));
        assert!(insert(&store, &shop, &first).await);
        assert!(!insert(&store, &shop, &note(&store, &ana, here, Some("c1"))).await);
        assert!(insert(&store, &other, &note(&store, &eva, there, Some("c1"))).await);
        assert!(insert(&store, &shop, &note(&store, &ana, here, None)).await);
        assert!(insert(&store, &shop, &note(&store, &ana, here, None)).await);
        // A conversation of another workspace takes none.
        assert!(!insert(&store, &shop, &note(&store, &ana, there, Some("c2"))).await);

        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        assert_eq!(notes::find(&scope, &mut reader, first.id).await.unwrap().as_ref(), Some(&first));
        assert_eq!(notes::find_by_client_id(&scope, &mut reader, "c1").await.unwrap().as_ref(), Some(&first));
        assert_eq!(notes::find(&other.scope(), &mut reader, first.id).await.unwrap(), None);
        assert_eq!(notes::list(&scope, &mut reader, here, None, 10).await.unwrap().len(), 3);
        assert_eq!(notes::list(&other.scope(), &mut reader, here, None, 10).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn deleted_note_is_gone_with_its_text_but_keeps_its_client_id() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let ana = shop.owner().await;
        let conversation = shop.conversation(&shop.inbox().await).await.id;
        let kept = note(&store, &ana, conversation, Some("c1"));
        insert(&store, &shop, &kept).await;
        assert!(!delete(&store, &other, &kept).await);
        assert!(delete(&store, &shop, &kept).await);
        assert!(!delete(&store, &shop, &kept).await);
        assert!(!insert(&store, &shop, &note(&store, &ana, conversation, Some("c1"))).await);
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        assert_eq!(notes::find(&scope, &mut reader, kept.id).await.unwrap(), None);
        assert_eq!(notes::list(&scope, &mut reader, conversation, None, 10).await.unwrap(), []);
        let shell = notes::find_by_client_id(&scope, &mut reader, "c1").await.unwrap().unwrap();
        assert_eq!((shell.id, shell.body.expose().as_str()), (kept.id, ""));
    })
    .await;
}

#[tokio::test]
async fn pages_of_notes_have_each_note_once_also_within_one_instant() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let ana = shop.owner().await;
        let conversation = shop.conversation(&shop.inbox().await).await.id;
        let mut written = Vec::new();
        for n in 0..7 {
            let at = START.plus(Duration::from_secs(n / 3));
            let it = Note { created_at: at, ..note(&store, &ana, conversation, None) };
            insert(&store, &shop, &it).await;
            written.insert(0, it.id);
        }
        let mut reader = store.read().await.unwrap();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = notes::list(&shop.scope(), &mut reader, conversation, after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.cursor());
            seen.extend(page.iter().map(|note| note.id));
        }
        assert_eq!(seen, written);
    })
    .await;
}
