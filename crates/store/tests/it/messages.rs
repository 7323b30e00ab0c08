//! Messages: kept once, listed in order, found by words, changed by their authors.

use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message};
use centrala_domain::permission::Role;
use centrala_domain::{MessageId, Private, Timestamp};
use centrala_store::messages::{self, NewMessage, StatusChange, ThreadFrom};
use centrala_store::{Error, media};
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

pub(crate) fn text(body: &str) -> Content {
    Content::Text { body: Private::from(body), preview_url: false }
}

pub(crate) fn message(
    store: &TestStore,
    it: &Conversation,
    upstream_id: &str,
    at: i64,
    content: Content,
) -> NewMessage {
    let message = Message {
        id: store.new_id(),
        conversation: it.id,
        inbox: it.inbox,
        direction: Direction::In,
        author: Author::Contact { id: it.contact },
        content,
        reply_to: None,
        reply_to_upstream_id: None,
        status: DeliveryStatus::Received,
        error_code: None,
        client_id: None,
        upstream_id: Some(upstream_id.into()),
        sent_at: Timestamp(at),
        received_at: Timestamp(at),
        position: Timestamp(at),
        is_forwarded: true,
        edited_at: None,
        revoked_at: None,
        reactions: Vec::new(),
    };
    let trace = store.new_id();
    NewMessage { message, client_digest: None, referral: None, receipt: None, trace }
}

pub(crate) async fn insert(
    store: &TestStore,
    shop: &TestWorkspace<'_>,
    new: &NewMessage,
) -> Result<bool, Error> {
    let insert = store.write(shop.scope(), new.clone(), |new, ctx, tx| {
        Box::pin(async move { messages::insert(&ctx.scope, tx, new).await })
    });
    insert.await
}

#[tokio::test]
async fn message_of_a_channel_is_kept_once_and_read_back_whole() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let it = shop.conversation(&shop.inbox().await).await;
        let new = message(&store, &it, "wamid.1", 1, text("bună"));
        assert!(insert(&store, &shop, &new).await.unwrap());
        let again = message(&store, &it, "wamid.1", 2, text("other"));
        assert!(!insert(&store, &shop, &again).await.unwrap());
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        assert_eq!(
            messages::find(&scope, &mut reader, new.message.id).await.unwrap(),
            Some(new.message.clone())
        );
        assert_eq!(messages::find(&scope, &mut reader, again.message.id).await.unwrap(), None);
        let asked = ["wamid.1".to_owned(), "wamid.2".to_owned()];
        let expected = messages::expected(&scope, &mut reader, it.inbox, &asked).await.unwrap();
        assert_eq!(expected.known, std::collections::HashSet::from(["wamid.1".to_owned()]));
        assert!(expected.waited_for.is_empty());
        let found = messages::find_by_upstream_id(&scope, &mut reader, it.inbox, "wamid.1").await.unwrap();
        assert_eq!(found, Some(new.message));
    })
    .await;
}

#[tokio::test]
async fn client_id_makes_one_message_in_a_workspace() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        for (shop, is_first) in [(&shop, true), (&shop, false), (&other, true)] {
            let it = shop.conversation(&shop.inbox().await).await;
            let mut new = message(&store, &it, "wamid", 1, text("x"));
            new.message.client_id = Some("client".into());
            new.client_digest = Some(vec![1]);
            let inserted = insert(&store, shop, &new).await;
            if is_first {
                assert!(inserted.unwrap());
                let mut reader = store.read().await.unwrap();
                let found = messages::find_by_client_id(&shop.scope(), &mut reader, "client").await.unwrap();
                assert_eq!(found, Some((new.message.id, Some(vec![1]))));
            } else {
                assert!(matches!(inserted, Err(Error::Conflict(what)) if what.contains("client")));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn thread_is_walked_in_both_directions() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let it = shop.conversation(&shop.inbox().await).await;
        let mut ids = Vec::new();
        for n in 0..6i64 {
            let new = message(&store, &it, &format!("wamid.{n}"), n / 2, text("x"));
            insert(&store, &shop, &new).await.unwrap();
            ids.push((new.message.position, new.message.id));
        }
        let reaction = Content::Reaction { target_upstream_id: None, target: None, emoji: None };
        insert(&store, &shop, &message(&store, &it, "wamid.r", 9, reaction)).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let mut list = async |from| {
            let listed = messages::list(&shop.scope(), &mut reader, it.id, from, 2).await.unwrap();
            listed.iter().map(|it| (it.position, it.id)).collect::<Vec<_>>()
        };
        assert_eq!(list(ThreadFrom::End).await, [ids[5], ids[4]], "a reaction is no line of its own");
        assert_eq!(list(ThreadFrom::Before(ids[3])).await, [ids[2], ids[1]]);
        assert_eq!(list(ThreadFrom::After(ids[2])).await, [ids[3], ids[4]]);
        let newest = messages::last_inbound_upstream_id(&shop.scope(), &mut reader, it.id).await.unwrap();
        assert_eq!(newest.as_deref(), Some("wamid.5"));
    })
    .await;
}

#[tokio::test]
async fn words_are_found_without_marks_by_their_beginnings_and_only_where_one_may_look() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (inbox, closed) = (shop.inbox().await, shop.inbox().await);
        let agent = shop.agent(Role::Agent).await;
        shop.join(&inbox, &[&agent]).await;
        let (it, hidden) = (shop.conversation(&inbox).await, shop.conversation(&closed).await);
        let new = message(&store, &it, "wamid.1", 1, text("Știucă proaspătă, două bucăți"));
        insert(&store, &shop, &new).await.unwrap();
        insert(&store, &shop, &message(&store, &hidden, "wamid.2", 1, text("știucă"))).await.unwrap();
        let scope = shop.scope_of(&agent);
        let mut reader = store.read().await.unwrap();
        for (words, count) in
            [("stiuca", 1), ("ȘTIU două", 1), ("stiuca crap", 0), ("\"' & | ! *", 0), ("", 0)]
        {
            let found = messages::search(&scope, &mut reader, words, 10).await.unwrap();
            assert_eq!(found.len(), count, "{words:?}");
        }
        assert_eq!(messages::search(&shop.scope(), &mut reader, "stiuca", 10).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn later_change_wins_in_any_order() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let it = shop.conversation(&shop.inbox().await).await;
        let new = message(&store, &it, "wamid.1", 1, text("first"));
        insert(&store, &shop, &new).await.unwrap();
        let id = new.message.id;
        for (at, counts) in [(5, true), (3, false), (5, true), (6, true)] {
            let edit = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move {
                    let content = text(&format!("edited at {at}"));
                    messages::set_content(&ctx.scope, tx, id, &content, Timestamp(at)).await
                })
            });
            assert_eq!(edit.await.unwrap(), counts, "edit of {at}");
            let react = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move {
                    let emoji = (at != 6).then_some("👍");
                    messages::set_reaction(&ctx.scope, tx, id, Direction::In, emoji, Timestamp(at)).await
                })
            });
            assert_eq!(react.await.unwrap(), counts, "reaction of {at}");
        }
        let mut reader = store.read().await.unwrap();
        let found = messages::search(&shop.scope(), &mut reader, "edited", 10).await.unwrap();
        assert_eq!(found.len(), 1, "the new words are found");
        assert_eq!(messages::search(&shop.scope(), &mut reader, "first", 10).await.unwrap(), []);
        drop(reader);
        for (at, counts) in [(5, true), (6, false), (4, true)] {
            let revoke = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { messages::set_revoked(&ctx.scope, tx, id, Timestamp(at)).await })
            });
            assert_eq!(revoke.await.unwrap(), counts, "revoke of {at}");
        }
        let mut reader = store.read().await.unwrap();
        let it = messages::find(&shop.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((it.content, it.edited_at), (text("edited at 6"), Some(Timestamp(6))));
        assert_eq!((it.revoked_at, it.reactions), (Some(Timestamp(4)), vec![]));
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_a_message_is_taken_once_and_status_keeps_the_channels_id() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let it = shop.conversation(&shop.inbox().await).await;
        let new = message(&store, &it, "wamid.1", 1, text("x"));
        insert(&store, &shop, &new).await.unwrap();
        let (id, inbox) = (new.message.id, it.inbox);
        let taken: (Vec<MessageId>, Vec<MessageId>) = store
            .write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move {
                    for _ in 0..2 {
                        messages::wait_for_target(&ctx.scope, tx, inbox, "wamid.0", id).await?;
                    }
                    let first = messages::take_waiting(&ctx.scope, tx, inbox, "wamid.0").await?;
                    Ok((first, messages::take_waiting(&ctx.scope, tx, inbox, "wamid.0").await?))
                })
            })
            .await
            .unwrap();
        assert_eq!(taken, (vec![id], vec![]));
        store
            .write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move {
                    let change = StatusChange {
                        status: DeliveryStatus::Uncertain,
                        error_code: Some(7),
                        attempt: 3,
                        needs_decision: true,
                        upstream_id: None,
                    };
                    messages::set_status(&ctx.scope, tx, id, &change).await
                })
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let state = messages::send_state(&shop.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((state.status, state.attempt, state.needs_decision), (DeliveryStatus::Uncertain, 3, true));
        let it = messages::find(&shop.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((it.upstream_id.as_deref(), it.error_code), (Some("wamid.1"), Some(7)));
    })
    .await;
}

#[tokio::test]
async fn merged_conversation_gives_everything_to_the_other_one() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (from, into) = (shop.conversation(&inbox).await, shop.conversation(&inbox).await);
        let new = message(&store, &from, "wamid.1", 1, text("x"));
        insert(&store, &shop, &new).await.unwrap();
        let label = shop.label("VIP").await.id;
        let (from, into, message) = (from.id, into.id, new.message.id);
        let file = centrala_domain::media::Media {
            id: store.new_id(),
            inbox: Some(inbox.id),
            state: centrala_domain::media::MediaState::Pending,
            mime_type: "image/jpeg".into(),
            size_bytes: None,
            sha256: None,
            filename: None,
            upstream_id: Some("file".into()),
            upstream_expires_at: None,
            problem: None,
            created_at: Timestamp(1),
        };
        let id = file.id;
        store
            .write(shop.scope(), file, move |file, ctx, tx| {
                Box::pin(async move {
                    media::insert(&ctx.scope, tx, file, Some((message, from))).await?;
                    centrala_store::labels::put(&ctx.scope, tx, from, label).await?;
                    messages::move_all(&ctx.scope, tx, from, into).await
                })
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let thread = messages::list(&shop.scope(), &mut reader, into, ThreadFrom::End, 10).await.unwrap();
        assert_eq!(thread.len(), 1);
        assert_eq!(media::place(&shop.scope(), &mut reader, id).await.unwrap(), Some((message, into)));
        let filter =
            centrala_store::conversations::ConversationFilter { label: Some(label), ..Default::default() };
        let listed =
            centrala_store::conversations::list(&shop.scope(), &mut reader, &filter, 10).await.unwrap();
        assert!(listed.iter().any(|it| it.id == into), "the label goes with it");
    })
    .await;
}
