//! `GET /contacts/{contact}`

use axum::extract::State;
use centrala_domain::contact::{Address, AddressKind, Identity};
use centrala_domain::permission::Scope;
use centrala_domain::{ContactId, IdentityId, Private, Timestamp};
use centrala_store::conversations::{self, ConversationFilter};
use centrala_store::{Reader, contacts};
use serde::Serialize;
use utoipa::ToSchema;

use super::ContactOut;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::conversations::{ConversationOut, load};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Conversations that are shown with a customer.
const CONVERSATIONS: i64 = 50;

/// Kind of address.
#[derive(Debug, ToSchema)]
#[schema(as = AddressKind, rename_all = "snake_case")]
pub enum AddressKindSchema {
    /// Business-scoped user id.
    Bsuid,
    /// Phone number in E.164 with the plus sign.
    Phone,
    /// Username with the at sign.
    Username,
}

/// One address of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressOut {
    /// What kind of address.
    #[schema(value_type = AddressKindSchema)]
    kind: AddressKind,
    /// The address.
    #[schema(value_type = String, example = "+40721000001")]
    value: Private,
    /// False once a newer one of the kind took its place.
    is_current: bool,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    first_seen_at: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
}

/// One user of one channel family.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityOut {
    /// Id.
    #[schema(value_type = String, example = "idn_0000000000000000000000000e")]
    id: IdentityId,
    /// Channel family.
    #[schema(example = "whatsapp")]
    family: String,
    /// Known addresses, current ones first.
    addresses: Vec<AddressOut>,
}

/// A customer with everything that he is known by.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactDetailOut {
    /// The customer.
    #[serde(flatten)]
    contact: ContactOut,
    /// How he is known.
    identities: Vec<IdentityOut>,
    /// His 50 newest conversations, of those that the caller may see.
    conversations: Vec<ConversationOut>,
}

impl From<Identity> for IdentityOut {
    fn from(identity: Identity) -> Self {
        let addresses = identity.addresses.into_iter().map(|address| {
            let Address { kind, value, is_current, first_seen_at, last_seen_at } = address;
            AddressOut { kind, value, is_current, first_seen_at, last_seen_at }
        });
        Self { id: identity.id, family: identity.family, addresses: addresses.collect() }
    }
}

/// A customer, if the scope may see him.
pub(super) async fn detail(
    app: &App,
    scope: &Scope,
    reader: &mut Reader,
    id: ContactId,
) -> Answer<ContactDetailOut> {
    let found = contacts::find(scope, reader, id).await?.ok_or_else(Problem::not_found)?;
    let identities = contacts::identities(scope, reader, id).await?;
    let filter = ConversationFilter { contact: Some(id), ..ConversationFilter::default() };
    let newest = conversations::list(scope, reader, &filter, CONVERSATIONS).await?;
    Ok(ContactDetailOut {
        contact: ContactOut::new(found, &identities),
        identities: identities.into_iter().map(IdentityOut::from).collect(),
        conversations: load(app, scope, reader, newest).await?,
    })
}

/// Show a customer with his addresses and conversations.
#[utoipa::path(get, path = "/api/v1/contacts/{contact}", tag = "contacts",
    params(("contact" = String, Path, description = "Customer", example = "con_0000000000000000000000000e")),
    responses((status = 200, description = "The customer", body = OneOut<ContactDetailOut>)))]
pub async fn get_contact(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<ContactId>,
) -> Answer<axum::Json<OneOut<ContactDetailOut>>> {
    let mut reader = app.store.read().await?;
    let found = detail(&app, &allowed.scope, &mut reader, id).await?;
    OneOut::of(&allowed.scope, &mut reader, found).await
}
