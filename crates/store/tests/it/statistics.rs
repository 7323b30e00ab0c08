//! What the engine knows of its tables.

use std::time::{Duration, Instant};

use centrala_domain::InboxId;
use centrala_store::Engine;
use centrala_store::receipts::KeepReceipt;
use centrala_testkit::postgres::cluster;
use centrala_testkit::{TestStore, TestWorkspace};
use futures_util::future::join_all;

fn url(store: &TestStore) -> &str {
    let Engine::Postgres { url } = store.engine() else { panic!("PostgreSQL was asked for") };
    url
}

async fn keep(store: &TestStore, shop: &TestWorkspace<'_>, inbox: InboxId, numbers: std::ops::Range<u32>) {
    let receipts = numbers.map(|n| KeepReceipt { inbox, raw: n.to_be_bytes().to_vec() });
    for kept in join_all(receipts.map(|receipt| store.execute(shop.origin(), receipt))).await {
        kept.unwrap();
    }
}

/// Waits until PostgreSQL has heard of so many rows: a connection tells of them up to a second later.
async fn has_heard_of(store: &TestStore, rows: u32) {
    let began = Instant::now();
    loop {
        let count = "SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'receipts'";
        let heard = cluster().run_sql(url(store), count);
        if heard.trim() == rows.to_string() {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "it has heard of {heard} rows, not of {rows}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn new_tables_are_counted_once_they_have_grown() {
    let store = TestStore::postgres().await;
    // Its autovacuum, which comes once a minute, would be first now and then.
    cluster().run_sql(url(&store), "ALTER TABLE receipts SET (autovacuum_enabled = off)");
    let shop = store.workspace().await;
    let inbox = shop.inbox().await.id;
    keep(&store, &shop, inbox, 0..499).await;
    has_heard_of(&store, 499).await;
    assert!(!store.count_new_tables().await.unwrap(), "a small table is not worth it");
    keep(&store, &shop, inbox, 499..500).await;
    has_heard_of(&store, 500).await;
    assert!(store.count_new_tables().await.unwrap());
    assert!(!store.count_new_tables().await.unwrap(), "it is counted by now");
    keep(&store, &shop, inbox, 500..1100).await;
    has_heard_of(&store, 1100).await;
    assert!(!store.count_new_tables().await.unwrap(), "from here on PostgreSQL looks after it itself");
}

#[tokio::test]
async fn tables_of_sqlite_are_never_counted() {
    let store = TestStore::sqlite().await;
    let shop = store.workspace().await;
    let inbox = shop.inbox().await.id;
    keep(&store, &shop, inbox, 0..600).await;
    assert!(!store.count_new_tables().await.unwrap());
}
