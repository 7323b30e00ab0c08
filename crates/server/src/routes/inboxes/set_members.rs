//! `PUT /inboxes/{inbox}/members`

use axum::extract::State;
use centrala_domain::{AgentId, InboxId};
use centrala_engine::commands::inboxes::set_members::{SetInboxMembers, SetInboxMembersError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::members::MembersOut;
use crate::auth::{Allowed, ManageInboxes};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// Everybody who works in an inbox from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembersIn {
    /// The agents; at most 1,000.
    #[schema(value_type = Vec<String>, max_items = 1000, example = json!(["agt_0000000000000000000000000e"]))]
    agents: Vec<AgentId>,
}

const MEMBERS_MAX: usize = 1000;

/// Replace the members of an inbox.
#[utoipa::path(put, path = "/api/v1/inboxes/{inbox}/members", tag = "inboxes", request_body = MembersIn,
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    responses((status = 200, description = "The members", body = MembersOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn set_inbox_members(
    State(app): State<App>,
    allowed: Allowed<ManageInboxes>,
    Path(inbox): Path<InboxId>,
    Json(input): Json<MembersIn>,
) -> Answer<axum::Json<MembersOut>> {
    if input.agents.len() > MEMBERS_MAX {
        return Err(Problem::wrong("/agents", "too-many", format!("at most {MEMBERS_MAX} members"))
            .with("max", MEMBERS_MAX));
    }
    let command = SetInboxMembers { inbox, members: input.agents };
    let agents = app.store.execute(allowed.origin(), command).await?;
    Ok(axum::Json(MembersOut { agents }))
}

impl From<SetInboxMembersError> for Problem {
    fn from(error: SetInboxMembersError) -> Self {
        match error {
            SetInboxMembersError::NotFound => Self::not_found(),
            SetInboxMembersError::UnknownAgent { .. } => Self::wrong("/agents", "not-found", error),
            SetInboxMembersError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn member_sees_the_conversations_and_an_outsider_does_not() {
        let app = TestApp::start().await;
        let notes = format!("/api/v1/conversations/{}/notes", app.shop.conversation);
        let path = format!("/api/v1/inboxes/{}/members", app.shop.inbox);
        app.shop.outsider.get(&notes).await.problem(404, "not-found");
        app.shop.admin.put(&path, json!({"agents": [app.shop.outsider.id]})).await.ok();
        app.shop.outsider.get(&notes).await.ok();
        app.shop.agent.get(&notes).await.problem(404, "not-found");
    }

    #[tokio::test]
    async fn agent_of_another_workspace_cannot_become_a_member() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/inboxes/{}/members", app.shop.inbox);
        let body = json!({"agents": [app.other.agent.id]});
        app.shop.admin.put(&path, body).await.problem(422, "invalid-input");
    }
}
