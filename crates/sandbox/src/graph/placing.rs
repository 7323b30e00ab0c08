//! The rules between one number and one person: is the message accepted, what will become of it, what does it cost?

use std::sync::Arc;

use serde_json::{Value, json};

use super::content::Content;
use super::error::GraphError;
use super::messages::Target;
use crate::http::Call;
use crate::magic::{self, Magic};
use crate::phones::life::Fate;
use crate::phones::pricing::{Circumstances, Pricing};
use crate::phones::{Chat, Failure, Message, Origin, Phones};
use crate::settings::{Settings, WindowErrors};
use crate::world::World;

const UNDELIVERABLE: Failure = Failure { code: 131_026, details: "Message Undeliverable." };
const WINDOW_CLOSED: Failure = Failure {
    code: 131_047,
    details: "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
};

/// Everything a decision looks at, beside the content and the phones.
pub(super) struct Placing<'a> {
    pub(super) world: &'a World,
    pub(super) settings: &'a Settings,
    pub(super) origin: &'a Arc<Origin>,
    pub(super) target: &'a Target,
    pub(super) now_ms: i64,
}

impl Placing<'_> {
    /// Decides, and makes the message and the `contacts` element of the answer.
    pub(super) fn place(
        &self,
        phones: &mut Phones,
        content: Content,
        call: &Call,
    ) -> Result<(Message, Fate, Value), GraphError> {
        if self.target.address == self.origin.digits {
            return Err(GraphError::new(131_021, "Recipient phone number cannot be the sender."));
        }
        let magic = if self.target.by_user_id { None } else { magic::of(&self.target.address) };
        if let Some(Magic::Refused(code)) = magic {
            return Err(GraphError::new(code, "The recipient's number asks for this error."));
        }
        let customer = self.find(phones, magic);
        let (fate, pricing) = match customer {
            Some(index) => self.decide(phones, index, &content, magic)?,
            None => match magic.map(Fate::of_magic) {
                Some(fails @ Fate::Fails(_)) => (fails, None),
                _ => (Fate::Fails(UNDELIVERABLE), None),
            },
        };
        let contact = self.contact(phones, customer);
        let message = self.message(phones, customer, content, call, pricing);
        Ok((message, fate, contact))
    }

    /// Finds the person; a magic number's person is made on the spot, if they need a phone.
    fn find(&self, phones: &mut Phones, magic: Option<Magic>) -> Option<usize> {
        let found = phones.at_address(&self.target.address).or_else(|| {
            // Without a plus, a national number belongs to the sender's country.
            let country = self.origin.digits.get(..2)?;
            let national =
                self.target.address.strip_prefix('0').filter(|_| !self.target.input.starts_with('+'))?;
            phones.at_address(&format!("{country}{national}"))
        });
        match (found, magic) {
            (None, Some(magic)) if !matches!(magic, Magic::Fails(_)) => {
                phones.add_magic(&self.world.ids, &self.target.address, magic)
            }
            _ => found,
        }
    }

    fn decide(
        &self,
        phones: &mut Phones,
        customer: usize,
        content: &Content,
        magic: Option<Magic>,
    ) -> Result<(Fate, Option<Pricing>), GraphError> {
        let is_blocked = phones.customer(customer).blocks(&self.origin.phone_number_id);
        let chat = phones.customer_mut(customer).chat(&self.origin.phone_number_id, self.now_ms);
        self.check_pair(chat)?;
        let is_window_open = chat.is_open(self.now_ms);
        let needs_window =
            content.template_category.is_none() && magic.is_none() && self.settings.enforce_window;
        let failure = if is_blocked {
            Some(UNDELIVERABLE)
        } else if needs_window && !is_window_open {
            if self.settings.window_errors == WindowErrors::Sync {
                return Err(GraphError::new(WINDOW_CLOSED.code, WINDOW_CLOSED.details));
            }
            Some(WINDOW_CLOSED)
        } else {
            content.late_failure
        };
        let fate = failure.map_or_else(|| magic.map_or(Fate::Arrives, Fate::of_magic), Fate::Fails);
        if matches!(fate, Fate::Fails(_)) {
            return Ok((fate, None));
        }
        chat.note_answer(self.now_ms);
        let circumstances = Circumstances {
            now_ms: self.now_ms,
            template_category: content.template_category.as_deref(),
            is_window_open,
            free_until_ms: chat.free_until_ms.filter(|_| chat.is_free(self.now_ms)),
            free_service_messages: self.settings.free_service_messages,
        };
        let counter = phones.service_counts.entry(self.origin.phone_number_id.clone()).or_default();
        Ok((fate, Some(Pricing::of(&circumstances, counter))))
    }

    fn check_pair(&self, chat: &mut Chat) -> Result<(), GraphError> {
        if self.settings.pair_limit && !chat.pair.take(Chat::PAIR_BURST, Chat::PAIR_PER_SECOND, self.now_ms) {
            return Err(GraphError::new(
                131_056,
                "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.",
            ));
        }
        Ok(())
    }

    fn contact(&self, phones: &Phones, customer: Option<usize>) -> Value {
        let mut contact = json!({"input": self.target.input});
        let customer = customer.map(|index| phones.customer(index));
        if !self.target.by_user_id {
            contact["wa_id"] =
                json!(customer.map_or(self.target.address.as_str(), |customer| customer.digits.as_str()));
        }
        if let Some(user_id) = customer.and_then(|customer| customer.visible_user_id(self.settings)) {
            contact["user_id"] = json!(user_id);
        }
        contact
    }

    fn message(
        &self,
        phones: &Phones,
        customer: Option<usize>,
        content: Content,
        call: &Call,
        pricing: Option<Pricing>,
    ) -> Message {
        let user_id =
            customer.map_or(self.target.address.as_str(), |index| phones.customer(index).user_id.as_str());
        let quoted = call.params.get("context").and_then(|context| context["message_id"].as_str());
        Message {
            wamid: self.world.ids.wamid(user_id).into(),
            from_business: true,
            customer,
            address: self.target.address.clone(),
            origin: self.origin.clone(),
            at_seconds: self.now_ms.div_euclid(1000),
            is_voice: content.is_voice,
            body: json!({ &content.kind: content.object }),
            kind: content.kind,
            rendered: content.rendered,
            opaque: call.text("biz_opaque_callback_data").map(str::to_owned),
            quoted: quoted.map(str::to_owned),
            events: Vec::new(),
            error_code: None,
            pricing,
            reactions: Vec::new(),
            ledger_seq: 0,
        }
    }
}
