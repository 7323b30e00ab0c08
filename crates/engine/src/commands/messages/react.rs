//! An agent reacts to a customer's message. The reaction goes out like a message, and is shown once the channel
//! took it.

use centrala_domain::MessageId;
use centrala_domain::content::Content;
use centrala_domain::limits::Limits;
use centrala_domain::message::{Author, Direction};
use centrala_store::{Command, Ctx, Done, Tx, messages};

use super::send::{SendError, SendMessage, Sent};

/// Reacts to a message.
#[derive(Debug)]
pub struct ReactToMessage {
    /// To which.
    pub message: MessageId,
    /// With what; none takes the reaction back.
    pub emoji: Option<String>,
    /// Who.
    pub author: Author,
    /// The client's own id for it.
    pub client_id: String,
    /// Digest of what the client asked for.
    pub client_digest: Vec<u8>,
    /// What the inbox's channel can carry.
    pub limits: &'static Limits,
}

/// Longest emoji in bytes: families and flags are long sequences.
const EMOJI_BYTES: usize = 64;

impl Command for ReactToMessage {
    type Out = Sent;
    type Error = SendError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Sent>, SendError> {
        let target = messages::find(&ctx.scope, tx, self.message).await?.ok_or(SendError::NotFound)?;
        let is_emoji = |text: &String| {
            !text.is_empty()
                && text.len() <= EMOJI_BYTES
                && !text.chars().any(|c| c.is_alphabetic() || c.is_whitespace())
        };
        if !self.emoji.as_ref().is_none_or(is_emoji) {
            return Err(SendError::Content { why: "emoji" });
        }
        if target.direction != Direction::In || target.upstream_id.is_none() || !target.content.is_listed() {
            return Err(SendError::Content { why: "kind" });
        }
        let send = SendMessage {
            conversation: target.conversation,
            author: self.author,
            client_id: self.client_id.clone(),
            client_digest: self.client_digest.clone(),
            content: Content::Reaction {
                target_upstream_id: target.upstream_id,
                target: Some(target.id),
                emoji: self.emoji.clone(),
            },
            reply_to: None,
            limits: self.limits,
        };
        send.run(ctx, tx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{LIMITS, Scene};

    #[tokio::test]
    async fn reaction_is_sent_like_a_message_but_is_no_answer() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = scene.message_of("wamid.1").await.id;
        let react = |emoji: Option<&str>, client_id: &str| ReactToMessage {
            message,
            emoji: emoji.map(str::to_owned),
            author: Author::Agent { id: scene.agent.id },
            client_id: client_id.into(),
            client_digest: Vec::new(),
            limits: &LIMITS,
        };
        let (sent, events) = scene.folds("reaction_queued", conversation, react(Some("👍"), "client")).await;
        assert_eq!(events.len(), 1);
        let target_upstream_id = Some("wamid.1".to_owned());
        let wanted =
            Content::Reaction { target_upstream_id, target: Some(message), emoji: Some("👍".into()) };
        assert_eq!(sent.message.content, wanted);
        for wrong in ["", "ok", "a b", &"👍".repeat(17)] {
            let refused = scene.store.execute(scene.origin(), react(Some(wrong), "c")).await;
            assert!(matches!(refused, Err(SendError::Content { why: "emoji" })), "{wrong}");
        }
        let own = ReactToMessage { message: sent.message.id, ..react(None, "c") };
        let refused = scene.store.execute(scene.origin(), own).await;
        assert!(matches!(refused, Err(SendError::Content { why: "kind" })));
    }
}
