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
