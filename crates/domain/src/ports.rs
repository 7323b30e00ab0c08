//! The outside world as the engine sees it: signatures only. `server` plugs implementations in.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use crate::channel::ChannelKind;
use crate::contact::{Identity, PhoneNumber};
use crate::content::Content;
use crate::error_code::{ErrorClass, ErrorEntry};
use crate::inbound::{Inbound, UpstreamError};
use crate::inbox::Connection;
use crate::limits::Limits;
use crate::push::{PushAddress, PushNotice};
use crate::{MediaId, Private, Timestamp};

/// A future that can be kept behind `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Tells the time. Tests move it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Whether nobody set it since the program began: whether a long time by this clock was one.
    fn is_steady(&self) -> bool {
        true
    }
}

/// How we speak with customers on one kind of transport.
pub trait Channel: Send + Sync {
    /// Which kind.
    fn kind(&self) -> ChannelKind;

    /// What it can carry.
    fn limits(&self) -> &'static Limits;

    /// The catalogue entry of an error code.
    fn explain(&self, code: i64) -> Option<&'static ErrorEntry>;

    /// The whole catalogue.
    fn errors(&self) -> &'static [ErrorEntry];

    /// Whether the body was signed with one of the connection's secrets. `signature` is the header's value.
    fn is_authentic(&self, connection: &Connection, signature: Option<&str>, body: &[u8]) -> bool;

    /// Takes a raw webhook apart. Pure; never fails: what cannot be read is an item of its own.
    /// `new_media_id` makes ids for files in it.
    fn parse(&self, body: &[u8], new_media_id: &mut dyn FnMut() -> MediaId) -> Vec<Inbound>;

    /// Sends one message, once. Must not retry by itself.
    fn send<'a>(&'a self, connection: &'a Connection, message: &'a Outgoing) -> BoxFuture<'a, SendOutcome>;

    /// Hands a file over, so that it can be sent by the channel's id.
    fn upload<'a>(
        &'a self,
        connection: &'a Connection,
        file: &'a OutgoingFile,
    ) -> BoxFuture<'a, Result<UploadedFile, CallError>>;

    /// Fetches a file of a customer's message into `to` (a path that does not exist yet), at most
    /// `limits().inbound_media_bytes`.
    fn fetch<'a>(
        &'a self,
        connection: &'a Connection,
        upstream_id: &'a str,
        to: PathBuf,
    ) -> BoxFuture<'a, Result<FetchedFile, CallError>>;

    /// Tells the customer that his message was read.
    fn mark_read<'a>(
        &'a self,
        connection: &'a Connection,
        upstream_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>>;

    /// Shows the customer that somebody types; `upstream_id` is a message of his.
    fn show_typing<'a>(
        &'a self,
        connection: &'a Connection,
        upstream_id: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>>;

    /// Asks the channel about the endpoint: one line of evidence for each question.
    fn check<'a>(&'a self, connection: &'a Connection) -> BoxFuture<'a, Vec<Evidence>>;

    /// Asks the channel to deliver webhooks to `callback_url`.
    fn subscribe<'a>(
        &'a self,
        connection: &'a Connection,
        callback_url: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>>;
}

/// How browsers are woken: the push services of their makers.
pub trait Push: Send + Sync {
    /// Hands a notice over, once. `key` is what the workspace proves itself with.
    fn send<'a>(
        &'a self,
        key: &'a Private<Vec<u8>>,
        to: &'a PushAddress,
        notice: PushNotice,
    ) -> BoxFuture<'a, PushOutcome>;
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The push service took it.
    Taken,
    /// The browser is not subscribed any more.
    Gone,
    /// Perhaps later.
    Later {
        /// How long the push service asks to wait.
        retry_after: Option<std::time::Duration>,
        /// What happened, without the address.
        detail: String,
    },
    /// Never with the same request.
    Refused {
        /// What happened, without the address.
        detail: String,
    },
}

/// A message on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// To whom.
    pub to: Recipient,
    /// What. Never a kind that customers only send.
    pub content: Content,
    /// The channel's id of the content's file.
    pub upstream_media_id: Option<String>,
    /// The channel's id of the message it answers.
    pub reply_to_upstream_id: Option<String>,
    /// Comes back with every status: [`crate::inbound::callback_data`].
    pub callback_data: String,
}

/// Whom a message goes to. At least one is present.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipient {
    /// Phone.
    pub phone: Option<PhoneNumber>,
    /// Business-scoped user id.
    pub bsuid: Option<Private>,
}

impl Recipient {
    /// How to reach an identity now.
    #[must_use]
    pub fn of(identity: &Identity) -> Self {
        use crate::contact::AddressKind::{Bsuid, Phone};
        Self {
            phone: identity.current(Phone).and_then(|address| PhoneNumber::parse(address.value.expose())),
            bsuid: identity.current(Bsuid).map(|address| address.value.clone()),
        }
    }

    /// Whether there is no way to reach him.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.phone.is_none() && self.bsuid.is_none()
    }
}

/// How one try to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The channel took it.
    Accepted {
        /// The channel's id.
        upstream_id: String,
    },
    /// It certainly did not go out, and the channel said nothing about the message: the connection was refused
    /// or the name not found.
    NotSent {
        /// What happened.
        detail: String,
    },
    /// The channel refused it.
    Refused {
        /// The error.
        error: UpstreamError,
        /// What to do about it.
        class: ErrorClass,
        /// How long the channel asks to wait.
        retry_after: Option<std::time::Duration>,
    },
    /// Bytes left and no answer came: it may have gone out.
    Unknown {
        /// What happened.
        detail: String,
    },
}

/// Why a call other than a send failed. All of these calls are safe to repeat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct CallError {
    /// What to do about it.
    pub class: ErrorClass,
    /// The channel's code, if it answered.
    pub code: Option<i64>,
    /// The thing asked for is gone for good (an expired file).
    pub is_gone: bool,
    /// How long the channel asks to wait.
    pub retry_after: Option<std::time::Duration>,
    /// What happened, without personal data.
    pub detail: String,
}

/// A file on its way out.
#[derive(Debug, Clone)]
pub struct OutgoingFile {
    /// Where its bytes are.
    pub path: PathBuf,
    /// Its type.
    pub mime_type: String,
    /// Its name.
    pub filename: Option<Private>,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// A file that the channel has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// The channel's id.
    pub upstream_id: String,
    /// Seconds until the channel forgets it.
    pub lives_seconds: u64,
}

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its type, as the channel said at download.
    pub mime_type: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
}

/// One line of evidence about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// What was asked: `token`, `phone_number`, `webhook`, `sending`.
    pub check: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen, without secrets. Its `Display` says it in English.
    pub found: Found,
    /// The channel's code, if it gave one.
    pub code: Option<i64>,
}

/// What a check saw, as a name with its values. A name keeps its meaning; new ones are added.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "code", content = "params", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the members say what the variant's sentence names")]
pub enum Found {
    /// The channel could not be asked now.
    NotAsked { why: String },
    /// The channel refused to answer.
    Refused { why: String },
    /// The app id or the app secret is not set, so the token cannot be looked at.
    AppNotSet,
    /// The access token is valid and does not expire.
    TokenFine,
    /// The access token is valid for some time.
    TokenExpires { at: Timestamp },
    /// The access token is not valid.
    TokenInvalid { why: String },
    /// The access token lacks a permission.
    TokenLacks { permission: String },
    /// The access token belongs to another app.
    TokenOfAnotherApp,
    /// What the channel says of the number, in its own words; none where it says nothing.
    Number { status: Option<String>, quality: Option<String>, name_status: Option<String>, is_test: bool },
    /// The app is not subscribed to the account's webhooks.
    NotSubscribed,
    /// The app is subscribed, with an address of its own for this account.
    SubscribedHere,
    /// The app is subscribed, with the app's own webhook address.
    SubscribedByApp,
    /// Whether the channel lets the number send, in its own words, and what stands in the way.
    Sending { state: Option<String>, obstacles: Vec<Obstacle> },
}

/// Something that stands in the way of sending, in the channel's own words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Obstacle {
    /// Which part of the endpoint: `PHONE_NUMBER`, `WABA`, ...
    pub part: Option<String>,
    /// The channel's code.
    pub error_code: Option<i64>,
    /// What is wrong.
    pub description: String,
    /// What to do about it.
    pub solution: String,
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let given = |text: &Option<String>| text.clone().unwrap_or_else(|| "not given".into());
        match self {
            Self::NotAsked { why } | Self::Refused { why } => f.write_str(why),
            Self::AppNotSet => f.write_str("the app id or the app secret is not set"),
            Self::TokenFine => f.write_str("the access token is valid and does not expire"),
            Self::TokenExpires { at } => write!(f, "the access token is valid until {at}"),
            Self::TokenInvalid { why } => write!(f, "the access token is not valid: {why}"),
            Self::TokenLacks { permission } => {
                write!(f, "the access token lacks the permission {permission}")
            }
            Self::TokenOfAnotherApp => f.write_str("the access token belongs to another app"),
            Self::Number { status, quality, name_status, is_test } => {
                let (status, quality, name) = (given(status), given(quality), given(name_status));
                let test = if *is_test { ", test number" } else { "" };
                write!(f, "status {status}, quality {quality}, display name {name}{test}")
            }
            Self::NotSubscribed => f.write_str("the app is not subscribed to the account's webhooks"),
            Self::SubscribedHere => {
                f.write_str("the app is subscribed, with an address of its own for this account")
            }
            Self::SubscribedByApp => f.write_str("the app is subscribed, with the app's own webhook address"),
            Self::Sending { state, obstacles } => {
                write!(f, "sending is {}", given(state))?;
                for Obstacle { part, description, solution, error_code: _ } in obstacles {
                    let part = part.as_deref().unwrap_or("part");
                    write!(f, "; {part}: {}", format!("{description} {solution}").trim_end())?;
                }
                Ok(())
            }
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Works, but someone should look.
    Warning,
    /// Does not work.
    Broken,
    /// Could not be found out.
    Unknown,
}
