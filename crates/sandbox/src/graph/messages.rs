//! `POST /{phone_number_id}/messages`: what is asked, of whom, and whether the number may send at all.
//! The rules between a number and a person are in `placing`.

use std::sync::Arc;

use serde_json::json;

use super::content::{self, Content};
use super::error::GraphError;
use super::placing::Placing;
use super::{Accepted, Reply, receipts};
use crate::faults::{Moment, Subject, plain};
use crate::http::Call;
use crate::phones::Origin;
use crate::settings::Settings;
use crate::world::{World, lock};

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
        Placing { world, settings: &settings, origin: &origin, target: &target, now_ms }.place(
            &mut phones,
            content,
            call,
        )?
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
pub(super) struct Target {
    /// As spelled in the call.
    pub(super) input: String,
    /// Digits of a phone, or a user id.
    pub(super) address: String,
    pub(super) by_user_id: bool,
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
    let subject = Subject {
        phone_number_id: Some(phone_number_id),
        recipients: &recipients,
        path: "/messages",
        template: content.object["name"].as_str(),
    };
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
