//! Who is at which conversation now, and when that is told.
//!
//! True while the sockets are open that said so, and for the sockets of this process; nothing of it is kept. Not
//! here: who may say where he is (`socket`), who is told (`room`), and how (`volatile`).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use centrala_domain::{AgentId, ConversationId, InboxId};
use tokio::time::Instant;

use super::frame::{AgentHere, Doing, FrameOut};

/// A conversation of which was told rests so long: typing of many is one frame, and not one for each key.
const REST: Duration = Duration::from_secs(1);

/// Everybody who is somewhere.
#[derive(Default)]
pub(super) struct Presence {
    conversations: HashMap<ConversationId, Gathering>,
    /// Where each socket is.
    sockets: HashMap<u64, ConversationId>,
    /// The ends of rests; all are equally long, so they come in order.
    rests: VecDeque<(Instant, ConversationId)>,
}

/// Where somebody is, and what he does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Where.
    pub(super) conversation: ConversationId,
    /// Its inbox: who sees it is told.
    pub(super) inbox: InboxId,
    /// What.
    pub(super) doing: Doing,
}

/// What is to be told of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct News {
    /// Which.
    pub(super) conversation: ConversationId,
    /// Its inbox.
    pub(super) inbox: InboxId,
    /// The frame.
    pub(super) text: Utf8Bytes,
}

struct Gathering {
    inbox: InboxId,
    here: Vec<(u64, AgentId, Doing)>,
    /// As it was told last.
    told: BTreeMap<AgentId, Doing>,
    text: Utf8Bytes,
    is_resting: bool,
}

impl Presence {
    /// Moves a socket, or takes it away; gives what is to be told at once.
    pub(super) fn put(
        &mut self,
        socket: u64,
        agent: AgentId,
        place: Option<Place>,
        now: Instant,
    ) -> Vec<News> {
        let left = self.sockets.remove(&socket);
        if let Some(left) = left.and_then(|left| self.conversations.get_mut(&left)) {
            left.here.retain(|(number, ..)| *number != socket);
        }
        if let Some(Place { conversation, inbox, doing }) = place {
            self.sockets.insert(socket, conversation);
            let there = self.conversations.entry(conversation).or_insert_with(|| Gathering::at(inbox));
            there.here.push((socket, agent, doing));
        }
        let entered = place.map(|place| place.conversation);
        let touched = [entered, left.filter(|left| Some(*left) != entered)];
        touched.into_iter().flatten().filter_map(|conversation| self.tell(conversation, now)).collect()
    }

    /// When the next rest ends.
    pub(super) fn next_rest(&self) -> Option<Instant> {
        self.rests.front().map(|(until, _)| *until)
    }

    /// Ends the rests that are over; gives what changed during them.
    pub(super) fn wake(&mut self, now: Instant) -> Vec<News> {
        let mut news = Vec::new();
        while let Some((_, conversation)) = self.rests.pop_front_if(|(until, _)| *until <= now) {
            if let Some(rested) = self.conversations.get_mut(&conversation) {
                rested.is_resting = false;
            }
            news.extend(self.tell(conversation, now));
        }
        news
    }

    /// What was told last of every conversation where somebody is.
    pub(super) fn told(&self) -> impl Iterator<Item = News> {
        let told = self.conversations.iter().filter(|(_, there)| !there.told.is_empty());
        told.map(|(conversation, there)| there.news(*conversation))
    }

    fn tell(&mut self, conversation: ConversationId, now: Instant) -> Option<News> {
        let there = self.conversations.get_mut(&conversation).filter(|there| !there.is_resting)?;
        let agents = there.agents();
        if agents == there.told {
            if agents.is_empty() {
                self.conversations.remove(&conversation);
            }
            return None;
        }
        there.text = frame(conversation, &agents);
        there.told = agents;
        there.is_resting = true;
        self.rests.push_back((now + REST, conversation));
        Some(there.news(conversation))
    }
}

impl Gathering {
    fn at(inbox: InboxId) -> Self {
        Self { inbox, here: Vec::new(), told: BTreeMap::new(), text: Utf8Bytes::default(), is_resting: false }
    }

    /// Each agent once, with the strongest of what he does there.
    fn agents(&self) -> BTreeMap<AgentId, Doing> {
        let mut agents = BTreeMap::new();
        for (_, agent, doing) in &self.here {
            let strongest = agents.entry(*agent).or_insert(*doing);
            *strongest = (*strongest).max(*doing);
        }
        agents
    }

    fn news(&self, conversation: ConversationId) -> News {
        News { conversation, inbox: self.inbox, text: self.text.clone() }
    }
}

fn frame(conversation: ConversationId, agents: &BTreeMap<AgentId, Doing>) -> Utf8Bytes {
    let agents = agents.iter().map(|(agent, doing)| AgentHere { agent: *agent, doing: *doing }).collect();
    FrameOut::Presence { conversation, agents }.text()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn conversation(n: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(n))
    }

    fn agent(n: u128) -> AgentId {
        AgentId(Uuid::from_u128(n))
    }

    fn at(n: u128, doing: Doing) -> Option<Place> {
        Some(Place { conversation: conversation(n), inbox: InboxId(Uuid::from_u128(1)), doing })
    }

    /// What is said of which conversation.
    fn said(news: &[News]) -> Vec<(ConversationId, Value)> {
        let read = |news: &News| serde_json::from_str::<Value>(&news.text).unwrap()["agents"].clone();
        news.iter().map(|news| (news.conversation, read(news))).collect()
    }

    fn here(agents: &[(u128, &str)]) -> Value {
        agents.iter().map(|(n, doing)| json!({"agent": agent(*n), "doing": doing})).collect()
    }

    #[test]
    fn first_change_is_told_at_once_and_what_follows_after_a_rest() {
        let (mut presence, start) = (Presence::default(), Instant::now());
        let news = presence.put(1, agent(1), at(7, Doing::Looking), start);
        assert_eq!(said(&news), [(conversation(7), here(&[(1, "looking")]))]);
        for (socket, doing) in [(2, Doing::Looking), (2, Doing::Replying), (3, Doing::Looking)] {
            assert_eq!(presence.put(socket, agent(socket.into()), at(7, doing), start), []);
        }
        assert_eq!(presence.wake(start + REST / 2), []);
        assert_eq!(presence.next_rest(), Some(start + REST));
        let news = presence.wake(start + REST);
        let everybody = here(&[(1, "looking"), (2, "replying"), (3, "looking")]);
        assert_eq!(said(&news), [(conversation(7), everybody)]);
    }

    #[test]
    fn nothing_is_told_when_nothing_changed() {
        let (mut presence, start) = (Presence::default(), Instant::now());
        presence.put(1, agent(1), at(7, Doing::Replying), start);
        let later = start + 3 * REST;
        assert_eq!(presence.wake(later), []);
        assert_eq!(presence.put(1, agent(1), at(7, Doing::Replying), later), []);
        assert_eq!(presence.next_rest(), None);
        // Away and back during one rest.
        presence.put(2, agent(2), at(7, Doing::Looking), later);
        presence.put(2, agent(2), None, later);
        presence.put(2, agent(2), at(7, Doing::Looking), later);
        assert_eq!(presence.wake(later + REST), []);
    }

    #[test]
    fn moving_is_told_of_both_conversations() {
        let (mut presence, start) = (Presence::default(), Instant::now());
        presence.put(1, agent(1), at(7, Doing::Looking), start);
        presence.wake(start + REST);
        let news = presence.put(1, agent(1), at(8, Doing::Noting), start + REST);
        let both = [(conversation(8), here(&[(1, "noting")])), (conversation(7), here(&[]))];
        assert_eq!(said(&news), both);
        assert_eq!(presence.told().count(), 1);
    }

    #[test]
    fn several_sockets_of_one_agent_are_one_with_the_strongest_doing() {
        let (mut presence, start) = (Presence::default(), Instant::now());
        presence.put(1, agent(1), at(7, Doing::Looking), start);
        presence.put(2, agent(1), at(7, Doing::Noting), start);
        presence.put(3, agent(1), at(7, Doing::Replying), start);
        assert_eq!(said(&presence.wake(start + REST)), [(conversation(7), here(&[(1, "replying")]))]);
        presence.put(3, agent(1), None, start + REST);
        assert_eq!(said(&presence.wake(start + 2 * REST)), [(conversation(7), here(&[(1, "noting")]))]);
        presence.put(2, agent(1), None, start + 2 * REST);
        presence.put(1, agent(1), None, start + 2 * REST);
        assert_eq!(said(&presence.wake(start + 3 * REST)), [(conversation(7), here(&[]))]);
    }

    #[test]
    fn nothing_is_left_where_nobody_is() {
        let (mut presence, start) = (Presence::default(), Instant::now());
        for round in 0..3 {
            let now = start + round * 2 * REST;
            for n in 0..50 {
                presence.put(1, agent(1), at(n, Doing::Looking), now);
            }
            presence.put(1, agent(1), None, now);
        }
        presence.wake(start + 20 * REST);
        presence.wake(start + 40 * REST);
        assert!(
            presence.conversations.is_empty() && presence.sockets.is_empty() && presence.rests.is_empty()
        );
    }

    #[test]
    fn of_a_conversation_is_told_at_most_once_in_a_rest() {
        let (mut presence, start) = (Presence::default(), Instant::now());
        let mut told: HashMap<ConversationId, Vec<Instant>> = HashMap::new();
        for n in 0..2000_u32 {
            let now = start + n * Duration::from_millis(7);
            let doing = [Doing::Looking, Doing::Noting, Doing::Replying][(n % 3) as usize];
            let socket = u64::from(n % 5);
            let place = at(u128::from(n % 4), doing).filter(|_| n % 11 != 0);
            let news =
                presence.wake(now).into_iter().chain(presence.put(socket, agent(socket.into()), place, now));
            for news in news {
                told.entry(news.conversation).or_default().push(now);
            }
        }
        assert_eq!(told.len(), 4);
        for times in told.values() {
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= REST));
        }
    }
}
