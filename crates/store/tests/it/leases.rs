//! A lease has one holder at a time.

use std::time::Duration;

use centrala_testkit::on_both_engines;
use uuid::Uuid;

#[tokio::test]
async fn lease_has_one_holder_until_it_is_over_or_given_back() {
    on_both_engines(async |store| {
        let (one, two): (Uuid, Uuid) = (store.new_id(), store.new_id());
        let minute = Duration::from_secs(60);
        let until = store.clock().advance(minute).plus(minute);
        assert!(store.take_lease("projector", one, until).await.unwrap());
        assert!(!store.take_lease("projector", two, until).await.unwrap());
        assert!(store.take_lease("another", two, until).await.unwrap());
        assert!(store.take_lease("projector", one, until.plus(minute)).await.unwrap(), "renewed");
        store.clock().set(until);
        assert!(!store.take_lease("projector", two, until.plus(minute)).await.unwrap());
        store.clock().set(until.plus(minute));
        assert!(store.take_lease("projector", two, until.plus(minute * 2)).await.unwrap(), "it was over");
        store.give_lease_back("projector", one).await.unwrap();
        assert!(
            !store.take_lease("projector", one, until.plus(minute * 2)).await.unwrap(),
            "not his to give"
        );
        store.give_lease_back("projector", two).await.unwrap();
        assert!(store.take_lease("projector", one, until.plus(minute * 2)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn of_many_who_take_a_lease_at_once_one_gets_it() {
    on_both_engines(async |store| {
        let until = store.clock().advance(Duration::from_secs(1)).plus(Duration::from_secs(60));
        let mut set = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (store, holder): (centrala_store::Store, Uuid) = ((*store).clone(), store.new_id());
            set.spawn(async move { store.take_lease("projector", holder, until).await.unwrap() });
        }
        assert_eq!(set.join_all().await.into_iter().filter(|taken| *taken).count(), 1);
    })
    .await;
}
