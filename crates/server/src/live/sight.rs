//! Whether an agent may know of a fact: the same answer that fetching its subject would give.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use centrala_domain::event::{Event, Visibility};
use centrala_domain::permission::{InboxScope, Permission};
use centrala_domain::{AgentId, ConversationId};
use centrala_store::{contacts, conversations};

use crate::auth::Caller;
use crate::state::App;

/// Answers that are remembered; beyond that all are forgotten.
const REMEMBERED: usize = 200_000;

#[derive(Default)]
struct Answers {
    known: HashMap<(AgentId, ConversationId), bool>,
    generation: u64,
}

/// Remembers who sees which conversation. A conversation never changes its inbox, so an answer holds until
/// memberships change.
#[derive(Default)]
pub struct Sight(Mutex<Answers>);

impl Sight {
    /// Forgets everything when a fact changes who sees what.
    pub fn learn(&self, event: &Event) {
        if matches!(
            event,
            Event::InboxMembersChanged { .. } | Event::AgentChanged { .. } | Event::ConversationMerged { .. }
        ) {
            let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            answers.known.clear();
            answers.generation += 1;
        }
    }

    fn get(&self, key: (AgentId, ConversationId)) -> Result<bool, u64> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.known.get(&key).copied().ok_or(answers.generation)
    }

    /// Keeps an answer, unless memberships changed while it was looked up.
    fn put(&self, key: (AgentId, ConversationId), answer: bool, generation: u64) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.generation != generation {
            return;
        }
        if answers.known.len() >= REMEMBERED {
            answers.known.clear();
        }
        answers.known.insert(key, answer);
    }
}

/// Whether the caller may know of the fact.
///
/// # Errors
/// The database's.
pub async fn may_know(app: &App, caller: &Caller, event: &Event) -> centrala_store::Result<bool> {
    let scope = caller.scope();
    match (event.visibility(), scope.inboxes) {
        (Visibility::Workspace, _)
        | (Visibility::Conversation(_) | Visibility::Contact(_), InboxScope::All) => Ok(true),
        (Visibility::Admins, _) => Ok(caller.agent.role.may(Permission::Operate)),
        (Visibility::Agent(agent), _) => {
            Ok(agent == caller.agent.id || caller.agent.role.may(Permission::ManageAgents))
        }
        (Visibility::Conversation(conversation), InboxScope::MemberOf(agent)) => {
            let key = (agent, conversation);
            let generation = match app.sight.get(key) {
                Ok(answer) => return Ok(answer),
                Err(generation) => generation,
            };
            let mut reader = app.store.read().await?;
            let answer = conversations::is_visible(&scope, &mut reader, conversation).await?;
            app.sight.put(key, answer, generation);
            Ok(answer)
        }
        // Not remembered: a new conversation can make a contact visible.
        (Visibility::Contact(contact), InboxScope::MemberOf(_)) => {
            let mut reader = app.store.read().await?;
            Ok(contacts::find(&scope, &mut reader, contact).await?.is_some())
        }
    }
}
