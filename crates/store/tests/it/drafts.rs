//! What agents have begun to write.

use std::time::Duration;

use centrala_domain::agent::Agent;
use centrala_domain::draft::{Draft, DraftMode};
use centrala_domain::permission::Role;
use centrala_domain::{ConversationId, MediaId, Private, Timestamp};
use centrala_store::drafts;
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

fn draft(conversation: ConversationId, text: &str, updated_at: Timestamp) -> Draft {
    let text = Private::from(text);
    Draft { conversation, mode: DraftMode::Reply, text, reply_to: None, media: Vec::new(), updated_at }
}

async fn put(store: &TestStore, shop: &TestWorkspace<'_>, agent: &Agent, it: Draft) -> Option<Timestamp> {
    let agent = agent.id;
    let put =
        store.write(shop.scope(), it, move |it, ctx, tx| Box::pin(drafts::put(&ctx.scope, tx, agent, it)));
    put.await.unwrap()
}

#[tokio::test]
async fn draft_comes_back_as_it_was_kept_and_only_to_its_agent() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let (inbox, hidden) = (shop.inbox().await, shop.inbox().await);
        shop.join(&inbox, &[&ana, &ion]).await;
        let conversation = shop.conversation(&inbox).await.id;
        let unseen = shop.conversation(&hidden).await.id;
        let files: Vec<MediaId> = vec![store.new_id(), store.new_id()];
        let kept = Draft {
            mode: DraftMode::Note,
            reply_to: Some(store.new_id()),
            media: files,
            ..draft(conversation, "ș\n'\"", START)
        };
        assert_eq!(put(&store, &shop, &ana, kept.clone()).await, Some(START));
        assert_eq!(put(&store, &shop, &ana, draft(unseen, "x", START)).await, Some(START));
        // Neither a foreign agent nor a foreign conversation.
        assert_eq!(put(&store, &other, &ana, draft(conversation, "x", START)).await, None);
        let theirs = other.agent(Role::Owner).await;
        assert_eq!(put(&store, &shop, &theirs, draft(conversation, "x", START)).await, None);

        let mut reader = store.read().await.unwrap();
        let find = drafts::find(&shop.scope(), &mut reader, ana.id, conversation).await.unwrap();
        assert_eq!(find.as_ref(), Some(&kept));
        assert_eq!(drafts::find(&shop.scope(), &mut reader, ion.id, conversation).await.unwrap(), None);
        assert_eq!(drafts::find(&other.scope(), &mut reader, ana.id, conversation).await.unwrap(), None);
        assert_eq!(drafts::count(&shop.scope(), &mut reader, ana.id).await.unwrap(), 2);
        assert_eq!(drafts::count(&shop.scope(), &mut reader, ion.id).await.unwrap(), 0);
        let list = drafts::list(&shop.scope_of(&ana), &mut reader, ana.id, 10).await.unwrap();
        assert_eq!(list, [kept]);
        let all = drafts::list(&shop.scope(), &mut reader, ana.id, 10).await.unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(drafts::list(&other.scope(), &mut reader, ana.id, 10).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn each_save_is_later_than_the_one_before() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let ana = shop.owner().await;
        let conversation = shop.conversation(&shop.inbox().await).await.id;
        let mut last = Timestamp(0);
        for at in [START, START, START.minus(Duration::from_secs(9)), START.plus(Duration::from_secs(9))] {
            let kept = put(&store, &shop, &ana, draft(conversation, "x", at)).await.unwrap();
            assert!(kept > last && kept >= at, "{kept} after {last}");
            last = kept;
        }
        assert_eq!(last, START.plus(Duration::from_secs(9)));
    })
    .await;
}

#[tokio::test]
async fn draft_moves_with_its_conversation_unless_there_is_one_already() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (ana, ion) = (shop.owner().await, shop.owner().await);
        let inbox = shop.inbox().await;
        let (from, into) = (shop.conversation(&inbox).await.id, shop.conversation(&inbox).await.id);
        put(&store, &shop, &ana, draft(from, "a", START)).await.unwrap();
        put(&store, &shop, &ion, draft(from, "b", START)).await.unwrap();
        put(&store, &shop, &ion, draft(into, "c", START)).await.unwrap();
        let other = store.workspace().await;
        for scope in [other.scope(), shop.scope()] {
            let moving = store
                .write(scope, (), move |(), ctx, tx| Box::pin(drafts::move_all(&ctx.scope, tx, from, into)));
            moving.await.unwrap();
        }
        let mut reader = store.read().await.unwrap();
        for (agent, conversation, text) in
            [(&ana, from, None), (&ana, into, Some("a")), (&ion, from, Some("b")), (&ion, into, Some("c"))]
        {
            let found = drafts::find(&shop.scope(), &mut reader, agent.id, conversation).await.unwrap();
            assert_eq!(found.as_ref().map(|draft| draft.text.expose().as_str()), text);
        }
    })
    .await;
}

#[tokio::test]
async fn old_drafts_are_forgotten_and_deleting_says_whether_there_was_one() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let ana = shop.owner().await;
        let inbox = shop.inbox().await;
        let (old, young) = (shop.conversation(&inbox).await.id, shop.conversation(&inbox).await.id);
        let later = START.plus(Duration::from_secs(1));
        put(&store, &shop, &ana, draft(old, "a", START)).await.unwrap();
        put(&store, &shop, &ana, draft(young, "b", later)).await.unwrap();
        let forget = async |workspace: &TestWorkspace<'_>| {
            let forget = store.write(workspace.scope(), (), move |(), ctx, tx| {
                Box::pin(drafts::forget_before(&ctx.scope, tx, later, 10))
            });
            forget.await.unwrap()
        };
        assert_eq!(forget(&other).await, 0);
        assert_eq!(forget(&shop).await, 1);
        let delete = async |conversation| {
            let agent = ana.id;
            let delete = store.write(shop.scope(), conversation, move |it, ctx, tx| {
                Box::pin(drafts::delete(&ctx.scope, tx, agent, *it))
            });
            delete.await.unwrap()
        };
        assert!(!delete(old).await);
        assert!(delete(young).await);
        assert!(!delete(young).await);
    })
    .await;
}
