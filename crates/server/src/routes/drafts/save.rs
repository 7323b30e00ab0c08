//! `PUT /conversations/{conversation}/draft`

use axum::extract::State;
use centrala_domain::draft::{DRAFT_CHARACTERS, DRAFT_FILES, DraftError, DraftMode};
use centrala_domain::{ConversationId, MediaId, MessageId, Private};
use centrala_engine::commands::drafts::save::{SaveDraft, SaveDraftError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DraftModeSchema, DraftOut, load, tell};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// What is written so far.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftIn {
    /// What it will be.
    #[schema(value_type = DraftModeSchema)]
    mode: DraftMode,
    /// The text; at most 10,000 characters.
    #[schema(value_type = String, max_length = 10_000, example = "Bună ziua! Avem")]
    text: Private,
    /// The message that it answers.
    #[schema(value_type = Option<String>, example = "msg_0000000000000000000000000e")]
    reply_to: Option<MessageId>,
    /// Files that are uploaded already, in order; at most 50.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50, example = json!(["med_0000000000000000000000000e"]))]
    media: Vec<MediaId>,
}

/// Keep what one has begun to write.
///
/// In the place of what was there: the last one wins. Nobody else sees it. It is gone after 90 days without a change;
/// whoever sends it deletes it.
#[utoipa::path(put, path = "/api/v1/conversations/{conversation}/draft", tag = "drafts", request_body = DraftIn,
    params(("conversation" = String, Path, description = "Conversation", example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The draft as it is kept", body = DraftOut)),
    extensions(("x-problems" = json!(["invalid-input", "too-many-drafts"]))))]
pub async fn save_draft(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
    Json(input): Json<DraftIn>,
) -> Answer<axum::Json<DraftOut>> {
    let DraftIn { mode, text, reply_to, media } = input;
    let command = SaveDraft { conversation, mode, text, reply_to, media };
    let draft = app.store.execute(allowed.origin(), command).await?;
    tell(&app, &allowed.caller, conversation).await?;
    let mut reader = app.store.read().await?;
    let kept = load(&app, &allowed.scope, &mut reader, vec![draft]).await?.pop();
    Ok(axum::Json(kept.ok_or(Slug::Internal)?))
}

impl From<SaveDraftError> for Problem {
    fn from(error: SaveDraftError) -> Self {
        let at = |pointer: String, code| Self::new(Slug::InvalidInput).at(pointer, code, &error);
        match error {
            SaveDraftError::NoConversation => Self::not_found(),
            SaveDraftError::NotAnAgent => Slug::Forbidden.into(),
            SaveDraftError::Draft(DraftError::Empty) => at("/text".into(), "empty"),
            SaveDraftError::Draft(DraftError::TooLong) => at("/text".into(), "too-long").with("max", DRAFT_CHARACTERS),
            SaveDraftError::Draft(DraftError::TooManyFiles) => at("/media".into(), "too-many").with("max", DRAFT_FILES),
            SaveDraftError::QuotedNotFound => at("/reply_to".into(), "not-found"),
            SaveDraftError::MediaNotFound(n) => at(format!("/media/{n}"), "not-found"),
            SaveDraftError::TooMany => Slug::TooManyDrafts.into(),
            SaveDraftError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::customer_writes;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn draft_is_kept_replaced_listed_and_deleted_by_its_agent_alone() {
        let app = TestApp::start().await;
        let (agent, shop) = (&app.shop.agent, &app.shop);
        let heard = customer_writes(&app, shop, "wamid.1", "Aveți colivă?").await;
        let path = format!("/api/v1/conversations/{}/draft", heard.conversation);
        let body = json!({"mode": "reply", "text": "Da, de", "reply_to": heard.message, "media": []});
        let kept = agent.put(&path, body).await.ok();
        assert_eq!((&kept["text"], &kept["reply_to"]), (&json!("Da, de"), &json!(heard.message)));
        let note = json!({"mode": "note", "text": " de sunat ", "reply_to": null});
        let note = agent.put(&path, note).await.ok();
        assert_eq!((&note["mode"], &note["text"]), (&json!("note"), &json!(" de sunat ")));
        app.clock.advance(std::time::Duration::from_secs(1));
        let other = json!({"mode": "reply", "text": "x", "reply_to": null});
        let elsewhere = format!("/api/v1/conversations/{}/draft", shop.conversation);
        let newest = agent.put(&elsewhere, other).await.ok();

        let listed = agent.get("/api/v1/drafts").await.ok();
        assert_eq!(listed["items"], json!([newest, note]));
        assert!(listed["as_of"].as_i64().unwrap() > 0);
        for who in [&shop.owner, &shop.outsider, &app.other.owner] {
            assert_eq!(who.get("/api/v1/drafts").await.ok()["items"], json!([]));
            who.delete(&path).await.no_content();
        }
        assert_eq!(agent.get("/api/v1/drafts").await.ok()["items"].as_array().unwrap().len(), 2);
        for _ in 0..2 {
            agent.delete(&path).await.no_content();
        }
        assert_eq!(agent.get("/api/v1/drafts").await.ok()["items"], json!([newest]));
    }

    #[tokio::test]
    async fn files_come_back_with_their_names_and_what_they_go_as() {
        let app = TestApp::start().await;
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), b"\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"].concat();
        let upload = async |name: &str, bytes: &[u8]| {
            let head = format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            );
            let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
            let kind = [("content-type", "multipart/form-data; boundary=b")];
            let made = app.shop.agent.send(axum::http::Method::POST, "/api/v1/media", &kind, body.into()).await;
            made.created()["id"].as_str().unwrap().to_owned()
        };
        let (picture, text) = (upload("tort.png", &png).await, upload("preț.txt", b"10 lei").await);
        let path = format!("/api/v1/conversations/{}/draft", app.shop.conversation);
        let body = json!({"mode": "reply", "text": "", "reply_to": null, "media": [text, picture]});
        let kept = app.shop.agent.put(&path, body).await.ok();
        let expected = json!([
            {"id": text, "kind": "document", "name": "preț.txt"},
            {"id": picture, "kind": "image", "name": "tort.png"},
        ]);
        assert_eq!(kept["media"], expected);
        assert_eq!(app.shop.agent.get("/api/v1/drafts").await.ok()["items"], json!([kept]));
    }

    #[tokio::test]
    async fn mistakes_are_pointed_at() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}/draft", app.shop.conversation);
        for (change, pointer, code) in [
            (json!({"text": " "}), "/text", "empty"),
            (json!({"text": "ș".repeat(10_001)}), "/text", "too-long"),
            (json!({"reply_to": "msg_00000000000000000000000000"}), "/reply_to", "not-found"),
            (json!({"media": ["med_00000000000000000000000000"]}), "/media/0", "not-found"),
            (json!({"media": vec!["med_00000000000000000000000000"; 51]}), "/media", "too-many"),
        ] {
            let mut body = json!({"mode": "reply", "text": "x", "reply_to": null, "media": []});
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let refused = app.shop.agent.put(&path, body).await.problem(422, "invalid-input");
            let error = &refused["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)));
        }
        let body = json!({"mode": "template", "text": "x", "reply_to": null});
        app.shop.agent.put(&path, body).await.problem(400, "malformed-request");
    }
}
