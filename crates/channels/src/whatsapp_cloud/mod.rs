//! WhatsApp through Meta's Cloud API, behind [`Channel`]. The facts are those of `cloud-api.md`.
//!
//! Here stands only what belongs to which port; the work is in the modules. Not here: templates, interactive
//! messages, groups and calls.

mod check;
mod client;
mod content;
mod errors;
mod inbound;
mod json;
mod limits;
mod media;
mod messages;
mod outbound;
mod people;
mod refusal;
mod signature;
mod statuses;

use std::path::PathBuf;

use centrala_domain::error_code::ErrorEntry;
use centrala_domain::inbound::Inbound;
use centrala_domain::inbox::Connection;
use centrala_domain::limits::Limits;
use centrala_domain::ports::{
    BoxFuture, CallError, Channel, Evidence, FetchedFile, Outgoing, OutgoingFile, SendOutcome, UploadedFile,
};
use centrala_domain::{ChannelKind, MediaId};

use crate::http::{self, ClientError, Timeouts};

/// The channel. It holds nothing but its HTTP client; every call says through which endpoint.
#[derive(Debug, Clone)]
pub struct WhatsappCloud {
    client: reqwest::Client,
    timeouts: Timeouts,
}

impl WhatsappCloud {
    /// Makes the channel.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(timeouts: Timeouts) -> Result<Self, ClientError> {
        Ok(Self { client: http::client(timeouts)?, timeouts })
    }
}

impl Channel for WhatsappCloud {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WhatsappCloud
    }

    fn limits(&self) -> &'static Limits {
        &limits::LIMITS
    }

    fn explain(&self, code: i64) -> Option<&'static ErrorEntry> {
        errors::explain(code)
    }

    fn errors(&self) -> &'static [ErrorEntry] {
        errors::catalogue()
    }

    fn is_authentic(&self, connection: &Connection, signature: Option<&str>, body: &[u8]) -> bool {
        signature::is_authentic(&connection.secrets.app_secrets, signature, body)
    }

    fn parse(&self, body: &[u8], new_media_id: &mut dyn FnMut() -> MediaId) -> Vec<Inbound> {
        inbound::parse(body, new_media_id)
    }

    fn send<'a>(&'a self, connection: &'a Connection, message: &'a Outgoing) -> BoxFuture<'a, SendOutcome> {
        Box::pin(client::send(&self.client, connection, message))
    }

    fn upload<'a>(
        &'a self,
        connection: &'a Connection,
        file: &'a OutgoingFile,
    ) -> BoxFuture<'a, Result<UploadedFile, CallError>> {
        Box::pin(media::upload(&self.client, connection, file, self.timeouts.transfer))
    }

    fn fetch<'a>(
        &'a self,
        connection: &'a Connection,
        upstream_id: &'a str,
        to: PathBuf,
    ) -> BoxFuture<'a, Result<FetchedFile, CallError>> {
        Box::pin(async move {
            media::fetch(&self.client, connection, upstream_id, &to, self.timeouts.transfer).await
        })
    }

    fn mark_read<'a>(
        &'a self,
        connection: &'a Connection,
        upstream_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(client::mark_read(&self.client, connection, upstream_id, false))
    }

    fn show_typing<'a>(
        &'a self,
        connection: &'a Connection,
        upstream_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(client::mark_read(&self.client, connection, upstream_id, true))
    }

    fn check<'a>(&'a self, connection: &'a Connection) -> BoxFuture<'a, Vec<Evidence>> {
        Box::pin(check::check(&self.client, connection))
    }

    fn subscribe<'a>(
        &'a self,
        connection: &'a Connection,
        callback_url: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(check::subscribe(&self.client, connection, callback_url))
    }
}
