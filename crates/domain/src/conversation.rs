//! A bounded exchange with one identity in one inbox, and its life cycle.
//!
//! The functions here are pure: they change the value in hand and return the facts. Whoever loads and saves
//! it lives in the engine and the store.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::{AgentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Timestamp};

/// State in the life cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Wants an answer.
    Open,
    /// Answered; waits for the customer.
    Waiting,
    /// Hidden until a time or until the customer writes.
    Snoozed,
    /// Done.
    Resolved,
}

impl Status {
    /// All, in the order of a board.
    pub const ALL: [Self; 4] = [Self::Open, Self::Waiting, Self::Snoozed, Self::Resolved];

    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// A conversation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Id.
    pub id: ConversationId,
    /// Through which endpoint.
    pub inbox: InboxId,
    /// With whom.
    pub contact: ContactId,
    /// With which of his identities.
    pub identity: IdentityId,
    /// State.
    pub status: Status,
    /// Owner.
    pub assignee: Option<AgentId>,
    /// When a snoozed one comes back.
    pub snoozed_until: Option<Timestamp>,
    /// Inbound messages since an agent last read it.
    pub unread: i64,
    /// Newest listed message.
    pub last_message: Option<MessageId>,
    /// Position of that message; lists are ordered by it.
    pub last_message_at: Timestamp,
    /// Provider's time of the customer's newest message; opens the service window.
    pub last_inbound_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last resolved.
    pub resolved_at: Option<Timestamp>,
    /// The conversation that this one was merged into, when two identities turned out to be one.
    pub merged_into: Option<ConversationId>,
}

/// How long after being resolved a conversation takes a further message of the customer, instead of a new one
/// being opened. A "thank you" the next morning belongs to the same matter.
pub const REOPEN_WITHIN: Duration = Duration::from_secs(24 * 3600);

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else already owns it.
    #[error("the conversation already has another owner")]
    AlreadyAssigned {
        /// Who.
        to: AgentId,
    },
    /// The wake-up time is not in the future.
    #[error("a snooze ends in the future")]
    SnoozeInThePast,
    /// It is resolved; reopen it first.
    #[error("the conversation is resolved")]
    Resolved,
}

impl Conversation {
    /// A new one, before its first message.
    #[must_use]
    pub const fn open(
        id: ConversationId,
        inbox: InboxId,
        contact: ContactId,
        identity: IdentityId,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            inbox,
            contact,
            identity,
            status: Status::Open,
            assignee: None,
            snoozed_until: None,
            unread: 0,
            last_message: None,
            last_message_at: at,
            last_inbound_at: None,
            created_at: at,
            resolved_at: None,
            merged_into: None,
        }
    }

    /// The fact of its opening.
    #[must_use]
    pub const fn opened(&self) -> Event {
        Event::ConversationOpened {
            conversation: self.id,
            inbox: self.inbox,
            contact: self.contact,
            identity: self.identity,
        }
    }

    /// Until when free-form messages may go out.
    #[must_use]
    pub fn window_until(&self, window: Duration) -> Option<Timestamp> {
        self.last_inbound_at.map(|at| at.plus(window))
    }

    /// Whether free-form messages may go out.
    #[must_use]
    pub fn is_window_open(&self, window: Duration, now: Timestamp) -> bool {
        self.window_until(window).is_some_and(|until| now < until)
    }

    /// Whether a customer's message at `at` still belongs to this resolved conversation.
    #[must_use]
    pub fn takes_up_again(&self, at: Timestamp) -> bool {
        self.merged_into.is_none()
            && self.resolved_at.is_some_and(|resolved| at.since(resolved) < REOPEN_WITHIN)
    }

    /// The customer wrote. Messages may arrive late and in any order, so only newer ones move the times on.
    /// `is_listed` is false for reactions, edits and revokes: they open the window, but want no answer.
    pub fn on_inbound(
        &mut self,
        message: MessageId,
        sent_at: Timestamp,
        position: Timestamp,
        is_listed: bool,
    ) -> Vec<Event> {
        self.last_inbound_at = Some(self.last_inbound_at.map_or(sent_at, |last| last.max(sent_at)));
        if !is_listed {
            return Vec::new();
        }
        self.unread += 1;
        self.note_newest(message, position);
        match self.status {
            Status::Open => Vec::new(),
            Status::Waiting | Status::Snoozed | Status::Resolved => vec![self.reopened()],
        }
    }

    /// We wrote.
    pub fn on_outbound(&mut self, message: MessageId, position: Timestamp) -> Vec<Event> {
        self.unread = 0;
        self.note_newest(message, position);
        match self.status {
            Status::Waiting => Vec::new(),
            Status::Open | Status::Snoozed | Status::Resolved => {
                self.status = Status::Waiting;
                self.snoozed_until = None;
                self.resolved_at = None;
                vec![Event::ConversationWaiting { conversation: self.id }]
            }
        }
    }

    /// The business wrote from its phone. Unlike what goes out from here, that may arrive late: the customer may
    /// have written since, and then still waits for an answer.
    pub fn on_echo(&mut self, message: MessageId, position: Timestamp) -> Vec<Event> {
        if self.is_newest(message, position) {
            return self.on_outbound(message, position);
        }
        Vec::new()
    }

    /// Whether a message would be the newest.
    #[must_use]
    pub fn is_newest(&self, message: MessageId, position: Timestamp) -> bool {
        self.last_message.is_none() || (position, Some(message)) > (self.last_message_at, self.last_message)
    }

    /// Keeps the newest message; the id decides between equal positions, so that order of arrival does not.
    pub fn note_newest(&mut self, message: MessageId, position: Timestamp) {
        if self.is_newest(message, position) {
            self.last_message = Some(message);
            self.last_message_at = position;
        }
    }

    /// Makes an agent the owner, whoever owned it before.
    ///
    /// # Errors
    /// None today; the signature leaves room for rules about who may take over.
    pub fn assign(&mut self, to: AgentId) -> Option<Event> {
        if self.assignee == Some(to) {
            return None;
        }
        let from = self.assignee.replace(to);
        Some(Event::ConversationAssigned { conversation: self.id, to, from })
    }

    /// Takes it for oneself, only if nobody owns it.
    ///
    /// # Errors
    /// [`ChangeError::AlreadyAssigned`] when somebody else does.
    pub fn claim(&mut self, by: AgentId) -> Result<Option<Event>, ChangeError> {
        match self.assignee {
            Some(to) if to != by => Err(ChangeError::AlreadyAssigned { to }),
            Some(_) => Ok(None),
            None => Ok(self.assign(by)),
        }
    }

    /// Gives it back.
    pub fn unassign(&mut self) -> Option<Event> {
        let from = self.assignee.take()?;
        Some(Event::ConversationUnassigned { conversation: self.id, from })
    }

    /// Hides it until a time.
    ///
    /// # Errors
    /// [`ChangeError::SnoozeInThePast`]; [`ChangeError::Resolved`].
    pub fn snooze(&mut self, until: Timestamp, now: Timestamp) -> Result<Option<Event>, ChangeError> {
        if until <= now {
            return Err(ChangeError::SnoozeInThePast);
        }
        if self.status == Status::Resolved {
            return Err(ChangeError::Resolved);
        }
        if self.status == Status::Snoozed && self.snoozed_until == Some(until) {
            return Ok(None);
        }
        self.status = Status::Snoozed;
        self.snoozed_until = Some(until);
        Ok(Some(Event::ConversationSnoozed { conversation: self.id, until }))
    }

    /// A snooze ran out: it is open, and unread, as it stands among others where its last message put it and would
    /// not be seen there. Nothing happens when it was woken, resolved or snoozed anew in the meantime.
    pub fn wake(&mut self, now: Timestamp) -> Vec<Event> {
        let is_due = self.status == Status::Snoozed && self.snoozed_until.is_some_and(|until| until <= now);
        if !is_due {
            return Vec::new();
        }
        std::iter::once(self.reopened()).chain(self.unread()).collect()
    }

    /// Closes the matter.
    pub fn resolve(&mut self, now: Timestamp) -> Option<Event> {
        if self.status == Status::Resolved {
            return None;
        }
        self.status = Status::Resolved;
        self.snoozed_until = None;
        self.resolved_at = Some(now);
        self.unread = 0;
        Some(Event::ConversationResolved { conversation: self.id, at: now })
    }

    /// Opens it again. Nothing happens to an open one, or to one that was merged away.
    pub fn reopen(&mut self) -> Option<Event> {
        (self.status != Status::Open && self.merged_into.is_none()).then(|| self.reopened())
    }

    /// An agent has seen everything.
    pub fn read(&mut self) -> Option<Event> {
        if self.unread == 0 {
            return None;
        }
        self.unread = 0;
        Some(Event::ConversationRead { conversation: self.id })
    }

    /// An agent wants to see it as unread again.
    pub fn unread(&mut self) -> Option<Event> {
        if self.unread > 0 {
            return None;
        }
        self.unread = 1;
        Some(Event::ConversationMarkedUnread { conversation: self.id })
    }

    fn reopened(&mut self) -> Event {
        self.status = Status::Open;
        self.snoozed_until = None;
        self.resolved_at = None;
        Event::ConversationReopened { conversation: self.id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn conversation() -> Conversation {
        let n = |n: u128| Uuid::from_u128(n);
        Conversation::open(
            ConversationId(n(1)),
            InboxId(n(2)),
            ContactId(n(3)),
            IdentityId(n(4)),
            Timestamp(0),
        )
    }

    fn agent(n: u128) -> AgentId {
        AgentId(Uuid::from_u128(n))
    }

    #[test]
    fn second_claim_is_refused_and_names_the_owner() {
        let mut it = conversation();
        assert!(it.claim(agent(1)).unwrap().is_some());
        assert_eq!(it.claim(agent(1)), Ok(None));
        assert_eq!(it.claim(agent(2)), Err(ChangeError::AlreadyAssigned { to: agent(1) }));
        assert_eq!(it.assignee, Some(agent(1)));
    }

    #[test]
    fn answer_makes_it_wait_and_the_customer_reopens_it() {
        let mut it = conversation();
        let message = |n: u128| MessageId(Uuid::from_u128(n));
        it.on_inbound(message(1), Timestamp(10), Timestamp(10), true);
        assert_eq!((it.status, it.unread), (Status::Open, 1));
        it.on_outbound(message(2), Timestamp(20));
        assert_eq!((it.status, it.unread), (Status::Waiting, 0));
        let events = it.on_inbound(message(3), Timestamp(30), Timestamp(30), true);
        assert_eq!(events, vec![Event::ConversationReopened { conversation: it.id }]);
    }

    #[test]
    fn reaction_opens_the_window_but_asks_for_no_answer() {
        let mut it = conversation();
        it.status = Status::Waiting;
        assert!(it.on_inbound(MessageId(Uuid::from_u128(1)), Timestamp(10), Timestamp(10), false).is_empty());
        assert_eq!((it.status, it.unread, it.last_message), (Status::Waiting, 0, None));
        assert_eq!(it.last_inbound_at, Some(Timestamp(10)));
    }

    #[test]
    fn echo_that_arrives_late_does_not_answer_what_came_after_it() {
        let mut it = conversation();
        let message = |n: u128| MessageId(Uuid::from_u128(n));
        it.on_inbound(message(1), Timestamp(10), Timestamp(10), true);
        assert_eq!(it.on_echo(message(2), Timestamp(5)), vec![]);
        assert_eq!((it.status, it.unread, it.last_message), (Status::Open, 1, Some(message(1))));
        assert_eq!(it.on_echo(message(3), Timestamp(15)).len(), 1);
        assert_eq!((it.status, it.unread), (Status::Waiting, 0));
    }

    #[test]
    fn window_closes_at_its_end_and_late_messages_do_not_move_it_back() {
        let mut it = conversation();
        let hour = Duration::from_secs(3600);
        it.on_inbound(MessageId(Uuid::from_u128(1)), Timestamp(5_000_000), Timestamp(5_000_000), true);
        it.on_inbound(MessageId(Uuid::from_u128(2)), Timestamp(1_000_000), Timestamp(1_000_000), true);
        let end = Timestamp(5_000_000).plus(hour);
        assert_eq!(it.window_until(hour), Some(end));
        assert!(it.is_window_open(hour, Timestamp(end.0 - 1)));
        assert!(!it.is_window_open(hour, end));
        assert_eq!(it.last_message_at, Timestamp(5_000_000));
    }

    #[test]
    fn snooze_that_was_moved_does_not_wake_at_the_old_time() {
        let mut it = conversation();
        it.snooze(Timestamp(100), Timestamp(0)).unwrap();
        it.snooze(Timestamp(200), Timestamp(0)).unwrap();
        assert_eq!(it.wake(Timestamp(150)), []);
        let conversation = it.id;
        let woken =
            [Event::ConversationReopened { conversation }, Event::ConversationMarkedUnread { conversation }];
        assert_eq!(it.wake(Timestamp(200)), woken);
        assert_eq!((it.status, it.unread), (Status::Open, 1));
        assert_eq!(it.snooze(Timestamp(5), Timestamp(5)), Err(ChangeError::SnoozeInThePast));
    }

    proptest! {
        #[test]
        fn newest_message_does_not_depend_on_order_of_arrival(
            mut arrivals in proptest::collection::vec((0i64..50, 1u128..1000), 1..20),
            turn in 0usize..20,
        ) {
            arrivals.sort_by_key(|a| a.1);
            arrivals.dedup_by_key(|a| a.1);
            let run = |order: &[(i64, u128)]| {
                let mut it = conversation();
                for (at, id) in order {
                    it.on_inbound(MessageId(Uuid::from_u128(*id)), Timestamp(*at), Timestamp(*at), true);
                }
                it
            };
            let mut turned = arrivals.clone();
            turned.rotate_left(turn % arrivals.len());
            prop_assert_eq!(run(&arrivals), run(&turned));
        }
    }
}
