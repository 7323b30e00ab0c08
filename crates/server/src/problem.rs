//! Errors of the API as RFC 9457 problems, one slug for each; the screens translate by slug.
//!
//! A handler returns a [`Problem`]; the edge ([`crate::edge`]) writes the body, because it knows the request's
//! id. Not here: when a problem happens.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use centrala_store::Error as StoreError;
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! problems {
    ($($(#[doc = $doc:literal])+ $name:ident = $slug:literal, $status:ident, $en:literal, $ro:literal;)+) => {
        /// Every kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Slug {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Slug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in `type`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// Title in English.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $en,)+ }
            }

            /// Title in Romanian.
            #[must_use]
            pub const fn title_ro(self) -> &'static str {
                match self { $(Self::$name => $ro,)+ }
            }

            /// What it means and what to do.
            const fn explanation(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($doc),+],)+ }
            }
        }
    };
}

problems! {
    /// The request is not what the operation takes. `errors` points at what is wrong.
    MalformedRequest = "malformed-request", BAD_REQUEST, "The request cannot be read", "Cererea nu poate fi citită";
    /// An id in the path or the body is not an id of that kind of thing.
    InvalidId = "invalid-id", BAD_REQUEST, "Not an id of that kind", "Identificatorul nu este de felul cerut";
    /// The cursor was not made by this list. Begin again without `after`.
    InvalidCursor = "invalid-cursor", BAD_REQUEST, "The cursor is not valid", "Cursorul nu este valid";
    /// The values break a rule. `errors` says which and where.
    InvalidInput = "invalid-input", UNPROCESSABLE_ENTITY, "The values are not valid", "Valorile nu sunt valide";
    /// Sign in first, or send a valid API token.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Not signed in", "Nu sunteți autentificat";
    /// The e-mail address and the password do not belong together, or the account is disabled.
    WrongCredentials = "wrong-credentials", UNAUTHORIZED, "Wrong e-mail address or password", "Adresă de e-mail sau parolă greșită";
    /// A webhook without a valid signature of its inbox.
    InvalidSignature = "invalid-signature", UNAUTHORIZED, "The signature is not valid", "Semnătura nu este validă";
    /// Your role does not allow this.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed", "Nu aveți permisiunea";
    /// A state-changing request with a session cookie came from another site, or without saying from where.
    ForeignOrigin = "foreign-origin", FORBIDDEN, "The request comes from another site", "Cererea vine de pe alt site";
    /// The one-time set-up link is wrong or has expired. Start the server again for a new one.
    SetupLinkInvalid = "setup-link-invalid", FORBIDDEN, "The set-up link is not valid", "Linkul de configurare nu este valid";
    /// The verification handshake of a webhook does not match the inbox.
    HandshakeRefused = "handshake-refused", FORBIDDEN, "The handshake is refused", "Verificarea este refuzată";
    /// There is no such thing, or you may not see it.
    NotFound = "not-found", NOT_FOUND, "Not found", "Nu a fost găsit";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not allowed here", "Metoda nu este permisă aici";
    /// The request took too long to arrive.
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "The request took too long", "Cererea a durat prea mult";
    /// The thing is not in the state that this change needs. `detail` says why.
    Conflict = "conflict", CONFLICT, "It has changed meanwhile", "S-a schimbat între timp";
    /// An agent with this e-mail address exists already.
    EmailTaken = "email-taken", CONFLICT, "The e-mail address is taken", "Adresa de e-mail este folosită deja";
    /// A label of this name exists already, regardless of case and diacritics.
    LabelNameTaken = "label-name-taken", CONFLICT, "A label of this name exists", "Există deja o etichetă cu acest nume";
    /// This number or account is connected already.
    InboxAlreadyConnected = "inbox-already-connected", CONFLICT, "Already connected", "Este deja conectat";
    /// The workspace needs at least one owner who can sign in.
    LastOwner = "last-owner", CONFLICT, "The last owner stays", "Ultimul proprietar rămâne";
    /// A request with the same Idempotency-Key is still under way. Try again shortly.
    IdempotencyInProgress = "idempotency-in-progress", CONFLICT, "The same request is under way", "Aceeași cerere este în curs";
    /// The Idempotency-Key was used for another request. Use a new key.
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The key was used for another request", "Cheia a fost folosită pentru altă cerere";
    /// The password breaks a rule. `errors` says which.
    PasswordRefused = "password-refused", UNPROCESSABLE_ENTITY, "The password is not strong enough", "Parola nu este destul de puternică";
    /// Somebody else owns the conversation already. `errors` says who.
    AlreadyAssigned = "already-assigned", CONFLICT, "Somebody else owns it already", "Aparține deja altcuiva";
    /// The conversation is resolved. Reopen it first.
    ConversationResolved = "conversation-resolved", CONFLICT, "The conversation is resolved", "Conversația este rezolvată";
    /// The customer has a newer open conversation in the same inbox. Go on there.
    AnotherOpen = "another-open", CONFLICT, "The customer has another open conversation", "Clientul are altă conversație deschisă";
    /// The agent has 1,000 drafts. Send or delete some of them first.
    TooManyDrafts = "too-many-drafts", CONFLICT, "There are too many drafts", "Sunt prea multe ciorne";
    /// You are told of messages on 20 devices. Turn that off on one of them first.
    TooManyDevices = "too-many-devices", CONFLICT, "There are too many devices", "Sunt prea multe dispozitive";
    /// The customer has not written in this conversation, so there is no message that this could refer to.
    NoInboundMessage = "no-inbound-message", CONFLICT, "The customer has not written yet", "Clientul nu a scris încă";
    /// The customer last wrote too long ago: only a template may go out. `errors` says since when.
    WindowClosed = "window-closed", UNPROCESSABLE_ENTITY, "The service window is closed", "Fereastra de răspuns s-a închis";
    /// The client id was used for another message. Use a new one.
    ClientIdReused = "client-id-reused", CONFLICT, "The client id was used for another message", "Identificatorul a fost folosit pentru alt mesaj";
    /// The channel does not take a file of this type or size. `errors` says which, `detail` the largest size.
    MediaNotAccepted = "media-not-accepted", UNPROCESSABLE_ENTITY, "The channel does not take this file", "Canalul nu acceptă acest fișier";
    /// No address of the customer is known that the channel could send to.
    NoAddress = "no-address", CONFLICT, "No address of the customer is known", "Nu se cunoaște nicio adresă a clientului";
    /// Only a message that failed, or whose outcome nobody knows, is tried again.
    MessageNotFailed = "message-not-failed", CONFLICT, "The message did not fail", "Mesajul nu a eșuat";
    /// Only a message whose outcome could not be proven is settled: its `needs_decision` says so.
    NothingToDecide = "nothing-to-decide", CONFLICT, "There is nothing to decide", "Nu este nimic de decis";
    /// The file is on its way. Ask again when its state has changed.
    MediaPending = "media-pending", CONFLICT, "The file is not here yet", "Fișierul nu a sosit încă";
    /// The file could not be fetched. Ask for it again with `POST /media/{id}/fetch`.
    MediaFailed = "media-failed", CONFLICT, "The file could not be fetched", "Fișierul nu a putut fi adus";
    /// The channel no longer has the file.
    MediaExpired = "media-expired", GONE, "The file is gone", "Fișierul nu mai există";
    /// The file is here, or on its way, or never came from a channel.
    MediaNotNeeded = "media-not-needed", CONFLICT, "The file need not be fetched", "Fișierul nu trebuie adus";
    /// The wanted range lies outside of the file. `Content-Range` says how large it is.
    RangeNotSatisfiable = "range-not-satisfiable", RANGE_NOT_SATISFIABLE, "The range lies outside of the file", "Intervalul este în afara fișierului";
    /// The delivery waits to be applied already.
    ReceiptWaiting = "receipt-waiting", CONFLICT, "The delivery waits already", "Livrarea așteaptă deja";
    /// The body is larger than the operation takes.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "Too large", "Prea mare";
    /// The body must be sent as `application/json`.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The content type is not supported", "Tipul conținutului nu este acceptat";
    /// Too many tries. Wait as long as `Retry-After` says.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests", "Prea multe cereri";
    /// The channel did not do what was asked. `detail` holds what it said.
    ChannelRefused = "channel-refused", BAD_GATEWAY, "The channel refused", "Canalul a refuzat";
    /// The push service of the browser's maker did not take the notice. `detail` says why.
    PushServiceRefused = "push-service-refused", BAD_GATEWAY, "The push service did not take it", "Serviciul de notificări nu a preluat mesajul";
    /// A fault of the server. The request's id leads to the log line.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here", "Ceva nu a mers la noi";
    /// The server or its database cannot take it now. Wait as long as `Retry-After` says.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available now", "Indisponibil acum";
}

impl Slug {
    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|slug| slug.as_str() == text)
    }
}

/// What can be wrong with one value: the name, and what it means. A name keeps its meaning; new ones are added.
pub const FIELD_CODES: &[(&str, &str)] = &[
    ("invalid", "does not fit the rule that `detail` tells"),
    ("not-json", "is not JSON"),
    ("missing", "is missing"),
    ("not-supported", "is not taken here"),
    ("empty", "has nothing in it"),
    ("length", "does not have `min` to `max` characters, or has control characters"),
    ("too-short", "has less than `min` characters"),
    ("too-long", "has more than `max`; of characters where it is a text"),
    ("too-many", "has more than `max` items"),
    ("too-common", "is a password among the first that are guessed"),
    ("range", "is not between `min` and `max`"),
    ("characters", "has other characters than visible ASCII"),
    ("digits", "does not have 1 to `max` digits and nothing else"),
    ("email", "is not an e-mail address"),
    ("address", "is not an http or https address without user, query and fragment"),
    ("version", "is not a version such as v26.0"),
    ("color", "is not a colour, `#rrggbb`"),
    ("time-zone", "is not the name of a time zone"),
    ("backwards", "does not end after it begins"),
    ("overlap", "begins before another one has ended"),
    ("in-the-past", "is not in the future"),
    ("quiet-hours", "has no length, begins at the end of a day, or begins on no day"),
    ("not-found", "names something that is not there"),
    ("not-an-owner", "names somebody who cannot own this conversation"),
    ("already-assigned", "belongs to `agent` already"),
    ("window-closed", "is closed since `since`"),
    ("kind", "is of a kind that cannot be sent"),
    ("coordinates", "is no place on earth"),
    ("emoji", "is not one emoji"),
    ("type", "has a type that the channel does not take"),
    ("size", "has more than `max_bytes` bytes"),
];

/// The names of [`FIELD_CODES`], for the description of the API.
fn field_code_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(FIELD_CODES.iter().map(|(code, _)| *code)))
        .description(Some("What is wrong, for programs. New ones are added."))
        .build()
}

/// One wrong value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the body (JSON pointer), or the name of a parameter.
    #[schema(example = "/name")]
    pub pointer: String,
    /// What is wrong, for programs: what to say about it is the screen's.
    #[schema(schema_with = field_code_schema)]
    pub code: String,
    /// The values of the rule that was broken, such as `max`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, serde_json::Value>, required = false, example = json!({"min": 1, "max": 40}))]
    pub params: BTreeMap<&'static str, serde_json::Value>,
    /// What is wrong, in English.
    #[schema(example = "a label's name has 1 to 40 characters")]
    pub detail: String,
}

/// The body of every error (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemOut {
    /// Stable name: `/problems/<slug>`, a page that explains it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    /// Short title in English.
    #[schema(example = "Not found")]
    pub title: String,
    /// HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the request, as in the `X-Request-Id` header and the log.
    #[schema(example = "trc_0000000000000000000000000e")]
    pub instance: String,
    /// What is wrong with which value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A problem on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    slug: Slug,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem without more to say.
    #[must_use]
    pub const fn new(slug: Slug) -> Self {
        Self { slug, detail: None, errors: Vec::new(), retry_after: None }
    }

    /// Says what happened this time. Never with personal data or secrets.
    #[must_use]
    pub fn detail(mut self, detail: impl std::fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// Says how long to wait.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Points at a wrong value. The code is one of [`FIELD_CODES`].
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, code: &str, detail: impl std::fmt::Display) -> Self {
        debug_assert!(FIELD_CODES.iter().any(|(known, _)| *known == code), "{code} is not in FIELD_CODES");
        self.errors.push(FieldError {
            pointer: pointer.into(),
            code: code.into(),
            params: BTreeMap::new(),
            detail: detail.to_string(),
        });
        self
    }

    /// Adds a value of the rule that was broken to the wrong value that was pointed at last.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        if let Some(error) = self.errors.last_mut() {
            error.params.insert(name, value.into());
        }
        self
    }

    /// One value that breaks a rule with a name.
    #[must_use]
    pub fn wrong(pointer: &str, code: &str, rule: impl std::fmt::Display) -> Self {
        Self::new(Slug::InvalidInput).at(pointer, code, rule)
    }

    /// A text that is too short or too long; in characters.
    #[must_use]
    pub fn length(pointer: &str, min: usize, max: usize, rule: impl std::fmt::Display) -> Self {
        Self::wrong(pointer, "length", rule).with("min", min).with("max", max)
    }

    /// One value that breaks a rule.
    #[must_use]
    pub fn invalid(pointer: &str, rule: impl std::fmt::Display) -> Self {
        Self::new(Slug::InvalidInput).at(pointer, "invalid", rule)
    }

    /// The same problem about a value of another name.
    #[must_use]
    pub fn moved(mut self, pointer: &str) -> Self {
        for error in &mut self.errors {
            pointer.clone_into(&mut error.pointer);
        }
        self
    }

    /// There is no such thing, or the caller may not see it: one answer for both.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(Slug::NotFound)
    }

    /// Which one.
    #[must_use]
    pub const fn slug(&self) -> Slug {
        self.slug
    }

    /// The body.
    #[must_use]
    pub fn body(&self, request: &str) -> ProblemOut {
        ProblemOut {
            kind: format!("/problems/{}", self.slug.as_str()),
            title: self.slug.title().to_owned(),
            status: self.slug.status().as_u16(),
            detail: self.detail.clone(),
            instance: request.to_owned(),
            errors: self.errors.clone(),
        }
    }

    /// The whole answer to a request.
    #[must_use]
    pub fn answer(&self, request: &str) -> Response {
        let body = serde_json::to_vec(&self.body(request)).unwrap_or_default();
        let mut response = (self.slug.status(), body).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let wait = match self.slug.status() {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some(self.retry_after.unwrap_or(Duration::from_secs(5)))
            }
            _ => self.retry_after,
        };
        if let Some(wait) = wait {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.slug.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Slug> for Problem {
    fn from(slug: Slug) -> Self {
        Self::new(slug)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) | StoreError::Retry(_) => {
                tracing::warn!(error = %error, "the database cannot answer now");
                Self::new(Slug::Unavailable)
            }
            StoreError::Conflict(_) => {
                tracing::info!(error = %error, "a constraint refused a change");
                Self::new(Slug::Conflict)
            }
            StoreError::Corrupt(_) => {
                tracing::error!(error = %error, "stored data cannot be read");
                Self::new(Slug::Internal)
            }
        }
    }
}

/// The problem that an answer without one of ours stands for (what the framework made by itself).
#[must_use]
pub fn of_status(status: StatusCode) -> Option<Problem> {
    let slug = match status {
        StatusCode::NOT_FOUND => Slug::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Slug::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Slug::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Slug::UnsupportedMediaType,
        StatusCode::REQUEST_TIMEOUT => Slug::RequestTimeout,
        StatusCode::UNAUTHORIZED => Slug::Unauthenticated,
        StatusCode::FORBIDDEN => Slug::Forbidden,
        StatusCode::UNPROCESSABLE_ENTITY => Slug::InvalidInput,
        StatusCode::SERVICE_UNAVAILABLE => Slug::Unavailable,
        other if other.is_client_error() => Slug::MalformedRequest,
        other if other.is_server_error() => Slug::Internal,
        _ => return None,
    };
    Some(Problem::new(slug))
}

/// The page that explains a problem. Plain HTML without anything to load.
#[must_use]
pub fn page(slug: Slug) -> String {
    let explanation: String = slug.explanation().iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1>\
         <p lang=\"ro\">{ro}</p><p>{explanation}</p><p>HTTP {status}, <code>{slug}</code></p></html>",
        title = slug.title(),
        ro = slug.title_ro(),
        status = slug.status().as_u16(),
        slug = slug.as_str(),
    )
}

/// The reference page of all problems.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(
        "# Problems\n\n<!-- Generated by `UPDATE=1 cargo test -p centrala`; change `crates/server/src/problem.rs`. -->\n\n\
         Every error of the API is an RFC 9457 problem. `type` is `/problems/<slug>`; the slug never changes its\n\
         meaning. `instance` is the id of the request. `429` and `503` carry `Retry-After`.\n\n\
         | Slug | Status | Title | Titlu | Meaning |\n|---|---|---|---|---|\n",
    );
    for slug in Slug::ALL {
        let meaning: String = slug.explanation().iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {meaning} |",
            slug.as_str(),
            slug.status().as_u16(),
            slug.title(),
            slug.title_ro()
        );
    }
    page.push_str(
        "\n## What is wrong with a value\n\n`errors` of a problem names a value by `pointer`, what is wrong with it by \
         `code`, and the rule's values in `params`.\n\n| Code | The value |\n|---|---|\n",
    );
    for (code, meaning) in FIELD_CODES {
        let _ = writeln!(page, "| `{code}` | {meaning} |");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_value_carries_the_rule_that_it_breaks() {
        let problem = Problem::length("/name", 1, 100, "a name has 1 to 100 characters").body("trc_1");
        let error = serde_json::to_value(&problem.errors[0]).unwrap();
        let expected = serde_json::json!({"pointer": "/name", "code": "length", "params": {"min": 1, "max": 100},
            "detail": "a name has 1 to 100 characters"});
        assert_eq!(error, expected);
        let without = Problem::wrong("/email", "email", "not an address").body("trc_1");
        assert!(serde_json::to_value(&without.errors[0]).unwrap().get("params").is_none());
    }

    #[test]
    fn every_slug_is_read_back() {
        for slug in Slug::ALL {
            assert_eq!(Slug::parse(slug.as_str()), Some(*slug));
        }
    }

    #[test]
    fn waiting_is_told_where_waiting_helps() {
        let answer = Problem::new(Slug::Unavailable).answer("trc_1");
        assert_eq!(answer.headers()[header::RETRY_AFTER], "5");
        let answer = Problem::new(Slug::TooManyRequests).retry_after(Duration::from_millis(1200)).answer("x");
        assert_eq!(answer.headers()[header::RETRY_AFTER], "2");
        assert!(Problem::not_found().answer("x").headers().get(header::RETRY_AFTER).is_none());
    }

    #[test]
    fn reference_page_is_up_to_date() {
        crate::testing::compare_with_file("docs/reference/problems.md", &reference());
    }
}
