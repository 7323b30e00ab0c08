//! `GET /conversations/counts`

use axum::extract::State;
use centrala_domain::conversation::Status;
use centrala_store::conversations::{AssigneeFilter, ConversationFilter, count};
use centrala_store::events;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ReadConversations};
use crate::problem::Answer;
use crate::state::App;

/// An exact count of a large list costs more than it tells.
const AT_MOST: i64 = 1000;

/// How many conversations stand in each list; 1000 means 1000 or more.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationCountsOut {
    /// `status=open&assignee=me`
    #[schema(example = 4)]
    mine: i64,
    /// `status=open&assignee=none`
    #[schema(example = 12)]
    unassigned: i64,
    /// `status=open`
    #[schema(example = 31)]
    open: i64,
    /// `status=waiting`
    #[schema(example = 57)]
    waiting: i64,
    /// `status=snoozed`
    #[schema(example = 3)]
    snoozed: i64,
    /// `status=resolved`
    #[schema(example = 812)]
    resolved: i64,
    /// `unread=true`
    #[schema(example = 9)]
    unread: i64,
    /// `unread=true&assignee=me`
    #[schema(example = 2)]
    unread_mine: i64,
    /// `unread=true&assignee=none`
    #[schema(example = 5)]
    unread_unassigned: i64,
    /// Number of the workspace's last fact that this knows of.
    #[schema(example = 4711)]
    as_of: i64,
}

/// Count the conversations of the usual lists.
#[utoipa::path(get, path = "/api/v1/conversations/counts", tag = "conversations",
    responses((status = 200, description = "The counts", body = ConversationCountsOut)))]
pub async fn count_conversations(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
) -> Answer<axum::Json<ConversationCountsOut>> {
    let scope = &allowed.scope;
    let of = |status| ConversationFilter { statuses: vec![status], ..ConversationFilter::default() };
    let open_of = |owner| ConversationFilter { assignee: Some(owner), ..of(Status::Open) };
    let unread_of = |assignee| ConversationFilter { is_unread: true, assignee, ..ConversationFilter::default() };
    let me = AssigneeFilter::Agent(allowed.caller.agent.id);
    let mut reader = app.store.read().await?;
    Ok(axum::Json(ConversationCountsOut {
        as_of: events::last_seq(scope, &mut reader).await?,
        mine: count(scope, &mut reader, &open_of(me), AT_MOST).await?,
        unassigned: count(scope, &mut reader, &open_of(AssigneeFilter::Nobody), AT_MOST).await?,
        open: count(scope, &mut reader, &of(Status::Open), AT_MOST).await?,
        waiting: count(scope, &mut reader, &of(Status::Waiting), AT_MOST).await?,
        snoozed: count(scope, &mut reader, &of(Status::Snoozed), AT_MOST).await?,
        resolved: count(scope, &mut reader, &of(Status::Resolved), AT_MOST).await?,
        unread: count(scope, &mut reader, &unread_of(None), AT_MOST).await?,
        unread_mine: count(scope, &mut reader, &unread_of(Some(me)), AT_MOST).await?,
        unread_unassigned: count(scope, &mut reader, &unread_of(Some(AssigneeFilter::Nobody)), AT_MOST).await?,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::customer_writes;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn counts_are_those_of_the_lists() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        app.shop.agent.post_empty(&format!("/api/v1/conversations/{}/claim", heard.conversation)).await.ok();
        let snooze = format!("/api/v1/conversations/{}/snooze", app.shop.conversation);
        app.shop.agent.post(&snooze, json!({"until": "2026-11-03T07:00:00Z"})).await.ok();

        let mut counts = app.shop.agent.get("/api/v1/conversations/counts").await.ok();

        assert!(counts.as_object_mut().unwrap().remove("as_of").unwrap().as_i64().unwrap() > 0);
        assert_eq!(
            counts,
            json!({"mine": 1, "unassigned": 0, "open": 1, "waiting": 0, "snoozed": 1, "resolved": 0, "unread": 1,
                "unread_mine": 1, "unread_unassigned": 0})
        );
        let outsider = app.shop.outsider.get("/api/v1/conversations/counts").await.ok();
        assert_eq!((&outsider["open"], &outsider["unread"]), (&json!(0), &json!(0)));
    }
}
