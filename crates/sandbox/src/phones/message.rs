//! One message in either direction, and how far it has come.

use std::sync::Arc;

use serde_json::{Value, json};

use super::customer::Customer;
use super::pricing::Pricing;
use crate::graph::error::webhook_error;
use crate::settings::{Identity, Settings};
use crate::webhooks::Update;

/// The number a message belongs to, as payloads name it.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) phone_number_id: String,
    pub(crate) waba_id: String,
    pub(crate) digits: String,
}

/// A step in a message's life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Sent,
    Delivered,
    Read,
    Played,
    Failed,
}

impl Status {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
        }
    }
}

/// Why a message failed after it was accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: i64,
    pub(crate) details: &'static str,
}

/// One message.
pub(crate) struct Message {
    pub(crate) wamid: Arc<str>,
    pub(crate) from_business: bool,
    /// None if nobody has that address.
    pub(crate) customer: Option<usize>,
    /// Whom the call addressed, for payloads about unknown recipients.
    pub(crate) address: String,
    pub(crate) origin: Arc<Origin>,
    pub(crate) at_seconds: i64,
    pub(crate) kind: String,
    pub(crate) body: Value,
    /// The text a phone shows for a template.
    pub(crate) rendered: Option<String>,
    pub(crate) opaque: Option<String>,
    pub(crate) quoted: Option<String>,
    pub(crate) events: Vec<(Status, i64)>,
    pub(crate) error_code: Option<i64>,
    pub(crate) pricing: Option<Pricing>,
    /// Who reacted with what: true for the business.
    pub(crate) reactions: Vec<(bool, String)>,
    pub(crate) ledger_seq: u64,
    pub(crate) is_voice: bool,
}

impl Message {
    pub(crate) fn has(&self, status: Status) -> bool {
        self.events.iter().any(|(seen, _)| *seen == status)
    }

    /// Notes a step, unless it happened already or came too late to matter.
    pub(crate) fn advance(&mut self, status: Status, at_seconds: i64) -> bool {
        let is_late = status == Status::Delivered && self.has(Status::Read);
        let is_new = !self.has(status) && !self.has(Status::Failed) && !is_late;
        if is_new {
            self.events.push((status, at_seconds));
        }
        is_new
    }

    /// The highest step so far.
    pub(crate) fn status(&self) -> Option<Status> {
        self.events.last().map(|(status, _)| *status)
    }

    /// Replaces one side's reaction; an empty emoji removes it.
    pub(crate) fn react(&mut self, by_business: bool, emoji: &str) {
        self.reactions.retain(|(side, _)| *side != by_business);
        if !emoji.is_empty() {
            self.reactions.push((by_business, emoji.to_owned()));
        }
    }

    /// The webhook that tells the business about a step.
    pub(crate) fn update(
        &self,
        status: Status,
        customer: Option<&Customer>,
        failure: Option<Failure>,
        settings: &Settings,
    ) -> Update {
        let at_seconds = self.events.last().map_or(self.at_seconds, |(_, at)| *at);
        let mut body = json!({
            "id": &*self.wamid,
            "status": status.name(),
            "timestamp": at_seconds.to_string(),
        });
        self.name_recipient(&mut body, customer, settings);
        if let Some(opaque) = &self.opaque {
            body["biz_opaque_callback_data"] = json!(opaque);
        }
        if settings.webhook_version >= 24 {
            body["type"] = json!("message");
        }
        if let Some(pricing) = &self.pricing {
            self.add_pricing(&mut body, status, pricing, settings);
        }
        if let Some(failure) = failure {
            body["errors"] = json!([webhook_error(failure.code, failure.details)]);
        }
        let contacts = customer
            .filter(|_| status != Status::Failed && settings.identity != Identity::Phone)
            .map(|customer| vec![customer.contact(settings)]);
        let recipients = customer.map_or_else(|| vec![self.address.clone()], Customer::spellings);
        Update::status(&self.origin, body, contacts, recipients, self.opaque.clone())
    }

    fn name_recipient(&self, body: &mut Value, customer: Option<&Customer>, settings: &Settings) {
        let Some(customer) = customer else {
            let is_user_id = self.address.bytes().any(|b| b.is_ascii_alphabetic());
            let member = if is_user_id { "recipient_user_id" } else { "recipient_id" };
            body[member] = json!(self.address);
            return;
        };
        if let Some(phone) = customer.visible_phone(settings) {
            body["recipient_id"] = json!(phone);
        }
        if let Some(user_id) = customer.visible_user_id(settings) {
            body["recipient_user_id"] = json!(user_id);
        }
    }

    /// Prices come with `sent` and with the first of delivered and read, as Meta's do.
    fn add_pricing(&self, body: &mut Value, status: Status, pricing: &Pricing, settings: &Settings) {
        let carries = match status {
            Status::Sent | Status::Delivered => true,
            Status::Read => !self.has(Status::Delivered),
            Status::Played | Status::Failed => false,
        };
        if !carries {
            return;
        }
        body["pricing"] = pricing.body();
        if settings.webhook_version < 24 || pricing.free_until_seconds.is_some() {
            body["conversation"] = pricing.conversation(&self.wamid, status == Status::Sent, self.at_seconds);
        }
    }
}
