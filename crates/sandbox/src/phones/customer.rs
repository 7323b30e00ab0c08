//! One customer, the state of their phone, and of each chat with a number of the business.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::limits::Bucket;
use crate::random::Stream;
use crate::settings::{Identity, Settings};

/// Messages shown on one phone.
const TRANSCRIPT_CAPACITY: usize = 50_000;
const DAY_MS: i64 = 86_400_000;

/// Who a customer is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct CustomerInfo {
    /// Stable, for example `ana`.
    pub id: String,
    /// The profile name.
    pub name: String,
    /// With a plus.
    pub phone: String,
    /// The business-scoped user id.
    pub user_id: String,
}

/// What can be said about a new customer; everything has a default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomer {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) phone_visible: Option<bool>,
    pub(crate) online: Option<bool>,
    pub(crate) reads: Option<bool>,
    /// Country letters of the user id.
    pub(crate) country: Option<String>,
    /// How many to make, with the id and phone chosen for each.
    pub(crate) count: Option<usize>,
}

/// What is between one customer and one number.
pub(crate) struct Chat {
    pub(crate) last_inbound_ms: Option<i64>,
    /// When the customer came from an advertisement.
    pub(crate) referral_ms: Option<i64>,
    pub(crate) free_until_ms: Option<i64>,
    pub(crate) typing_until_ms: i64,
    pub(crate) pair: Bucket,
}

impl Chat {
    pub(crate) const PAIR_BURST: f64 = 45.0;
    pub(crate) const PAIR_PER_SECOND: f64 = 1.0 / 6.0;

    fn new(now_ms: i64) -> Self {
        Self {
            last_inbound_ms: None,
            referral_ms: None,
            free_until_ms: None,
            typing_until_ms: 0,
            pair: Bucket::full(Self::PAIR_BURST, now_ms),
        }
    }

    /// True within 24 hours of the customer's last message.
    pub(crate) fn is_open(&self, now_ms: i64) -> bool {
        self.last_inbound_ms.is_some_and(|last| now_ms.saturating_sub(last) < DAY_MS)
    }

    /// The first answer within 24 hours of an advertisement frees the chat of charges for 72 hours.
    pub(crate) fn note_answer(&mut self, now_ms: i64) {
        if let Some(came) = self.referral_ms
            && now_ms.saturating_sub(came) < DAY_MS
        {
            self.referral_ms = None;
            self.free_until_ms = Some(now_ms + 3 * DAY_MS);
        }
        self.typing_until_ms = 0;
    }

    pub(crate) fn is_free(&self, now_ms: i64) -> bool {
        self.free_until_ms.is_some_and(|until| now_ms < until)
    }
}

/// One customer and their phone.
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) username: Option<String>,
    pub(crate) digits: String,
    pub(crate) user_id: String,
    pub(crate) phone_visible: bool,
    pub(crate) is_online: bool,
    /// True if the customer opens the chat by themselves and lets it be known.
    pub(crate) reads: bool,
    pub(crate) blocks_everyone: bool,
    pub(crate) blocked_lines: HashSet<String>,
    pub(crate) chats: HashMap<String, Chat>,
    pub(crate) transcript: VecDeque<Arc<str>>,
    /// Messages that fell off the transcript's end.
    pub(crate) forgotten: u64,
    /// Messages of the business that ever appeared here, twice-sent ones counted twice.
    pub(crate) reached: u64,
    /// Messages that wait for the phone to come online.
    pub(crate) waiting: Vec<Arc<str>>,
    /// The version of the town at which something about the customer or a message of theirs changed last.
    pub(crate) changed: u64,
}

impl Customer {
    pub(crate) fn new(id: String, digits: String, ids: &Stream, new: NewCustomer) -> Self {
        let country = new.country.unwrap_or_else(|| country_of(&digits).to_owned());
        Self {
            name: new.name.unwrap_or_else(|| {
                format!("Client {}", digits.get(digits.len().saturating_sub(4)..).unwrap_or(""))
            }),
            username: new.username,
            user_id: ids.user_id(&country),
            phone_visible: new.phone_visible.unwrap_or(true),
            is_online: new.online.unwrap_or(true),
            reads: new.reads.unwrap_or(true),
            blocks_everyone: false,
            blocked_lines: HashSet::new(),
            chats: HashMap::new(),
            transcript: VecDeque::new(),
            forgotten: 0,
            reached: 0,
            waiting: Vec::new(),
            changed: 0,
            id,
            digits,
        }
    }

    pub(crate) fn info(&self) -> CustomerInfo {
        CustomerInfo {
            id: self.id.clone(),
            name: self.name.clone(),
            phone: format!("+{}", self.digits),
            user_id: self.user_id.clone(),
        }
    }

    /// The whole customer for `/sandbox/`.
    pub(crate) fn describe(&self) -> Value {
        let blocked: Value = if self.blocks_everyone { json!(true) } else { json!(self.blocked_lines) };
        json!({
            "id": self.id,
            "name": self.name,
            "username": self.username,
            "phone": format!("+{}", self.digits),
            "wa_id": self.digits,
            "user_id": self.user_id,
            "phone_visible": self.phone_visible,
            "online": self.is_online,
            "reads": self.reads,
            "blocked": blocked,
            "reached": self.reached,
            "waiting": self.waiting.len(),
        })
    }

    pub(crate) fn chat(&mut self, phone_number_id: &str, now_ms: i64) -> &mut Chat {
        self.chats.entry(phone_number_id.to_owned()).or_insert_with(|| Chat::new(now_ms))
    }

    pub(crate) fn blocks(&self, phone_number_id: &str) -> bool {
        self.blocks_everyone || self.blocked_lines.contains(phone_number_id)
    }

    /// Lets a message wait for the phone; beyond the limit the platform gives up, as after its 30 days.
    pub(crate) fn hold(&mut self, wamid: Arc<str>) {
        if self.waiting.len() < TRANSCRIPT_CAPACITY {
            self.waiting.push(wamid);
        }
    }

    /// Puts a message on the screen.
    pub(crate) fn show(&mut self, wamid: Arc<str>) {
        self.transcript.push_back(wamid);
        if self.transcript.len() > TRANSCRIPT_CAPACITY {
            self.transcript.pop_front();
            self.forgotten += 1;
        }
    }

    /// The phone number that webhooks may carry.
    pub(crate) fn visible_phone(&self, settings: &Settings) -> Option<&str> {
        let visible = match settings.identity {
            Identity::Phone => true,
            Identity::Bsuid => self.phone_visible,
            Identity::Username => false,
        };
        visible.then_some(self.digits.as_str())
    }

    /// The user id that webhooks may carry.
    pub(crate) fn visible_user_id(&self, settings: &Settings) -> Option<&str> {
        (settings.identity != Identity::Phone).then_some(self.user_id.as_str())
    }

    /// The `contacts` element of webhooks.
    pub(crate) fn contact(&self, settings: &Settings) -> Value {
        let mut contact = json!({"profile": {"name": self.name}});
        if let Some(phone) = self.visible_phone(settings) {
            contact["wa_id"] = json!(phone);
        }
        if let Some(user_id) = self.visible_user_id(settings) {
            contact["user_id"] = json!(user_id);
            if let Some(username) = &self.username {
                contact["profile"]["username"] = json!(format!("@{}", username.trim_start_matches('@')));
            }
        }
        contact
    }

    /// Every spelling a fault's selector may use.
    pub(crate) fn spellings(&self) -> Vec<String> {
        vec![self.digits.clone(), self.user_id.clone(), crate::faults::plain(&self.id)]
    }
}

fn country_of(digits: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 6] =
        [("40", "RO"), ("44", "GB"), ("373", "MD"), ("49", "DE"), ("33", "FR"), ("1", "US")];
    PREFIXES.iter().find(|(prefix, _)| digits.starts_with(prefix)).map_or("RO", |(_, country)| country)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_closes_after_a_day() {
        let mut chat = Chat::new(0);
        assert!(!chat.is_open(0));
        chat.last_inbound_ms = Some(0);
        assert!(chat.is_open(DAY_MS - 1));
        assert!(!chat.is_open(DAY_MS));
    }

    #[test]
    fn the_free_time_counts_from_the_answer() {
        let mut chat = Chat::new(0);
        chat.referral_ms = Some(0);
        chat.note_answer(DAY_MS / 2);
        assert!(chat.is_free(DAY_MS / 2 + 3 * DAY_MS - 1));
        assert!(!chat.is_free(DAY_MS / 2 + 3 * DAY_MS));
    }
}
