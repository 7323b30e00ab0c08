//! Faults on demand: which there are, whom they hit, and how often. What a fault does is where calls and webhooks are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::random::Stream;

/// What goes wrong.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// The answer comes late.
    Latency { ms: u64 },
    /// An HTTP status with a body that is not Graph's.
    HttpError { status: u16 },
    /// A refusal with one of Meta's codes.
    ErrorCode { code: i64 },
    /// A refusal for throughput.
    Throttle,
    /// The connection closes and nothing happens.
    CutBeforeAccept,
    /// Everything happens and the connection closes without an answer.
    CutAfterAccept,
    /// No answer, the connection stays open, nothing happens.
    Hang,
    /// Everything happens and the answer is not JSON.
    MalformedAnswer,
    /// The token is refused.
    TokenRevoked,
    /// Template messages are refused as paused.
    TemplatePaused,
    /// The number's quality reads RED.
    QualityRed,
    /// The number is banned and sends nothing.
    NumberBlocked,
    /// Uploads, addresses and downloads of media fail.
    MediaError,
    /// More copies of the same webhook.
    WebhookDuplicate {
        #[serde(default = "one")]
        times: u32,
    },
    /// The webhook is overtaken by later ones.
    WebhookReorder,
    /// The webhook comes late.
    WebhookDelay { ms: u64 },
    /// The first attempts get lost on the way; retries arrive.
    WebhookLoseFirst {
        #[serde(default = "one")]
        n: u32,
    },
    /// The first attempt is signed with another secret; retries are right.
    WebhookBadSignature,
    /// The webhook is never sent.
    WebhookDrop,
}

const fn one() -> u32 {
    1
}

/// When a fault can act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    /// Any Graph call.
    Call,
    /// Only a template being sent.
    TemplateSend,
    /// Only a message being sent.
    Send,
    /// Only calls about media.
    Media,
    /// A webhook about to leave.
    Webhook,
    /// While a number is looked at.
    NumberRead,
}

impl FaultKind {
    const fn moment(&self) -> Moment {
        match self {
            Self::Latency { .. }
            | Self::HttpError { .. }
            | Self::ErrorCode { .. }
            | Self::Throttle
            | Self::CutBeforeAccept
            | Self::CutAfterAccept
            | Self::Hang
            | Self::MalformedAnswer
            | Self::TokenRevoked => Moment::Call,
            Self::TemplatePaused => Moment::TemplateSend,
            Self::NumberBlocked => Moment::Send,
            Self::QualityRed => Moment::NumberRead,
            Self::MediaError => Moment::Media,
            Self::WebhookDuplicate { .. }
            | Self::WebhookReorder
            | Self::WebhookDelay { .. }
            | Self::WebhookLoseFirst { .. }
            | Self::WebhookBadSignature
            | Self::WebhookDrop => Moment::Webhook,
        }
    }
}

/// A fault as it is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct FaultSpec {
    #[serde(flatten)]
    pub(crate) kind: FaultKind,
    /// Only this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number_id: Option<String>,
    /// Only this customer: a phone, a user id, or the sandbox's own id such as `ana`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    /// Only paths with this text; for webhooks, the callback's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_contains: Option<String>,
    /// Only this template, for `template_paused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<String>,
    /// The chance to act, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    /// How often it still acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// The same as `count` 1.
    #[serde(default, skip_serializing)]
    once: bool,
}

const MEMBERS: [&str; 14] = [
    "kind",
    "ms",
    "status",
    "code",
    "times",
    "n",
    "phone_number_id",
    "recipient",
    "path_contains",
    "template",
    "rate",
    "count",
    "once",
    "id",
];

impl FaultSpec {
    /// Reads a fault, and refuses members it does not know so that a misspelled selector is noticed.
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("a fault is an object with a kind")?;
        if let Some(unknown) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(format!("a fault has no member {unknown}"));
        }
        let mut spec: Self = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        if spec.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err("rate must be between 0 and 1".to_owned());
        }
        if spec.once {
            spec.count = Some(1);
        }
        spec.recipient = spec.recipient.map(|recipient| plain(&recipient));
        Ok(spec)
    }
}

/// A fault at work.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) spec: FaultSpec,
    /// How often it acted.
    hits: u64,
}

/// What a fault's selectors look at.
#[derive(Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) phone_number_id: Option<&'a str>,
    /// Every spelling of the recipient.
    pub(crate) recipients: &'a [String],
    pub(crate) path: &'a str,
    pub(crate) template: Option<&'a str>,
}

/// The faults at work.
pub(crate) struct Faults {
    list: Mutex<Vec<Fault>>,
    /// How many there are, to pass by without a lock when there are none.
    active: AtomicUsize,
    next_id: AtomicUsize,
    dice: Stream,
}

impl Faults {
    pub(crate) fn new(dice: Stream) -> Self {
        Self { list: Mutex::new(Vec::new()), active: AtomicUsize::new(0), next_id: AtomicUsize::new(1), dice }
    }

    pub(crate) fn add(&self, spec: FaultSpec) -> Fault {
        let id = format!("fault_{}", self.next_id.fetch_add(1, Ordering::Relaxed));
        let fault = Fault { id, spec, hits: 0 };
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(fault.clone());
        self.active.store(list.len(), Ordering::Release);
        fault
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends one fault, or all, and gives what ended.
    pub(crate) fn remove(&self, id: Option<&str>) -> Vec<Fault> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let (ended, left) = list.drain(..).partition(|fault| id.is_none_or(|id| fault.id == id));
        *list = left;
        self.active.store(list.len(), Ordering::Release);
        ended
    }

    /// True if any fault is at work.
    pub(crate) fn is_any(&self) -> bool {
        self.active.load(Ordering::Acquire) > 0
    }

    /// The faults that act now. Asking uses up their counts.
    pub(crate) fn strike(&self, moment: Moment, subject: &Subject<'_>) -> Vec<FaultKind> {
        if !self.is_any() {
            return Vec::new();
        }
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter_mut()
            .filter(|fault| fault.spec.kind.moment() == moment && self.hits(fault, subject))
            .map(|fault| {
                fault.hits += 1;
                fault.spec.kind.clone()
            })
            .collect()
    }

    /// How long an overtaken webhook is held back.
    pub(crate) fn pause_ms(&self) -> u64 {
        self.dice.between(200, 500)
    }

    fn hits(&self, fault: &Fault, subject: &Subject<'_>) -> bool {
        let spec = &fault.spec;
        spec.count.is_none_or(|count| fault.hits < count)
            && spec.phone_number_id.as_deref().is_none_or(|id| subject.phone_number_id == Some(id))
            && spec.recipient.as_ref().is_none_or(|recipient| subject.recipients.contains(recipient))
            && spec.path_contains.as_deref().is_none_or(|part| subject.path.contains(part))
            && spec.template.as_deref().is_none_or(|name| subject.template == Some(name))
            && spec.rate.is_none_or(|rate| self.dice.chance(rate))
    }
}

/// A recipient without the marks people put into phone numbers.
pub(crate) fn plain(recipient: &str) -> String {
    recipient.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(spec: &Value) -> Faults {
        let faults = Faults::new(Stream::new(1, "dice"));
        faults.add(FaultSpec::parse(spec).unwrap());
        faults
    }

    #[test]
    fn a_counted_fault_acts_so_often_and_no_more() {
        let faults = faults(&json!({"kind": "throttle", "count": 2}));
        let hits = (0..5).filter(|_| !faults.strike(Moment::Call, &Subject::default()).is_empty()).count();
        assert_eq!(hits, 2);
        assert_eq!(faults.list()[0].hits, 2);
    }

    #[test]
    fn a_rate_is_repeatable_by_seed() {
        let run = || {
            let faults = faults(&json!({"kind": "error_code", "code": 131000, "rate": 0.5}));
            (0..32).map(|_| faults.strike(Moment::Call, &Subject::default()).len()).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert!(run().iter().sum::<usize>() > 4);
    }

    #[test]
    fn selectors_narrow_a_fault() {
        let faults = faults(
            &json!({"kind": "latency", "ms": 5, "recipient": "+40 721", "path_contains": "/messages"}),
        );
        let recipients = ["40721".to_owned()];
        let hit = Subject { recipients: &recipients, path: "/1/messages", ..Subject::default() };
        assert_eq!(faults.strike(Moment::Call, &hit).len(), 1);
        assert!(faults.strike(Moment::Call, &Subject { path: "/1/media", ..hit }).is_empty());
        assert!(faults.strike(Moment::Webhook, &hit).is_empty());
    }

    #[test]
    fn a_misspelled_selector_is_refused() {
        assert!(FaultSpec::parse(&json!({"kind": "throttle", "cuont": 1})).is_err());
        assert!(FaultSpec::parse(&json!({"kind": "thunder"})).is_err());
    }
}
