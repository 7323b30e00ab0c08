//! Adds a file that an agent uploaded. Its bytes are kept already, durably, under their hash.

use centrala_domain::media::{Media, MediaState};
use centrala_domain::{MediaId, Private};
use centrala_store::{Command, Ctx, Done, Error, Tx, media};

/// Adds a file that an agent uploaded.
#[derive(Debug)]
pub struct AddMedia {
    /// Type, as detected from the bytes.
    pub mime_type: String,
    /// Name as the agent had it.
    pub filename: Option<Private>,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub size_bytes: i64,
}

impl Command for AddMedia {
    type Out = Media;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Media>, Error> {
        let added = Media {
            id: ctx.new_id::<MediaId>(),
            inbox: None,
            state: MediaState::Stored,
            mime_type: self.mime_type.clone(),
            size_bytes: Some(self.size_bytes),
            sha256: Some(self.sha256.clone()),
            filename: self.filename.clone(),
            upstream_id: None,
            upstream_expires_at: None,
            problem: None,
            created_at: ctx.now,
        };
        media::insert(&ctx.scope, tx, &added, None).await?;
        Ok(Done::unchanged(added))
    }
}
