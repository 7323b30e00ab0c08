//! The one-time link that opens an empty installation.

use centrala_domain::Timestamp;
use centrala_domain::permission::Scope;
use centrala_store::setup;
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, on_both_engines};

const END: Timestamp = Timestamp(START.0 + 10);

async fn put(store: &TestStore, hash: u8) {
    store
        .write(Scope::system(store.new_id()), (), move |(), _, tx| {
            Box::pin(async move { setup::put(tx, &[hash], END).await })
        })
        .await
        .unwrap();
}

async fn take(store: &TestStore, hash: u8) -> bool {
    let take = store.write(Scope::system(store.new_id()), (), move |(), ctx, tx| {
        Box::pin(async move { setup::take(tx, &[hash], ctx.now).await })
    });
    take.await.unwrap()
}

async fn exists(store: &TestStore, hash: u8, now: Timestamp) -> bool {
    setup::exists(&mut store.read().await.unwrap(), &[hash], now).await.unwrap()
}

#[tokio::test]
async fn newest_link_is_good_once_and_until_its_end() {
    on_both_engines(async |store| {
        put(&store, 1).await;
        put(&store, 2).await;
        assert!(!exists(&store, 1, START).await);
        assert!(exists(&store, 2, START).await);
        assert!(!exists(&store, 2, END).await);
        assert!(!take(&store, 1).await);
        store.clock().set(END);
        assert!(!take(&store, 2).await);
        store.clock().set(START);
        assert!(take(&store, 2).await);
        assert!(!take(&store, 2).await);
    })
    .await;
}
