//! Who somebody is, from the many places where Meta says so (`cloud-api.md` section 4).
//!
//! Not here: which identity a sighting belongs to (the engine).

use centrala_domain::Private;
use centrala_domain::contact::{PhoneNumber, Sighting};
use serde_json::Value;

use super::json::{string, text};

/// The `contacts` of one change.
#[derive(Default)]
pub(super) struct People {
    known: Vec<Sighting>,
    /// Whether everything in the change is from one person, so that a lone contact can only be that person.
    pub(super) has_one_sender: bool,
}

impl People {
    /// Adds a contact.
    pub(super) fn add(&mut self, contact: &Value) {
        let (phone, misplaced) = address(text(contact, "wa_id"));
        let profile = contact.get("profile").unwrap_or(&Value::Null);
        self.known.push(Sighting {
            bsuid: bsuid(text(contact, "user_id")).or(misplaced),
            phone,
            username: text(profile, "username").map(with_at_sign),
            name: string(profile, "name").map(Private::new),
            ..Sighting::default()
        });
    }

    /// Whether there is just one contact.
    pub(super) fn is_one(&self) -> bool {
        self.known.len() == 1
    }

    /// What is known of a person who is given by a phone (or an id in the phone's place) and an id.
    pub(super) fn sighting(&self, phone: Option<&str>, user_id: Option<&str>) -> Sighting {
        let (phone, misplaced) = address(phone);
        let mut seen = Sighting { bsuid: bsuid(user_id).or(misplaced), phone, ..Sighting::default() };
        if let Some(contact) = self.contact_of(&seen) {
            seen.bsuid = seen.bsuid.or_else(|| contact.bsuid.clone());
            seen.phone = seen.phone.or_else(|| contact.phone.clone());
            seen.username.clone_from(&contact.username);
            seen.name.clone_from(&contact.name);
        }
        seen
    }

    /// By id, then by phone; never by position. A lone contact of a lone sender needs no match, because the
    /// phone in `from` and the `wa_id` can differ (Brazil, Mexico).
    fn contact_of(&self, seen: &Sighting) -> Option<&Sighting> {
        let is_same = |a: &Option<Private>, b: &Option<Private>| a.is_some() && a == b;
        let by_id = self.known.iter().find(|contact| is_same(&contact.bsuid, &seen.bsuid));
        let by_phone =
            || self.known.iter().find(|contact| contact.phone.is_some() && contact.phone == seen.phone);
        let alone = || match self.known.as_slice() {
            [contact] if self.has_one_sender => Some(contact),
            _ => None,
        };
        by_id
            .or_else(by_phone)
            .or_else(alone)
            // A phone can pass to another user; two different ids never are one.
            .filter(|contact| contact.bsuid.is_none() || seen.bsuid.is_none() || contact.bsuid == seen.bsuid)
    }
}

/// What a message says about who its sender was before: changed numbers and ids.
pub(super) fn apply_system(seen: &mut Sighting, system: &Value) {
    let (new_phone, _) = address(text(system, "wa_id").or_else(|| text(system, "new_wa_id")));
    let (named_old_phone, _) = address(text(system, "customer"));
    if new_phone.is_some() {
        let old = named_old_phone.or_else(|| seen.phone.take());
        seen.phone = new_phone;
        seen.previous_phone = old.filter(|old| Some(old) != seen.phone.as_ref());
    }
    let named_old_id = bsuid(text(system, "previous_user_id"));
    if let Some(new_id) = bsuid(text(system, "user_id")) {
        let old = named_old_id.or_else(|| seen.bsuid.take());
        seen.bsuid = Some(new_id);
        seen.previous_bsuid = old.filter(|old| Some(old) != seen.bsuid.as_ref());
    } else {
        seen.previous_bsuid = named_old_id.filter(|old| Some(old) != seen.bsuid.as_ref());
    }
}

/// Sorts a text that stands where a phone is expected: early senders put the business-scoped id there.
fn address(text: Option<&str>) -> (Option<PhoneNumber>, Option<Private>) {
    match bsuid(text) {
        Some(id) => (None, Some(id)),
        None => (text.and_then(PhoneNumber::parse), None),
    }
}

/// A business-scoped user id: two capitals, a dot, and the rest.
fn bsuid(text: Option<&str>) -> Option<Private> {
    let text = text?;
    let (country, rest) = text.split_once('.')?;
    let is_id = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()) && !rest.is_empty();
    is_id.then(|| Private::from(text))
}

fn with_at_sign(username: &str) -> Private {
    Private::new(format!("@{}", username.trim_start_matches('@')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn people(contacts: &[Value]) -> People {
        let mut people = People::default();
        contacts.iter().for_each(|contact| people.add(contact));
        people
    }

    fn phone(text: &str) -> Option<PhoneNumber> {
        PhoneNumber::parse(text)
    }

    #[test]
    fn contact_is_matched_by_address_and_not_by_position() {
        let people = people(&[
            json!({"wa_id": "40700000002", "profile": {"name": "Ion"}}),
            json!({"wa_id": "40700000001", "user_id": "RO.a1", "profile": {"name": "Ana", "username": "ana"}}),
        ]);
        let seen = people.sighting(Some("40700000001"), None);
        assert_eq!(seen.name, Some("Ana".into()));
        assert_eq!(seen.bsuid, Some("RO.a1".into()));
        assert_eq!(seen.username, Some("@ana".into()));
        assert_eq!(people.sighting(Some("40700000009"), None).name, None);
    }

    #[test]
    fn business_scoped_id_in_the_place_of_the_phone_is_an_id() {
        let people = people(&[json!({"wa_id": "RO.b2", "profile": {"name": "Dan"}})]);
        let seen = people.sighting(Some("RO.b2"), None);
        assert_eq!((seen.bsuid, seen.phone, seen.name), (Some("RO.b2".into()), None, Some("Dan".into())));
    }

    #[test]
    fn lone_contact_of_a_lone_sender_is_the_sender_unless_the_ids_differ() {
        let mut people =
            people(&[json!({"wa_id": "5511900000000", "user_id": "BR.x", "profile": {"name": "Rui"}})]);
        assert_eq!(people.sighting(Some("551190000000"), None).name, None);
        people.has_one_sender = true;
        let seen = people.sighting(Some("551190000000"), None);
        assert_eq!((seen.name, seen.phone), (Some("Rui".into()), phone("551190000000")));
        assert_eq!(people.sighting(Some("551190000000"), Some("BR.y")).name, None);
        assert_eq!(people.sighting(None, None).bsuid, Some("BR.x".into()));
    }

    #[test]
    fn changed_number_names_the_new_and_the_old_one() {
        for system in [
            json!({"type": "user_changed_number", "wa_id": "40700000002"}),
            json!({"type": "customer_changed_number", "customer": "40700000001", "new_wa_id": "40700000002"}),
        ] {
            let mut seen = People::default().sighting(Some("40700000001"), None);
            apply_system(&mut seen, &system);
            assert_eq!(seen.phone, phone("40700000002"));
            assert_eq!(seen.previous_phone, phone("40700000001"));
        }
    }

    #[test]
    fn changed_id_names_the_new_and_the_old_one() {
        let mut seen = People::default().sighting(None, Some("RO.new"));
        apply_system(
            &mut seen,
            &json!({"user_id": "RO.new", "previous_user_id": "RO.old", "wa_id": "40700000002"}),
        );
        assert_eq!((seen.bsuid, seen.previous_bsuid), (Some("RO.new".into()), Some("RO.old".into())));
        assert_eq!((seen.phone, seen.previous_phone), (phone("40700000002"), None));
    }
}
