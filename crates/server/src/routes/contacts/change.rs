//! `PATCH /contacts/{contact}`

use axum::extract::State;
use centrala_domain::{ContactId, Private};
use centrala_engine::commands::contacts::rename::{RenameContact, RenameContactError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::get::{ContactDetailOut, detail};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Json, Path, present};
use crate::state::App;

/// What changes; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPatch {
    /// The name, 1 to 120 characters; `null` gives it back to the channel.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "Ion Popescu (florărie)")]
    name: Option<Option<Private>>,
}

impl From<RenameContactError> for Problem {
    fn from(error: RenameContactError) -> Self {
        match error {
            RenameContactError::NotFound => Self::not_found(),
            RenameContactError::Name => Self::invalid("/name", error),
            RenameContactError::Store(error) => error.into(),
        }
    }
}

/// Write a customer's name.
///
/// From then on the channel does not change it.
#[utoipa::path(patch, path = "/api/v1/contacts/{contact}", tag = "contacts", request_body = ContactPatch,
    params(("contact" = String, Path, description = "Customer", example = "con_0000000000000000000000000e")),
    responses((status = 200, description = "The customer", body = ContactDetailOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn change_contact(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(contact): Path<ContactId>,
    Json(patch): Json<ContactPatch>,
) -> Answer<axum::Json<ContactDetailOut>> {
    if let Some(name) = patch.name {
        app.store.execute(allowed.origin(), RenameContact { contact, name }).await?;
    }
    let mut reader = app.store.read().await?;
    Ok(axum::Json(detail(&app, &allowed.scope, &mut reader, contact).await?))
}
