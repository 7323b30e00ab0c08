//! `POST /setup`

use axum::extract::{Extension, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use centrala_domain::permission::Scope;
use centrala_domain::workspace::{Language, Settings};
use centrala_domain::{Private, WorkspaceId};
use centrala_engine::commands::workspace::set_up::{FirstOwner, SetUp, SetUpError, SetUpProof};
use centrala_store::Origin;
use centrala_store::login_sessions::hash_secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{password, secret};
use crate::edge::RequestId;
use crate::problem::{Answer, Problem, Slug};
use crate::routes::agents::{AgentOut, created};
use crate::routes::input::Json;
use crate::routes::schemas::LanguageSchema;
use crate::routes::workspace::hours::HoursIn;
use crate::routes::workspace::{WorkspaceOut, check_zone};
use crate::state::App;

/// The first workspace and its owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpIn {
    /// The secret of the one-time link that the server printed when it started.
    #[schema(value_type = String, example = "5e1f…")]
    secret: Private,
    /// What the people call the workspace; 1 to 100 characters.
    #[schema(example = "Brutăria Spicul")]
    workspace_name: String,
    /// Name of the owner; 1 to 100 characters.
    #[schema(example = "Maria Ionescu")]
    owner_name: String,
    /// His sign-in name.
    #[schema(example = "maria@example.com")]
    owner_email: String,
    /// His password; 8 to 256 characters.
    #[schema(value_type = String, min_length = 8, max_length = 256, example = "covrigi calzi la colț")]
    owner_password: Private,
    /// Language of his screens and of texts that the server writes.
    #[serde(default)]
    #[schema(value_type = Option<LanguageSchema>)]
    language: Language,
    /// IANA zone of the people; Europe/Bucharest when it is absent.
    #[schema(example = "Europe/Bucharest")]
    time_zone: Option<String>,
    /// When the team works; Monday to Friday from 09:00 to 18:00 when it is absent.
    hours: Option<HoursIn>,
}

/// Everything of the set-up is gone once there is a workspace, whatever the request is.
#[derive(Debug)]
pub struct BeforeSetUp;

impl FromRequestParts<App> for BeforeSetUp {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Answer<Self> {
        if app.is_set_up() { Err(Problem::not_found()) } else { Ok(Self) }
    }
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetUpOut {
    /// The workspace.
    workspace: WorkspaceOut,
    /// Its owner. Sign in as him now.
    owner: AgentOut,
}

/// Set up the installation with the one-time link.
///
/// Works only while there is no workspace; afterwards it answers `not-found`. A mistake in the form does not use the
/// link up. Everything is made in one step or not at all.
#[utoipa::path(post, path = "/api/v1/setup", tag = "setup", request_body = SetUpIn,
    responses((status = 201, description = "Set up", body = SetUpOut)),
    extensions(("x-problems" = json!(["setup-link-invalid", "invalid-input", "password-refused", "not-found", "too-many-requests"]))))]
pub async fn set_up(
    _: BeforeSetUp,
    State(app): State<App>,
    Extension(RequestId(trace)): Extension<RequestId>,
    Extension(address): Extension<crate::auth::ClientAddress>,
    Json(input): Json<SetUpIn>,
) -> Answer<(StatusCode, axum::Json<SetUpOut>)> {
    app.sign_in_limits.check("", address.0)?;
    if !secret::is_secret(input.secret.expose()) {
        return Err(Slug::SetupLinkInvalid.into());
    }
    let words = [input.owner_email.as_str(), input.owner_name.as_str(), input.workspace_name.as_str()];
    password::check_rules(&input.owner_password, &words)
        .map_err(|problem| problem.moved("/owner_password"))?;
    let mut settings = Settings { language: input.language, ..Settings::default() };
    if let Some(zone) = input.time_zone {
        check_zone(&zone, "/time_zone")?;
        settings.time_zone = zone;
    }
    if let Some(hours) = input.hours {
        settings.hours = hours.into_domain()?;
    }
    let password_hash = app.passwords.hash(&input.owner_password).await?;
    let id: WorkspaceId = app.store.new_id();
    let command = SetUp {
        proof: SetUpProof::Link(hash_secret(input.secret.expose())),
        name: input.workspace_name,
        settings,
        owner: FirstOwner {
            name: input.owner_name,
            email: input.owner_email,
            password_hash,
            language: input.language,
        },
    };
    let origin = Origin { scope: Scope::system(id), ..Origin::system(id, trace) };
    let (workspace, owner) = app.store.execute(origin, command).await?;
    app.mark_set_up();
    crate::chores::follow(&app, id);
    Ok(created(SetUpOut { workspace: workspace.into(), owner: owner.into() }))
}

impl From<SetUpError> for Problem {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::AlreadySetUp => Self::not_found(),
            SetUpError::LinkRefused => Slug::SetupLinkInvalid.into(),
            SetUpError::WorkspaceName => Self::length("/workspace_name", 1, 100, error),
            SetUpError::OwnerName => Self::length("/owner_name", 1, 100, error),
            SetUpError::Email => Self::wrong("/owner_email", "email", error),
            SetUpError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn link_works_once_and_then_the_route_is_gone() {
        let app = TestApp::empty().await;
        let secret = crate::cli::setup_link::offer(&app.app).await.unwrap();
        let body = |secret: &str| {
            json!({"secret": secret, "workspace_name": "Spicul", "owner_name": "Maria",
                "owner_email": "maria@example.com", "owner_password": "covrigi calzi", "language": "ro"})
        };
        let needed = async || app.nobody().get("/api/v1/setup").await.ok();
        assert_eq!(needed().await, json!({"is_needed": true}));
        let wrong = "0".repeat(64);
        app.nobody().post("/api/v1/setup", body(&wrong)).await.problem(403, "setup-link-invalid");
        let made = app.nobody().post("/api/v1/setup", body(secret.expose())).await.created();
        assert_eq!(made["owner"]["role"], "owner");
        app.nobody().post("/api/v1/setup", body(secret.expose())).await.problem(404, "not-found");
        // Whatever it says: the route is gone.
        app.nobody().post("/api/v1/setup", json!({"more": 1})).await.problem(404, "not-found");
        assert_eq!(needed().await, json!({"is_needed": false}));
        app.sign_in("maria@example.com", "covrigi calzi").await;
    }

    #[tokio::test]
    async fn zone_and_hours_are_set_with_the_rest_and_a_mistake_in_them_changes_nothing() {
        let app = TestApp::empty().await;
        let secret = crate::cli::setup_link::offer(&app.app).await.unwrap();
        let body = |zone: &str, to: &str| {
            json!({"secret": secret.expose(), "workspace_name": "Spicul", "owner_name": "Maria",
                "owner_email": "maria@example.com", "owner_password": "covrigi calzi", "time_zone": zone,
                "hours": {"days": {"monday": [{"from": "10:00", "to": to}]}}})
        };
        for (zone, to, pointer) in
            [("Mars/Phobos", "19:00", "/time_zone"), ("Europe/Chisinau", "09:00", "/hours/days/monday/0")]
        {
            let refused = app.nobody().post("/api/v1/setup", body(zone, to)).await;
            assert_eq!(refused.problem(422, "invalid-input")["errors"][0]["pointer"], pointer);
        }
        let made = app.nobody().post("/api/v1/setup", body("Europe/Chisinau", "19:00")).await.created();
        assert_eq!(made["workspace"]["settings"]["time_zone"], "Europe/Chisinau");
        let days = &made["workspace"]["hours"]["days"];
        assert_eq!(days["monday"], json!([{"from": "10:00", "to": "19:00"}]));
        assert_eq!(days["tuesday"], json!([]));
    }
}
