//! Whether an agent may know of a fact: the same answer that fetching its subject would give.
//!
//! Every socket asks this of every fact, so the answers come from memory: which inbox a conversation is in and
//! through which inboxes a contact writes are the same for everybody; which inboxes an agent works in changes
//! rarely. What is not in memory is looked up once for all sockets.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use centrala_domain::event::{Event, Visibility};
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
    works_in: HashMap<AgentId, Arc<HashSet<InboxId>>>,
    /// Counts what was forgotten: an answer that was looked up before is not remembered after.
    generation: u64,
}

/// Remembers who sees what.
#[derive(Default)]
pub struct Sight {
    known: RwLock<Known>,
    /// One looks up, the others wait for his answer.
    looking_up: Mutex<()>,
}

impl Sight {
    /// Takes over what a fact says of who sees what.
    pub fn learn(&self, event: &Event) {
        if let Event::ConversationOpened { conversation, inbox, contact, .. } = event {
            let is_known = self.read(|known| known.inbox_of.contains_key(conversation));
            if !is_known {
                self.write(|known| {
                    remember(&mut known.inbox_of, *conversation, *inbox);
                    if let Some(inboxes) = known.inboxes_of.get_mut(contact) {
                        inboxes.insert(*inbox);
                    }
                });
            }
        } else if matches!(event, Event::InboxMembersChanged { .. } | Event::AgentChanged { .. }) {
            self.write(|known| {
                known.works_in.clear();
                known.generation += 1;
            });
        } else if matches!(event, Event::ConversationMerged { .. } | Event::IdentitiesMerged { .. }) {
            self.write(|known| {
                known.inboxes_of.clear();
                known.generation += 1;
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

/// Whether the caller may know of the fact.
///
/// # Errors
/// The database's.
pub async fn may_know(app: &App, caller: &Caller, event: &Event) -> centrala_store::Result<bool> {
    let InboxScope::MemberOf(agent) = caller.scope().inboxes else {
        return Ok(match event.visibility() {
            Visibility::Workspace | Visibility::Conversation(_) | Visibility::Contact(_) => true,
            Visibility::Admins => caller.agent.role.may(Permission::Operate),
            Visibility::Agent(of) => of == caller.agent.id || caller.agent.role.may(Permission::ManageAgents),
        });
    };
    match event.visibility() {
        Visibility::Workspace => Ok(true),
        Visibility::Admins => Ok(caller.agent.role.may(Permission::Operate)),
        Visibility::Agent(of) => Ok(of == caller.agent.id || caller.agent.role.may(Permission::ManageAgents)),
        Visibility::Conversation(conversation) => {
            let works_in = works_in(app, caller, agent).await?;
            let inbox = inbox_of(app, caller.workspace, conversation).await?;
            Ok(inbox.is_some_and(|inbox| works_in.contains(&inbox)))
        }
        Visibility::Contact(contact) => {
            let works_in = works_in(app, caller, agent).await?;
            let inboxes = inboxes_of(app, caller.workspace, contact).await?;
            Ok(inboxes.iter().any(|inbox| works_in.contains(inbox)))
        }
    }
}

async fn works_in(
    app: &App,
    caller: &Caller,
    agent: AgentId,
) -> centrala_store::Result<Arc<HashSet<InboxId>>> {
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
    let ids: HashSet<InboxId> =
        inboxes::visible_ids(&caller.scope(), &mut reader).await?.into_iter().collect();
    let works_in = Arc::new(ids);
    app.sight.keep(generation, |known| remember(&mut known.works_in, agent, works_in.clone()));
    Ok(works_in)
}

async fn inbox_of(
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
        // A conversation never changes its inbox.
        app.sight.write(|known| remember(&mut known.inbox_of, conversation, inbox));
    }
    Ok(inbox)
}

async fn inboxes_of(
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
