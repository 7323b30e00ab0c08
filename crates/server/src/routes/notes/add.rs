//! `POST /conversations/{conversation}/notes`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::{ConversationId, Private};
use centrala_engine::commands::notes::add::{AddNote, AddNoteError, NOTE_CHARACTERS};
use serde::Deserialize;
use utoipa::ToSchema;

use super::NoteOut;
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::agents::created;
use crate::routes::input::{Json, Path};
use crate::state::App;

/// A new note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteIn {
    /// 1 to 10,000 characters.
    #[schema(value_type = String, example = "Clienta vrea fără zahăr.")]
    body: Private,
    /// The client's own id for it, at most 100 characters: at most one note for each.
    #[schema(example = "4f6c1c1e")]
    client_id: Option<String>,
}

const CLIENT_ID_CHARACTERS: usize = 100;

/// Write an internal note.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/notes", tag = "notes", request_body = NoteIn,
    params(("conversation" = String, Path, description = "Conversation", example = "conv_0000000000000000000000000e")),
    responses((status = 201, description = "The new note", body = NoteOut)),
    extensions(("x-problems" = json!(["invalid-input", "conflict"]))))]
pub async fn add_note(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
    Json(input): Json<NoteIn>,
) -> Answer<(StatusCode, axum::Json<NoteOut>)> {
    let NoteIn { body, client_id } = input;
    if client_id.as_ref().is_some_and(|id| !(1..=CLIENT_ID_CHARACTERS).contains(&id.len())) {
        return Err(Problem::length(
            "/client_id",
            1,
            CLIENT_ID_CHARACTERS,
            format!("1 to {CLIENT_ID_CHARACTERS} characters"),
        ));
    }
    let note = app.store.execute(allowed.origin(), AddNote { conversation, body, client_id }).await?;
    Ok(created(note.into()))
}

impl From<AddNoteError> for Problem {
    fn from(error: AddNoteError) -> Self {
        match error {
            AddNoteError::NoConversation => Self::not_found(),
            AddNoteError::NotAnAgent => Slug::Forbidden.into(),
            AddNoteError::Body => Self::length("/body", 1, NOTE_CHARACTERS, error),
            AddNoteError::ClientIdTaken => Self::new(Slug::Conflict).detail(error),
            AddNoteError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn note_is_written_listed_and_deleted_by_its_author() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}/notes", app.shop.conversation);
        let body = json!({"body": "fără zahăr", "client_id": "c-1"});
        let note = app.shop.agent.post(&path, body.clone()).await.created();
        assert_eq!(app.shop.agent.post(&path, body).await.created(), note);
        let listed = app.shop.admin.get(&path).await.ok();
        assert_eq!(listed["items"][0]["body"], "fără zahăr");
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        let one = format!("{path}/{}", note["id"].as_str().unwrap());
        app.shop.outsider.delete(&one).await.problem(404, "not-found");
        app.shop.agent.delete(&one).await.no_content();
        assert_eq!(app.shop.agent.get(&path).await.ok()["items"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn conversation_of_another_inbox_answers_like_one_that_does_not_exist() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}/notes", app.shop.conversation);
        app.shop.outsider.post(&path, json!({"body": "x"})).await.problem(404, "not-found");
        app.shop.outsider.get(&path).await.problem(404, "not-found");
    }
}
