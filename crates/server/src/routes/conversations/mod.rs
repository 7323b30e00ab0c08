//! Conversations: the list, its counts, one of them, and what agents do with it.

pub mod activity;
pub mod assign;
pub mod claim;
pub mod counts;
pub mod filter;
pub mod get;
pub mod list;
pub mod order;
pub mod out;
pub mod read;
pub mod reopen;
pub mod resolve;
pub mod snooze;
pub mod typing;
pub mod unassign;
pub mod unread;

use centrala_domain::conversation::{ChangeError, Conversation};
use centrala_domain::permission::Permission::{ReadConversations, WorkConversations};
use centrala_domain::permission::Scope;
use centrala_engine::commands::conversations::ConversationError;
use utoipa_axum::routes;

pub(super) use activity::ActorOut;
pub(super) use out::{ConversationOut, load};

use super::table::Route;
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadConversations, routes!(list::list_conversations)),
        Route::needs(ReadConversations, routes!(order::order_conversations)),
        Route::needs(ReadConversations, routes!(counts::count_conversations)),
        Route::needs(ReadConversations, routes!(get::get_conversation)),
        Route::needs(ReadConversations, routes!(activity::list_activity)),
        Route::needs(WorkConversations, routes!(assign::assign_conversation)),
        Route::needs(WorkConversations, routes!(claim::claim_conversation)),
        Route::needs(WorkConversations, routes!(unassign::unassign_conversation)),
        Route::needs(WorkConversations, routes!(snooze::snooze_conversation)),
        Route::needs(WorkConversations, routes!(resolve::resolve_conversation)),
        Route::needs(WorkConversations, routes!(reopen::reopen_conversation)),
        Route::needs(WorkConversations, routes!(read::mark_conversation_read)),
        Route::needs(WorkConversations, routes!(unread::mark_conversation_unread)),
        Route::needs(WorkConversations, routes!(typing::show_typing)),
    ]
}

impl From<ConversationError> for Problem {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::NotFound => Self::not_found(),
            ConversationError::NotAnOwner => Self::new(Slug::InvalidInput).at("/to", "not-an-owner", error),
            ConversationError::Refused(ChangeError::AlreadyAssigned { to }) => {
                Self::new(Slug::AlreadyAssigned).at("assignee", "already-assigned", to).with("agent", to.to_string())
            }
            ConversationError::Refused(ChangeError::SnoozeInThePast) => Self::wrong("/until", "in-the-past", error),
            ConversationError::Refused(ChangeError::Resolved) => Slug::ConversationResolved.into(),
            ConversationError::AnotherIsOpen => Slug::AnotherOpen.into(),
            ConversationError::Store(error) => error.into(),
        }
    }
}

/// A conversation with what a list row needs.
async fn answer(app: &App, scope: &Scope, conversation: Conversation) -> Answer<axum::Json<ConversationOut>> {
    let mut reader = app.store.read().await?;
    let mut loaded = load(app, scope, &mut reader, vec![conversation]).await?;
    loaded.pop().map(axum::Json).ok_or_else(Problem::not_found)
}
