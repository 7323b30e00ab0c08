//! `GET /jobs/dead`

use axum::extract::State;
use centrala_store::{events, jobs};
use serde::Deserialize;
use utoipa::IntoParams;

use super::JobOut;
use crate::auth::{Allowed, Operate};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageOut, limit};
use crate::state::App;

/// How many.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadJobsIn {
    /// How many of the newest: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// List the newest dead letters: work that was given up.
#[utoipa::path(get, path = "/api/v1/jobs/dead", tag = "jobs", params(DeadJobsIn),
    responses((status = 200, description = "The dead letters, newest first", body = PageOut<JobOut>)),
    extensions(("x-problems" = json!(["invalid-input", "malformed-request"]))))]
pub async fn list_dead_jobs(
    State(app): State<App>,
    allowed: Allowed<Operate>,
    Query(input): Query<DeadJobsIn>,
) -> Answer<axum::Json<PageOut<JobOut>>> {
    let limit = i64::try_from(limit(input.limit)?).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let dead = jobs::dead(&allowed.scope, &mut reader, limit).await?;
    Ok(axum::Json(PageOut { items: dead.into_iter().map(JobOut::from).collect(), next: None, as_of }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use centrala_store::jobs::Lane;
    use serde_json::json;

    use crate::routes::scene::customer_writes;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn work_that_was_given_up_is_shown_to_operators() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let body = json!({"client_id": "c-1", "content": {"type": "text", "body": "Da."}});
        app.shop.agent.post(&path, body).await.created();
        let store = &app.app.store;
        for job in store.claim_jobs(Lane::Outbound, 10, Duration::from_secs(60)).await.unwrap() {
            store.bury_job(job.claim, "the inbox is gone").await.unwrap();
        }
        let dead = app.shop.admin.get("/api/v1/jobs/dead").await.ok();
        assert_eq!(dead["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&dead["items"][0]["kind"], &dead["items"][0]["state"]),
            (&json!("send_message"), &json!("dead"))
        );
        assert_eq!(dead["items"][0]["last_error"], "the inbox is gone");
        assert_eq!(app.other.owner.get("/api/v1/jobs/dead").await.ok()["items"], json!([]));
        app.shop.agent.get("/api/v1/jobs/dead").await.problem(403, "forbidden");
    }
}
