//! The writer: numbers of facts, commands committed together, commands that go wrong.

use centrala_domain::InboxId;
use centrala_domain::event::Event;
use centrala_domain::label::Label;
use centrala_domain::permission::Scope;
use centrala_store::receipts::{self, KeepReceipt};
use centrala_store::write::Hooks;
use centrala_store::{
    Command, Ctx, Done, Error, Options, Origin, Result, Store, Tx, events, labels, workspaces,
};
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace, on_both_engines};
use futures_util::future::join_all;

/// Makes a label and states as many facts about it as told; may panic in the middle.
#[derive(Clone)]
struct MakeLabel {
    name: String,
    facts: usize,
    panics: bool,
}

impl MakeLabel {
    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), facts: 1, panics: false }
    }
}

impl Command for MakeLabel {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>> {
        let label =
            Label { id: ctx.new_id(), name: self.name.clone(), color: "#000000".into(), created_at: ctx.now };
        labels::insert(&ctx.scope, tx, &label).await?;
        assert!(!self.panics, "this command panics on purpose");
        Ok(Done::new((), vec![Event::LabelCreated { label: label.id }; self.facts]))
    }
}

fn origin(store: &TestStore, shop: &TestWorkspace<'_>) -> Origin {
    Origin::system(shop.id(), store.new_id())
}

async fn names(store: &TestStore, scope: Scope) -> Vec<String> {
    let mut reader = store.read().await.unwrap();
    labels::list(&scope, &mut reader).await.unwrap().into_iter().map(|label| label.name).collect()
}

#[tokio::test]
async fn numbers_of_facts_have_no_gaps_under_concurrent_commands() {
    on_both_engines(async |store| {
        let shops = [store.workspace().await, store.workspace().await, store.workspace().await];
        let all = (0..150).map(|n| {
            let (shop, facts) = (&shops[n % 3], n % 4);
            store.execute(origin(&store, shop), MakeLabel { facts, ..MakeLabel::named(format!("{n}")) })
        });
        assert!(join_all(all).await.iter().all(Result::is_ok));
        for (k, shop) in shops.iter().enumerate() {
            let stated: usize = (0..150).filter(|n| n % 3 == k).map(|n| n % 4).sum();
            let mut reader = store.read().await.unwrap();
            let kept = events::after(&shop.scope(), &mut reader, 0, 1000).await.unwrap();
            let numbers: Vec<i64> = kept.iter().map(|fact| fact.seq).collect();
            assert_eq!(numbers, (1..=i64::try_from(stated).unwrap()).collect::<Vec<_>>());
            assert_eq!(events::last_seq(&shop.scope(), &mut reader).await.unwrap(), numbers.len() as i64);
            // What the rest of the program was told is what is kept, in the same order.
            let told: Vec<_> = store
                .recorded()
                .into_iter()
                .filter(|(of, _)| *of == shop.id())
                .map(|(_, fact)| fact)
                .collect();
            assert_eq!(told, kept);
        }
    })
    .await;
}

#[tokio::test]
async fn refused_command_does_not_disturb_the_others_of_its_batch() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        shop.label("Taken").await;
        let all = (0..200).map(|n| {
            let name = if n == 77 { "TAKEN".into() } else { format!("label {n:03}") };
            store.execute(origin(&store, &shop), MakeLabel::named(name))
        });
        for (n, outcome) in join_all(all).await.into_iter().enumerate() {
            match outcome {
                Ok(()) => assert_ne!(n, 77),
                Err(error) => assert!(n == 77 && error.is_conflict_on("name"), "{n}: {error}"),
            }
        }
        assert_eq!(names(&store, shop.scope()).await.len(), 200);
        assert_eq!(store.events().len(), 199);
    })
    .await;
}

#[tokio::test]
async fn command_that_panics_leaves_nothing_and_stops_nobody() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        // Alone, then between others.
        let panicking = MakeLabel { panics: true, ..MakeLabel::named("half") };
        let alone = store.execute(origin(&store, &shop), panicking.clone()).await;
        assert!(matches!(alone, Err(Error::Corrupt(_))));
        let all = (0..9).map(|n| {
            let command = if n == 4 { panicking.clone() } else { MakeLabel::named(format!("{n}")) };
            store.execute(origin(&store, &shop), command)
        });
        let outcomes = join_all(all).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 8);
        assert_eq!(names(&store, shop.scope()).await, ["0", "1", "2", "3", "5", "6", "7", "8"]);
    })
    .await;
}

#[tokio::test]
async fn command_of_an_unknown_workspace_is_refused_without_harm() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let nowhere = Origin::system(store.new_id(), store.new_id());
        let (known, unknown) = tokio::join!(
            store.execute(origin(&store, &shop), MakeLabel::named("known")),
            store.execute(nowhere, MakeLabel::named("unknown")),
        );
        assert!(unknown.is_err());
        known.unwrap();
        assert_eq!(names(&store, shop.scope()).await, ["known"]);
    })
    .await;
}

#[tokio::test]
async fn facts_carry_who_caused_them_and_when() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let owner = shop.owner().await;
        let origin = Origin { cause: Some(store.new_id()), depth: 2, ..shop.origin_of(&owner) };
        store.execute(origin.clone(), MakeLabel::named("x")).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let kept = events::after(&shop.scope(), &mut reader, 0, 10).await.unwrap();
        let fact = &kept[0];
        assert_eq!((fact.actor, fact.cause, fact.depth), (origin.actor, origin.cause, 2));
        assert_eq!((fact.trace, fact.at), (origin.trace, START));
        assert_eq!(events::after(&shop.scope(), &mut reader, 1, 10).await.unwrap(), []);
    })
    .await;
}

/// Changes two workspaces, one after the other, and waits in between for its counterpart the first time.
struct CrossingChanges {
    order: [Scope; 2],
    meeting: std::sync::Arc<tokio::sync::Barrier>,
    runs: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Command for CrossingChanges {
    type Out = ();
    type Error = Error;

    async fn run(&self, _ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>> {
        let run = self.runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        for (step, scope) in self.order.iter().enumerate() {
            let mut workspace = workspaces::find(scope, tx).await?.expect("it is there");
            workspace.name.push('!');
            workspaces::update(scope, tx, &workspace).await?;
            if step == 0 && run < 2 {
                self.meeting.wait().await;
            }
        }
        Ok(Done::unchanged(()))
    }
}

#[tokio::test]
async fn deadlocked_transactions_are_run_again_and_both_succeed() {
    let store = TestStore::postgres().await;
    let one = store.workspace().await;
    // The writers of one lane follow one another and cannot meet: a workspace of another lane is needed.
    let mut other = store.workspace().await;
    while other.id().0.as_u128() % 4 == one.id().0.as_u128() % 4 {
        other = store.workspace().await;
    }
    let meeting = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let crossing = |order| CrossingChanges { order, meeting: meeting.clone(), runs: runs.clone() };
    let there = store.execute(origin(&store, &one), crossing([one.scope(), other.scope()]));
    let back = store.execute(origin(&store, &other), crossing([other.scope(), one.scope()]));
    let (there, back) = futures_util::future::join(there, back).await;
    assert_eq!((there, back), (Ok(()), Ok(())));
    assert!(runs.load(std::sync::atomic::Ordering::SeqCst) > 4, "no run was repeated");
    let mut reader = store.read().await.unwrap();
    for shop in [&one, &other] {
        let name = workspaces::find(&shop.scope(), &mut reader).await.unwrap().unwrap().name;
        assert!(name.ends_with("!!") && !name.ends_with("!!!"), "{name}");
    }
}

#[tokio::test]
async fn server_that_is_not_there_is_named_at_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://nobody@{free}/none");
    let clock = std::sync::Arc::new(centrala_testkit::clock::TestClock::new());
    let options = centrala_store::Options::new(centrala_store::Engine::Postgres { url });
    let hooks = centrala_store::write::Hooks::none();
    let refused = centrala_store::Store::open(options, clock, hooks).await.err();
    assert!(matches!(refused, Some(Error::Unavailable(why)) if why.contains(&free.to_string())));
}

#[tokio::test]
async fn delivery_that_is_refused_does_not_take_those_kept_with_it_along() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (workspace, inbox) = (shop.id(), shop.inbox().await.id);
        // The test store runs every command twice, each by itself; this one does as the program does.
        let options = Options::new(store.engine().clone());
        let clock = std::sync::Arc::new(store.clock().clone());
        let seed = Store::open(options, clock, Hooks::none()).await.unwrap();
        let nowhere: InboxId = seed.new_id();
        let all = (0..120).map(|n| {
            let inbox = if n == 57 { nowhere } else { inbox };
            let keep = KeepReceipt { inbox, raw: format!("{n}").into_bytes() };
            seed.execute(Origin::system(workspace, seed.new_id()), keep)
        });
        let kept = join_all(all).await;
        let refused: Vec<usize> = (0..120).filter(|n| kept[*n].is_err()).collect();
        assert_eq!(refused, [57]);
        let mut reader = seed.read().await.unwrap();
        let waiting = receipts::waiting(&mut reader, 200).await.unwrap();
        let bodies: Vec<String> =
            waiting.iter().map(|receipt| String::from_utf8(receipt.raw.clone()).unwrap()).collect();
        let expected: Vec<String> = (0..120).filter(|n| *n != 57).map(|n| n.to_string()).collect();
        assert_eq!(bodies, expected, "in order of arrival");
        drop(reader);
        seed.close().await;
    })
    .await;
}
