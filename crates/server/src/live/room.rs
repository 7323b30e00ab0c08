//! Who is woken by which facts. A fact reaches a socket through the hub alone, and the socket itself decides
//! whether it may be told: here is only the hint that there is something worth looking at.
//!
//! Without it every socket of a workspace would wake for every commit, mostly to find that the fact is not for
//! it. A hint too many costs a look; a hint too few is made good when the socket looks by itself. So whatever is
//! in doubt wakes everybody.
//!
//! What is no fact goes into mailboxes (`volatile`): of those who may see it, or of one agent.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use centrala_domain::event::Visibility;
use centrala_domain::{AgentId, InboxId, WorkspaceId};
use centrala_engine::live::{BEHIND, Batch};
use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::presence::{News, Place, Presence};
use super::sight::{self, Reach, changes_members};
use super::socket::Pace;
use super::volatile::{About, Letter, Mailbox, Overflow};
use crate::auth::Caller;
use crate::state::App;

/// Commits after which everybody looks, so that nobody whom nothing concerns falls behind the hub.
const LOOK_AFTER: usize = BEHIND / 4;

/// The rooms that somebody is in, one for each workspace.
#[derive(Default)]
pub struct Rooms {
    rooms: Mutex<HashMap<WorkspaceId, Arc<Room>>>,
    /// Held by whoever reads a state to tell it.
    turn: tokio::sync::Mutex<()>,
    #[cfg(test)]
    pace: Mutex<Option<Pace>>,
}

/// The sockets of a workspace.
#[derive(Default)]
struct Room {
    places: Mutex<Places>,
    /// Ends the task that hands out hints.
    is_empty: CancellationToken,
    /// A conversation began to rest from being told of.
    is_resting: Notify,
}

#[derive(Default)]
struct Places {
    next: u64,
    everybody: HashMap<u64, Arc<Ear>>,
    /// Woken by every fact: who sees every inbox, and who has not said yet what he sees.
    everywhere: HashMap<u64, Arc<Ear>>,
    in_inbox: HashMap<InboxId, HashMap<u64, Arc<Ear>>>,
    of_agent: HashMap<AgentId, HashMap<u64, Arc<Ear>>>,
    presence: Presence,
    #[cfg(test)]
    is_losing_hints: bool,
}

#[derive(Default)]
struct Ear {
    hint: Notify,
    /// Whether it is where its owner said; if not, it is everywhere.
    is_placed: AtomicBool,
    mailbox: Mailbox,
    #[cfg(test)]
    hints: std::sync::atomic::AtomicUsize,
}

impl Ear {
    fn wake(&self) {
        #[cfg(test)]
        self.hints.fetch_add(1, Ordering::Relaxed);
        self.hint.notify_one();
    }

    fn post(&self, about: About, letter: Letter) {
        self.mailbox.put(about, letter);
        self.wake();
    }
}

/// A socket's place in a room. It begins by hearing of everything.
pub(super) struct Follower {
    app: App,
    workspace: WorkspaceId,
    agent: AgentId,
    room: Arc<Room>,
    number: u64,
    ear: Arc<Ear>,
    inboxes: Option<Arc<[InboxId]>>,
    /// It was told who is where in what this covers.
    told_of: Reach,
    /// Where it said that its agent is.
    at: Option<Place>,
}

/// Who has to look.
#[derive(Debug, PartialEq, Eq)]
enum Concerned {
    Everybody,
    /// The members of these inboxes, and who sees every inbox.
    MembersOf(HashSet<InboxId>),
}

impl Follower {
    /// Enters the room of a workspace; the first one starts the task that hands out hints there.
    pub(super) fn join(app: &App, caller: &Caller) -> Self {
        let (workspace, agent) = (caller.workspace, caller.agent.id);
        let mut rooms = lock(&app.rooms.rooms);
        let room = rooms.entry(workspace).or_insert_with(|| {
            let room = Arc::<Room>::default();
            // Subscribed before the room has anybody: nothing is committed unheard in between.
            let batches = app.engine.live.subscribe(workspace);
            app.beside(hand_out_hints(app.clone(), workspace, room.clone(), batches));
            room
        });
        let (room, ear) = (room.clone(), Arc::<Ear>::default());
        let mut places = lock(&room.places);
        let number = places.next;
        places.next += 1;
        places.everybody.insert(number, ear.clone());
        places.everywhere.insert(number, ear.clone());
        places.of_agent.entry(agent).or_default().insert(number, ear.clone());
        drop(places);
        let (app, told_of) = (app.clone(), Reach::unknown());
        Self { app, workspace, agent, room, number, ear, inboxes: None, told_of, at: None }
    }

    /// Waits for a hint.
    pub(super) async fn hinted(&self) {
        self.ear.hint.notified().await;
    }

    /// Whether something that is no fact waits.
    pub(super) fn has_mail(&self) -> bool {
        !self.ear.mailbox.is_empty()
    }

    /// Takes what waits that is no fact.
    pub(super) fn mail(&self) -> Result<impl Iterator<Item = Letter> + use<>, Overflow> {
        self.ear.mailbox.empty()
    }

    /// Whether the room knows what this one sees.
    pub(super) fn is_placed(&self) -> bool {
        self.ear.is_placed.load(Ordering::Acquire)
    }

    /// Says what this one sees, unless that has changed again.
    pub(super) fn place(&mut self, reach: &Reach) {
        let mut places = lock(&self.room.places);
        places.remove(self.number, self.inboxes.as_deref());
        self.inboxes = None;
        // Whoever changes it says so first and clears the room afterwards: one of the two is seen here.
        let is_placed = reach.is_current(&self.app);
        self.ear.is_placed.store(is_placed, Ordering::Release);
        match reach.inboxes() {
            Some(inboxes) if is_placed => {
                for inbox in inboxes.iter() {
                    places.in_inbox.entry(*inbox).or_default().insert(self.number, self.ear.clone());
                }
                self.inboxes = Some(inboxes.clone());
            }
            Some(_) | None => {
                places.everywhere.insert(self.number, self.ear.clone());
            }
        }
        places.recall(&self.ear, |inbox| reach.sees(inbox) && !self.told_of.sees(inbox));
        drop(places);
        self.told_of = reach.clone();
        if self.at.is_some_and(|at| !reach.sees(at.inbox)) {
            self.go(None);
        }
    }

    /// Where it said that its agent is.
    pub(super) const fn at(&self) -> Option<Place> {
        self.at
    }

    /// Says where its agent is now. That he sees the conversation is the caller's affair.
    pub(super) fn go(&mut self, place: Option<Place>) {
        if self.at != place {
            self.at = place;
            self.room.move_to(self.number, self.agent, place);
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut rooms = lock(&self.app.rooms.rooms);
        let mut places = lock(&self.room.places);
        places.remove(self.number, self.inboxes.as_deref());
        places.everybody.remove(&self.number);
        leave(&mut places.of_agent, &self.agent, self.number);
        if places.everybody.is_empty() {
            rooms.remove(&self.workspace);
            self.room.is_empty.cancel();
        }
        drop((places, rooms));
        self.go(None);
    }
}

impl Places {
    fn remove(&mut self, number: u64, inboxes: Option<&[InboxId]>) {
        self.everywhere.remove(&number);
        for inbox in inboxes.unwrap_or_default() {
            leave(&mut self.in_inbox, inbox, number);
        }
    }

    /// Who sees what has changed: everybody hears of everything until he says anew what he sees.
    fn forget(&mut self) {
        for ear in self.everybody.values() {
            ear.is_placed.store(false, Ordering::Release);
        }
        self.everywhere.clone_from(&self.everybody);
        self.in_inbox.clear();
    }

    fn wake(&self, concerned: &Concerned) {
        #[cfg(test)]
        if self.is_losing_hints {
            return;
        }
        match concerned {
            Concerned::Everybody => self.everybody.values().for_each(|ear| ear.wake()),
            Concerned::MembersOf(inboxes) => {
                let here = inboxes.iter().filter_map(|inbox| self.in_inbox.get(inbox));
                here.chain([&self.everywhere]).flat_map(HashMap::values).for_each(|ear| ear.wake());
            }
        }
    }

    fn post(&self, news: News) {
        let letter = Letter { text: news.text, inbox: Some(news.inbox) };
        let members = self.in_inbox.get(&news.inbox);
        for ear in members.into_iter().chain([&self.everywhere]).flat_map(HashMap::values) {
            ear.post(About::Presence(news.conversation), letter.clone());
        }
    }

    /// Tells one socket who is where, in some inboxes.
    fn recall(&self, ear: &Ear, is_wanted: impl Fn(InboxId) -> bool) {
        for News { conversation, inbox, text } in self.presence.told().filter(|news| is_wanted(news.inbox)) {
            ear.post(About::Presence(conversation), Letter { text, inbox: Some(inbox) });
        }
    }
}

impl Room {
    fn tell(&self, concerned: &Concerned, is_forgetting: bool) {
        let mut places = lock(&self.places);
        if is_forgetting {
            places.forget();
        }
        places.wake(concerned);
    }

    /// Says where the agent of a socket is.
    fn move_to(&self, socket: u64, agent: AgentId, place: Option<Place>) {
        let mut places = lock(&self.places);
        for news in places.presence.put(socket, agent, place, Instant::now()) {
            places.post(news);
            self.is_resting.notify_one();
        }
    }

    /// Waits until a conversation of which was told has rested.
    async fn rested(&self) {
        loop {
            let next = lock(&self.places).presence.next_rest();
            match next {
                Some(next) => return sleep_until(next).await,
                // All rests are equally long: one that begins later does not end earlier.
                None => self.is_resting.notified().await,
            }
        }
    }

    /// Tells what has changed where a rest is over.
    fn wake_rested(&self) {
        let mut places = lock(&self.places);
        for news in places.presence.wake(Instant::now()) {
            places.post(news);
        }
    }
}

/// Looks at each commit once for all sockets of a workspace, until the last one has left.
async fn hand_out_hints(
    app: App,
    workspace: WorkspaceId,
    room: Arc<Room>,
    mut batches: Receiver<Arc<Batch>>,
) {
    let (mut seq, mut unheard) = (i64::MIN, 0);
    loop {
        let received = tokio::select! {
            received = batches.recv() => received,
            () = room.rested() => {
                room.wake_rested();
                continue;
            }
            () = room.is_empty.cancelled() => return,
        };
        unheard += 1;
        let (mut told, mut is_forgetting) = (Concerned::Everybody, true);
        match &received {
            Ok(batch) => {
                // Facts in a gap are another process's: each socket reads them in the log.
                let is_whole = batch.seq_from <= seq.saturating_add(1);
                seq = seq.max(batch.seq_to);
                let concerned = concerned(&app, workspace, batch).await;
                if is_whole && unheard < LOOK_AFTER {
                    told = concerned;
                }
                is_forgetting = batch.events.iter().any(|fact| changes_members(&fact.recorded.event));
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return room.tell(&told, is_forgetting),
        }
        if told == Concerned::Everybody {
            unheard = 0;
        }
        room.tell(&told, is_forgetting);
    }
}

async fn concerned(app: &App, workspace: WorkspaceId, batch: &Batch) -> Concerned {
    let mut inboxes = HashSet::new();
    let mut is_everybody = false;
    for fact in &batch.events {
        app.sight.learn(workspace, &fact.recorded);
        match fact.recorded.event.visibility() {
            // Few, and what ends a session is among them.
            Visibility::Workspace | Visibility::Admins | Visibility::Agent(_) => is_everybody = true,
            Visibility::Conversation(conversation) => {
                match sight::inbox_of(app, workspace, conversation, &fact.inbox).await {
                    Ok(Some(inbox)) => {
                        inboxes.insert(inbox);
                    }
                    Ok(None) | Err(_) => is_everybody = true,
                }
            }
            Visibility::Contact(contact) => match sight::inboxes_of(app, workspace, contact).await {
                Ok(of_contact) => inboxes.extend(of_contact),
                Err(_) => is_everybody = true,
            },
        }
    }
    if is_everybody { Concerned::Everybody } else { Concerned::MembersOf(inboxes) }
}

fn leave<K: std::hash::Hash + Eq>(places: &mut HashMap<K, HashMap<u64, Arc<Ear>>>, key: &K, number: u64) {
    if let Some(here) = places.get_mut(key) {
        here.remove(&number);
        if here.is_empty() {
            places.remove(key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Rooms {
    /// How long things take for a socket that comes now.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "tests hurry"))]
    pub(super) fn pace(&self) -> Pace {
        #[cfg(test)]
        if let Some(pace) = *lock(&self.pace) {
            return pace;
        }
        Pace::USUAL
    }

    /// Waits until nobody else reads a state and tells it, so that states are told in the order in which they stood.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Tells the sockets of an agent, here in this process, something that is no fact.
    pub fn tell_agent(&self, workspace: WorkspaceId, agent: AgentId, about: About, frame: &Utf8Bytes) {
        let room = lock(&self.rooms).get(&workspace).cloned();
        let Some(room) = room else { return };
        for ear in lock(&room.places).of_agent.get(&agent).into_iter().flat_map(HashMap::values) {
            ear.post(about, Letter { text: frame.clone(), inbox: None });
        }
    }
}

#[cfg(test)]
impl Rooms {
    /// From now on things take so long.
    pub(super) fn set_pace(&self, pace: Pace) {
        *lock(&self.pace) = Some(pace);
    }

    /// How many are in the room, if all of them have said what they see.
    pub(super) fn settled(&self, workspace: WorkspaceId) -> Option<usize> {
        let rooms = lock(&self.rooms);
        let places = rooms.get(&workspace).map(|room| lock(&room.places))?;
        let is_settled = places.everybody.values().all(|ear| ear.is_placed.load(Ordering::Acquire));
        is_settled.then_some(places.everybody.len())
    }

    /// How often each one in the room was woken, in the order in which they came.
    pub(super) fn hints(&self, workspace: WorkspaceId) -> Vec<usize> {
        let rooms = lock(&self.rooms);
        let Some(places) = rooms.get(&workspace).map(|room| lock(&room.places)) else { return Vec::new() };
        let mut hints: Vec<_> = places
            .everybody
            .iter()
            .map(|(number, ear)| (*number, ear.hints.load(Ordering::Relaxed)))
            .collect();
        hints.sort_unstable();
        hints.into_iter().map(|(_, hints)| hints).collect()
    }

    /// From now on nobody in the room is woken.
    pub(super) fn lose_hints(&self, workspace: WorkspaceId) {
        if let Some(room) = lock(&self.rooms).get(&workspace) {
            lock(&room.places).is_losing_hints = true;
        }
    }

    /// Whether nobody is in the room.
    pub(super) fn is_left(&self, workspace: WorkspaceId) -> bool {
        !lock(&self.rooms).contains_key(&workspace)
    }
}
