//! `GET /agents`

use axum::extract::State;
use centrala_store::{agents, events};

use super::AgentOut;
use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageIn, PageOut, cut};
use crate::state::App;

/// List the agents, disabled ones too, in the order they were added.
#[utoipa::path(get, path = "/api/v1/agents", tag = "agents", params(PageIn),
    responses((status = 200, description = "The agents", body = PageOut<AgentOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_agents(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<AgentOut>>> {
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let all = agents::list(&allowed.scope, &mut reader).await?;
    Ok(axum::Json(cut(&page, as_of, all, |agent| agent.id, AgentOut::from)?))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn agents_are_listed_in_parts_and_without_secrets() {
        let app = TestApp::start().await;
        let first = app.shop.agent.get("/api/v1/agents?limit=2").await.ok();
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        let next = first["next"].as_str().unwrap();
        let rest = app.shop.agent.get(&format!("/api/v1/agents?limit=2&after={next}")).await.ok();
        assert_eq!(rest["items"].as_array().unwrap().len(), 2);
        assert!(rest.get("next").is_none());
        assert!(!first.to_string().contains("argon2"));
    }
}
