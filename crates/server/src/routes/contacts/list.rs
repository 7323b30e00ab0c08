//! `GET /contacts`

use axum::extract::State;
use centrala_domain::{ContactId, Timestamp};
use centrala_store::contacts::{self, ContactFilter};
use centrala_store::events;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ContactOut, load};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::Query;
use crate::routes::page::{PageOut, limit, read_cursor, write_cursor};
use crate::state::App;

/// Which customers.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContactsIn {
    /// Only those whose name contains this, without regard to case and diacritics, or whose number has these
    /// digits.
    #[param(max_length = 200, example = "popescu")]
    q: Option<String>,
    /// Where the last part ended: its `next`.
    after: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// Longest text that is searched for.
const CHARACTERS: usize = 200;

/// List customers, the last changed first.
#[utoipa::path(get, path = "/api/v1/contacts", tag = "contacts", params(ContactsIn),
    responses((status = 200, description = "The customers", body = PageOut<ContactOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_contacts(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Query(input): Query<ContactsIn>,
) -> Answer<axum::Json<PageOut<ContactOut>>> {
    let limit = limit(input.limit)?;
    let text = input.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > CHARACTERS) {
        return Err(Problem::wrong("q", "too-long", format!("at most {CHARACTERS} characters"))
            .with("max", CHARACTERS));
    }
    let after: Option<(i64, ContactId)> = input.after.as_deref().map(read_cursor).transpose()?;
    let filter = ContactFilter { text, after: after.map(|(at, id)| (Timestamp(at), id)) };
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut found = contacts::list(&allowed.scope, &mut reader, &filter, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| write_cursor(&(last.updated_at.0, last.id)));
    let items = load(&allowed.scope, &mut reader, found).await?;
    Ok(axum::Json(PageOut { items, next, as_of }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::routes::scene::{customer_writes, somebody_writes};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn customers_are_found_by_name_and_number_where_they_are_visible() {
        let app = TestApp::start().await;
        customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        somebody_writes(&app, &app.shop, ("40733999888", "Ștefan"), "wamid.2", "Bună").await;
        let names = |page: &Value| -> Vec<Value> {
            page["items"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect()
        };
        for (query, wanted) in [
            ("?q=stef", json!(["Ștefan"])),
            ("?q=0733999", json!(["Ștefan"])),
            ("?q=0744999", json!([])),
            ("?q=733%20999", json!(["Ștefan"])),
        ] {
            let page = app.shop.agent.get(&format!("/api/v1/contacts{query}")).await.ok();
            assert_eq!(json!(names(&page)), wanted, "{query}");
        }
        let first = app.shop.agent.get("/api/v1/contacts?limit=2").await.ok();
        let next = first["next"].as_str().unwrap();
        let rest = app.shop.agent.get(&format!("/api/v1/contacts?limit=2&after={next}")).await.ok();
        assert_eq!(names(&first).len() + names(&rest).len(), 3);
        assert_eq!(app.shop.outsider.get("/api/v1/contacts").await.ok()["items"], json!([]));
        assert_eq!(names(&app.other.owner.get("/api/v1/contacts").await.ok()).len(), 1);
    }
}
