//! `DELETE /me/push_subscriptions/{subscription}`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::PushSubscriptionId;
use centrala_engine::commands::push::unsubscribe::Unsubscribe;

use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::state::App;

/// Have one's browser woken no more.
#[utoipa::path(delete, path = "/api/v1/me/push_subscriptions/{subscription}", tag = "push",
    params(("subscription" = String, Path, description = "Browser", example = "psh_0000000000000000000000000e")),
    responses((status = 204, description = "Forgotten")))]
pub async fn unsubscribe_push(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Path(subscription): Path<PushSubscriptionId>,
) -> Answer<StatusCode> {
    let command = Unsubscribe { agent: allowed.caller.agent.id, subscription };
    let is_forgotten = app.store.execute(allowed.origin(), command).await?;
    if is_forgotten { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
