//! An agent asks for a file again that could not be fetched.

use centrala_domain::MediaId;
use centrala_domain::event::Event;
use centrala_domain::media::MediaState;
use centrala_store::{Command, Ctx, Done, Error, Tx, media};

/// An agent asks for a file again that could not be fetched.
#[derive(Debug)]
pub struct RequestMedia {
    /// Which file.
    pub media: MediaId,
}

/// Why it cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestMediaError {
    /// There is none that the actor may see.
    #[error("there is no such file")]
    NotFound,
    /// It is here, or on its way, or never came from a channel.
    #[error("the file need not be fetched")]
    NotNeeded,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for RequestMedia {
    type Out = ();
    type Error = RequestMediaError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, RequestMediaError> {
        let found = media::find(&ctx.scope, tx, self.media).await?.ok_or(RequestMediaError::NotFound)?;
        let place = media::place(&ctx.scope, tx, self.media).await?;
        let (MediaState::Failed | MediaState::Expired, Some(_), Some((message, conversation))) =
            (found.state, found.upstream_id, place)
        else {
            return Err(RequestMediaError::NotNeeded);
        };
        media::set_state(&ctx.scope, tx, self.media, MediaState::Pending, None).await?;
        let event =
            Event::MediaChanged { conversation, message, media: self.media, state: MediaState::Pending };
        Ok(Done::new((), [event]))
    }
}
