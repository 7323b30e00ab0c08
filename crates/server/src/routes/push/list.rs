//! `GET /me/push_subscriptions`

use axum::extract::State;
use centrala_store::{events, push};
use serde::Serialize;
use utoipa::ToSchema;

use super::PushSubscriptionOut;
use crate::auth::{Allowed, ManageSelf};
use crate::problem::Answer;
use crate::state::App;

/// One's browsers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushSubscriptionsOut {
    /// All of them, newest first; at most 20.
    items: Vec<PushSubscriptionOut>,
    /// Number of the workspace's last fact.
    #[schema(example = 4711)]
    as_of: i64,
}

/// List one's browsers that are woken by notices, newest first.
#[utoipa::path(get, path = "/api/v1/me/push_subscriptions", tag = "push",
    responses((status = 200, description = "The browsers", body = PushSubscriptionsOut)))]
pub async fn list_push_subscriptions(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
) -> Answer<axum::Json<PushSubscriptionsOut>> {
    let current = allowed.caller.session();
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let all = push::list_of_agent(&allowed.scope, &mut reader, allowed.caller.agent.id).await?;
    let items = all.into_iter().map(|it| PushSubscriptionOut::of(it, current)).collect();
    Ok(axum::Json(PushSubscriptionsOut { items, as_of }))
}
