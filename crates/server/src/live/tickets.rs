//! One-time tickets for live sockets: for clients that can set no header and carry no cookie. In memory, so a
//! ticket opens a socket of the process that gave it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use centrala_domain::{Private, Timestamp};
use centrala_store::login_sessions::hash_secret;

use crate::auth::Caller;

/// How long a ticket is good.
const LIFETIME: Duration = Duration::from_secs(30);

/// Tickets that were given and not used.
#[derive(Default)]
pub struct Tickets(Mutex<HashMap<Vec<u8>, (Caller, Timestamp)>>);

impl Tickets {
    /// Remembers a ticket.
    pub fn put(&self, secret: &Private, caller: Caller, now: Timestamp) -> Timestamp {
        let until = now.plus(LIFETIME);
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.insert(hash_secret(secret.expose()), (caller, until));
        until
    }

    /// Uses a ticket up.
    #[must_use]
    pub fn take(&self, secret: &str, now: Timestamp) -> Option<Caller> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, until) = tickets.remove(&hash_secret(secret))?;
        (now < until).then_some(caller)
    }

    /// Forgets what nobody used in time.
    pub fn tidy(&self, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (_, until)| now < *until);
    }
}
