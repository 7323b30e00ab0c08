//! What a page of a list reads for all of its rows at once.

use std::time::Duration;

use centrala_domain::contact::AddressKind;
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message};
use centrala_domain::permission::Role;
use centrala_domain::{MessageId, Private};
use centrala_store::messages::NewMessage;
use centrala_store::{contacts, conversations, messages};
use centrala_testkit::on_both_engines;

#[tokio::test]
async fn identities_come_with_their_addresses_current_ones_first() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (first, second) = (shop.conversation(&inbox).await, shop.conversation(&inbox).await);
        let other = store.workspace().await;
        let stranger = other.conversation(&other.inbox().await).await;
        for phone in ["+40721000001", "+40721000002"] {
            let seen_at = store.clock().advance(Duration::from_secs(1));
            let address = (AddressKind::Phone, Private::from(phone));
            store
                .write(
                    shop.scope(),
                    (first.identity, address, seen_at),
                    |(identity, address, at), ctx, tx| {
                        Box::pin(async move {
                            contacts::put_address(&ctx.scope, tx, *identity, "whatsapp", address, *at, None)
                                .await
                        })
                    },
                )
                .await
                .unwrap();
        }
        let mut reader = store.read().await.unwrap();
        let ids = [first.identity, second.identity, stranger.identity];
        let found = contacts::identities_by_id(&shop.scope(), &mut reader, &ids).await.unwrap();
        assert_eq!(found.len(), 2, "the other workspace's is left out");
        let of_first = found.iter().find(|identity| identity.id == first.identity).unwrap();
        let values: Vec<_> =
            of_first.addresses.iter().map(|address| address.value.expose().as_str()).collect();
        assert_eq!(values, ["+40721000002", "+40721000001"]);
        let of = [first.contact, second.contact, stranger.contact];
        let of_contacts = contacts::identities_of_contacts(&shop.scope(), &mut reader, &of).await.unwrap();
        assert_eq!(of_contacts, found);
        assert!(contacts::identities_by_id(&shop.scope(), &mut reader, &[]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn newest_conversation_of_a_contact_is_one_that_the_agent_sees() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (seen, unseen) = (shop.inbox().await, shop.inbox().await);
        let agent = shop.agent(Role::Agent).await;
        shop.join(&seen, &[&agent]).await;
        let older = shop.conversation(&seen).await;
        let at = store.clock().advance(Duration::from_secs(60));
        let newer = Conversation::open(store.new_id(), unseen.id, older.contact, older.identity, at);
        store
            .write(shop.scope(), newer.clone(), |newer, ctx, tx| {
                Box::pin(async move { conversations::insert(&ctx.scope, tx, newer).await })
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        for (scope, wanted) in [(shop.scope(), newer.id), (shop.scope_of(&agent), older.id)] {
            let found =
                conversations::newest_of_contacts(&scope, &mut reader, &[older.contact]).await.unwrap();
            assert_eq!(found.get(&older.contact), Some(&wanted));
        }
    })
    .await;
}

#[tokio::test]
async fn send_states_of_many_are_those_of_each() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let conversation = shop.conversation(&shop.inbox().await).await;
        let message = Message {
            id: store.new_id(),
            conversation: conversation.id,
            inbox: conversation.inbox,
            direction: Direction::Out,
            author: Author::Phone,
            content: Content::Text { body: "Da.".into(), preview_url: false },
            reply_to: None,
            reply_to_upstream_id: None,
            status: DeliveryStatus::Queued,
            error_code: None,
            client_id: Some("c-1".into()),
            upstream_id: None,
            sent_at: conversation.created_at,
            received_at: conversation.created_at,
            position: conversation.created_at,
            is_forwarded: false,
            edited_at: None,
            revoked_at: None,
            reactions: Vec::new(),
        };
        let id: MessageId = message.id;
        store
            .write(shop.scope(), message, |message, ctx, tx| {
                Box::pin(async move {
                    let new = NewMessage {
                        message: message.clone(),
                        client_digest: None,
                        referral: None,
                        receipt: None,
                        trace: ctx.trace,
                    };
                    messages::insert(&ctx.scope, tx, &new).await
                })
            })
            .await
            .unwrap();
        let mut reader = store.read().await.unwrap();
        let one = messages::send_state(&shop.scope(), &mut reader, id).await.unwrap();
        let many = messages::send_states(&shop.scope(), &mut reader, &[id]).await.unwrap();
        assert_eq!(many.get(&id), one.as_ref());
        assert_eq!(one.map(|state| state.attempt), Some(1));
        let elsewhere = store.workspace().await.scope();
        let mut reader = store.read().await.unwrap();
        assert!(messages::send_states(&elsewhere, &mut reader, &[id]).await.unwrap().is_empty());
    })
    .await;
}
