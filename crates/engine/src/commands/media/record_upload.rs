//! Records that a channel has a file of ours, so that it is handed over once.

use std::time::Duration;

use centrala_domain::{InboxId, MediaId};
use centrala_store::write::JobEnd;
use centrala_store::{Command, Ctx, Done, Error, Tx, media};

/// Records that a channel has a file of ours. The job goes on: the message follows.
#[derive(Debug)]
pub struct RecordUpload {
    /// Which file.
    pub media: MediaId,
    /// Through which endpoint.
    pub inbox: InboxId,
    /// The channel's id.
    pub upstream_id: String,
    /// For how long that id may be used.
    pub lives: Duration,
}

impl Command for RecordUpload {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let expires_at = ctx.now.plus(self.lives);
        media::put_upload(&ctx.scope, tx, self.media, self.inbox, &self.upstream_id, expires_at).await?;
        Ok(Done::unchanged(()).with_job(JobEnd::Continue))
    }
}
