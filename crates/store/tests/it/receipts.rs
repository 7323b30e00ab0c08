//! Raw deliveries: kept byte for byte, taken in order of arrival, marked, replayed, forgotten.

use std::time::Duration;

use centrala_domain::{ReceiptId, Timestamp};
use centrala_store::receipts::{self, KeepReceipt, ReceiptFilter, ReceiptProblem};
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};

async fn keep(store: &TestStore, shop: &TestWorkspace<'_>, raw: &[u8]) -> ReceiptId {
    let inbox = shop.inbox().await.id;
    store.execute(shop.origin(), KeepReceipt { inbox, raw: raw.to_vec() }).await.unwrap()
}

async fn apply(store: &TestStore, shop: &TestWorkspace<'_>, ids: Vec<ReceiptId>) {
    let mark = store.write(shop.scope(), ids, |ids, ctx, tx| {
        Box::pin(async move { receipts::mark_applied(&ctx.scope, tx, ids, ctx.now).await })
    });
    mark.await.unwrap();
}

async fn replay(store: &TestStore, shop: &TestWorkspace<'_>, id: ReceiptId) -> bool {
    let replay = store.write(shop.scope(), (), move |(), ctx, tx| {
        Box::pin(async move { receipts::replay(&ctx.scope, tx, id).await })
    });
    replay.await.unwrap()
}

#[tokio::test]
async fn delivery_waits_in_order_of_arrival_until_it_is_marked() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let bytes: Vec<u8> = (0..=255).collect();
        let mut ids = vec![keep(&store, &shop, &bytes).await, keep(&store, &other, b"b").await];
        // More than one chunk of ids.
        for _ in 0..70 {
            ids.push(keep(&store, &shop, b"").await);
        }
        let mut reader = store.read().await.unwrap();
        let waiting = receipts::waiting(&mut reader, 100).await.unwrap();
        assert_eq!(waiting.iter().map(|it| it.id).collect::<Vec<_>>(), ids);
        assert_eq!(waiting[0].raw, bytes);
        assert_eq!(receipts::waiting(&mut reader, 2).await.unwrap().len(), 2);
        assert_eq!(receipts::raw(&shop.scope(), &mut reader, ids[0]).await.unwrap(), Some(bytes));
        assert_eq!(receipts::raw(&other.scope(), &mut reader, ids[0]).await.unwrap(), None);
        drop(reader);
        apply(&store, &shop, ids.clone()).await;
        let mut reader = store.read().await.unwrap();
        let waiting = receipts::waiting(&mut reader, 100).await.unwrap();
        assert_eq!(waiting.iter().map(|it| it.id).collect::<Vec<_>>(), [ids[1]], "of another workspace");
    })
    .await;
}

#[tokio::test]
async fn rejected_delivery_says_why_and_can_be_replayed_once() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let id = keep(&store, &shop, b"raw").await;
        assert!(!replay(&store, &shop, id).await, "it waits already");
        let problem = ReceiptProblem { pointer: "/a\0".into(), reason: "no\0sense".into() };
        let reject = store.write(shop.scope(), problem, move |problem, ctx, tx| {
            let problems = std::slice::from_ref(problem);
            Box::pin(async move { receipts::mark_rejected(&ctx.scope, tx, id, problems, ctx.now).await })
        });
        reject.await.unwrap();
        let mut reader = store.read().await.unwrap();
        let it = receipts::find(&shop.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((it.state.as_str(), it.tries, it.size_bytes), ("rejected", 1, 3));
        assert_eq!(
            it.problems,
            [ReceiptProblem { pointer: "/a\u{fffd}".into(), reason: "no\u{fffd}sense".into() }]
        );
        let counts = receipts::counts(&shop.scope(), &mut reader).await.unwrap();
        assert_eq!((counts.received, counts.rejected), (0, 1));
        let filter = |state: &str| ReceiptFilter { state: Some(state.into()), ..ReceiptFilter::default() };
        let listed = receipts::list(&shop.scope(), &mut reader, &filter("rejected"), 10).await.unwrap();
        assert_eq!(listed, [it]);
        assert_eq!(receipts::list(&shop.scope(), &mut reader, &filter("applied"), 10).await.unwrap(), []);
        drop(reader);
        assert!(replay(&store, &shop, id).await);
        let mut reader = store.read().await.unwrap();
        let it = receipts::find(&shop.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((it.state.as_str(), it.problems, it.applied_at), ("received", vec![], None));
        let counts = receipts::counts(&shop.scope(), &mut reader).await.unwrap();
        assert_eq!(counts.oldest_received, Some(it.received_at));
    })
    .await;
}

#[tokio::test]
async fn only_what_was_applied_long_ago_is_forgotten() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (old, waits) = (keep(&store, &shop, b"old").await, keep(&store, &shop, b"waits").await);
        apply(&store, &shop, vec![old]).await;
        let before: Timestamp = store.clock().advance(Duration::from_secs(10));
        let new = keep(&store, &shop, b"new").await;
        apply(&store, &shop, vec![new]).await;
        let forget = store.write(shop.scope(), (), move |(), ctx, tx| {
            Box::pin(async move { receipts::forget_before(&ctx.scope, tx, before, 10).await })
        });
        assert_eq!(forget.await.unwrap(), 1);
        let mut reader = store.read().await.unwrap();
        let listed = receipts::list(&shop.scope(), &mut reader, &ReceiptFilter::default(), 10).await.unwrap();
        assert_eq!(listed.iter().map(|it| it.id).collect::<Vec<_>>(), [new, waits]);
    })
    .await;
}
