//! Keeping a customer's message, or what the business wrote from its phone. Part of the command that applies
//! receipts.

use centrala_domain::content::Content;
use centrala_domain::conversation::{Conversation, Status};
use centrala_domain::event::Event;
use centrala_domain::inbound::{InboundEcho, InboundMedia, InboundMessage};
use centrala_domain::media::{Media, MediaState};
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message, position};
use centrala_domain::{ConversationId, InboxId, MessageId, Timestamp};
use centrala_store::messages::{Expected, NewMessage};
use centrala_store::{Ctx, Error, Tx, conversations, media, messages};

use crate::commands::contacts::identify::{Identified, Seen, identify};
use crate::commands::receipts::delivery::Delivery;

/// Keeps a customer's message. One that is here already changes nothing.
pub(crate) async fn message(
    ctx: &Ctx,
    tx: &mut Tx,
    delivery: &Delivery,
    inbox: InboxId,
    inbound: &InboundMessage,
    expected: &mut Expected,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    if !expected.known.insert(inbound.upstream_id.clone()) {
        return Ok(());
    }
    let seen =
        Seen { inbox, channel: delivery.channel, at: inbound.sent_at, receipt: Some(delivery.receipt) };
    let (who, open) = identify(ctx, tx, &inbound.from, seen, events).await?;
    let (mut conversation, is_new) = conversation_for(ctx, tx, inbox, who, open, inbound.sent_at).await?;
    let new = NewMessage {
        message: Message {
            id: ctx.new_id(),
            conversation: conversation.id,
            inbox,
            direction: Direction::In,
            author: Author::Contact { id: who.contact },
            content: with_target(ctx, tx, inbox, &inbound.content).await?,
            reply_to: find_quoted(ctx, tx, inbox, inbound.reply_to_upstream_id.as_deref()).await?,
            reply_to_upstream_id: inbound.reply_to_upstream_id.clone(),
            status: DeliveryStatus::Received,
            error_code: None,
            client_id: None,
            upstream_id: Some(inbound.upstream_id.clone()),
            sent_at: inbound.sent_at,
            received_at: delivery.received_at,
            position: position(inbound.sent_at, delivery.received_at),
            is_forwarded: inbound.is_forwarded,
            edited_at: None,
            revoked_at: None,
            reactions: Vec::new(),
        },
        client_digest: None,
        referral: inbound.referral.clone(),
        receipt: Some(delivery.receipt),
        trace: delivery.trace,
    };
    let it = &new.message;
    let is_listed = it.content.is_listed();
    let mut facts = conversation.on_inbound(it.id, it.sent_at, it.position, is_listed);
    facts.push(Event::MessageReceived {
        conversation: it.conversation,
        message: it.id,
        content_kind: it.content.kind().to_owned(),
        sent_at: it.sent_at,
        position: it.position,
        is_listed,
        receipt: Some(delivery.receipt),
    });
    keep(ctx, tx, &conversation, is_new, &new, facts, inbound.media.as_ref(), expected, events).await
}

/// Keeps what the business wrote from its phone.
pub(crate) async fn echo(
    ctx: &Ctx,
    tx: &mut Tx,
    delivery: &Delivery,
    inbox: InboxId,
    inbound: &InboundEcho,
    expected: &mut Expected,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    if !expected.known.insert(inbound.upstream_id.clone()) {
        return Ok(());
    }
    let seen =
        Seen { inbox, channel: delivery.channel, at: inbound.sent_at, receipt: Some(delivery.receipt) };
    let (who, open) = identify(ctx, tx, &inbound.to, seen, events).await?;
    let (mut conversation, is_new) = conversation_for(ctx, tx, inbox, who, open, inbound.sent_at).await?;
    let new = NewMessage {
        message: Message {
            id: ctx.new_id(),
            conversation: conversation.id,
            inbox,
            direction: Direction::Out,
            author: Author::Phone,
            content: with_target(ctx, tx, inbox, &inbound.content).await?,
            reply_to: None,
            reply_to_upstream_id: None,
            status: DeliveryStatus::Sent,
            error_code: None,
            client_id: None,
            upstream_id: Some(inbound.upstream_id.clone()),
            sent_at: inbound.sent_at,
            received_at: delivery.received_at,
            position: position(inbound.sent_at, delivery.received_at),
            is_forwarded: false,
            edited_at: None,
            revoked_at: None,
            reactions: Vec::new(),
        },
        client_digest: None,
        referral: None,
        receipt: Some(delivery.receipt),
        trace: delivery.trace,
    };
    let it = &new.message;
    let mut facts = Vec::new();
    if it.content.is_listed() {
        facts = conversation.on_echo(it.id, it.position);
        facts.push(Event::MessageEchoed {
            conversation: it.conversation,
            message: it.id,
            content_kind: it.content.kind().to_owned(),
            position: it.position,
        });
    }
    keep(ctx, tx, &conversation, is_new, &new, facts, inbound.media.as_ref(), expected, events).await
}

/// Writes a message with its conversation and whatever follows from it: its file, its effect on the message that it
/// is about, and what came before it.
#[expect(
    clippy::too_many_arguments,
    reason = "what both ways to write have in common; a struct would only rename it"
)]
async fn keep(
    ctx: &Ctx,
    tx: &mut Tx,
    conversation: &Conversation,
    is_new: bool,
    new: &NewMessage,
    facts: Vec<Event>,
    file: Option<&InboundMedia>,
    expected: &mut Expected,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let it = &new.message;
    if is_new {
        conversations::insert(&ctx.scope, tx, conversation).await?;
        events.push(conversation.opened());
    } else {
        conversations::save(&ctx.scope, tx, conversation).await?;
    }
    messages::insert(&ctx.scope, tx, new).await?;
    events.extend(facts);
    if let Some(file) = file {
        keep_media(ctx, tx, it.inbox, it, file, events).await?;
    }
    change_target(ctx, tx, it, expected, events).await?;
    match &it.upstream_id {
        Some(id) if expected.waited_for.remove(id) => apply_waiting_for(ctx, tx, it, id, events).await,
        Some(_) | None => Ok(()),
    }
}

/// The open conversation with an identity, the one that takes a late "thank you", or a new one (not inserted).
async fn conversation_for(
    ctx: &Ctx,
    tx: &mut Tx,
    inbox: InboxId,
    who: Identified,
    open: Option<Conversation>,
    at: Timestamp,
) -> Result<(Conversation, bool), Error> {
    if let Some(open) = open {
        return Ok((open, false));
    }
    let latest = conversations::latest(&ctx.scope, tx, inbox, who.identity).await?;
    Ok(match latest {
        Some(latest) if latest.status != Status::Resolved || latest.takes_up_again(at) => (latest, false),
        _ => {
            let id: ConversationId = ctx.new_id();
            (Conversation::open(id, inbox, who.contact, who.identity, ctx.now), true)
        }
    })
}

async fn find_quoted(
    ctx: &Ctx,
    tx: &mut Tx,
    inbox: InboxId,
    upstream_id: Option<&str>,
) -> Result<Option<MessageId>, Error> {
    let Some(upstream_id) = upstream_id else { return Ok(None) };
    Ok(messages::find_by_upstream_id(&ctx.scope, tx, inbox, upstream_id).await?.map(|quoted| quoted.id))
}

/// A reaction's content with the id of the message here, if that has come.
async fn with_target(ctx: &Ctx, tx: &mut Tx, inbox: InboxId, content: &Content) -> Result<Content, Error> {
    let mut content = content.clone();
    if let Content::Reaction { target_upstream_id, target, .. } = &mut content {
        *target = find_quoted(ctx, tx, inbox, target_upstream_id.as_deref()).await?;
    }
    Ok(content)
}

async fn keep_media(
    ctx: &Ctx,
    tx: &mut Tx,
    inbox: InboxId,
    message: &Message,
    file: &InboundMedia,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let row = Media {
        id: file.id,
        inbox: Some(inbox),
        state: MediaState::Pending,
        mime_type: file.mime_type.clone(),
        size_bytes: None,
        sha256: None,
        filename: file.filename.clone(),
        upstream_id: Some(file.upstream_id.clone()),
        upstream_expires_at: Some(file.expires_at),
        problem: None,
        created_at: ctx.now,
    };
    media::insert(&ctx.scope, tx, &row, Some((message.id, message.conversation))).await?;
    events.push(Event::MediaChanged {
        conversation: message.conversation,
        message: message.id,
        media: file.id,
        state: MediaState::Pending,
    });
    Ok(())
}

/// The message that a reaction, an edit or a revoke is about, by the channel's id.
fn target_of(content: &Content) -> Option<&str> {
    match content {
        Content::Reaction { target_upstream_id, .. } => target_upstream_id.as_deref(),
        Content::Edit { target_upstream_id, .. } | Content::Revoke { target_upstream_id } => {
            Some(target_upstream_id)
        }
        Content::Text { .. }
        | Content::Image { .. }
        | Content::Video { .. }
        | Content::Audio { .. }
        | Content::Document { .. }
        | Content::Sticker { .. }
        | Content::Location { .. }
        | Content::Contacts { .. }
        | Content::Choice { .. }
        | Content::FormReply { .. }
        | Content::CallPermission { .. }
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Unsupported { .. } => None,
    }
}

/// Applies a reaction, an edit or a revoke to the message that it is about, or lets it wait for that message;
/// an answer waits for the message that it quotes.
async fn change_target(
    ctx: &Ctx,
    tx: &mut Tx,
    it: &Message,
    expected: &mut Expected,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let quoted = it.reply_to_upstream_id.as_deref().filter(|_| it.reply_to.is_none());
    let Some(upstream_id) = target_of(&it.content).or(quoted) else { return Ok(()) };
    match messages::find_by_upstream_id(&ctx.scope, tx, it.inbox, upstream_id).await? {
        Some(target) => apply_to(ctx, tx, it, &target, events).await,
        None => {
            expected.waited_for.insert(upstream_id.to_owned());
            messages::wait_for_target(&ctx.scope, tx, it.inbox, upstream_id, it.id).await
        }
    }
}

/// Applies what came before the message that it is about.
pub(super) async fn apply_waiting_for(
    ctx: &Ctx,
    tx: &mut Tx,
    it: &Message,
    upstream_id: &str,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let waiting = messages::take_waiting(&ctx.scope, tx, it.inbox, upstream_id).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let mut changes = messages::find_many(&ctx.scope, tx, &waiting).await?;
    changes.sort_by_key(|change| (change.sent_at, change.id));
    for change in changes {
        apply_to(ctx, tx, &change, it, events).await?;
    }
    Ok(())
}

async fn apply_to(
    ctx: &Ctx,
    tx: &mut Tx,
    it: &Message,
    target: &Message,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let (conversation, message, at) = (target.conversation, target.id, it.sent_at);
    let scope = &ctx.scope;
    match &it.content {
        Content::Reaction { emoji, .. } => {
            let direction = it.direction;
            let is_new = messages::set_reaction(scope, tx, message, direction, emoji.as_deref(), at).await?;
            let emoji = emoji.clone();
            events.extend(is_new.then_some(Event::MessageReacted {
                conversation,
                message,
                direction,
                emoji,
                at,
            }));
        }
        Content::Edit { replacement, .. } => {
            let is_new = messages::set_content(scope, tx, message, replacement, at).await?;
            events.extend(is_new.then_some(Event::MessageEdited { conversation, message, at }));
        }
        Content::Revoke { .. } => {
            let is_new = messages::set_revoked(scope, tx, message, at).await?;
            events.extend(is_new.then_some(Event::MessageRevoked { conversation, message, at }));
        }
        // An answer that came before what it quotes.
        _ if it.reply_to.is_none() => messages::set_reply_to(scope, tx, it.id, message).await?,
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::receipts::apply::ApplyReceipts;
    use crate::testing::{Scene, inbound, text};
    use centrala_domain::conversation::Status;
    use centrala_domain::inbound::Item;
    use std::time::Duration;

    async fn apply(scene: &Scene, id: &str, content: Content, at: Timestamp) -> ApplyReceipts {
        let delivery = scene.delivery([inbound(id, content, at)]).await;
        ApplyReceipts { deliveries: vec![delivery], is_part: false }
    }

    #[tokio::test]
    async fn customers_message_reopens_what_waited_for_him() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        scene.sends(conversation, "client").await;
        scene.store.clock().advance(Duration::from_secs(5));
        let new = apply(&scene, "wamid.2", text("thanks"), scene.now()).await;
        let (_, events) = scene.folds("message_received", conversation, new).await;
        let kinds: Vec<_> = events.iter().map(Event::kind).collect();
        assert_eq!(kinds, ["conversation_reopened", "message_received"]);
        let it = scene.conversation(conversation).await;
        assert_eq!((it.status, it.unread), (Status::Open, 1));
        let again = apply(&scene, "wamid.2", text("thanks"), scene.now()).await;
        assert_eq!(scene.folds("message_received_again", conversation, again).await.1, []);
    }

    #[tokio::test]
    async fn late_message_counts_as_unread_but_moves_no_time() {
        let scene = Scene::new().await;
        let before = scene.customer_writes("wamid.1").await;
        let late =
            apply(&scene, "wamid.0", text("first"), scene.now().minus(Duration::from_secs(3600))).await;
        scene.folds("message_received_late", before.id, late).await;
        let after = scene.conversation(before.id).await;
        assert_eq!((after.unread, after.last_message), (2, before.last_message));
        assert_eq!(after.last_inbound_at, before.last_inbound_at);
        assert!(scene.message_of("wamid.0").await.is_late());
    }

    #[tokio::test]
    async fn echo_answers_the_customer_unless_it_arrives_late() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let minute = Duration::from_secs(60);
        for (name, sent_at, wanted) in [
            ("late", scene.now().minus(minute), (Status::Open, 1)),
            ("new", scene.now().plus(minute), (Status::Waiting, 0)),
        ] {
            let mut item = inbound(&format!("wamid.{name}"), text("phone"), sent_at);
            if let Item::Message(message) = item {
                let (upstream_id, to, content) = (message.upstream_id, message.from, message.content);
                item = Item::Echo(Box::new(InboundEcho { upstream_id, to, sent_at, content, media: None }));
            }
            let delivery = scene.delivery([item]).await;
            let echo = ApplyReceipts { deliveries: vec![delivery], is_part: false };
            scene.folds(&format!("message_echoed_{name}"), conversation, echo).await;
            let it = scene.conversation(conversation).await;
            assert_eq!((it.status, it.unread), wanted, "{name}");
        }
    }

    #[tokio::test]
    async fn reaction_edit_and_revoke_show_on_their_message_and_ask_for_nothing() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        scene.sends(conversation, "client").await;
        let target_upstream_id = || "wamid.1".to_owned();
        let reaction = Content::Reaction {
            target_upstream_id: Some(target_upstream_id()),
            target: None,
            emoji: Some("👍".into()),
        };
        let edit =
            Content::Edit { target_upstream_id: target_upstream_id(), replacement: Box::new(text("edited")) };
        let revoke = Content::Revoke { target_upstream_id: target_upstream_id() };
        for (name, content) in [("reacted", reaction), ("edited", edit), ("revoked", revoke)] {
            let change = apply(&scene, &format!("wamid.{name}"), content, scene.now()).await;
            let (_, events) = scene.folds(&format!("message_{name}"), conversation, change).await;
            let kinds: Vec<_> = events.iter().map(Event::kind).collect();
            assert_eq!(kinds, ["message_received", &format!("message_{name}")]);
        }
        let shown = scene.message_of("wamid.1").await;
        assert_eq!(shown.content, text("edited"));
        assert_eq!((shown.edited_at, shown.revoked_at), (Some(scene.now()), Some(scene.now())));
        assert_eq!(shown.reactions[0].emoji, "👍");
        assert_eq!(scene.conversation(conversation).await.status, Status::Waiting);
    }
}
