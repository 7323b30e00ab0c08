//! What really happened, in order: the outside truth for tests about loss and duplication. It only records.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What an entry is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    /// The business called the Graph API.
    Call,
    /// One attempt to deliver a webhook, or the decision not to.
    Webhook,
    /// The verification handshake of a callback address.
    Handshake,
    /// A customer sent something.
    Customer,
    /// A message of the business appeared on a phone.
    Phone,
}

/// One fact. Members that do not apply are absent in JSON.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LedgerEntry {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// The sandbox's time, in milliseconds since the epoch.
    pub at_ms: i64,
    /// What the entry is about.
    pub kind: LedgerKind,
    /// `accepted`, `refused`, `cut_before_accept`, `cut_after_accept`, `hang`, `malformed_answer` for calls;
    /// `delivered`, `refused`, `failed`, `lost`, `dropped`, `no_callback`, `expired`, `too_large` for webhooks;
    /// `accepted` or `blocked` for customers; `reached` for phones.
    pub outcome: String,
    /// The HTTP method of a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path of a call, or the address of a webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The number concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// The messages concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wamids: Vec<String>,
    /// `messages`, or the statuses a webhook carries, such as `delivered`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<String>,
    /// The business's own mark on a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biz_opaque_callback_data: Option<String>,
    /// Whom a call addressed, as the call spelled it; the customer's id for customers and phones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The status answered, by us for calls and by the receiver for webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Meta's code of a refused call or a failed message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i64>,
    /// For an accepted message: whether it has appeared on the customer's phone by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_phone: Option<bool>,
    /// The same for all attempts and copies of one webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<u64>,
    /// Counts the attempts of one webhook from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The faults that acted, and why an attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl LedgerEntry {
    /// An entry with nothing but its kind and outcome.
    pub(crate) fn new(kind: LedgerKind, outcome: &str) -> Self {
        Self {
            seq: 0,
            at_ms: 0,
            kind,
            outcome: outcome.to_owned(),
            method: None,
            path: None,
            phone_number_id: None,
            wamids: Vec::new(),
            updates: Vec::new(),
            biz_opaque_callback_data: None,
            recipient: None,
            http_status: None,
            error_code: None,
            reached_phone: None,
            webhook_id: None,
            attempt: None,
            note: None,
        }
    }
}

/// A bounded list of entries; the oldest go first.
pub(crate) struct Ledger {
    entries: VecDeque<LedgerEntry>,
    capacity: usize,
    next_seq: u64,
    dropped: u64,
}

/// Some entries and how to go on reading.
#[derive(Serialize)]
pub(crate) struct Page {
    entries: Vec<LedgerEntry>,
    /// Pass as `after` to continue.
    next: u64,
    /// The newest sequence number so far.
    last: u64,
    /// Entries that had to make room.
    dropped: u64,
}

impl Ledger {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: VecDeque::new(), capacity: capacity.max(1), next_seq: 1, dropped: 0 }
    }

    /// Adds an entry and gives its number.
    pub(crate) fn add(&mut self, mut entry: LedgerEntry, now_ms: i64) -> u64 {
        entry.seq = self.next_seq;
        entry.at_ms = now_ms;
        self.next_seq += 1;
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(entry);
        self.next_seq - 1
    }

    /// Marks the call of a message as having led to a phone.
    pub(crate) fn mark_reached(&mut self, seq: u64) {
        let Some(first) = self.entries.front().map(|entry| entry.seq) else { return };
        let index = seq.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.reached_phone = Some(true);
        }
    }

    /// Entries after a number, oldest first.
    pub(crate) fn page(&self, after: u64, limit: usize, kind: Option<LedgerKind>) -> Page {
        let skipped = self.entries.partition_point(|entry| entry.seq <= after);
        let entries: Vec<_> = self
            .entries
            .range(skipped..)
            .filter(|entry| kind.is_none_or(|kind| entry.kind == kind))
            .take(limit)
            .cloned()
            .collect();
        let last = self.next_seq - 1;
        let next =
            if entries.len() < limit { last.max(after) } else { entries.last().map_or(after, |e| e.seq) };
        Page { entries, next, last, dropped: self.dropped }
    }

    /// The newest number so far.
    pub(crate) const fn last(&self) -> u64 {
        self.next_seq - 1
    }

    pub(crate) fn all(&self) -> Vec<LedgerEntry> {
        self.entries.iter().cloned().collect()
    }

    /// Forgets every entry. Numbers go on, so that a reader's position stays valid.
    pub(crate) fn reset(&mut self) {
        self.entries.clear();
        self.dropped = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(capacity: usize, count: usize) -> Ledger {
        let mut ledger = Ledger::new(capacity);
        for _ in 0..count {
            ledger.add(LedgerEntry::new(LedgerKind::Call, "accepted"), 0);
        }
        ledger
    }

    #[test]
    fn a_full_ledger_drops_the_oldest_and_counts_it() {
        let page = filled(3, 5).page(0, 10, None);
        assert_eq!(page.entries.iter().map(|e| e.seq).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(page.dropped, 2);
    }

    #[test]
    fn pages_continue_where_the_last_ended() {
        let ledger = filled(10, 5);
        let first = ledger.page(0, 2, None);
        assert_eq!(first.next, 2);
        assert_eq!(ledger.page(first.next, 10, None).entries.len(), 3);
        assert_eq!(ledger.page(0, 10, Some(LedgerKind::Phone)).entries.len(), 0);
    }

    #[test]
    fn marking_finds_entries_after_the_ring_turned() {
        let mut ledger = filled(3, 5);
        ledger.mark_reached(4);
        ledger.mark_reached(1);
        assert_eq!(ledger.all()[1].reached_phone, Some(true));
        assert_eq!(ledger.all()[0].reached_phone, None);
    }
}
