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
            RenameContactError::Name => Self::length("/name", 1, 100, error),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::customer_writes;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn name_that_an_agent_wrote_stays() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let conversation = format!("/api/v1/conversations/{}", heard.conversation);
        let conversation = app.shop.agent.get(&conversation).await.ok();
        let path = format!("/api/v1/contacts/{}", conversation["contact"]["id"].as_str().unwrap());

        let renamed = app.shop.agent.patch(&path, json!({"name": " Ion P. "})).await.ok();
        assert_eq!((&renamed["name"], &renamed["is_name_set_by_agent"]), (&json!("Ion P."), &json!(true)));
        assert_eq!(renamed["identities"][0]["addresses"][0]["value"], "+40721000001");
        assert_eq!(renamed["conversations"][0]["id"], json!(heard.conversation));
        customer_writes(&app, &app.shop, "wamid.2", "Bună iar").await;
        assert_eq!(app.shop.agent.get(&path).await.ok()["name"], "Ion P.");
        assert_eq!(app.shop.agent.patch(&path, json!({})).await.ok()["name"], "Ion P.");
        assert_eq!(
            app.shop.agent.patch(&path, json!({"name": null})).await.ok()["is_name_set_by_agent"],
            false
        );
        for (wrong, status) in [(json!({"name": ""}), 422), (json!({"phone": "+40"}), 400)] {
            assert_eq!(app.shop.agent.patch(&path, wrong).await.status.as_u16(), status);
        }
        app.shop.outsider.patch(&path, json!({"name": "X"})).await.problem(404, "not-found");
        app.other.owner.get(&path).await.problem(404, "not-found");
    }
}
