//! Whether an agent may know of a fact: the same answer that fetching its subject would give.
//!
//! Every socket asks this of many facts, so the answers come from memory: which inbox a conversation is in and
//! through which inboxes a contact writes are the same for everybody; which inboxes an agent works in changes
//! rarely, so that a socket holds it until it does. What is not in memory is looked up once for all sockets.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use centrala_domain::event::{Event, Recorded, Visibility};
use centrala_domain::permission::{InboxScope, Permission, Scope};
use centrala_domain::{AgentId, ContactId, ConversationId, InboxId, WorkspaceId};
use centrala_store::{conversations, inboxes};
use tokio::sync::Mutex;

use crate::auth::Caller;
use crate::state::App;

/// Answers of a kind that are remembered; beyond that they are forgotten.
const REMEMBERED: usize = 200_000;

#[derive(Default)]
struct Known {
    inbox_of: HashMap<ConversationId, InboxId>,
    inboxes_of: HashMap<ContactId, HashSet<InboxId>>,
    works_in: HashMap<AgentId, Arc<[InboxId]>>,
    /// Number of the last fact after which `works_in` was forgotten: older ones change nothing more.
    members_as_of: HashMap<WorkspaceId, i64>,
    /// The same for `inboxes_of`.
    merged_as_of: HashMap<WorkspaceId, i64>,
    /// Counts what was forgotten: an answer that was looked up before is not remembered after.
    generation: u64,
}

/// Remembers who sees what.
#[derive(Default)]
pub struct Sight {
    known: RwLock<Known>,
    /// Counts the changes of who works in which inbox.
    members_changed: AtomicU64,
    /// One looks up, the others wait for his answer.
    looking_up: Mutex<()>,
}

impl Sight {
    /// Takes over what a fact says of who sees what. Only the first time counts.
    pub fn learn(&self, workspace: WorkspaceId, fact: &Recorded) {
        let event = &fact.event;
        if let Event::ConversationOpened { conversation, inbox, contact, .. } = event {
            let is_known = self.read(|known| {
                known.inbox_of.contains_key(conversation)
                    && known.inboxes_of.get(contact).is_none_or(|inboxes| inboxes.contains(inbox))
            });
            if !is_known {
                self.write(|known| {
                    remember(&mut known.inbox_of, *conversation, *inbox);
                    if let Some(inboxes) = known.inboxes_of.get_mut(contact) {
                        inboxes.insert(*inbox);
                    }
                });
            }
        } else if changes_members(event) {
            self.write(|known| {
                if is_news(&mut known.members_as_of, workspace, fact.seq) {
                    known.works_in.clear();
                    known.generation += 1;
                    self.members_changed.fetch_add(1, Ordering::Release);
                }
            });
        } else if matches!(event, Event::ConversationMerged { .. } | Event::IdentitiesMerged { .. }) {
            self.write(|known| {
                if is_news(&mut known.merged_as_of, workspace, fact.seq) {
                    known.inboxes_of.clear();
                    known.generation += 1;
                }
            });
        }
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps an answer, unless something was forgotten while it was looked up.
    fn keep(&self, generation: u64, change: impl FnOnce(&mut Known)) {
        self.write(|known| {
            if known.generation == generation {
                change(known);
            }
        });
    }
}

fn remember<K: std::hash::Hash + Eq, V>(answers: &mut HashMap<K, V>, key: K, value: V) {
    if answers.len() >= REMEMBERED {
        answers.clear();
    }
    answers.insert(key, value);
}

/// Whether a fact comes after all that were taken over. What was forgotten after a later one is as new as this.
fn is_news(as_of: &mut HashMap<WorkspaceId, i64>, workspace: WorkspaceId, seq: i64) -> bool {
    let last = as_of.entry(workspace).or_insert(i64::MIN);
    let is_news = seq > *last;
    *last = seq.max(*last);
    is_news
}

/// Whether a fact changes who works in which inbox, or what a role sees.
pub(super) const fn changes_members(event: &Event) -> bool {
    matches!(event, Event::InboxMembersChanged { .. } | Event::AgentChanged { .. })
}

/// Whether the caller may know of the fact.
///
/// # Errors
/// The database's.
pub async fn may_know(app: &App, caller: &Caller, event: &Event) -> centrala_store::Result<bool> {
    Reach::of(app, caller).await?.covers(app, caller, event, &OnceLock::new()).await
}

/// Through which inboxes a caller sees, held by a socket until it changes.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// In order; `None` is every inbox.
    inboxes: Option<Arc<[InboxId]>>,
    /// The change of members after which this was looked up; `None` was never looked up.
    as_of: Option<u64>,
}

impl Reach {
    /// Not looked up yet: sees nothing and is not current.
    pub(super) fn unknown() -> Self {
        Self { inboxes: Some(Arc::default()), as_of: None }
    }

    /// Looks it up.
    pub(super) async fn of(app: &App, caller: &Caller) -> centrala_store::Result<Self> {
        // Read first: a change during the look-up leaves a reach that is not current.
        let as_of = Some(app.sight.members_changed.load(Ordering::Acquire));
        let inboxes = match caller.scope().inboxes {
            InboxScope::All => None,
            InboxScope::MemberOf(agent) => Some(works_in(app, caller, agent).await?),
        };
        Ok(Self { inboxes, as_of })
    }

    /// Whether nothing has changed since.
    pub(super) fn is_current(&self, app: &App) -> bool {
        self.as_of == Some(app.sight.members_changed.load(Ordering::Acquire))
    }

    /// The inboxes; `None` is every inbox.
    pub(super) const fn inboxes(&self) -> Option<&Arc<[InboxId]>> {
        self.inboxes.as_ref()
    }

    /// Whether what happens in an inbox may be told.
    pub(super) fn sees(&self, inbox: InboxId) -> bool {
        self.inboxes.as_ref().is_none_or(|inboxes| inboxes.binary_search(&inbox).is_ok())
    }

    /// Whether the caller may know of the fact. `inbox` remembers the inbox of its conversation.
    pub(super) async fn covers(
        &self,
        app: &App,
        caller: &Caller,
        event: &Event,
        inbox: &OnceLock<InboxId>,
    ) -> centrala_store::Result<bool> {
        let role = caller.agent.role;
        match (event.visibility(), &self.inboxes) {
            (Visibility::Workspace, _) | (Visibility::Conversation(_) | Visibility::Contact(_), None) => {
                Ok(true)
            }
            (Visibility::Admins, _) => Ok(role.may(Permission::Operate)),
            (Visibility::Agent(of), _) => Ok(of == caller.agent.id || role.may(Permission::ManageAgents)),
            (Visibility::Conversation(conversation), Some(inboxes)) => {
                let inbox = inbox_of(app, caller.workspace, conversation, inbox).await?;
                Ok(inbox.is_some_and(|inbox| inboxes.binary_search(&inbox).is_ok()))
            }
            (Visibility::Contact(contact), Some(inboxes)) => {
                let of_contact = inboxes_of(app, caller.workspace, contact).await?;
                Ok(inboxes.iter().any(|inbox| of_contact.contains(inbox)))
            }
        }
    }
}

async fn works_in(app: &App, caller: &Caller, agent: AgentId) -> centrala_store::Result<Arc<[InboxId]>> {
    let known = || app.sight.read(|known| known.works_in.get(&agent).cloned());
    if let Some(works_in) = known() {
        return Ok(works_in);
    }
    let _turn = app.sight.looking_up.lock().await;
    if let Some(works_in) = known() {
        return Ok(works_in);
    }
    let generation = app.sight.read(|known| known.generation);
    let mut reader = app.store.read().await?;
    let mut ids = inboxes::visible_ids(&caller.scope(), &mut reader).await?;
    ids.sort_unstable();
    let works_in: Arc<[InboxId]> = ids.into();
    app.sight.keep(generation, |known| remember(&mut known.works_in, agent, works_in.clone()));
    Ok(works_in)
}

/// The inbox of a conversation: what the fact remembers, what is known, or what the database says.
pub(super) async fn inbox_of(
    app: &App,
    workspace: WorkspaceId,
    conversation: ConversationId,
    remembered: &OnceLock<InboxId>,
) -> centrala_store::Result<Option<InboxId>> {
    if let Some(inbox) = remembered.get() {
        return Ok(Some(*inbox));
    }
    let inbox = look_up_inbox_of(app, workspace, conversation).await?;
    // A conversation never changes its inbox.
    Ok(inbox.map(|inbox| *remembered.get_or_init(|| inbox)))
}

async fn look_up_inbox_of(
    app: &App,
    workspace: WorkspaceId,
    conversation: ConversationId,
) -> centrala_store::Result<Option<InboxId>> {
    let known = || app.sight.read(|known| known.inbox_of.get(&conversation).copied());
    if let Some(inbox) = known() {
        return Ok(Some(inbox));
    }
    let _turn = app.sight.looking_up.lock().await;
    if let Some(inbox) = known() {
        return Ok(Some(inbox));
    }
    let mut reader = app.store.read().await?;
    let found = conversations::find(&Scope::system(workspace), &mut reader, conversation).await?;
    let inbox = found.map(|found| found.inbox);
    if let Some(inbox) = inbox {
        app.sight.write(|known| remember(&mut known.inbox_of, conversation, inbox));
    }
    Ok(inbox)
}

/// The inboxes through which a contact writes.
pub(super) async fn inboxes_of(
    app: &App,
    workspace: WorkspaceId,
    contact: ContactId,
) -> centrala_store::Result<HashSet<InboxId>> {
    let known = || app.sight.read(|known| known.inboxes_of.get(&contact).cloned());
    if let Some(inboxes) = known() {
        return Ok(inboxes);
    }
    let _turn = app.sight.looking_up.lock().await;
    if let Some(inboxes) = known() {
        return Ok(inboxes);
    }
    let generation = app.sight.read(|known| known.generation);
    let mut reader = app.store.read().await?;
    let found = conversations::inboxes_of_contact(&Scope::system(workspace), &mut reader, contact).await?;
    let inboxes: HashSet<InboxId> = found.into_iter().collect();
    app.sight.keep(generation, |known| remember(&mut known.inboxes_of, contact, inboxes.clone()));
    Ok(inboxes)
}
