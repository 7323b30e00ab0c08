//! Updates and the envelope around them: one, or many in a batch.

use serde_json::{Value, json};

use crate::phones::Origin;

/// One thing the business should hear about.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub(crate) waba_id: String,
    pub(crate) phone_number_id: Option<String>,
    pub(crate) field: &'static str,
    pub(crate) value: Value,
    /// The messages it is about, for the ledger.
    pub(crate) wamids: Vec<String>,
    /// `messages`, or a status name, for the ledger.
    pub(crate) summary: String,
    /// Every spelling of the customer, for the selectors of faults.
    pub(crate) recipients: Vec<String>,
    pub(crate) opaque: Option<String>,
}

impl Update {
    /// A customer's message.
    pub(crate) fn message(
        origin: &Origin,
        message: Value,
        contacts: Option<Vec<Value>>,
        recipients: Vec<String>,
    ) -> Self {
        Self::of_number(origin, "messages", message, contacts, recipients, "messages".to_owned(), None)
    }

    /// A step in the life of a message of the business.
    pub(crate) fn status(
        origin: &Origin,
        status: Value,
        contacts: Option<Vec<Value>>,
        recipients: Vec<String>,
        opaque: Option<String>,
    ) -> Self {
        let summary = status["status"].as_str().unwrap_or_default().to_owned();
        Self::of_number(origin, "statuses", status, contacts, recipients, summary, opaque)
    }

    /// Something about the account itself.
    pub(crate) fn account(waba_id: &str, field: &'static str, value: Value) -> Self {
        Self {
            waba_id: waba_id.to_owned(),
            phone_number_id: None,
            field,
            value,
            wamids: Vec::new(),
            summary: field.to_owned(),
            recipients: Vec::new(),
            opaque: None,
        }
    }

    fn of_number(
        origin: &Origin,
        list: &str,
        element: Value,
        contacts: Option<Vec<Value>>,
        recipients: Vec<String>,
        summary: String,
        opaque: Option<String>,
    ) -> Self {
        let wamids = element["id"].as_str().map(str::to_owned).into_iter().collect();
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": origin.digits, "phone_number_id": origin.phone_number_id},
        });
        if let Some(contacts) = contacts {
            value["contacts"] = Value::Array(contacts);
        }
        value[list] = Value::Array(vec![element]);
        Self {
            waba_id: origin.waba_id.clone(),
            phone_number_id: Some(origin.phone_number_id.clone()),
            field: "messages",
            value,
            wamids,
            summary,
            recipients,
            opaque,
        }
    }
}

/// The body of one webhook.
pub(crate) fn envelope(updates: &[Update], now_seconds: i64) -> Value {
    let mut entries: Vec<Value> = Vec::new();
    for update in updates {
        let change = json!({"field": update.field, "value": update.value});
        let has_time = update.field != "messages";
        match entries
            .iter_mut()
            .find(|entry| entry["id"] == *update.waba_id && entry.get("time").is_some() == has_time)
        {
            Some(entry) => join(entry, change),
            None => {
                let mut entry = json!({"id": update.waba_id, "changes": [change]});
                if has_time {
                    entry["time"] = json!(now_seconds);
                }
                entries.push(entry);
            }
        }
    }
    json!({"object": "whatsapp_business_account", "entry": entries})
}

/// Adds a change to an entry; messages and statuses of one number share one value.
fn join(entry: &mut Value, change: Value) {
    let Some(changes) = entry["changes"].as_array_mut() else { return };
    let same = changes.iter_mut().find(|other| {
        other["field"] == "messages"
            && other["value"]["metadata"] == change["value"]["metadata"]
            && ["messages", "statuses"]
                .iter()
                .all(|list| other["value"].get(list).is_some() == change["value"].get(list).is_some())
    });
    let Some(same) = same else {
        changes.push(change);
        return;
    };
    for list in ["contacts", "messages", "statuses"] {
        let Some(more) = change["value"].get(list).and_then(Value::as_array) else { continue };
        let target = &mut same["value"][list];
        if target.is_null() {
            *target = json!([]);
        }
        let Some(target) = target.as_array_mut() else { continue };
        for element in more {
            if list != "contacts" || !target.contains(element) {
                target.push(element.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin { phone_number_id: "5".into(), waba_id: "9".into(), digits: "4031".into() }
    }

    #[test]
    fn one_update_makes_metas_envelope() {
        let update = Update::message(&origin(), json!({"id": "wamid.A"}), None, Vec::new());
        let body = envelope(&[update], 0);
        assert_eq!(body["entry"][0]["id"], "9");
        assert!(body["entry"][0].get("time").is_none());
        assert_eq!(body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"], "5");
    }

    #[test]
    fn a_batch_joins_what_belongs_to_one_number() {
        let contact = || Some(vec![json!({"wa_id": "1"})]);
        let updates = vec![
            Update::message(&origin(), json!({"id": "a"}), contact(), Vec::new()),
            Update::message(&origin(), json!({"id": "b"}), contact(), Vec::new()),
            Update::status(&origin(), json!({"id": "c", "status": "sent"}), None, Vec::new(), None),
            Update::account("9", "account_update", json!({"event": "X"})),
        ];
        let body = envelope(&updates, 77);
        let changes = body["entry"][0]["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0]["value"]["messages"].as_array().unwrap().len(), 2);
        assert_eq!(changes[0]["value"]["contacts"].as_array().unwrap().len(), 1);
        assert_eq!(body["entry"][1]["time"], 77);
    }
}
