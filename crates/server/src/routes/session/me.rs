//! `GET /me`

use axum::extract::State;
use centrala_store::workspaces;

use super::{MeOut, permissions};
use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem};
use crate::routes::page::OneOut;
use crate::state::App;

/// Show who is signed in, and what he may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "session",
    responses((status = 200, description = "Oneself", body = OneOut<MeOut>)))]
pub async fn get_me(State(app): State<App>, allowed: Allowed<ManageSelf>) -> Answer<axum::Json<OneOut<MeOut>>> {
    let mut reader = app.store.read().await?;
    let workspace = workspaces::find(&allowed.scope, &mut reader).await?.ok_or_else(Problem::not_found)?;
    let session = allowed.caller.session();
    let agent = allowed.caller.agent;
    let permissions = permissions(agent.role);
    let me = MeOut { agent: agent.into(), workspace: workspace.into(), permissions, session };
    OneOut::of(&allowed.scope, &mut reader, me).await
}
