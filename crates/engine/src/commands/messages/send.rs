//! An agent sends a message: it is kept and waits for its turn. Whether it may go out at all is decided here,
//! before anything is shown as sent.

use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::event::Event;
use centrala_domain::limits::Limits;
use centrala_domain::media::MediaState;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message};
use centrala_domain::ports::Recipient;
use centrala_domain::{ConversationId, MessageId, Timestamp};
use centrala_store::messages::NewMessage;
use centrala_store::{Command, Ctx, Done, Error, Tx, contacts, conversations, media, messages};

/// Sends a message.
#[derive(Debug)]
pub struct SendMessage {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub author: Author,
    /// The client's own id for it, 1 to 80 characters: however often it is asked for, there is one message.
    pub client_id: String,
    /// Digest of what the client asked for.
    pub client_digest: Vec<u8>,
    /// What.
    pub content: Content,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// What the inbox's channel can carry.
    pub limits: &'static Limits,
}

/// Why it is refused. Nothing was kept then.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no conversation that the actor may see.
    #[error("there is no such conversation")]
    NotFound,
    /// The message to answer is not in this conversation.
    #[error("the message to answer is not in this conversation")]
    QuotedNotFound,
    /// The file is not there.
    #[error("there is no such file")]
    MediaNotFound,
    /// The file has a type or size that the channel does not take.
    #[error("the channel does not take this file: {why}")]
    MediaNotAccepted {
        /// `type` or `size`.
        why: &'static str,
        /// The largest size in bytes.
        max_bytes: u64,
    },
    /// Text, caption or reaction is empty or too long, or the kind cannot be sent.
    #[error("the message cannot be sent as it is: {why}")]
    Content {
        /// What is wrong with it: `empty`, `too_long`, `kind`.
        why: &'static str,
    },
    /// The service window is closed: only a template may go out.
    #[error("the customer last wrote too long ago; only a template may go out")]
    WindowClosed {
        /// Since when.
        since: Option<Timestamp>,
    },
    /// No address of the customer is known.
    #[error("no address of the customer is known")]
    NoAddress,
    /// The client id was used for another message.
    #[error("the client id was used for another message")]
    ClientIdReused,
    /// The client id is empty or too long.
    #[error("a client id has 1 to 80 characters")]
    ClientId,
    /// The customer has a newer open conversation, or this one was merged into another: answer there.
    #[error("the customer has another open conversation")]
    AnotherIsOpen,
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for SendError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("conversations") { Self::AnotherIsOpen } else { Self::Store(error) }
    }
}

/// What became of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The message.
    pub message: Message,
    /// Whether this request made it; false when an earlier one with the same client id did.
    pub is_new: bool,
}

impl Command for SendMessage {
    type Out = Sent;
    type Error = SendError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Sent>, SendError> {
        if !(1..=80).contains(&self.client_id.chars().count()) {
            return Err(SendError::ClientId);
        }
        if let Some(earlier) = self.earlier(ctx, tx).await? {
            return Ok(Done::unchanged(Sent { message: earlier, is_new: false }));
        }
        let found = conversations::find(&ctx.scope, tx, self.conversation).await?;
        let mut conversation = found.ok_or(SendError::NotFound)?;
        if conversation.merged_into.is_some() {
            return Err(SendError::AnotherIsOpen);
        }
        self.check_text()?;
        check_window(&conversation, self.limits, ctx.now)?;
        let identity = contacts::identity(&ctx.scope, tx, conversation.identity).await?;
        if identity.is_none_or(|identity| Recipient::of(&identity).is_empty()) {
            return Err(SendError::NoAddress);
        }
        let message = self.message(ctx, tx, &conversation).await?;
        if let Some(file) = message.content.media() {
            self.check_media(ctx, tx, file).await?;
            media::attach(&ctx.scope, tx, file, message.id, conversation.id).await?;
        }
        let is_listed = message.content.is_listed();
        let mut events = vec![Event::MessageQueued {
            conversation: conversation.id,
            message: message.id,
            content_kind: message.content.kind().to_owned(),
            position: message.position,
            attempt: 1,
            is_listed,
        }];
        if is_listed {
            events.extend(conversation.on_outbound(message.id, message.position));
            conversations::save(&ctx.scope, tx, &conversation).await?;
        }
        let new = NewMessage {
            message,
            client_digest: Some(self.client_digest.clone()),
            referral: None,
            receipt: None,
            trace: ctx.trace,
        };
        messages::insert(&ctx.scope, tx, &new).await?;
        Ok(Done::new(Sent { message: new.message, is_new: true }, events))
    }
}

/// Refuses when the customer last wrote too long ago.
pub(crate) fn check_window(
    conversation: &Conversation,
    limits: &Limits,
    now: Timestamp,
) -> Result<(), SendError> {
    let window = std::time::Duration::from_secs(u64::from(limits.window_hours) * 3600);
    if conversation.is_window_open(window, now) {
        Ok(())
    } else {
        Err(SendError::WindowClosed { since: conversation.window_until(window) })
    }
}

impl SendMessage {
    async fn earlier(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Option<Message>, SendError> {
        let Some((id, digest)) = messages::find_by_client_id(&ctx.scope, tx, &self.client_id).await? else {
            return Ok(None);
        };
        let earlier = messages::find(&ctx.scope, tx, id).await?;
        match earlier {
            Some(earlier) if digest.as_deref() == Some(&self.client_digest) => Ok(Some(earlier)),
            _ => Err(SendError::ClientIdReused),
        }
    }

    async fn message(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        conversation: &Conversation,
    ) -> Result<Message, SendError> {
        if let Some(quoted) = self.reply_to {
            let quoted = messages::find(&ctx.scope, tx, quoted).await?;
            quoted.filter(|it| it.conversation == conversation.id).ok_or(SendError::QuotedNotFound)?;
        }
        Ok(Message {
            id: ctx.new_id(),
            conversation: conversation.id,
            inbox: conversation.inbox,
            direction: Direction::Out,
            author: self.author,
            content: self.content.clone(),
            reply_to: self.reply_to,
            reply_to_upstream_id: None,
            status: DeliveryStatus::Queued,
            error_code: None,
            client_id: Some(self.client_id.clone()),
            upstream_id: None,
            sent_at: ctx.now,
            received_at: ctx.now,
            position: ctx.now,
            is_forwarded: false,
            edited_at: None,
            revoked_at: None,
            reactions: Vec::new(),
        })
    }

    fn check_text(&self) -> Result<(), SendError> {
        let text = |text: &str, most: usize| match text.trim().chars().count() {
            0 => Err(SendError::Content { why: "empty" }),
            _ if text.chars().count() > most => Err(SendError::Content { why: "too_long" }),
            _ => Ok(()),
        };
        match &self.content {
            Content::Text { body, .. } => text(body.expose(), self.limits.text_characters),
            Content::Image { caption, .. }
            | Content::Video { caption, .. }
            | Content::Document { caption, .. } => caption
                .as_ref()
                .map_or(Ok(()), |caption| text(caption.expose(), self.limits.caption_characters)),
            Content::Location { latitude, longitude, .. } => {
                let is_on_earth = (-90.0..=90.0).contains(latitude) && (-180.0..=180.0).contains(longitude);
                if is_on_earth { Ok(()) } else { Err(SendError::Content { why: "coordinates" }) }
            }
            Content::Contacts { cards } if cards.expose().is_empty() => {
                Err(SendError::Content { why: "empty" })
            }
            Content::Audio { .. }
            | Content::Sticker { .. }
            | Content::Contacts { .. }
            | Content::Reaction { .. } => Ok(()),
            Content::Choice { .. }
            | Content::FormReply { .. }
            | Content::CallPermission { .. }
            | Content::Order { .. }
            | Content::System { .. }
            | Content::Edit { .. }
            | Content::Revoke { .. }
            | Content::Unsupported { .. } => Err(SendError::Content { why: "kind" }),
        }
    }

    async fn check_media(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        id: centrala_domain::MediaId,
    ) -> Result<(), SendError> {
        let file = media::find(&ctx.scope, tx, id).await?.ok_or(SendError::MediaNotFound)?;
        if file.state != MediaState::Stored {
            return Err(SendError::MediaNotFound);
        }
        let Some(limit) = self.limits.media(self.content.kind()) else {
            return Err(SendError::Content { why: "kind" });
        };
        let mime_type = file.mime_type.split(';').next().unwrap_or_default().trim();
        let refuse = |why| Err(SendError::MediaNotAccepted { why, max_bytes: limit.max_bytes });
        // Any file may go as a document; the types in the table are only the ones that are documented.
        let takes_any = self.content.kind() == "document";
        if !takes_any && !limit.mime_types.contains(&mime_type) {
            return refuse("type");
        }
        if file.size_bytes.is_none_or(|size| u64::try_from(size).is_ok_and(|size| size > limit.max_bytes)) {
            return refuse("size");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::media::add::AddMedia;
    use crate::testing::{Scene, text};

    #[tokio::test]
    async fn sent_message_waits_for_its_turn_and_the_conversation_for_the_customer() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let answer = scene.answer(conversation, "client", text("yes"));
        let (sent, events) = scene.folds("message_queued", conversation, answer).await;
        assert!(sent.is_new);
        assert_eq!(scene.message(sent.message.id).await, sent.message);
        let kinds: Vec<_> = events.iter().map(Event::kind).collect();
        assert_eq!(kinds, ["message_queued", "conversation_waiting"]);
        let again = scene.answer(conversation, "client", text("yes"));
        let (again, events) = scene.folds("message_queued_again", conversation, again).await;
        assert_eq!((again.is_new, again.message, events), (false, sent.message, vec![]));
    }

    #[tokio::test]
    async fn what_the_channel_does_not_carry_is_refused() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let place = |latitude| Content::Location { latitude, longitude: 0.0, name: None, address: None };
        let system = Content::System { event: "x".into(), body: "x".into() };
        for (content, wanted) in [
            (text(" "), "empty"),
            (text("12345678901"), "too_long"),
            (place(91.0), "coordinates"),
            (place(f64::NAN), "coordinates"),
            (system, "kind"),
            (Content::Contacts { cards: Vec::new().into() }, "empty"),
        ] {
            let refused = scene.store.execute(scene.origin(), scene.answer(conversation, "c", content)).await;
            assert!(matches!(refused, Err(SendError::Content { why }) if why == wanted), "{wanted}");
        }
        for client_id in ["", &"x".repeat(81)] {
            let refused =
                scene.store.execute(scene.origin(), scene.answer(conversation, client_id, text("x")));
            assert!(matches!(refused.await, Err(SendError::ClientId)));
        }
        let elsewhere = scene.answer(scene.store.new_id(), "c", text("x"));
        assert!(matches!(scene.store.execute(scene.origin(), elsewhere).await, Err(SendError::NotFound)));
        let quoting = SendMessage {
            reply_to: Some(scene.store.new_id()),
            ..scene.answer(conversation, "c", text("x"))
        };
        let refused = scene.store.execute(scene.origin(), quoting).await;
        assert!(matches!(refused, Err(SendError::QuotedNotFound)));
        assert_eq!(scene.store.events(), []);
    }

    #[tokio::test]
    async fn file_must_be_here_of_a_type_and_size_that_the_channel_takes() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let mut files = Vec::new();
        for (mime_type, size_bytes) in [("image/jpeg; x=1", 100), ("image/png", 1), ("image/jpeg", 101)] {
            let (mime_type, sha256) = (mime_type.to_owned(), "0".repeat(64));
            let add = AddMedia { mime_type, filename: None, sha256, size_bytes };
            files.push(scene.store.execute(scene.origin(), add).await.unwrap().id);
        }
        let image = |media| Content::Image { media, caption: None };
        let send = async |client_id: &str, content| {
            scene.store.execute(scene.origin(), scene.answer(conversation, client_id, content)).await
        };
        assert!(send("fits", image(files[0])).await.is_ok());
        for (file, wanted) in [(files[1], "type"), (files[2], "size")] {
            let refused = send("c", image(file)).await;
            assert!(matches!(refused, Err(SendError::MediaNotAccepted { why, .. }) if why == wanted));
        }
        assert!(
            send("any", Content::Document { media: files[1], filename: None, caption: None }).await.is_ok()
        );
        let refused = send("c", Content::Sticker { media: files[0], is_animated: false }).await;
        assert!(matches!(refused, Err(SendError::Content { why: "kind" })));
        let refused = send("c", image(scene.store.new_id())).await;
        assert!(matches!(refused, Err(SendError::MediaNotFound)));
    }

    #[tokio::test]
    async fn customer_without_an_address_cannot_be_answered() {
        let scene = Scene::new().await;
        let shop = scene.store.workspace().await;
        let inbox = shop.inbox().await;
        let nobody = shop.conversation(&inbox).await;
        let open = shop.id();
        let mut known = nobody.clone();
        known.last_inbound_at = Some(scene.now());
        let save = scene.store.write(shop.scope(), known, |known, ctx, tx| {
            Box::pin(async move { conversations::save(&ctx.scope, tx, known).await })
        });
        save.await.unwrap();
        let origin = centrala_store::Origin::system(open, scene.store.new_id());
        let refused = scene.store.execute(origin, scene.answer(nobody.id, "c", text("x"))).await;
        assert!(matches!(refused, Err(SendError::NoAddress)));
    }
}
