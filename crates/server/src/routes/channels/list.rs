//! `GET /channels`

use axum::extract::State;
use centrala_domain::ChannelKind;
use centrala_domain::limits::{Limits, MediaLimit};
use centrala_store::events;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageIn, PageOut, cut};
use crate::routes::schemas::ChannelKindSchema;
use crate::state::App;

/// A kind of transport and what it carries.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelOut {
    /// Which.
    #[schema(value_type = ChannelKindSchema)]
    kind: ChannelKind,
    /// What it carries.
    limits: LimitsOut,
}

/// What a kind of transport carries.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitsOut {
    /// Longest text in characters.
    #[schema(example = 4096)]
    text_characters: usize,
    /// Longest caption in characters.
    #[schema(example = 1024)]
    caption_characters: usize,
    /// Hours after the customer's last message in which free-form messages may go out.
    #[schema(example = 24)]
    window_hours: u32,
    /// Files that can be sent, by kind. As a document any type goes.
    media: Vec<MediaLimitOut>,
    /// Largest file that comes in, in bytes.
    inbound_media_bytes: u64,
}

/// Limit of one kind of file.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaLimitOut {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    #[schema(example = "image")]
    kind: &'static str,
    /// Accepted types.
    #[schema(value_type = Vec<String>, example = json!(["image/jpeg", "image/png"]))]
    mime_types: &'static [&'static str],
    /// Largest size in bytes.
    #[schema(example = 5_242_880)]
    max_bytes: u64,
}

impl From<&Limits> for LimitsOut {
    fn from(limits: &Limits) -> Self {
        let Limits { text_characters, caption_characters, window_hours, media, inbound_media_bytes } =
            *limits;
        let media = media.iter().map(|limit| {
            let MediaLimit { kind, mime_types, max_bytes } = *limit;
            MediaLimitOut { kind, mime_types, max_bytes }
        });
        Self {
            text_characters,
            caption_characters,
            window_hours,
            media: media.collect(),
            inbound_media_bytes,
        }
    }
}

/// List the kinds of transport with their limits.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels", params(PageIn),
    responses((status = 200, description = "The kinds", body = PageOut<ChannelOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_channels(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<ChannelOut>>> {
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut all: Vec<ChannelOut> = app
        .engine
        .channels
        .all()
        .map(|channel| ChannelOut { kind: channel.kind(), limits: channel.limits().into() })
        .collect();
    all.sort_by_key(|channel| channel.kind.as_str());
    Ok(axum::Json(cut(&page, as_of, all, |channel| channel.kind, |channel| channel)?))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn composer_learns_what_a_channel_carries() {
        let app = TestApp::start().await;
        let kinds = app.shop.agent.get("/api/v1/channels").await.ok();
        let channel = &kinds["items"][0];
        assert_eq!(channel["kind"], "whatsapp_cloud");
        assert_eq!(channel["limits"]["window_hours"], 24);
        assert!(channel["limits"]["text_characters"].as_u64().unwrap() > 0);
    }
}
