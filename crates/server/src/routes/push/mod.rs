//! Browsers that are woken by notices while no page is open: each agent's own.

pub mod key;
pub mod list;
pub mod subscribe;
pub mod test_notice;
pub mod unsubscribe;

use centrala_domain::permission::Permission::ManageSelf;
use centrala_domain::push::PushSubscription;
use centrala_domain::{PushSubscriptionId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ManageSelf, routes!(key::get_push_key)),
        Route::needs(ManageSelf, routes!(list::list_push_subscriptions)),
        Route::needs(ManageSelf, routes!(subscribe::subscribe_push)).once(),
        Route::needs(ManageSelf, routes!(unsubscribe::unsubscribe_push)),
        Route::needs(ManageSelf, routes!(test_notice::test_push)).once(),
    ]
}

/// A browser that is woken, without its address.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushSubscriptionOut {
    /// Id.
    #[schema(value_type = String, example = "psh_0000000000000000000000000e")]
    id: PushSubscriptionId,
    /// What the browser says it is.
    #[schema(example = "Chrome, Windows")]
    device: String,
    /// Whether it is the browser of this session.
    is_current: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    created_at: Timestamp,
    /// When its push service last took something, to the hour.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl PushSubscriptionOut {
    fn of(it: PushSubscription, current: Option<centrala_domain::LoginSessionId>) -> Self {
        let PushSubscription { id, agent: _, session, device, created_at, last_used_at } = it;
        Self { id, device, is_current: current == Some(session), created_at, last_used_at }
    }
}
