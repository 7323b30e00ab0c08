//! Customers and how they are known.

pub mod change;
pub mod get;
pub mod list;

use std::collections::HashMap;

use centrala_domain::contact::{AddressKind, Contact, Identity};
use centrala_domain::permission::Permission::{ReadConversations, WorkConversations};
use centrala_domain::permission::Scope;
use centrala_domain::{ContactId, Private, Timestamp};
use centrala_store::{Reader, contacts};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;
use crate::problem::Answer;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadConversations, routes!(list::list_contacts)),
        Route::needs(ReadConversations, routes!(get::get_contact)),
        Route::needs(WorkConversations, routes!(change::change_contact)),
    ]
}

/// A customer in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactOut {
    /// Id.
    #[schema(value_type = String, example = "con_0000000000000000000000000e")]
    pub id: ContactId,
    /// His name, where one is known.
    #[schema(value_type = Option<String>, example = "Ion Popescu")]
    pub name: Option<Private>,
    /// Whether an agent wrote the name, so that the channel does not overwrite it.
    is_name_set_by_agent: bool,
    /// Current phone number.
    #[schema(value_type = Option<String>, example = "+40721000001")]
    pub phone: Option<Private>,
    /// Current username.
    #[schema(value_type = Option<String>, example = "@ion")]
    username: Option<Private>,
    /// When he was first seen.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    created_at: Timestamp,
    /// Last change of the contact itself.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    updated_at: Timestamp,
}

impl ContactOut {
    fn new(it: Contact, identities: &[Identity]) -> Self {
        let current = |kind| {
            let address = identities.iter().find_map(|identity| identity.current(kind));
            address.map(|address| address.value.clone())
        };
        Self {
            id: it.id,
            name: it.name,
            is_name_set_by_agent: it.is_name_set_by_agent,
            phone: current(AddressKind::Phone),
            username: current(AddressKind::Username),
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}

/// Loads what belongs to contacts that were found within the scope, with one query for all.
pub(super) async fn load(scope: &Scope, reader: &mut Reader, found: Vec<Contact>) -> Answer<Vec<ContactOut>> {
    let ids: Vec<ContactId> = found.iter().map(|contact| contact.id).collect();
    let mut identities: HashMap<ContactId, Vec<Identity>> = HashMap::new();
    for identity in contacts::identities_of_contacts(scope, reader, &ids).await? {
        identities.entry(identity.contact).or_default().push(identity);
    }
    let of = |id| identities.get(&id).map_or(&[][..], Vec::as_slice);
    Ok(found
        .into_iter()
        .map(|contact| {
            let of = of(contact.id);
            ContactOut::new(contact, of)
        })
        .collect())
}
