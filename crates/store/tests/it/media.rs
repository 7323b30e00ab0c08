//! Files of messages: their state, where they stand, who sees them, what the channel has of them.

use centrala_domain::MediaId;
use centrala_domain::media::{Media, MediaState};
use centrala_domain::permission::Role;
use centrala_domain::{MessageId, Timestamp};
use centrala_store::media;
use centrala_testkit::{TestStore, on_both_engines};

fn file(store: &TestStore) -> Media {
    Media {
        id: store.new_id(),
        inbox: None,
        state: MediaState::Pending,
        mime_type: "image/jpeg".into(),
        size_bytes: None,
        sha256: None,
        filename: Some("poză.jpg".into()),
        upstream_id: Some("file".into()),
        upstream_expires_at: Some(Timestamp(9)),
        problem: None,
        created_at: Timestamp(1),
    }
}

#[tokio::test]
async fn file_is_read_back_and_stands_where_it_was_used_first() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (inbox, closed) = (shop.inbox().await, shop.inbox().await);
        let agent = shop.agent(Role::Agent).await;
        shop.join(&inbox, &[&agent]).await;
        let (seen, hidden) = (shop.conversation(&inbox).await.id, shop.conversation(&closed).await.id);
        let (it, message, other): (Media, MessageId, MessageId) =
            (file(&store), store.new_id(), store.new_id());
        let id = it.id;
        let keep = store.write(shop.scope(), it.clone(), |it, ctx, tx| {
            Box::pin(async move { media::insert(&ctx.scope, tx, it, None).await })
        });
        keep.await.unwrap();
        let scope = shop.scope_of(&agent);
        let mut reader = store.read().await.unwrap();
        assert_eq!(media::find(&scope, &mut reader, id).await.unwrap(), Some(it), "it stands nowhere yet");
        assert_eq!(media::place(&shop.scope(), &mut reader, id).await.unwrap(), None);
        drop(reader);
        let attach = store.write(shop.scope(), (), move |(), ctx, tx| {
            Box::pin(async move {
                media::attach(&ctx.scope, tx, id, message, hidden).await?;
                media::attach(&ctx.scope, tx, id, other, seen).await?;
                media::set_state(&ctx.scope, tx, id, MediaState::Failed, Some("no")).await?;
                media::set_stored(&ctx.scope, tx, id, "image/png", 5, "hash").await
            })
        });
        attach.await.unwrap();
        let mut reader = store.read().await.unwrap();
        assert_eq!(media::place(&shop.scope(), &mut reader, id).await.unwrap(), Some((message, hidden)));
        assert_eq!(media::find(&scope, &mut reader, id).await.unwrap(), None, "not his conversation");
        let it = media::find(&shop.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((it.state, it.problem, it.size_bytes), (MediaState::Stored, None, Some(5)));
    })
    .await;
}

#[tokio::test]
async fn uploaded_file_is_known_to_the_channel_until_it_forgets() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let inbox = shop.inbox().await.id;
        let it = file(&store);
        let id: MediaId = it.id;
        let put = store.write(shop.scope(), it, move |it, ctx, tx| {
            Box::pin(async move {
                media::insert(&ctx.scope, tx, it, None).await?;
                for (upstream_id, expires_at) in [("first", 5), ("second", 9)] {
                    media::put_upload(&ctx.scope, tx, id, inbox, upstream_id, Timestamp(expires_at)).await?;
                }
                Ok(())
            })
        });
        put.await.unwrap();
        let mut reader = store.read().await.unwrap();
        let mut find = async |scope, now| {
            media::find_upload(&scope, &mut reader, id, inbox, Timestamp(now)).await.unwrap()
        };
        assert_eq!(find(shop.scope(), 8).await.as_deref(), Some("second"));
        assert_eq!(find(shop.scope(), 9).await, None);
        assert_eq!(find(other.scope(), 8).await, None);
    })
    .await;
}
