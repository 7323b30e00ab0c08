//! `POST /me/push_subscriptions/{subscription}/test`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::PushSubscriptionId;
use centrala_domain::ports::{Push as _, PushOutcome};
use centrala_domain::push::PushNotice;
use centrala_engine::commands::push::unsubscribe::Unsubscribe;
use centrala_store::push;

use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// Wake one's browser, to see whether it works.
///
/// The push service took the notice when this answers; when it comes is the browser's affair. A browser that its push
/// service does not know any more is forgotten, and not found.
#[utoipa::path(post, path = "/api/v1/me/push_subscriptions/{subscription}/test", tag = "push",
    params(("subscription" = String, Path, description = "Browser", example = "psh_0000000000000000000000000e")),
    responses((status = 204, description = "Taken by the push service")),
    extensions(("x-problems" = json!(["push-service-refused"]))))]
pub async fn test_push(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Path(subscription): Path<PushSubscriptionId>,
) -> Answer<StatusCode> {
    let agent = allowed.caller.agent.id;
    let mut reader = app.store.read().await?;
    let address = push::address(&allowed.scope, &mut reader, agent, subscription, &app.vault).await?;
    let key = push::key(&allowed.scope, &mut reader, &app.vault).await?;
    drop(reader);
    let address = address.ok_or_else(Problem::not_found)?;
    let key = key.ok_or(Slug::Unavailable)?;
    match app.push.send(&key, &address, PushNotice::Test).await {
        PushOutcome::Taken => Ok(StatusCode::NO_CONTENT),
        PushOutcome::Gone => {
            app.store.execute(allowed.origin(), Unsubscribe { agent, subscription }).await?;
            Err(Problem::not_found())
        }
        PushOutcome::Later { detail, .. } | PushOutcome::Refused { detail } => {
            Err(Problem::new(Slug::PushServiceRefused).detail(detail))
        }
    }
}
