//! `POST /inboxes/{inbox}/verify`

use axum::extract::State;
use centrala_domain::InboxId;
use centrala_domain::ports::{Evidence, Found, Verdict};
use centrala_engine::commands::inboxes::record_check::{RecordCheck, RecordCheckError};
use centrala_store::inboxes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ManageInboxes};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::routes::schemas::{FoundSchema, VerdictSchema};
use crate::state::App;

/// What the channel answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceListOut {
    /// One line for each question.
    evidence: Vec<EvidenceOut>,
}

/// One question and its answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceOut {
    /// What was asked.
    #[schema(example = "token")]
    check: String,
    /// How it stands.
    #[schema(value_type = VerdictSchema)]
    verdict: Verdict,
    /// What was seen, as a name with its values: what to say about it is the screen's.
    #[schema(value_type = FoundSchema)]
    said: Found,
    /// What was seen, in English.
    #[schema(example = "the access token is valid and does not expire")]
    detail: String,
    /// The channel's code, if it gave one.
    code: Option<i64>,
}

impl From<Evidence> for EvidenceOut {
    fn from(evidence: Evidence) -> Self {
        let Evidence { check, verdict, found, code } = evidence;
        Self { check, verdict, detail: found.to_string(), said: found, code }
    }
}

/// Ask the channel about an inbox, and keep what it says as evidence of health.
#[utoipa::path(post, path = "/api/v1/inboxes/{inbox}/verify", tag = "inboxes",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    responses((status = 200, description = "The evidence", body = EvidenceListOut)))]
pub async fn verify_inbox(
    State(app): State<App>,
    allowed: Allowed<ManageInboxes>,
    Path(inbox): Path<InboxId>,
) -> Answer<axum::Json<EvidenceListOut>> {
    let mut reader = app.store.read().await?;
    let connection = inboxes::connection(&allowed.scope, &mut reader, inbox, &app.vault)
        .await?
        .ok_or_else(Problem::not_found)?;
    drop(reader);
    let channel = app.engine.channels.of(connection.inbox.channel()).ok_or(Slug::Unavailable)?;
    let evidence = channel.check(&connection).await;
    app.store.execute(allowed.origin(), RecordCheck { inbox, evidence: evidence.clone() }).await?;
    Ok(axum::Json(EvidenceListOut { evidence: evidence.into_iter().map(EvidenceOut::from).collect() }))
}

impl From<RecordCheckError> for Problem {
    fn from(error: RecordCheckError) -> Self {
        match error {
            RecordCheckError::NotFound => Self::not_found(),
            RecordCheckError::Store(error) => error.into(),
        }
    }
}
