//! `DELETE /sessions/{session}`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::LoginSessionId;
use centrala_engine::commands::sessions::sign_out::{SignOut, SignOutError};

use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::state::App;

/// End a session: one's own, or, as an admin, anybody's.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "session",
    params(("session" = String, Path, description = "Session", example = "ses_0000000000000000000000000e")),
    responses((status = 204, description = "Ended")))]
pub async fn end_session(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Path(session): Path<LoginSessionId>,
) -> Answer<StatusCode> {
    app.store.execute(allowed.origin(), SignOut { session }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<SignOutError> for Problem {
    fn from(error: SignOutError) -> Self {
        match error {
            SignOutError::NotFound => Self::not_found(),
            SignOutError::Store(error) => error.into(),
        }
    }
}
