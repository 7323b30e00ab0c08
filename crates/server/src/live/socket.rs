//! One live socket: replay of what was missed, then facts as they are committed and what is no fact, a few times a
//! second at most. Beside that, what the other end says of itself.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use centrala_domain::ConversationId;
use centrala_domain::event::{Event, Recorded};
use centrala_domain::permission::Permission;
use centrala_engine::attention::Screen;
use centrala_engine::live::{Batch, LiveEvent};
use centrala_store::{agents, api_tokens, conversations, events, login_sessions};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::frame::{self, Doing, FrameIn, FrameOut, MAX_REPLAY};
use super::presence::Place;
use super::room::Follower;
use super::sight::Reach;
use super::volatile::Overflow;
use crate::auth::{Caller, Via};
use crate::state::App;

/// Frames are at least this far apart; the first after a pause goes at once.
const TICK: Duration = Duration::from_millis(25);
/// Pings, which also find connections that died silently.
const PING_EVERY: Duration = Duration::from_secs(25);
/// No sign of life for this long: gone.
const SILENCE_MAX: Duration = Duration::from_secs(70);
/// A frame that cannot be handed over in this time: the client is too slow.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle and absolute ends of sessions are looked for this often; other ends are facts and come at once.
const CHECK_EVERY: Duration = Duration::from_secs(30);
/// A socket looks for facts this often without being woken: so late is the loss of a hint made good.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Facts that the client may not see are passed over silently, but not more than this many.
const TELL_SEQ_AFTER: i64 = 200;
/// What a client says of itself counts this often; of what came faster, the last.
const HEED_EVERY: Duration = Duration::from_millis(250);
/// Frames that a client may say in [`FLOOD_SPAN`]: twice what a key that is held down makes.
const FLOOD: u32 = 600;
const FLOOD_SPAN: Duration = Duration::from_secs(10);

/// Close codes of RFC 6455 section 7.4, and 4000-4999 for applications.
mod code {
    pub(super) const GOING_AWAY: u16 = 1001;
    pub(super) const TRY_AGAIN: u16 = 1013;
    pub(super) const SESSION_ENDED: u16 = 4401;
    pub(super) const TOO_SLOW: u16 = 4408;
    pub(super) const TOO_MUCH: u16 = 4429;
}

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Gone,
    GoingAway,
    SessionEnded,
    TooSlow,
    TooMuch,
    Unavailable,
}

/// How long some things take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Nothing was told for so long: a beat, which pages can see, while pings are the browser's affair.
    pub(super) beat_after: Duration,
    /// Writing that is not said again for so long is looking.
    pub(super) writing_lasts: Duration,
}

impl Pace {
    /// As clients were promised.
    pub(super) const USUAL: Self =
        Self { beat_after: Duration::from_secs(20), writing_lasts: Duration::from_secs(12) };
}

/// What the client said lately.
struct Said {
    /// Not heeded yet.
    waiting: Option<FrameIn>,
    /// From then on it is heeded.
    heed_at: Instant,
    /// Until then its agent writes.
    writing_until: Option<Instant>,
    span_began_at: Instant,
    in_span: u32,
}

struct Live {
    socket: WebSocket,
    app: App,
    caller: Caller,
    /// Wakes this socket when there may be something for it.
    follower: Follower,
    reach: Reach,
    /// Everything up to here was looked at.
    seq: i64,
    /// Everything up to here was told.
    told: i64,
    waiting: Vec<Bytes>,
    /// When a frame was told last.
    told_at: Instant,
    said: Said,
    /// Says that its agent is there.
    screen: Screen,
    pace: Pace,
}

/// Serves a socket until it ends. `after` is the number of the last fact that the client has.
pub async fn run(socket: WebSocket, app: App, caller: Caller, after: Option<i64>) {
    // First the hints, then the hub, then the log: what is committed in between is in all that follow.
    let follower = Follower::join(&app, &caller);
    let (reach, waiting, pace) = (Reach::unknown(), Vec::new(), app.rooms.pace());
    let told_at = Instant::now();
    let said = Said::nothing(told_at);
    let screen = app.engine.attention.open(caller.agent.id);
    let (seq, told) = (0, 0);
    let mut live =
        Live { socket, app, caller, follower, reach, seq, told, waiting, told_at, said, screen, pace };
    let end = match live.follow(after).await {
        Ok(never) => match never {},
        Err(end) => end,
    };
    tracing::debug!(agent.id = %live.caller.agent.id, reason = ?end, "a live socket ended");
    live.close(end).await;
}

impl Live {
    async fn follow(&mut self, after: Option<i64>) -> Result<std::convert::Infallible, End> {
        let mut hub = self.app.engine.live.subscribe(self.caller.workspace);
        self.catch_up(after).await?;
        self.look(&mut hub).await?;
        let shutdown = self.app.shutdown.clone();
        let stopped = shutdown.cancelled();
        tokio::pin!(stopped);
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.tick().await;
        let mut heard_at = Instant::now();
        let (mut flush_at, mut ping_at, mut check_at) =
            (heard_at, heard_at + PING_EVERY, heard_at + CHECK_EVERY);
        loop {
            tokio::select! {
                () = &mut stopped => return Err(End::GoingAway),
                message = self.socket.recv() => match message {
                    None | Some(Err(_)) => return Err(End::Gone),
                    // Whatever comes is a sign of life.
                    Some(Ok(message)) => {
                        heard_at = Instant::now();
                        self.said.hear(&message, heard_at)?;
                    }
                },
                () = self.follower.hinted() => self.look(&mut hub).await?,
                () = sleep_until(flush_at), if self.has_news() => {}
                () = sleep_until(self.said.heed_at), if self.said.waiting.is_some() => {}
                _ = looks.tick() => {
                    self.look(&mut hub).await?;
                    let now = Instant::now();
                    if now >= ping_at {
                        if heard_at.elapsed() > SILENCE_MAX {
                            return Err(End::Gone);
                        }
                        self.send(Message::Ping(Bytes::new())).await?;
                        ping_at = now + PING_EVERY;
                    }
                    if now >= check_at {
                        self.check_session().await?;
                        check_at = now + CHECK_EVERY;
                    }
                    if self.said.writing_until.take_if(|until| *until <= now).is_some() {
                        self.rest_the_pen();
                    }
                    // Facts that wait for their turn are a sign of life by themselves.
                    if now >= self.told_at + self.pace.beat_after && !self.has_facts() {
                        self.beat().await?;
                    }
                }
            }
            if self.said.waiting.is_some() && Instant::now() >= self.said.heed_at {
                self.heed().await?;
                self.said.heed_at = Instant::now() + HEED_EVERY;
            }
            if self.has_news() && Instant::now() >= flush_at {
                self.flush_facts().await?;
                self.flush_mail(&mut hub).await?;
                flush_at = Instant::now() + TICK;
            }
        }
    }

    /// Does what the client said.
    async fn heed(&mut self) -> Result<(), End> {
        let Some(FrameIn::Presence { conversation, doing, is_away }) = self.said.waiting.take() else {
            return Ok(());
        };
        if is_away {
            self.screen.leave();
        } else {
            self.screen.note(self.app.store.clock().now());
        }
        let place = match (conversation, self.follower.at()) {
            (None, _) => None,
            (Some(there), Some(at)) if at.conversation == there => Some(Place { doing, ..at }),
            (Some(there), _) => self.find_place(there, doing).await?,
        };
        let is_writing = place.is_some() && doing != Doing::Looking;
        self.said.writing_until = is_writing.then(|| Instant::now() + self.pace.writing_lasts);
        self.follower.go(place);
        Ok(())
    }

    /// Where the client says that it is, if it may see that; what it may not see is nowhere.
    async fn find_place(&mut self, there: ConversationId, doing: Doing) -> Result<Option<Place>, End> {
        let mut reader = self.app.store.read().await.map_err(unavailable)?;
        let found =
            conversations::find(&self.caller.scope(), &mut reader, there).await.map_err(unavailable)?;
        Ok(found.map(|found| Place { conversation: there, inbox: found.inbox, doing }))
    }

    fn rest_the_pen(&mut self) {
        let at = self.follower.at().map(|at| Place { doing: Doing::Looking, ..at });
        self.follower.go(at);
    }

    async fn beat(&mut self) -> Result<(), End> {
        self.told = self.seq;
        self.send(Message::Text(FrameOut::Beat { seq: self.seq }.text())).await
    }

    /// Looks at everything that the hub has, and tells the room what this socket sees if that has changed.
    async fn look(&mut self, hub: &mut Receiver<Arc<Batch>>) -> Result<(), End> {
        loop {
            match hub.try_recv() {
                Ok(batch) => self.take(&batch).await?,
                Err(TryRecvError::Lagged(_)) => return Err(End::TooSlow),
                Err(TryRecvError::Closed) => return Err(End::Unavailable),
                Err(TryRecvError::Empty) if self.follower.is_placed() && self.reach.is_current(&self.app) => {
                    return Ok(());
                }
                // Once more afterwards: of what was committed until the room knew, it gave no hint.
                Err(TryRecvError::Empty) => {
                    self.renew_reach().await?;
                    self.follower.place(&self.reach);
                }
            }
        }
    }

    async fn renew_reach(&mut self) -> Result<(), End> {
        if !self.reach.is_current(&self.app) {
            self.reach = Reach::of(&self.app, &self.caller).await.map_err(unavailable)?;
        }
        Ok(())
    }

    fn has_news(&self) -> bool {
        self.has_facts() || self.follower.has_mail()
    }

    fn has_facts(&self) -> bool {
        !self.waiting.is_empty() || self.seq - self.told >= TELL_SEQ_AFTER
    }

    /// Replays what was missed, or tells the client to load anew.
    async fn catch_up(&mut self, after: Option<i64>) -> Result<(), End> {
        let scope = self.caller.scope();
        let mut reader = self.app.store.read().await.map_err(unavailable)?;
        let last = events::last_seq(&scope, &mut reader).await.map_err(unavailable)?;
        let after = after.unwrap_or(last);
        if after > last || last - after > MAX_REPLAY {
            drop(reader);
            (self.seq, self.told) = (last, last);
            return self.send(Message::Text(frame::resync(last))).await;
        }
        let missed = events::after(&scope, &mut reader, after, MAX_REPLAY).await.map_err(unavailable)?;
        drop(reader);
        self.seq = after;
        for recorded in missed {
            self.look_at(&LiveEvent::new(recorded)).await?;
        }
        // Also when there is nothing: the client learns where it stands.
        self.tell_facts().await
    }

    async fn take(&mut self, batch: &Arc<Batch>) -> Result<(), End> {
        if batch.seq_from > self.seq + 1 {
            self.fill_gap(batch.seq_from).await?;
        }
        for event in &batch.events {
            if event.recorded.seq > self.seq {
                self.look_at(event).await?;
            }
        }
        Ok(())
    }

    /// Facts of another process, which the hub did not hand over.
    async fn fill_gap(&mut self, before: i64) -> Result<(), End> {
        let missing = before - self.seq - 1;
        if missing > MAX_REPLAY {
            return Err(End::TooSlow);
        }
        let mut reader = self.app.store.read().await.map_err(unavailable)?;
        let missed: Vec<Recorded> =
            events::after(&self.caller.scope(), &mut reader, self.seq, missing).await.map_err(unavailable)?;
        drop(reader);
        for recorded in missed {
            self.look_at(&LiveEvent::new(recorded)).await?;
        }
        Ok(())
    }

    async fn look_at(&mut self, event: &LiveEvent) -> Result<(), End> {
        let fact = &event.recorded.event;
        self.app.sight.learn(self.caller.workspace, &event.recorded);
        if concerns_caller(fact, &self.caller) {
            self.check_session().await?;
        }
        self.renew_reach().await?;
        let may_know = self.reach.covers(&self.app, &self.caller, fact, &event.inbox);
        if may_know.await.map_err(unavailable)? {
            self.waiting.push(event.json.clone());
        }
        self.seq = event.recorded.seq;
        Ok(())
    }

    async fn flush_facts(&mut self) -> Result<(), End> {
        if self.has_facts() { self.tell_facts().await } else { Ok(()) }
    }

    async fn flush_mail(&mut self, hub: &mut Receiver<Arc<Batch>>) -> Result<(), End> {
        if !self.follower.has_mail() {
            return Ok(());
        }
        let letters = self.follower.mail().map_err(|Overflow| End::TooSlow)?;
        // After they were taken: whether this socket may still see what they are about.
        self.look(hub).await?;
        for letter in letters {
            if letter.inbox.is_none_or(|inbox| self.reach.sees(inbox)) {
                self.send(Message::Text(letter.text)).await?;
            }
        }
        Ok(())
    }

    async fn tell_facts(&mut self) -> Result<(), End> {
        let frame = frame::events(&self.waiting, self.seq);
        self.waiting.clear();
        self.told = self.seq;
        self.send(Message::Text(frame)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        if matches!(message, Message::Text(_)) {
            self.told_at = Instant::now();
        }
        match timeout(SEND_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::TooSlow),
        }
    }

    /// Whether the session or token still stands; takes a new role over.
    async fn check_session(&mut self) -> Result<(), End> {
        let scope = self.caller.scope();
        let mut reader = self.app.store.read().await.map_err(unavailable)?;
        let is_standing = match self.caller.via {
            Via::Session(id) => {
                let session = login_sessions::find(&scope, &mut reader, id).await.map_err(unavailable)?;
                session.is_some_and(|session| self.app.is_session_standing(&session))
            }
            Via::Token(id) => api_tokens::find(&scope, &mut reader, id)
                .await
                .map_err(unavailable)?
                .is_some_and(|token| token.revoked_at.is_none()),
        };
        let agent = agents::find(&scope, &mut reader, self.caller.agent.id).await.map_err(unavailable)?;
        match agent {
            Some(agent)
                if is_standing
                    && agent.disabled_at.is_none()
                    && agent.role.may(Permission::ReadConversations) =>
            {
                if agent.role != self.caller.agent.role {
                    self.reach = Reach::unknown();
                }
                self.caller.agent = agent;
                Ok(())
            }
            Some(_) | None => Err(End::SessionEnded),
        }
    }

    async fn last_seq(&mut self) -> centrala_store::Result<i64> {
        let mut reader = self.app.store.read().await?;
        events::last_seq(&self.caller.scope(), &mut reader).await
    }

    async fn close(&mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::GoingAway => (code::GOING_AWAY, "the server stops"),
            End::SessionEnded => (code::SESSION_ENDED, "the session ended"),
            End::TooSlow => (code::TOO_SLOW, "too slow"),
            End::TooMuch => (code::TOO_MUCH, "too much was said"),
            End::Unavailable => (code::TRY_AGAIN, "not available now"),
        };
        if end == End::TooSlow {
            let last = self.last_seq().await.unwrap_or(self.told);
            let _ = self.send(Message::Text(frame::resync(last))).await;
        }
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // It ends either way.
        let _ = self.send(Message::Close(Some(frame))).await;
    }
}

impl Said {
    fn nothing(now: Instant) -> Self {
        Self { waiting: None, heed_at: now, writing_until: None, span_began_at: now, in_span: 0 }
    }

    /// Takes in what the client says. Of several things that were not heeded yet, the last one counts.
    fn hear(&mut self, message: &Message, now: Instant) -> Result<(), End> {
        if now.duration_since(self.span_began_at) >= FLOOD_SPAN {
            (self.span_began_at, self.in_span) = (now, 0);
        }
        self.in_span += 1;
        if self.in_span > FLOOD {
            return Err(End::TooMuch);
        }
        match message {
            Message::Text(text) => {
                self.waiting = FrameIn::read(text).or(self.waiting);
                Ok(())
            }
            Message::Close(_) => Err(End::Gone),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
fn unavailable(error: centrala_store::Error) -> End {
    tracing::warn!(error = %error, "a live socket could not read the database");
    End::Unavailable
}

/// Whether a fact may end the session of the caller or change what he may do.
fn concerns_caller(event: &Event, caller: &Caller) -> bool {
    match event {
        Event::AgentChanged { agent, .. }
        | Event::AgentDisabled { agent }
        | Event::PasswordChanged { agent }
        | Event::SignedOut { agent }
        | Event::ApiTokenRevoked { agent, .. } => *agent == caller.agent.id,
        Event::WorkspaceCreated
        | Event::WorkspaceChanged
        | Event::AgentAdded { .. }
        | Event::AgentEnabled { .. }
        | Event::SignedIn { .. }
        | Event::ApiTokenCreated { .. }
        | Event::InboxCreated { .. }
        | Event::InboxChanged { .. }
        | Event::InboxMembersChanged { .. }
        | Event::InboxCredentialChanged { .. }
        | Event::InboxNoticeReceived { .. }
        | Event::ReceiptRejected { .. }
        | Event::ContactCreated { .. }
        | Event::ContactChanged { .. }
        | Event::IdentitiesMerged { .. }
        | Event::ConversationOpened { .. }
        | Event::ConversationReopened { .. }
        | Event::ConversationWaiting { .. }
        | Event::ConversationAssigned { .. }
        | Event::ConversationUnassigned { .. }
        | Event::ConversationSnoozed { .. }
        | Event::ConversationResolved { .. }
        | Event::ConversationRead { .. }
        | Event::ConversationMarkedUnread { .. }
        | Event::ConversationMerged { .. }
        | Event::ConversationLabelled { .. }
        | Event::ConversationUnlabelled { .. }
        | Event::MessageReceived { .. }
        | Event::MessageQueued { .. }
        | Event::MessageEchoed { .. }
        | Event::MessageStatusChanged { .. }
        | Event::MessageNeedsDecision { .. }
        | Event::MessageReacted { .. }
        | Event::MessageEdited { .. }
        | Event::MessageRevoked { .. }
        | Event::MediaChanged { .. }
        | Event::NoteAdded { .. }
        | Event::NoteDeleted { .. }
        | Event::LabelCreated { .. }
        | Event::LabelChanged { .. }
        | Event::LabelDeleted { .. } => false,
    }
}
