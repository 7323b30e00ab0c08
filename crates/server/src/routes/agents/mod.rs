//! The people who answer.

pub mod add;
pub mod change;
pub mod disable;
pub mod enable;
pub mod get;
pub mod list;
pub mod set_password;

use axum::http::StatusCode;
use centrala_domain::agent::Agent;
use centrala_domain::permission::Permission::{ManageAgents, ReadWorkspace};
use centrala_domain::permission::Role;
use centrala_domain::workspace::Language;
use centrala_domain::{AgentId, Timestamp};
use centrala_engine::commands::agents::AgentError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::schemas::{LanguageSchema, RoleSchema};
use super::table::Route;
use crate::problem::{Problem, Slug};

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadWorkspace, routes!(list::list_agents)),
        Route::needs(ManageAgents, routes!(add::add_agent)),
        Route::needs(ReadWorkspace, routes!(get::get_agent)),
        Route::needs(ManageAgents, routes!(change::change_agent)),
        Route::needs(ManageAgents, routes!(disable::disable_agent)),
        Route::needs(ManageAgents, routes!(enable::enable_agent)),
        Route::needs(ManageAgents, routes!(set_password::set_password)),
    ]
}

/// A member of the workspace.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentOut {
    /// Id.
    #[schema(value_type = String, example = "agt_0000000000000000000000000e")]
    pub id: AgentId,
    /// Shown to colleagues.
    #[schema(example = "Maria Ionescu")]
    pub name: String,
    /// Sign-in name.
    #[schema(example = "maria@example.com")]
    pub email: String,
    /// What he may do.
    #[schema(value_type = RoleSchema)]
    pub role: Role,
    /// Language of his screens.
    #[schema(value_type = LanguageSchema)]
    pub language: Language,
    /// Set while he may not sign in.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Timestamp>,
    /// When he was added.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: Timestamp,
}

impl From<Agent> for AgentOut {
    fn from(agent: Agent) -> Self {
        let Agent { id, name, email, role, language, disabled_at, created_at } = agent;
        Self { id, name, email, role, language, disabled_at, created_at }
    }
}

impl From<AgentError> for Problem {
    fn from(error: AgentError) -> Self {
        match error {
            AgentError::NotFound => Self::not_found(),
            AgentError::NotAllowed | AgentError::OnlyByOwner => Self::new(Slug::Forbidden).detail(error),
            AgentError::LastOwner => Self::new(Slug::LastOwner).detail(error),
            AgentError::Name => Self::length("/name", 1, 100, error),
            AgentError::Store(error) => error.into(),
        }
    }
}

/// 201 with a body.
pub(super) const fn created<T>(body: T) -> (StatusCode, axum::Json<T>) {
    (StatusCode::CREATED, axum::Json(body))
}
