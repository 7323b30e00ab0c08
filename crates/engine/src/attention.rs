//! Which agents are at a screen of ours, as far as this process knows: whoever is there needs no notice of what he
//! sees anyway. In memory, and gone with the socket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use centrala_domain::{AgentId, Timestamp};

/// Whoever said so long ago that he is there may have walked away since: pages say it every 45 seconds.
const LASTS: Duration = Duration::from_secs(60);

/// Who is at a screen. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub struct Attention(Arc<Mutex<Screens>>);

#[derive(Debug, Default)]
struct Screens {
    next: u64,
    of: HashMap<AgentId, HashMap<u64, Timestamp>>,
}

/// One screen of an agent, for as long as it is open.
#[derive(Debug)]
pub struct Screen {
    attention: Attention,
    agent: AgentId,
    number: u64,
}

impl Attention {
    /// A screen was opened. That somebody is at it is not said by that.
    #[must_use]
    pub fn open(&self, agent: AgentId) -> Screen {
        let mut screens = self.lock();
        screens.next += 1;
        Screen { attention: self.clone(), agent, number: screens.next }
    }

    /// Whether the agent is at a screen.
    #[must_use]
    pub fn is_at_screen(&self, agent: AgentId, now: Timestamp) -> bool {
        let screens = self.lock();
        screens.of.get(&agent).is_some_and(|its| its.values().any(|at| now.since(*at) < LASTS))
    }

    fn lock(&self) -> MutexGuard<'_, Screens> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Screen {
    /// Its agent is in front of it.
    pub fn note(&self, now: Timestamp) {
        self.attention.lock().of.entry(self.agent).or_default().insert(self.number, now);
    }

    /// It is open, but out of its agent's sight.
    pub fn leave(&self) {
        let mut screens = self.attention.lock();
        if let Some(its) = screens.of.get_mut(&self.agent) {
            its.remove(&self.number);
            if its.is_empty() {
                screens.of.remove(&self.agent);
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agent_is_at_a_screen_for_a_minute_after_he_was_seen_there_and_while_it_is_open() {
        let (attention, ana) = (Attention::default(), AgentId(uuid::Uuid::from_u128(1)));
        let start = Timestamp(1_000_000_000);
        let (first, second) = (attention.open(ana), attention.open(ana));
        assert!(!attention.is_at_screen(ana, start));
        first.note(start);
        assert!(attention.is_at_screen(ana, start.plus(LASTS / 2)));
        assert!(!attention.is_at_screen(AgentId(uuid::Uuid::from_u128(2)), start));
        assert!(!attention.is_at_screen(ana, start.plus(LASTS)));
        second.note(start.plus(LASTS));
        assert!(attention.is_at_screen(ana, start.plus(LASTS)));
        second.leave();
        assert!(!attention.is_at_screen(ana, start.plus(LASTS)));
        second.note(start.plus(LASTS));
        assert!(attention.is_at_screen(ana, start.plus(LASTS)));
        drop(second);
        assert!(!attention.is_at_screen(ana, start.plus(LASTS)));
        drop(first);
        assert!(attention.lock().of.is_empty());
    }
}
