//! `PATCH /me/preferences`

use axum::extract::State;
use centrala_domain::preferences::PreferencesError;
use centrala_engine::commands::preferences::change::{ChangePreferences, ChangePreferencesError};
use centrala_store::preferences;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FirstMinutesPreferences, KeyboardPreferences, NotificationPreferences, PreferencesOut};
use crate::auth::{Allowed, Caller, ManageSelf};
use crate::live::{self, About};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Json;
use crate::state::App;

/// What changes; each member is replaced whole, and what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesPatch {
    /// Keys.
    keyboard: Option<KeyboardPreferences>,
    /// What one is told of, and when.
    notifications: Option<NotificationPreferences>,
    /// How far one came in one's first minutes.
    first_minutes: Option<FirstMinutesPreferences>,
}

/// A frame of the live socket.
#[derive(Serialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: &'static str,
    preferences: PreferencesOut,
}

/// Change one's own preferences.
#[utoipa::path(patch, path = "/api/v1/me/preferences", tag = "session", request_body = PreferencesPatch,
    responses((status = 200, description = "The preferences", body = PreferencesOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn change_preferences(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Json(patch): Json<PreferencesPatch>,
) -> Answer<axum::Json<PreferencesOut>> {
    let PreferencesPatch { keyboard, notifications, first_minutes } = patch;
    let command = ChangePreferences {
        keyboard: keyboard.map(Into::into),
        notifications: notifications.map(Into::into),
        first_minutes: first_minutes.map(Into::into),
    };
    let changed = app.store.execute(allowed.origin(), command).await?;
    tell(&app, &allowed.caller).await?;
    Ok(axum::Json(changed.into()))
}

/// Tells the agent's sockets how his preferences stand now.
async fn tell(app: &App, caller: &Caller) -> centrala_store::Result<()> {
    // Of two changes at the same moment, the one that reads last also tells last.
    let _turn = app.rooms.turn().await;
    let mut reader = app.store.read().await?;
    let found = preferences::find(&caller.scope(), &mut reader, caller.agent.id).await?;
    drop(reader);
    let frame = live::frame(&Frame { kind: "preferences", preferences: found.into() });
    app.rooms.tell_agent(caller.workspace, caller.agent.id, About::Preferences, &frame);
    Ok(())
}

impl From<ChangePreferencesError> for Problem {
    fn from(error: ChangePreferencesError) -> Self {
        match error {
            ChangePreferencesError::NotAnAgent => Slug::Forbidden.into(),
            ChangePreferencesError::Preferences(error) => {
                let code = match error {
                    PreferencesError::QuietHours => "quiet-hours",
                    PreferencesError::Keys | PreferencesError::Steps => "invalid",
                };
                Self::wrong(error.pointer(), code, &error)
            },
            ChangePreferencesError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn each_member_is_replaced_whole_and_the_others_stay() {
        let app = TestApp::start().await;
        let path = "/api/v1/me/preferences";
        let defaults = json!({
            "keyboard": {"preset": "centrala", "single_letters": true, "send": "enter", "keys": {}},
            "notifications": {"about": "mine_and_unassigned", "sound": true, "quiet_hours": null},
            "first_minutes": {"done": [], "dismissed": false},
        });
        assert_eq!(app.shop.agent.get(path).await.ok(), defaults);
        let quiet = json!({"from": "22:00", "to": "07:00", "days": ["monday", "sunday"]});
        let notifications = json!({"about": "mine", "sound": false, "quiet_hours": quiet});
        let keyboard = json!({"preset": "gmail", "single_letters": false, "send": "mod_enter",
            "keys": {"conversation.resolve": ["e"], "conversation.snooze": []}});
        app.shop.agent.patch(path, json!({"keyboard": keyboard})).await.ok();
        let changed = app.shop.agent.patch(path, json!({"notifications": notifications})).await.ok();
        let expected = json!({"keyboard": keyboard, "notifications": notifications,
            "first_minutes": {"done": [], "dismissed": false}});
        assert_eq!(changed, expected);
        assert_eq!(app.shop.agent.get(path).await.ok(), expected);
        assert_eq!(app.shop.outsider.get(path).await.ok(), defaults);
        assert_eq!(app.other.agent.get(path).await.ok(), defaults);
    }

    #[tokio::test]
    async fn mistakes_are_pointed_at() {
        let app = TestApp::start().await;
        let path = "/api/v1/me/preferences";
        let quiet = |from: &str, to: &str| {
            json!({"notifications": {"about": "all", "sound": true,
                "quiet_hours": {"from": from, "to": to, "days": ["friday"]}}})
        };
        let steps = json!({"first_minutes": {"done": ["x".repeat(101)], "dismissed": false}});
        for (patch, pointer) in [
            (quiet("22:00", "22:00"), "/notifications/quiet_hours"),
            (steps, "/first_minutes/done"),
        ] {
            let refused = app.shop.agent.patch(path, patch).await.problem(422, "invalid-input");
            assert_eq!(refused["errors"][0]["pointer"], pointer);
        }
        let refused = app.shop.agent.patch(path, quiet("22", "07:00")).await.problem(400, "malformed-request");
        assert_eq!(refused["errors"][0]["pointer"], "/notifications/quiet_hours/from");
        let part = json!({"keyboard": {"preset": "gmail"}});
        app.shop.agent.patch(path, part).await.problem(400, "malformed-request");
    }
}
