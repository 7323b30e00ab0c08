//! Delivery: batches, signatures, faults, attempts until the receiver says 200. Only status 200 counts.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use tokio::sync::Semaphore;

use super::payload::{Update, envelope};
use super::spelling::spell;
use crate::crypto::hmac_hex;
use crate::faults::{FaultKind, Moment, Subject};
use crate::ledger::{LedgerEntry, LedgerKind};
use crate::world::{World, lock};

/// Attempts in flight at once.
const CONCURRENCY: usize = 256;
/// Webhooks that wait for their receiver; more are dropped and recorded.
const PENDING_CAPACITY: usize = 1_000_000;
const BODY_LIMIT_BYTES: usize = 3 * 1024 * 1024;
/// After this much of the sandbox's time a webhook is lost for good.
const HORIZON_MS: i64 = 7 * 86_400_000;

/// The one client for webhooks, and what waits to be sent.
pub(crate) struct Sender {
    client: reqwest::Client,
    permits: Semaphore,
    pending: AtomicUsize,
    next_id: AtomicU64,
    batches: Mutex<HashMap<Target, Vec<Update>>>,
}

/// Where a webhook goes and what signs it.
#[derive(Clone, Eq, Hash, PartialEq)]
struct Target {
    url: String,
    secret: String,
}

struct Webhook {
    id: u64,
    url: Url,
    body: Bytes,
    signature: String,
    /// Set if the first attempt carries a wrong signature.
    forged_signature: Option<String>,
    /// A ledger entry with everything that is the same for each attempt.
    facts: LedgerEntry,
    born_ms: i64,
}

/// What faults do to one webhook.
#[derive(Default)]
struct Plan {
    is_dropped: bool,
    delay_ms: u64,
    copies: u32,
    lost_attempts: u32,
    is_forged: bool,
    note: Option<String>,
}

impl Sender {
    pub(crate) fn new() -> io::Result<Self> {
        // A second sandbox in the same process finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent("facebookexternalua")
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(CONCURRENCY)
            .tcp_nodelay(true)
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        Ok(Self {
            client,
            permits: Semaphore::new(CONCURRENCY),
            pending: AtomicUsize::new(0),
            next_id: AtomicU64::new(1),
            batches: Mutex::new(HashMap::new()),
        })
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Webhooks that still wait for a 200.
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// Sends an update, alone or with others.
    pub(crate) fn publish(&self, world: &Arc<World>, update: Update) {
        let callback =
            lock(&world.accounts).callback(&update.waba_id, update.phone_number_id.as_deref(), update.field);
        let Some((url, secret)) = callback else {
            let mut entry = facts(&[update]);
            "no_callback".clone_into(&mut entry.outcome);
            world.record(entry);
            return;
        };
        let settings = world.settings();
        let target = Target { url, secret };
        if settings.batch_max <= 1 {
            self.dispatch(world, &target, vec![update]);
            return;
        }
        let (count, full) = {
            let mut batches = lock(&self.batches);
            let batch = batches.entry(target.clone()).or_default();
            batch.push(update);
            let count = batch.len();
            (count, if count >= settings.batch_max { batches.remove(&target) } else { None })
        };
        if let Some(full) = full {
            self.dispatch(world, &target, full);
        } else if count == 1 {
            let owned = world.clone();
            world.spawn(async move {
                owned.pause(settings.batch_wait_ms).await;
                let batch = lock(&owned.sender.batches).remove(&target);
                if let Some(batch) = batch {
                    owned.sender.dispatch(&owned, &target, batch);
                }
            });
        }
    }

    fn dispatch(&self, world: &Arc<World>, target: &Target, mut updates: Vec<Update>) {
        let plan = plan(world, target, &updates);
        let mut facts = facts(&updates);
        facts.path = Some(target.url.clone());
        facts.note.clone_from(&plan.note);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        facts.webhook_id = Some(id);
        let refuse = |outcome: &str, mut entry: LedgerEntry| {
            outcome.clone_into(&mut entry.outcome);
            world.record(entry);
        };
        if plan.is_dropped || self.pending() >= PENDING_CAPACITY {
            return refuse("dropped", facts);
        }
        let Ok(url) = Url::parse(&target.url) else { return refuse("failed", facts) };
        let body = spell(&envelope(&updates, world.clock.now_seconds()), world.settings().escape);
        if body.len() > BODY_LIMIT_BYTES {
            if updates.len() == 1 {
                return refuse("too_large", facts);
            }
            let second_half = updates.split_off(updates.len() / 2);
            self.dispatch(world, target, updates);
            return self.dispatch(world, target, second_half);
        }
        let webhook = Arc::new(Webhook {
            id,
            url,
            signature: format!("sha256={}", hmac_hex(target.secret.as_bytes(), &body)),
            forged_signature: plan
                .is_forged
                .then(|| format!("sha256={}", hmac_hex(b"not the app secret", &body))),
            body: body.into(),
            facts,
            born_ms: world.clock.now_ms(),
        });
        for copy in 0..=plan.copies {
            let (owned, webhook) = (world.clone(), webhook.clone());
            let lost_attempts = if copy == 0 { plan.lost_attempts } else { 0 };
            let delay_ms = plan.delay_ms;
            self.pending.fetch_add(1, Ordering::Relaxed);
            world.spawn(async move {
                owned.pause(delay_ms).await;
                owned.sender.deliver(&owned, &webhook, lost_attempts).await;
                owned.sender.pending.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    /// Tries until the receiver answers 200 or the horizon is reached.
    async fn deliver(&self, world: &World, webhook: &Webhook, lost_attempts: u32) {
        for attempt in 1_u32.. {
            let mut entry = webhook.facts.clone();
            entry.attempt = Some(attempt);
            if attempt <= lost_attempts {
                "lost".clone_into(&mut entry.outcome);
            } else {
                self.attempt(webhook, attempt, &mut entry).await;
            }
            let is_done = entry.outcome == "delivered";
            world.record(entry);
            if is_done {
                return;
            }
            wait_for_retry(world, attempt).await;
            if world.clock.now_ms() - webhook.born_ms > HORIZON_MS {
                let mut entry = webhook.facts.clone();
                "expired".clone_into(&mut entry.outcome);
                entry.attempt = Some(attempt);
                world.record(entry);
                return;
            }
        }
    }

    async fn attempt(&self, webhook: &Webhook, attempt: u32, entry: &mut LedgerEntry) {
        // The semaphore is never closed; without a permit the attempt would just be less polite.
        let _permit = self.permits.acquire().await;
        let signature = match &webhook.forged_signature {
            Some(forged) if attempt == 1 => forged,
            _ => &webhook.signature,
        };
        let request = self
            .client
            .post(webhook.url.clone())
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature)
            .body(webhook.body.clone());
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                entry.http_status = Some(status);
                if status == 200 { "delivered" } else { "refused" }.clone_into(&mut entry.outcome);
                // Reading the rest lets the connection be used again; what it says does not matter.
                let _ = answer.bytes().await;
            }
            Err(error) => {
                "failed".clone_into(&mut entry.outcome);
                entry.note =
                    Some(if error.is_timeout() { "timed out" } else { "could not connect" }.to_owned());
                tracing::debug!(webhook.id = webhook.id, attempt, error = %error, "The webhook was not delivered");
            }
        }
    }
}

/// Pauses longer each time, and not at all once the clock was moved.
async fn wait_for_retry(world: &World, attempt: u32) {
    let settings = world.settings();
    let doubled = settings.retry_base_ms.saturating_mul(1 << (attempt - 1).min(16));
    let moved = world.clock.moved.notified();
    tokio::select! {
        () = world.pause(doubled.min(settings.retry_max_ms).max(1)) => {}
        () = moved => {}
    }
}

/// The ledger's view of some updates.
fn facts(updates: &[Update]) -> LedgerEntry {
    let mut entry = LedgerEntry::new(LedgerKind::Webhook, "");
    entry.method = Some("POST".to_owned());
    entry.phone_number_id = updates.first().and_then(|update| update.phone_number_id.clone());
    entry.wamids = updates.iter().flat_map(|update| update.wamids.iter().cloned()).collect();
    entry.updates = updates.iter().map(|update| update.summary.clone()).collect();
    if let [update] = updates {
        entry.biz_opaque_callback_data.clone_from(&update.opaque);
    }
    entry
}

fn plan(world: &World, target: &Target, updates: &[Update]) -> Plan {
    let mut plan = Plan::default();
    let recipients: Vec<String> =
        updates.iter().flat_map(|update| update.recipients.iter().cloned()).collect();
    let subject = Subject {
        phone_number_id: updates.first().and_then(|update| update.phone_number_id.as_deref()),
        recipients: &recipients,
        path: &target.url,
        template: None,
    };
    for fault in world.strike(Moment::Webhook, &subject) {
        let note = match fault {
            FaultKind::WebhookDuplicate { times } => {
                plan.copies += times.min(1000);
                "duplicate"
            }
            FaultKind::WebhookReorder => {
                plan.delay_ms += world.faults.pause_ms();
                "reorder"
            }
            FaultKind::WebhookDelay { ms } => {
                plan.delay_ms += ms;
                "delay"
            }
            FaultKind::WebhookLoseFirst { n } => {
                plan.lost_attempts = plan.lost_attempts.max(n);
                "lose_first"
            }
            FaultKind::WebhookBadSignature => {
                plan.is_forged = true;
                "bad_signature"
            }
            FaultKind::WebhookDrop => {
                plan.is_dropped = true;
                "drop"
            }
            _ => continue,
        };
        let notes = plan.note.get_or_insert_default();
        notes.push_str(if notes.is_empty() { "" } else { ", " });
        notes.push_str(note);
    }
    plan
}
