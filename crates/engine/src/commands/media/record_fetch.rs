//! Records how the fetching of a customer's file ended.

use centrala_domain::MediaId;
use centrala_domain::event::Event;
use centrala_domain::media::MediaState;
use centrala_domain::ports::FetchedFile;
use centrala_store::{Command, Ctx, Done, Error, Tx, media};

/// How fetching ended.
#[derive(Debug)]
pub enum FetchEnd {
    /// The bytes are kept.
    Stored(FetchedFile),
    /// The channel no longer has it.
    Expired(String),
    /// It could not be had.
    Failed(String),
}

/// Records how the fetching of a customer's file ended.
#[derive(Debug)]
pub struct RecordFetch {
    /// Which file.
    pub media: MediaId,
    /// How it ended.
    pub end: FetchEnd,
}

impl Command for RecordFetch {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let state = match &self.end {
            FetchEnd::Stored(file) => {
                let size_bytes = i64::try_from(file.size_bytes).map_err(Error::corrupt)?;
                media::set_stored(&ctx.scope, tx, self.media, &file.mime_type, size_bytes, &file.sha256)
                    .await?;
                MediaState::Stored
            }
            FetchEnd::Expired(why) => {
                media::set_state(&ctx.scope, tx, self.media, MediaState::Expired, Some(why)).await?;
                MediaState::Expired
            }
            FetchEnd::Failed(why) => {
                media::set_state(&ctx.scope, tx, self.media, MediaState::Failed, Some(why)).await?;
                MediaState::Failed
            }
        };
        let place = media::place(&ctx.scope, tx, self.media).await?;
        let event = place.map(|(message, conversation)| Event::MediaChanged {
            conversation,
            message,
            media: self.media,
            state,
        });
        Ok(Done::new((), event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::media::request::{RequestMedia, RequestMediaError};
    use crate::testing::{Scene, inbound};
    use centrala_domain::content::Content;
    use centrala_domain::inbound::{InboundMedia, Item};

    #[tokio::test]
    async fn file_is_asked_for_again_only_when_it_could_not_be_had() {
        let scene = Scene::new().await;
        let id: MediaId = scene.store.new_id();
        let mut item = inbound("wamid.1", Content::Image { media: id, caption: None }, scene.now());
        if let Item::Message(message) = &mut item {
            let (upstream_id, mime_type) = ("file".to_owned(), "image/jpeg".to_owned());
            let expires_at = scene.now();
            message.media = Some(InboundMedia { id, upstream_id, mime_type, filename: None, expires_at });
        }
        scene.receive([item]).await;
        let it = scene.message_of("wamid.1").await;
        let (conversation, message) = (it.conversation, it.id);
        let changed = |state| Event::MediaChanged { conversation, message, media: id, state };
        assert!(scene.store.take_events().contains(&changed(MediaState::Pending)));
        let file = FetchedFile { mime_type: "image/png".into(), size_bytes: 5, sha256: "0".repeat(64) };
        for (end, state) in [
            (FetchEnd::Failed("no".into()), MediaState::Failed),
            (FetchEnd::Expired("gone".into()), MediaState::Expired),
            (FetchEnd::Stored(file), MediaState::Stored),
        ] {
            let early = scene.store.execute(scene.origin(), RequestMedia { media: id }).await;
            assert!(matches!(early, Err(RequestMediaError::NotNeeded)), "it is under way");
            scene.store.execute(scene.origin(), RecordFetch { media: id, end }).await.unwrap();
            assert_eq!(scene.store.take_events(), [changed(state)]);
            let asked = scene.store.execute(scene.origin(), RequestMedia { media: id }).await;
            if state == MediaState::Stored {
                assert!(matches!(asked, Err(RequestMediaError::NotNeeded)));
            } else {
                asked.unwrap();
                assert_eq!(scene.store.take_events(), [changed(MediaState::Pending)]);
            }
        }
        let mut reader = scene.store.read().await.unwrap();
        let kept = media::find(&scene.scope(), &mut reader, id).await.unwrap().unwrap();
        assert_eq!((kept.mime_type.as_str(), kept.size_bytes, kept.problem), ("image/png", Some(5), None));
    }
}
