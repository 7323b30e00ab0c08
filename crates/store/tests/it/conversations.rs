//! Conversations: one open one for each identity, what a list shows, who sees it.

use centrala_domain::Timestamp;
use centrala_domain::conversation::{Conversation, Status};
use centrala_domain::permission::Role;
use centrala_store::Error;
use centrala_store::conversations::{self, AssigneeFilter, ConversationFilter};
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn save(store: &TestStore, shop: &TestWorkspace<'_>, it: &Conversation) -> Result<(), Error> {
    let save = store.write(shop.scope(), it.clone(), |it, ctx, tx| {
        Box::pin(async move { conversations::save(&ctx.scope, tx, it).await })
    });
    save.await
}

async fn insert(store: &TestStore, shop: &TestWorkspace<'_>, it: &Conversation) -> Result<(), Error> {
    let insert = store.write(shop.scope(), it.clone(), |it, ctx, tx| {
        Box::pin(async move { conversations::insert(&ctx.scope, tx, it).await })
    });
    insert.await
}

#[tokio::test]
async fn identity_has_one_open_conversation_in_an_inbox() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (inbox, other) = (shop.inbox().await, shop.inbox().await);
        let mut first = shop.conversation(&inbox).await;
        let again =
            |inbox| Conversation::open(store.new_id(), inbox, first.contact, first.identity, Timestamp(1));
        let second = again(inbox.id);
        let refused = insert(&store, &shop, &second).await.unwrap_err();
        assert!(refused.is_conflict_on("conversations"), "{refused}");
        insert(&store, &shop, &again(other.id)).await.unwrap();
        first.resolve(Timestamp(5));
        save(&store, &shop, &first).await.unwrap();
        insert(&store, &shop, &second).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let latest = conversations::latest(&shop.scope(), &mut reader, inbox.id, first.identity).await;
        assert_eq!(latest.unwrap().unwrap().id, second.id, "the open one, not the resolved one");
        let all = conversations::of_identity(&shop.scope(), &mut reader, first.identity).await.unwrap();
        assert_eq!(all.len(), 3);
        drop(reader);
        first.reopen();
        assert!(save(&store, &shop, &first).await.unwrap_err().is_conflict_on("conversations"));
    })
    .await;
}

#[tokio::test]
async fn everything_that_can_change_is_read_back() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let mut it = shop.conversation(&inbox).await;
        let into = shop.conversation(&inbox).await;
        it.status = Status::Snoozed;
        it.assignee = Some(shop.agent(Role::Agent).await.id);
        it.snoozed_until = Some(Timestamp(1));
        it.unread = 2;
        it.last_message = Some(store.new_id());
        it.last_message_at = Timestamp(3);
        it.last_inbound_at = Some(Timestamp(4));
        it.resolved_at = Some(Timestamp(5));
        it.merged_into = Some(into.id);
        save(&store, &shop, &it).await.unwrap();
        let mut reader = store.read().await.unwrap();
        assert_eq!(conversations::find(&shop.scope(), &mut reader, it.id).await.unwrap(), Some(it.clone()));
        let listed =
            conversations::list(&shop.scope(), &mut reader, &ConversationFilter::default(), 10).await;
        let ids: Vec<_> = listed.unwrap().iter().map(|it| it.id).collect();
        assert_eq!(ids, [into.id], "merged ones are not listed");
    })
    .await;
}

#[tokio::test]
async fn list_goes_page_by_page_and_filters() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let agent = shop.agent(Role::Agent).await;
        let mut all = Vec::new();
        for n in 0..5i64 {
            let mut it = shop.conversation(&inbox).await;
            // Two at the same instant: the id decides.
            it.last_message_at = Timestamp(n / 2);
            it.unread = n % 2;
            it.assignee = (n < 2).then_some(agent.id);
            if n == 4 {
                it.resolve(Timestamp(9));
            }
            save(&store, &shop, &it).await.unwrap();
            all.push(it);
        }
        all.sort_by_key(|it| std::cmp::Reverse((it.last_message_at, it.id)));
        let mut reader = store.read().await.unwrap();
        let mut filter = ConversationFilter::default();
        let mut seen = Vec::new();
        loop {
            let page = conversations::list(&shop.scope(), &mut reader, &filter, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.after = Some((last.last_message_at, last.id));
            seen.extend(page);
        }
        assert_eq!(seen, all);
        let order = conversations::order(&shop.scope(), &mut reader, &ConversationFilter::default(), 4).await;
        let places: Vec<_> = all[..4].iter().map(|it| (it.last_message_at, it.id)).collect();
        assert_eq!(order.unwrap(), places);
        let mut count = async |filter: &ConversationFilter, wanted: i64| {
            assert_eq!(conversations::count(&shop.scope(), &mut reader, filter, 10).await.unwrap(), wanted);
        };
        let none = ConversationFilter::default();
        count(&none, 5).await;
        count(&ConversationFilter { statuses: vec![Status::Open], ..none.clone() }, 4).await;
        count(&ConversationFilter { statuses: vec![Status::Open, Status::Resolved], ..none.clone() }, 5)
            .await;
        count(&ConversationFilter { assignee: Some(AssigneeFilter::Nobody), ..none.clone() }, 3).await;
        count(&ConversationFilter { assignee: Some(AssigneeFilter::Agent(agent.id)), ..none.clone() }, 2)
            .await;
        count(&ConversationFilter { is_unread: true, ..none.clone() }, 2).await;
        count(&ConversationFilter { inboxes: vec![store.new_id()], ..none.clone() }, 0).await;
        count(&ConversationFilter { contact: Some(all[0].contact), ..none.clone() }, 1).await;
        count(&ConversationFilter { label: Some(store.new_id()), ..none }, 0).await;
    })
    .await;
}

#[tokio::test]
async fn agent_sees_the_conversations_of_his_inboxes_and_nobody_those_of_another_workspace() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (inbox, closed) = (shop.inbox().await, shop.inbox().await);
        let agent = shop.agent(Role::Agent).await;
        shop.join(&inbox, &[&agent]).await;
        let (seen, hidden) = (shop.conversation(&inbox).await, shop.conversation(&closed).await);
        let scope = shop.scope_of(&agent);
        let mut reader = store.read().await.unwrap();
        assert!(conversations::is_visible(&scope, &mut reader, seen.id).await.unwrap());
        assert!(!conversations::is_visible(&scope, &mut reader, hidden.id).await.unwrap());
        assert_eq!(conversations::find(&scope, &mut reader, hidden.id).await.unwrap(), None);
        let many = conversations::find_many(&scope, &mut reader, &[seen.id, hidden.id]).await.unwrap();
        assert_eq!(many, std::slice::from_ref(&seen));
        let listed =
            conversations::list(&scope, &mut reader, &ConversationFilter::default(), 10).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&seen));
        assert_eq!(conversations::find(&other.scope(), &mut reader, seen.id).await.unwrap(), None);
    })
    .await;
}
