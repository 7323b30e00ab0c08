//! `POST /{phone_number_id}/messages`: whether a message is accepted, and what will become of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::content::{self, Content};
use super::error::GraphError;
use super::{Accepted, Reply, receipts};
use crate::faults::{Moment, Subject, plain};
use crate::http::Call;
use crate::magic::{self, Magic};
use crate::phones::life::Fate;
use crate::phones::pricing::{Circumstances, Pricing};
use crate::phones::{Chat, Failure, Message, Origin, Phones};
use crate::settings::{Settings, WindowErrors};
use crate::world::{World, lock};

const UNDELIVERABLE: Failure = Failure { code: 131_026, details: "Message Undeliverable." };
const WINDOW_CLOSED: Failure = Failure {
    code: 131_047,
    details: "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
};

/// Accepts or refuses a message, a read receipt or a typing indicator.
pub(crate) fn post(world: &Arc<World>, call: &Call, phone_number_id: &str) -> Result<Reply, GraphError> {
    if call.text("messaging_product") != Some("whatsapp") {
        return Err(GraphError::parameter(
            "The parameter messaging_product is required and must be whatsapp.",
        ));
    }
    if call.params.contains_key("status") {
        return receipts::mark_read(world, call, phone_number_id);
    }
    let content = content::read(world, call, phone_number_id)?;
    let target = Target::read(call, &content)?;
    strike_send_faults(world, phone_number_id, &target, &content)?;
    let settings = world.settings();
    let origin = take_throughput(world, phone_number_id, &settings)?;
    let now_ms = world.clock.now_ms();
    let (message, fate, contact) = {
        let mut phones = lock(&world.phones);
        place(world, &mut phones, &settings, &origin, &target, content, call, now_ms)?
    };
    let mut sent = json!({"id": &*message.wamid});
    if message.kind == "template" {
        sent["message_status"] = json!("accepted");
    }
    let body = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]});
    let mut reply = Reply::from(body);
    reply.accepted = Some(Accepted { message: Box::new(message), fate });
    Ok(reply)
}

/// Whom a message addresses.
struct Target {
    /// As spelled in the call.
    input: String,
    /// Digits of a phone, or a user id.
    address: String,
    by_user_id: bool,
}

impl Target {
    fn read(call: &Call, content: &Content) -> Result<Self, GraphError> {
        if call.text("recipient_type").is_some_and(|kind| kind == "group") {
            return Err(GraphError::new(131_041, "The group does not exist."));
        }
        let to = call.loose_text("to").filter(|to| !to.is_empty());
        let recipient = call.loose_text("recipient").filter(|recipient| !recipient.is_empty());
        let input =
            to.clone().or(recipient).ok_or_else(|| GraphError::parameter("The parameter to is required."))?;
        let address = plain(&input);
        // Some early senders put the user id into `to`.
        let by_user_id = address.as_bytes().get(2) == Some(&b'.');
        if by_user_id && content.template_category.as_deref() == Some("AUTHENTICATION") {
            return Err(GraphError::new(131_062, "Authentication templates need a phone number."));
        }
        if !by_user_id && !address.bytes().all(|b| b.is_ascii_digit()) {
            return Err(GraphError::new(131_009, "Parameter 'to' is not a phone number."));
        }
        Ok(Self { input, address, by_user_id })
    }
}

fn strike_send_faults(
    world: &World,
    phone_number_id: &str,
    target: &Target,
    content: &Content,
) -> Result<(), GraphError> {
    let recipients = [target.address.clone()];
    let subject =
        Subject { phone_number_id: Some(phone_number_id), recipients: &recipients, path: "/messages" };
    if !world.strike(Moment::Send, &subject).is_empty() {
        return Err(GraphError::new(
            131_031,
            "The business account was restricted for a violation of the policy.",
        ));
    }
    if content.kind == "template" && !world.strike(Moment::TemplateSend, &subject).is_empty() {
        return Err(GraphError::new(132_015, "Template is paused because of low quality."));
    }
    Ok(())
}

/// The number must be registered and below its rate.
fn take_throughput(
    world: &World,
    phone_number_id: &str,
    settings: &Settings,
) -> Result<Arc<Origin>, GraphError> {
    let now_ms = world.clock.now_ms();
    let mut accounts = lock(&world.accounts);
    let line = accounts
        .lines
        .get_mut(phone_number_id)
        .ok_or_else(|| GraphError::no_such_node("post", phone_number_id))?;
    if !line.is_registered {
        return Err(GraphError::new(133_010, "The phone number is not registered."));
    }
    let per_second = f64::from(settings.throughput);
    if line.throughput.take(per_second, per_second, now_ms) {
        Ok(line.origin.clone())
    } else {
        Err(GraphError::new(
            130_429,
            "Message failed to send because there were too many messages sent from this phone number in a short period of time.",
        ))
    }
}

/// Applies the rules between this number and this person, and makes the message.
#[expect(
    clippy::too_many_arguments,
    reason = "one lock is held for the whole decision, so everything comes in at once"
)]
fn place(
    world: &World,
    phones: &mut Phones,
    settings: &Settings,
    origin: &Arc<Origin>,
    target: &Target,
    content: Content,
    call: &Call,
    now_ms: i64,
) -> Result<(Message, Fate, Value), GraphError> {
    if target.address == origin.digits {
        return Err(GraphError::new(131_021, "Recipient phone number cannot be the sender."));
    }
    let magic = if target.by_user_id { None } else { magic::of(&target.address) };
    if let Some(Magic::Refused(code)) = magic {
        return Err(GraphError::new(code, "The recipient's number asks for this error."));
    }
    let customer = find(world, phones, origin, target, magic);
    let mut fate = magic.map_or(Fate::Arrives, Fate::of_magic);
    let mut pricing = None;
    match customer {
        None if fate == Fate::Arrives => fate = Fate::Fails(UNDELIVERABLE),
        None => {}
        Some(index) => {
            let is_blocked = phones.customer(index).blocks(&origin.phone_number_id);
            let chat = phones.customer_mut(index).chat(&origin.phone_number_id, now_ms);
            check_pair(chat, settings, now_ms)?;
            let is_window_open = chat.is_open(now_ms);
            let needs_window =
                content.template_category.is_none() && magic.is_none() && settings.enforce_window;
            if is_blocked {
                fate = Fate::Fails(UNDELIVERABLE);
            } else if needs_window && !is_window_open {
                if settings.window_errors == WindowErrors::Sync {
                    return Err(GraphError::new(WINDOW_CLOSED.code, WINDOW_CLOSED.details));
                }
                fate = Fate::Fails(WINDOW_CLOSED);
            } else if let Some(failure) = content.late_failure {
                fate = Fate::Fails(failure);
            }
            if !matches!(fate, Fate::Fails(_)) {
                chat.note_answer(now_ms);
                let circumstances = Circumstances {
                    now_ms,
                    template_category: content.template_category.as_deref(),
                    is_window_open,
                    free_until_ms: chat.free_until_ms.filter(|_| chat.is_free(now_ms)),
                    free_service_messages: settings.free_service_messages,
                };
                let counter = phones.service_counts.entry(origin.phone_number_id.clone()).or_default();
                pricing = Some(Pricing::of(&circumstances, counter));
            }
        }
    }
    let contact = contact(phones, settings, target, customer);
    let user_id = customer.map_or(target.address.as_str(), |index| phones.customer(index).user_id.as_str());
    let wamid = world.ids.wamid(user_id).into();
    let message = Message {
        wamid,
        from_business: true,
        customer,
        address: target.address.clone(),
        origin: origin.clone(),
        at_seconds: now_ms.div_euclid(1000),
        is_voice: content.is_voice,
        body: json!({ &content.kind: content.object }),
        kind: content.kind,
        rendered: content.rendered,
        opaque: call.text("biz_opaque_callback_data").map(str::to_owned),
        quoted: call
            .params
            .get("context")
            .and_then(|context| context["message_id"].as_str())
            .map(str::to_owned),
        events: Vec::new(),
        error_code: None,
        pricing,
        reactions: Vec::new(),
        ledger_seq: 0,
    };
    Ok((message, fate, contact))
}

/// Finds the person; a magic number's person is made on the spot, if they need a phone.
fn find(
    world: &World,
    phones: &mut Phones,
    origin: &Origin,
    target: &Target,
    magic: Option<Magic>,
) -> Option<usize> {
    let found = phones.at_address(&target.address).or_else(|| {
        // Without a plus, a national number belongs to the sender's country.
        let country = origin.digits.get(..2)?;
        let national = target.address.strip_prefix('0').filter(|_| !target.input.starts_with('+'))?;
        phones.at_address(&format!("{country}{national}"))
    });
    match (found, magic) {
        (None, Some(magic)) if !matches!(magic, Magic::Fails(_)) => {
            phones.add_magic(&world.ids, &target.address, magic)
        }
        _ => found,
    }
}

fn check_pair(chat: &mut Chat, settings: &Settings, now_ms: i64) -> Result<(), GraphError> {
    if settings.pair_limit && !chat.pair.take(Chat::PAIR_BURST, Chat::PAIR_PER_SECOND, now_ms) {
        return Err(GraphError::new(
            131_056,
            "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.",
        ));
    }
    Ok(())
}

fn contact(phones: &Phones, settings: &Settings, target: &Target, customer: Option<usize>) -> Value {
    let mut contact = json!({"input": target.input});
    let customer = customer.map(|index| phones.customer(index));
    if !target.by_user_id {
        contact["wa_id"] =
            json!(customer.map_or(target.address.as_str(), |customer| customer.digits.as_str()));
    }
    if let Some(user_id) = customer.and_then(|customer| customer.visible_user_id(settings)) {
        contact["user_id"] = json!(user_id);
    }
    contact
}
