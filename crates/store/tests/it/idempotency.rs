//! Answers of requests that carried an `Idempotency-Key`.

use std::time::Duration;

use centrala_domain::Private;
use centrala_store::idempotency::{self, KeptAnswer};
use centrala_testkit::clock::START;
use centrala_testkit::{TestWorkspace, on_both_engines};

fn answer(status: u16) -> KeptAnswer {
    KeptAnswer {
        request_digest: vec![1, 2, 3],
        status,
        body: Private::new(b"{\"ok\":true}".to_vec()),
        created_at: START,
    }
}

#[tokio::test]
async fn first_answer_of_a_key_stays_and_belongs_to_its_agent() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (ana, ion) = (shop.owner().await.id, shop.owner().await.id);
        let put = async |status: u16| {
            let put = store.write(shop.scope(), answer(status), move |it, ctx, tx| {
                Box::pin(idempotency::put(&ctx.scope, tx, ana, "k1", it))
            });
            put.await.unwrap()
        };
        assert!(put(201).await);
        assert!(!put(500).await);
        let mut reader = store.read().await.unwrap();
        let scope = shop.scope();
        let found = idempotency::find(&scope, &mut reader, ana, "k1").await.unwrap();
        assert_eq!(found, Some(answer(201)));
        assert_eq!(idempotency::find(&scope, &mut reader, ana, "k2").await.unwrap(), None);
        assert_eq!(idempotency::find(&scope, &mut reader, ion, "k1").await.unwrap(), None);
        assert_eq!(idempotency::find(&other.scope(), &mut reader, ana, "k1").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn old_answers_are_forgotten() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let ana = shop.owner().await.id;
        store
            .write(shop.scope(), answer(200), move |it, ctx, tx| {
                Box::pin(idempotency::put(&ctx.scope, tx, ana, "k1", it))
            })
            .await
            .unwrap();
        let forget = async |workspace: &TestWorkspace<'_>, after: Duration| {
            let before = START.plus(after);
            let forget = store.write(workspace.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { idempotency::forget_before(&ctx.scope, tx, before, 10).await })
            });
            forget.await.unwrap()
        };
        let moment = Duration::from_micros(1);
        assert_eq!(forget(&shop, Duration::ZERO).await, 0);
        assert_eq!(forget(&other, moment).await, 0);
        assert_eq!(forget(&shop, moment).await, 1);
    })
    .await;
}
