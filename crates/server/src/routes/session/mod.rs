//! Signing in and out, oneself, one's own sessions.

pub mod change_me;
pub mod change_password;
pub mod end;
pub mod end_others;
pub mod list;
pub mod me;
pub mod sign_in;
pub mod sign_out;

use centrala_domain::permission::Permission::ManageSelf;
use centrala_domain::permission::{Permission, Role};
use centrala_domain::{LoginSessionId, Private, Timestamp};
use centrala_store::login_sessions::LoginSession;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::agents::AgentOut;
use super::table::Route;
use super::workspace::WorkspaceOut;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::public(routes!(sign_in::sign_in)),
        Route::needs(ManageSelf, routes!(sign_out::sign_out)),
        Route::needs(ManageSelf, routes!(me::get_me)),
        Route::needs(ManageSelf, routes!(change_me::change_me)),
        Route::needs(ManageSelf, routes!(change_password::change_password)).once(),
        Route::needs(ManageSelf, routes!(list::list_sessions)),
        Route::needs(ManageSelf, routes!(end::end_session)),
        Route::needs(ManageSelf, routes!(end_others::end_other_sessions)),
    ]
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeOut {
    /// Oneself.
    agent: AgentOut,
    /// The workspace.
    workspace: WorkspaceOut,
    /// What one may do.
    #[schema(value_type = Vec<String>, example = json!(["read_conversations", "work_conversations"]))]
    permissions: Vec<Permission>,
    /// The session of this request; absent for an API token.
    #[schema(value_type = Option<String>, example = "ses_0000000000000000000000000e")]
    session: Option<LoginSessionId>,
}

const PERMISSIONS: [Permission; 9] = [
    Permission::ReadConversations,
    Permission::WorkConversations,
    Permission::ReadWorkspace,
    Permission::ManageLabels,
    Permission::ManageInboxes,
    Permission::ManageAgents,
    Permission::ManageWorkspace,
    Permission::Operate,
    Permission::ManageSelf,
];

fn permissions(role: Role) -> Vec<Permission> {
    PERMISSIONS.into_iter().filter(|permission| role.may(*permission)).collect()
}

/// A signed-in browser or program.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOut {
    /// Id.
    #[schema(value_type = String, example = "ses_0000000000000000000000000e")]
    id: LoginSessionId,
    /// Whether this request came through it.
    is_current: bool,
    /// What the browser said it is.
    user_agent: Option<String>,
    /// Where it signed in from.
    #[schema(value_type = Option<String>, example = "198.51.100.7")]
    address: Option<Private>,
    /// When it began.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    last_seen_at: Timestamp,
}

impl SessionOut {
    fn of(session: LoginSession, current: Option<LoginSessionId>) -> Self {
        let LoginSession { id, agent: _, user_agent, address, created_at, last_seen_at, expires_at: _ } = session;
        Self { id, is_current: current == Some(id), user_agent, address, created_at, last_seen_at }
    }
}
