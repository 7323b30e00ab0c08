//! Tries to send: begun once, ended, found by the channel's id; what the channel said of them.

use centrala_domain::message::DeliveryStatus;
use centrala_domain::{MessageId, Timestamp};
use centrala_store::attempts::{self, AttemptEnd, AttemptState, StatusRecord};
use centrala_store::{Error, messages};
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

use crate::messages::{insert, message, text};

async fn queued(store: &TestStore, shop: &TestWorkspace<'_>) -> (MessageId, centrala_domain::InboxId) {
    let it = shop.conversation(&shop.inbox().await).await;
    let new = message(store, &it, &store.new_id::<MessageId>().to_string(), 1, text("x"));
    insert(store, shop, &new).await.unwrap();
    (new.message.id, it.inbox)
}

#[tokio::test]
async fn attempt_begins_once_and_is_found_by_the_channels_id() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (message, inbox) = queued(&store, &shop).await;
        let begin = async |n: u32| -> Result<(), Error> {
            let begin = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { attempts::begin(&ctx.scope, tx, message, n, inbox, ctx.now).await })
            });
            begin.await
        };
        begin(1).await.unwrap();
        assert!(matches!(begin(1).await, Err(Error::Conflict(_))));
        begin(2).await.unwrap();
        let end = store.write(shop.scope(), (), move |(), ctx, tx| {
            Box::pin(async move {
                let upstream_id = Some("wamid.out");
                let state = AttemptState::Accepted;
                let end = AttemptEnd { state, upstream_id, code: None, detail: None };
                attempts::end(&ctx.scope, tx, message, 2, &end, ctx.now).await?;
                // A later end keeps the id.
                let end = AttemptEnd { upstream_id: None, detail: Some("proven"), ..end };
                attempts::end(&ctx.scope, tx, message, 2, &end, ctx.now).await
            })
        });
        end.await.unwrap();
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        let all = attempts::of_message(&scope, &mut reader, message).await.unwrap();
        assert_eq!(
            all.iter().map(|it| (it.n, it.state)).collect::<Vec<_>>(),
            [(1, AttemptState::InFlight), (2, AttemptState::Accepted)]
        );
        let found = attempts::find_by_upstream_id(&scope, &mut reader, inbox, "wamid.out").await.unwrap();
        assert_eq!(found.as_ref(), Some(&all[1]));
        assert_eq!(all[1].detail.as_deref(), Some("proven"));
        assert_eq!(attempts::find(&scope, &mut reader, message, 3).await.unwrap(), None);
        let of_other = attempts::find(&other.scope(), &mut reader, message, 1).await.unwrap();
        assert_eq!(of_other, None);
        assert!(messages::find(&scope, &mut reader, message).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn status_is_kept_once_and_waits_for_its_message_until_it_is_forgotten() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (message, inbox) = queued(&store, &shop).await;
        let record = |status, received_at| StatusRecord {
            attempt: 1,
            status,
            at: Timestamp(1),
            received_at: Timestamp(received_at),
            code: None,
            detail: None,
            pricing: None,
            receipt: None,
        };
        let (sent, read) = (record(DeliveryStatus::Sent, 1), record(DeliveryStatus::Read, 5));
        let taken = store.write(shop.scope(), (sent.clone(), read.clone()), move |(sent, read), ctx, tx| {
            Box::pin(async move {
                let scope = &ctx.scope;
                assert!(attempts::put_status(scope, tx, message, sent).await?);
                assert!(!attempts::put_status(scope, tx, message, sent).await?);
                for status in [sent, read, read] {
                    attempts::put_unmatched(scope, tx, inbox, "wamid.out", status).await?;
                }
                assert_eq!(attempts::forget_unmatched_before(scope, tx, Timestamp(5), 10).await?, 1);
                let taken = attempts::take_unmatched(scope, tx, inbox, "wamid.out", 1).await?;
                assert_eq!(attempts::take_unmatched(scope, tx, inbox, "wamid.out", 1).await?, []);
                Ok(taken)
            })
        });
        assert_eq!(taken.await.unwrap(), [read]);
        let mut reader = store.read().await.unwrap();
        assert_eq!(attempts::statuses(&shop.scope(), &mut reader, message).await.unwrap(), [sent]);
    })
    .await;
}
