//! A channel that does what its script says, and remembers every call: the outside truth of these tests.
//!
//! Its webhooks are a list of items in JSON ([`Wire`]), so that a test says what a customer did and not how a
//! provider spells it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use centrala_domain::contact::Sighting;
use centrala_domain::content::Content;
use centrala_domain::error_code::{ErrorClass, ErrorEntry};
use centrala_domain::inbound::{
    Inbound, InboundEcho, InboundMedia, InboundMessage, InboundStatus, Item, UpstreamError,
};
use centrala_domain::inbox::Connection;
use centrala_domain::limits::{Limits, MediaLimit};
use centrala_domain::message::DeliveryStatus;
use centrala_domain::ports::{
    BoxFuture, CallError, Channel, Evidence, FetchedFile, Outgoing, OutgoingFile, SendOutcome, UploadedFile,
};
use centrala_domain::{ChannelKind, MediaId, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// One item of a scripted webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wire {
    /// Which endpoint it is for; none for the one whose address was called.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    pub(crate) what: What,
}

/// What an item says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum What {
    Message {
        id: String,
        from: Sighting,
        at: i64,
        content: Content,
        reply_to: Option<String>,
    },
    /// A picture with this id at the channel.
    Picture {
        id: String,
        from: Sighting,
        at: i64,
        file: String,
    },
    Echo {
        id: String,
        to: Sighting,
        at: i64,
        content: Content,
    },
    Status {
        id: String,
        status: DeliveryStatus,
        at: i64,
        reference: Option<String>,
        error: Option<UpstreamError>,
    },
    Notice {
        field: String,
    },
    Unreadable {
        pointer: String,
        reason: String,
    },
}

impl From<What> for Wire {
    fn from(what: What) -> Self {
        Self { endpoint: None, what }
    }
}

impl Wire {
    fn read(self, new_media_id: &mut dyn FnMut() -> MediaId) -> Inbound {
        let message = |id, from, at, content, media, reply_to_upstream_id| InboundMessage {
            upstream_id: id,
            from,
            sent_at: Timestamp::from_unix_seconds(at),
            content,
            media,
            reply_to_upstream_id,
            is_forwarded: false,
            referral: None,
        };
        let item = match self.what {
            What::Message { id, from, at, content, reply_to } => {
                Item::Message(Box::new(message(id, from, at, content, None, reply_to)))
            }
            What::Picture { id, from, at, file } => {
                let media = InboundMedia {
                    id: new_media_id(),
                    upstream_id: file,
                    mime_type: "image/jpeg".into(),
                    filename: None,
                    expires_at: Timestamp::from_unix_seconds(at + 7 * 86_400),
                };
                let content = Content::Image { media: media.id, caption: None };
                Item::Message(Box::new(message(id, from, at, content, Some(media), None)))
            }
            What::Echo { id, to, at, content } => Item::Echo(Box::new(InboundEcho {
                upstream_id: id,
                to,
                sent_at: Timestamp::from_unix_seconds(at),
                content,
                media: None,
            })),
            What::Status { id, status, at, reference, error } => Item::Status(Box::new(InboundStatus {
                upstream_id: id,
                status,
                at: Timestamp::from_unix_seconds(at),
                callback_data: reference,
                recipient: Sighting::default(),
                pricing: None,
                error,
            })),
            What::Notice { field } => Item::Notice { field, value: serde_json::Value::Null },
            What::Unreadable { pointer, reason } => Item::Unreadable { pointer, reason },
        };
        Inbound { endpoint: self.endpoint, item }
    }
}

/// What a send does.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// How it ends, as seen by us.
    pub(crate) outcome: SendOutcome,
    /// The call hangs, after it reached the channel, until this is told.
    pub(crate) gate: Option<Arc<Notify>>,
    /// Turns of the runtime before the call reaches the channel: where a process may die.
    pub(crate) turns_before: usize,
    /// Turns after it did.
    pub(crate) turns_after: usize,
}

impl From<SendOutcome> for Plan {
    fn from(outcome: SendOutcome) -> Self {
        Self { outcome, gate: None, turns_before: 0, turns_after: 0 }
    }
}

/// A send that reached the channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) outgoing: Outgoing,
    /// Whether the channel kept the message: a refused one never reaches the customer.
    pub(crate) is_taken: bool,
    pub(crate) endpoint: String,
}

type SendScript = Box<dyn FnMut(&Outgoing, usize) -> Plan + Send>;
type FetchScript = Box<dyn FnMut(&str, usize) -> Result<Vec<u8>, CallError> + Send>;

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    begun: usize,
    at_once: HashMap<String, usize>,
    overlaps: usize,
    on_send: Option<SendScript>,
    on_fetch: Option<FetchScript>,
    fetches: usize,
    uploads: Vec<OutgoingFile>,
    upload_errors: Vec<CallError>,
    read: Vec<String>,
}

/// A channel that does what its script says.
#[derive(Default)]
pub(crate) struct Scripted(Mutex<State>);

static LIMITS: Limits = Limits {
    text_characters: 100,
    caption_characters: 20,
    window_hours: 24,
    media: &[
        MediaLimit { kind: "image", mime_types: &["image/jpeg"], max_bytes: 1000 },
        MediaLimit { kind: "document", mime_types: &[], max_bytes: 1000 },
    ],
    inbound_media_bytes: 10_000,
};

/// What the scripted channel carries.
pub(crate) const fn limits() -> &'static Limits {
    &LIMITS
}

/// The channel's id of a message that it took.
pub(crate) fn upstream_id(outgoing: &Outgoing) -> String {
    format!("wamid.{}", outgoing.callback_data)
}

/// The channel took it.
pub(crate) fn accepted(outgoing: &Outgoing) -> SendOutcome {
    SendOutcome::Accepted { upstream_id: upstream_id(outgoing) }
}

/// The channel refused it.
pub(crate) fn refused(class: ErrorClass) -> SendOutcome {
    let error = UpstreamError { code: 131_000, detail: "refused by the script".into() };
    SendOutcome::Refused { error, class, retry_after: None }
}

/// A call that failed.
pub(crate) fn failure(class: ErrorClass, is_gone: bool) -> CallError {
    CallError { class, code: None, is_gone, retry_after: None, detail: "failed by the script".into() }
}

impl Scripted {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what sends do: by message and number of the call, from 1.
    pub(crate) fn on_send(&self, script: impl FnMut(&Outgoing, usize) -> Plan + Send + 'static) {
        self.state().on_send = Some(Box::new(script));
    }

    /// Says what fetches give: by file and number of the call, from 1.
    pub(crate) fn on_fetch(
        &self,
        script: impl FnMut(&str, usize) -> Result<Vec<u8>, CallError> + Send + 'static,
    ) {
        self.state().on_fetch = Some(Box::new(script));
    }

    /// The next uploads fail, last one first.
    pub(crate) fn fail_uploads(&self, errors: Vec<CallError>) {
        self.state().upload_errors = errors;
    }

    /// Every send that reached the channel.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// How many fetches reached the channel.
    pub(crate) fn fetches(&self) -> usize {
        self.state().fetches
    }

    /// How many files were handed over.
    pub(crate) fn uploads(&self) -> usize {
        self.state().uploads.len()
    }

    /// The messages that were marked as read.
    pub(crate) fn read(&self) -> Vec<String> {
        self.state().read.clone()
    }

    /// How often a send to a customer began while another one to him was under way.
    pub(crate) fn overlaps(&self) -> usize {
        self.state().overlaps
    }
}

/// Counts a send to a customer that is under way, until it ends or its process dies.
struct UnderWay<'a> {
    channel: &'a Scripted,
    customer: String,
}

impl<'a> UnderWay<'a> {
    fn begin(channel: &'a Scripted, outgoing: &Outgoing) -> Self {
        let customer = outgoing.to.phone.as_ref().map_or("", |phone| phone.as_str()).to_owned();
        let mut state = channel.state();
        let at_once = state.at_once.entry(customer.clone()).or_default();
        *at_once += 1;
        if *at_once > 1 {
            state.overlaps += 1;
        }
        Self { channel, customer }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.channel.state().at_once.entry(self.customer.clone()).or_default() -= 1;
    }
}

impl Channel for Scripted {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WhatsappCloud
    }

    fn limits(&self) -> &'static Limits {
        limits()
    }

    fn explain(&self, _: i64) -> Option<&'static ErrorEntry> {
        None
    }

    fn errors(&self) -> &'static [ErrorEntry] {
        &[]
    }

    fn is_authentic(&self, _: &Connection, _: Option<&str>, _: &[u8]) -> bool {
        true
    }

    fn parse(&self, body: &[u8], new_media_id: &mut dyn FnMut() -> MediaId) -> Vec<Inbound> {
        match serde_json::from_slice::<Vec<Wire>>(body) {
            Ok(items) => items.into_iter().map(|item| item.read(new_media_id)).collect(),
            Err(error) => {
                let item = Item::Unreadable { pointer: String::new(), reason: error.to_string() };
                vec![Inbound { endpoint: None, item }]
            }
        }
    }

    fn send<'a>(&'a self, connection: &'a Connection, message: &'a Outgoing) -> BoxFuture<'a, SendOutcome> {
        Box::pin(async move {
            let under_way = UnderWay::begin(self, message);
            let plan = {
                let mut state = self.state();
                state.begun += 1;
                let nth = state.begun;
                state.on_send.as_mut().map_or_else(|| accepted(message).into(), |script| script(message, nth))
            };
            for _ in 0..plan.turns_before {
                tokio::task::yield_now().await;
            }
            let is_taken = matches!(plan.outcome, SendOutcome::Accepted { .. } | SendOutcome::Unknown { .. });
            if !matches!(plan.outcome, SendOutcome::NotSent { .. }) {
                let endpoint = connection.inbox.endpoint.clone();
                self.state().calls.push(Call { outgoing: message.clone(), is_taken, endpoint });
            }
            if let Some(gate) = plan.gate {
                gate.notified().await;
            }
            for _ in 0..plan.turns_after {
                tokio::task::yield_now().await;
            }
            drop(under_way);
            plan.outcome
        })
    }

    fn upload<'a>(
        &'a self,
        _: &'a Connection,
        file: &'a OutgoingFile,
    ) -> BoxFuture<'a, Result<UploadedFile, CallError>> {
        Box::pin(async move {
            let mut state = self.state();
            state.uploads.push(file.clone());
            let upstream_id = format!("file-{}", state.uploads.len());
            match state.upload_errors.pop() {
                Some(error) => Err(error),
                None => Ok(UploadedFile { upstream_id, lives_seconds: 30 * 86_400 }),
            }
        })
    }

    fn fetch<'a>(
        &'a self,
        _: &'a Connection,
        upstream_id: &'a str,
        to: PathBuf,
    ) -> BoxFuture<'a, Result<FetchedFile, CallError>> {
        Box::pin(async move {
            let bytes = {
                let mut state = self.state();
                state.fetches += 1;
                let nth = state.fetches;
                match state.on_fetch.as_mut() {
                    Some(script) => script(upstream_id, nth)?,
                    None => upstream_id.as_bytes().to_vec(),
                }
            };
            tokio::fs::write(&to, &bytes).await.expect("the folder takes a file");
            let size_bytes = bytes.len() as u64;
            Ok(FetchedFile { mime_type: "image/jpeg".into(), size_bytes, sha256: "0".repeat(64) })
        })
    }

    fn mark_read<'a>(&'a self, _: &'a Connection, id: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        self.state().read.push(id.to_owned());
        Box::pin(async { Ok(()) })
    }

    fn show_typing<'a>(&'a self, _: &'a Connection, _: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async { Ok(()) })
    }

    fn check<'a>(&'a self, _: &'a Connection) -> BoxFuture<'a, Vec<Evidence>> {
        Box::pin(async { Vec::new() })
    }

    fn subscribe<'a>(&'a self, _: &'a Connection, _: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async { Ok(()) })
    }
}
