//! Files of messages: uploaded by agents, fetched from channels, given out.

pub mod content;
pub mod detect;
pub mod disposition;
pub mod fetch;
pub mod get;
pub mod range;
pub mod upload;

use axum::extract::DefaultBodyLimit;
use centrala_domain::media::{Media, MediaState};
use centrala_domain::permission::Permission::{ReadConversations, WorkConversations};
use centrala_domain::{MediaId, Private, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) use disposition::attachment;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    let (schemas, paths, methods) = routes!(upload::upload_media);
    // The handler counts the bytes itself: the limit is the channels', not the framework's.
    let upload = (schemas, paths, methods.layer(DefaultBodyLimit::disable()));
    vec![
        Route::needs(WorkConversations, upload).once(),
        Route::needs(ReadConversations, routes!(get::get_media)),
        Route::needs(ReadConversations, routes!(content::get_media_content)),
        Route::needs(WorkConversations, routes!(fetch::fetch_media)),
    ]
}

/// State of a file's bytes here.
#[derive(Debug, ToSchema)]
#[schema(as = MediaState, rename_all = "snake_case")]
pub enum MediaStateSchema {
    /// Known, on its way.
    Pending,
    /// Here.
    Stored,
    /// Could not be had; an agent may ask for it again.
    Failed,
    /// The channel no longer has it.
    Expired,
}

/// A file of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MediaOut {
    /// Id.
    #[schema(value_type = String, example = "med_0000000000000000000000000e")]
    pub id: MediaId,
    /// State of its bytes here.
    #[schema(value_type = MediaStateSchema)]
    pub state: MediaState,
    /// Type: as detected at upload, or as the channel says.
    #[schema(example = "image/jpeg")]
    pub mime_type: String,
    /// Size in bytes, once known.
    #[schema(example = 48213)]
    pub size_bytes: Option<i64>,
    /// Name as the sender had it.
    #[schema(value_type = Option<String>, example = "factura.pdf")]
    pub filename: Option<Private>,
    /// Where its bytes are, while it is stored.
    #[schema(example = "/api/v1/media/med_0000000000000000000000000e/content")]
    pub url: Option<String>,
    /// Why it is not here.
    pub problem: Option<String>,
    /// When it became known.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: Timestamp,
}

impl From<Media> for MediaOut {
    fn from(media: Media) -> Self {
        let is_here = media.state == MediaState::Stored;
        Self {
            id: media.id,
            state: media.state,
            mime_type: media.mime_type,
            size_bytes: media.size_bytes,
            filename: media.filename,
            url: is_here.then(|| format!("/api/v1/media/{}/content", media.id)),
            problem: media.problem,
            created_at: media.created_at,
        }
    }
}
