//! `POST /agents`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::Private;
use centrala_domain::permission::Role;
use centrala_domain::workspace::Language;
use centrala_engine::commands::agents::add::{AddAgent, AddAgentError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AgentOut, created};
use crate::auth::{Allowed, ManageAgents, password};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Json;
use crate::routes::schemas::{LanguageSchema, RoleSchema};
use crate::state::App;

/// A new agent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentIn {
    /// Shown to colleagues; 1 to 100 characters.
    #[schema(example = "Andrei Popescu")]
    name: String,
    /// Sign-in name, unique in the installation.
    #[schema(example = "andrei@example.com")]
    email: String,
    /// What he may do. Only an owner makes an owner.
    #[schema(value_type = RoleSchema)]
    role: Role,
    /// Language of his screens.
    #[serde(default)]
    #[schema(value_type = Option<LanguageSchema>)]
    language: Language,
    /// His first password; 8 to 256 characters.
    #[schema(value_type = String, min_length = 8, max_length = 256, example = "covrigi calzi la colț")]
    password: Private,
}

/// Add an agent.
#[utoipa::path(post, path = "/api/v1/agents", tag = "agents", request_body = AgentIn,
    responses((status = 201, description = "The new agent", body = AgentOut)),
    extensions(("x-problems" = json!(["email-taken", "invalid-input", "password-refused"]))))]
pub async fn add_agent(
    State(app): State<App>,
    allowed: Allowed<ManageAgents>,
    Json(input): Json<AgentIn>,
) -> Answer<(StatusCode, axum::Json<AgentOut>)> {
    password::check_rules(&input.password, &[&input.email, &input.name])?;
    let password_hash = app.passwords.hash(&input.password).await?;
    let AgentIn { name, email, role, language, password: _ } = input;
    let command = AddAgent { name, email, role, language, password_hash };
    let agent = app.store.execute(allowed.origin(), command).await?;
    Ok(created(agent.into()))
}

impl From<AddAgentError> for Problem {
    fn from(error: AddAgentError) -> Self {
        match error {
            AddAgentError::NotAllowed | AddAgentError::OnlyByOwner => Self::new(Slug::Forbidden).detail(error),
            AddAgentError::EmailTaken => Self::new(Slug::EmailTaken),
            AddAgentError::Name => Self::length("/name", 1, 100, error),
            AddAgentError::Email => Self::wrong("/email", "email", error),
            AddAgentError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    fn body(email: &str, role: &str) -> serde_json::Value {
        json!({"name": "Andrei", "email": email, "role": role, "password": "covrigi calzi"})
    }

    #[tokio::test]
    async fn new_agent_can_sign_in() {
        let app = TestApp::start().await;
        let agent = app.shop.admin.post("/api/v1/agents", body("Andrei@Example.com ", "agent")).await.created();
        assert_eq!(agent["email"], "andrei@example.com");
        app.sign_in("andrei@example.com", "covrigi calzi").await;
    }

    #[tokio::test]
    async fn only_an_owner_makes_an_owner() {
        let app = TestApp::start().await;
        app.shop.admin.post("/api/v1/agents", body("x@example.com", "owner")).await.problem(403, "forbidden");
        app.shop.owner.post("/api/v1/agents", body("x@example.com", "owner")).await.created();
    }

    #[tokio::test]
    async fn address_of_another_workspace_is_taken_too() {
        let app = TestApp::start().await;
        let email = app.other.owner.email.clone();
        app.shop.admin.post("/api/v1/agents", body(&email, "agent")).await.problem(409, "email-taken");
    }

    #[tokio::test]
    async fn weak_password_and_unknown_member_are_refused() {
        let app = TestApp::start().await;
        let mut weak = body("x@example.com", "agent");
        weak["password"] = json!("parola123");
        app.shop.admin.post("/api/v1/agents", weak).await.problem(422, "password-refused");
        let mut more = body("x@example.com", "agent");
        more["workspace"] = json!(app.other.id.to_string());
        app.shop.admin.post("/api/v1/agents", more).await.problem(400, "malformed-request");
    }
}
