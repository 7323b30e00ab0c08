//! A shop with a scripted channel on a fresh database, and the steps that tests take in it.
//!
//! A world that is dropped with unfinished jobs fails its test, unless the test said so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use centrala_domain::agent::{Actor, Agent};
use centrala_domain::contact::{PhoneNumber, Sighting};
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::inbox::Inbox;
use centrala_domain::message::{Author, Message};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::Clock as _;
use centrala_domain::{ConversationId, MessageId, Private, ReceiptId, Timestamp, WorkspaceId};
use centrala_engine::commands::messages::send::{SendError, SendMessage, Sent};
use centrala_engine::live::LiveHub;
use centrala_engine::{Channels, Engine, projector, route, worker};
use centrala_store::blobs::Blobs;
use centrala_store::conversations::{self, ConversationFilter};
use centrala_store::jobs::{ClaimedJob, Lane};
use centrala_store::messages::{self, ThreadFrom};
use centrala_store::receipts::KeepReceipt;
use centrala_store::write::Hooks;
use centrala_store::{Options, Origin, Store, jobs};
use centrala_testkit::{TestClock, TestStore, builders};
use tempfile::TempDir;

use crate::scripted::{Scripted, What, Wire, limits};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Db {
    Sqlite,
    Postgres,
}

/// Runs a test on both databases, each in a world of its own.
pub(crate) async fn on_both(test: impl AsyncFn(World)) {
    for db in [Db::Sqlite, Db::Postgres] {
        // The last of these lines tells a failed test's database.
        println!("on {db:?}:");
        test(World::new(db).await).await;
    }
}

/// A shop: a workspace with one inbox and one agent.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) workspace: WorkspaceId,
    pub(crate) inbox: Inbox,
    pub(crate) agent: Agent,
}

impl Shop {
    pub(crate) const fn scope(&self) -> Scope {
        Scope::system(self.workspace)
    }
}

/// A shop on a fresh database with a scripted channel.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) channel: Arc<Scripted>,
    pub(crate) shop: Shop,
    pub(crate) store: TestStore,
    may_leave_jobs: AtomicBool,
    _files: TempDir,
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        let store = match db {
            Db::Sqlite => TestStore::sqlite_with(route::route).await,
            Db::Postgres => TestStore::postgres_with(route::route).await,
        };
        let files = tempfile::tempdir().expect("a temporary directory can be made");
        let channel = Arc::new(Scripted::default());
        let blobs = Blobs::open(files.path().to_owned()).expect("the directory takes a folder");
        let channels = Channels::new(vec![channel.clone()]);
        let engine =
            Engine::over(Store::clone(&store), channels, builders::vault(), blobs, LiveHub::default());
        let shop = shop(&store).await;
        Self { engine, channel, shop, store, may_leave_jobs: AtomicBool::new(false), _files: files }
    }

    /// This test ends with unfinished jobs.
    pub(crate) fn may_leave_jobs(&self) {
        self.may_leave_jobs.store(true, Ordering::Relaxed);
    }

    /// Another shop in the same database.
    pub(crate) async fn another_shop(&self) -> Shop {
        shop(&self.store).await
    }

    pub(crate) fn clock(&self) -> &TestClock {
        self.store.clock()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// Now in whole seconds, as channels write it.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.now().micros() / 1_000_000
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::system(self.shop.workspace, self.store.new_id())
    }

    /// On behalf of the shop's agent.
    pub(crate) fn by_agent(&self) -> Origin {
        Origin { actor: Actor::Agent { id: self.shop.agent.id }, ..self.origin() }
    }

    /// A webhook arrives at a shop.
    pub(crate) async fn keep_at(&self, shop: &Shop, items: Vec<Wire>) -> ReceiptId {
        let raw = serde_json::to_vec(&items).expect("items can be written");
        let origin = Origin::system(shop.workspace, self.store.new_id());
        let command = KeepReceipt { inbox: shop.inbox.id, raw };
        self.store.execute(origin, command).await.expect("a delivery can be kept")
    }

    /// A webhook arrives.
    pub(crate) async fn keep(&self, items: impl IntoIterator<Item = impl Into<Wire>>) -> ReceiptId {
        self.keep_at(&self.shop, items.into_iter().map(Into::into).collect()).await
    }

    /// Applies everything that waits.
    pub(crate) async fn project(&self) {
        while projector::apply_waiting(&self.engine).await.expect("deliveries can be applied") > 0 {}
    }

    /// A webhook arrives and is applied.
    pub(crate) async fn receive(&self, items: impl IntoIterator<Item = impl Into<Wire>>) -> ReceiptId {
        let receipt = self.keep(items).await;
        self.project().await;
        receipt
    }

    /// A customer writes now; gives the conversation.
    pub(crate) async fn customer_writes(&self, number: u32, id: &str) -> Conversation {
        let at = self.now_seconds();
        self.receive([text(id, phone(number), at, "bună")]).await;
        self.conversation_of(id).await
    }

    /// The conversation in which a message of the channel stands.
    pub(crate) async fn conversation_of(&self, upstream_id: &str) -> Conversation {
        let mut reader = self.store.read().await.unwrap();
        let scope = self.shop.scope();
        let found = messages::find_by_upstream_id(&scope, &mut reader, self.shop.inbox.id, upstream_id);
        let message = found.await.unwrap().expect("the message is here");
        conversations::find(&scope, &mut reader, message.conversation).await.unwrap().unwrap()
    }

    pub(crate) async fn conversation(&self, id: ConversationId) -> Conversation {
        let mut reader = self.store.read().await.unwrap();
        conversations::find(&self.shop.scope(), &mut reader, id).await.unwrap().unwrap()
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        let mut reader = self.store.read().await.unwrap();
        messages::find(&self.shop.scope(), &mut reader, id).await.unwrap().unwrap()
    }

    /// The listed conversations of a shop.
    pub(crate) async fn conversations(&self, shop: &Shop) -> Vec<Conversation> {
        let mut reader = self.store.read().await.unwrap();
        let filter = ConversationFilter::default();
        conversations::list(&shop.scope(), &mut reader, &filter, 500).await.unwrap()
    }

    /// The thread of a conversation, oldest first.
    pub(crate) async fn thread(&self, shop: &Shop, id: ConversationId) -> Vec<Message> {
        let mut reader = self.store.read().await.unwrap();
        let mut thread = messages::list(&shop.scope(), &mut reader, id, ThreadFrom::End, 500).await.unwrap();
        thread.reverse();
        thread
    }

    /// What an agent sends when he writes this.
    pub(crate) fn answer(&self, conversation: ConversationId, client_id: &str, body: &str) -> SendMessage {
        SendMessage {
            conversation,
            author: Author::Agent { id: self.shop.agent.id },
            client_id: client_id.into(),
            client_digest: body.as_bytes().to_vec(),
            content: Content::Text { body: Private::from(body), preview_url: false },
            reply_to: None,
            limits: limits(),
        }
    }

    /// An agent answers.
    pub(crate) async fn send(
        &self,
        conversation: ConversationId,
        client_id: &str,
    ) -> Result<Sent, SendError> {
        self.store.execute(self.by_agent(), self.answer(conversation, client_id, client_id)).await
    }

    /// Claims what is due, in every lane.
    pub(crate) async fn claim(&self, limit: i64) -> Vec<ClaimedJob> {
        let mut claimed = Vec::new();
        for lane in Lane::ALL {
            claimed.extend(self.store.claim_jobs(lane, limit, Duration::from_secs(180)).await.unwrap());
        }
        claimed
    }

    /// Runs what is due until nothing is; says how many runs that were.
    pub(crate) async fn run_due_jobs(&self) -> usize {
        let mut runs = 0;
        loop {
            let claimed = self.claim(1).await;
            if claimed.is_empty() {
                return runs;
            }
            for job in claimed {
                runs += 1;
                assert!(runs < 2000, "jobs never come to an end: {}", job.kind);
                worker::run_job(&self.engine, &job).await;
            }
        }
    }

    /// Runs every job to its end, moving the clock to whatever is due next.
    pub(crate) async fn run_all_jobs(&self) {
        for _ in 0..2000 {
            self.run_due_jobs().await;
            let mut reader = self.store.read().await.unwrap();
            let mut next = None;
            for lane in Lane::ALL {
                let due = jobs::next_due(&mut reader, lane).await.unwrap();
                next = next.into_iter().chain(due).min();
            }
            match next {
                None => return,
                Some(due) => self.clock().set(due.max(self.now())),
            }
        }
        panic!("jobs never come to an end");
    }

    /// The job that sends a message, claimed.
    pub(crate) async fn claim_one(&self, kind: &str) -> ClaimedJob {
        let mut claimed = self.claim(1).await;
        claimed.retain(|job| job.kind == kind);
        claimed.pop().unwrap_or_else(|| panic!("a job {kind} is due"))
    }

    /// What has become of dead letters: kind and reason.
    pub(crate) async fn dead(&self) -> Vec<(String, String)> {
        let mut reader = self.store.read().await.unwrap();
        let dead = jobs::dead(&self.shop.scope(), &mut reader, 100).await.unwrap();
        dead.into_iter().map(|job| (job.kind, job.last_error.unwrap_or_default())).collect()
    }
}

async fn shop(store: &TestStore) -> Shop {
    let workspace = store.workspace().await;
    let agent = workspace.agent(Role::Owner).await;
    let inbox = workspace.inbox().await;
    Shop { workspace: workspace.id(), inbox, agent }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() || self.may_leave_jobs.load(Ordering::Relaxed) {
            return;
        }
        let left = unfinished(self.store.engine().clone(), self.clock().clone());
        assert!(left.is_empty(), "the test leaves jobs behind: {left:?}");
    }
}

/// The jobs that have not ended, seen through a connection of its own: a drop cannot wait for the world's.
fn unfinished(engine: centrala_store::Engine, clock: TestClock) -> Vec<(String, String, i64)> {
    let look = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let options = Options { readers: 1, ..Options::new(engine) };
            let store =
                Store::open(options, Arc::new(clock), Hooks::none()).await.expect("the database opens");
            let mut reader = store.read().await.expect("the database can be read");
            let backlog = jobs::backlog(&mut reader).await.expect("jobs can be read");
            drop(reader);
            store.close().await;
            backlog.into_iter().map(|left| (left.kind, left.state, left.count)).collect()
        })
    };
    std::thread::spawn(look).join().expect("the look at the jobs ends")
}

/// A customer known by his number.
pub(crate) fn phone(number: u32) -> Sighting {
    Sighting { phone: PhoneNumber::parse(&format!("+40721{number:06}")), ..Sighting::default() }
}

/// A text of a customer.
pub(crate) fn text(id: &str, from: Sighting, at: i64, body: &str) -> What {
    let content = Content::Text { body: Private::from(body), preview_url: false };
    What::Message { id: id.into(), from, at, content, reply_to: None }
}
