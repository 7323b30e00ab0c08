//! The log of facts: numbered without gaps in each workspace, also under many writers at once.

use centrala_domain::event::Event;
use centrala_domain::ports::Clock as _;
use centrala_store::{Command, Ctx, Done, Error, Store, Tx, events};
use centrala_testkit::{TestStore, on_both_engines};

/// States a fact, or fails after stating it.
struct State(Event, bool);

impl Command for State {
    type Out = ();
    type Error = Error;

    async fn run(&self, _: &Ctx, _: &mut Tx) -> Result<Done<()>, Error> {
        if self.1 {
            Err(Error::Conflict("refused".into()))
        } else {
            Ok(Done::new((), [self.0.clone(), self.0.clone()]))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gaps_whoever_writes_and_whatever_is_refused() {
    on_both_engines(async |store| {
        let shops = [store.workspace().await, store.workspace().await];
        let conversation = store.new_id();
        let mut set = tokio::task::JoinSet::new();
        for n in 0..40 {
            let (store, origin): (Store, _) = ((*store).clone(), shops[n % 2].origin());
            let fact = Event::ConversationRead { conversation };
            set.spawn(async move { store.execute(origin, State(fact, n % 5 == 4)).await.is_ok() });
        }
        let kept = set.join_all().await.into_iter().filter(|kept| *kept).count();
        assert_eq!(kept, 32);
        let mut reader = store.read().await.unwrap();
        for shop in &shops {
            let log = events::after(&shop.scope(), &mut reader, 0, 100).await.unwrap();
            let numbers: Vec<i64> = log.iter().map(|fact| fact.seq).collect();
            assert_eq!(numbers, (1..=32).collect::<Vec<_>>());
            assert!(log.windows(2).all(|pair| pair[0].id < pair[1].id || pair[0].at <= pair[1].at));
            assert_eq!(events::last_seq(&shop.scope(), &mut reader).await.unwrap(), 32);
            let page = events::after(&shop.scope(), &mut reader, 30, 100).await.unwrap();
            assert_eq!(page, log[30..]);
            let of = events::of_conversation(&shop.scope(), &mut reader, conversation, 4, 2).await.unwrap();
            assert_eq!(of.iter().map(|fact| fact.seq).collect::<Vec<_>>(), [3, 2]);
        }
    })
    .await;
}

#[tokio::test]
async fn facts_of_a_message_are_found_by_it() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (conversation, message) = (store.new_id(), store.new_id());
        let edited = Event::MessageEdited { conversation, message, at: TestStore::clock(&store).now() };
        let read = Event::ConversationRead { conversation };
        store.emit(shop.id(), vec![read, edited.clone()]).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let found = events::of_message(&shop.scope(), &mut reader, message).await.unwrap();
        assert_eq!(found.into_iter().map(|fact| fact.event).collect::<Vec<_>>(), [edited]);
        assert_eq!(events::of_message(&other.scope(), &mut reader, message).await.unwrap(), []);
    })
    .await;
}
