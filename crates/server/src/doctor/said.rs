//! What the doctor says: one line for each thing that he can find, as a name with its values, and in English.
//!
//! The names are for screens, which own the words of their languages; the English is for the command line and for
//! reports. A name keeps its meaning; new ones are added.

use centrala_domain::{InboxId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::Condition::{self, Broken, Fine, Warning};

/// What was found, as a name with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "code", content = "params", rename_all = "snake_case")]
#[schema(as = DoctorSaid)]
#[expect(missing_docs, reason = "the members say what the variant's sentence names")]
pub enum Said {
    /// A check could not be made.
    NotLookedAt { check: String, why: String },
    /// The database answers, and keeps what it is given.
    DatabaseFine,
    /// The file system loses acknowledged messages in a power cut.
    FileForgets { what: String },
    /// The database server loses acknowledged messages in a power cut.
    ServerForgets { what: String },
    /// Stored data is damaged.
    DatabaseDamaged { what: String },
    /// The schema is the program's.
    SchemaFine { schema: i64 },
    /// The schema is older than the program.
    SchemaOld { schema: i64, needed: i64 },
    /// The schema is newer than the program.
    SchemaNew { schema: i64, known: i64 },
    /// There is room in the data folder.
    DiskFine { free_bytes: u64 },
    /// There is little room in the data folder.
    DiskLow { free_bytes: u64 },
    /// There is no room in the data folder.
    DiskFull { free_bytes: u64 },
    /// The data folder cannot be looked at.
    DiskUnknown,
    /// The clock is plausible.
    ClockFine {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
    /// The clock jumps.
    ClockJumps,
    /// The clock and the file system's differ.
    ClockDiffers { seconds: u64 },
    /// No delivery waits for long, none is rejected.
    ReceiptsFine { waiting: i64 },
    /// Deliveries wait for long.
    ReceiptsLate { count: i64, seconds: u64 },
    /// Something of deliveries could not be understood.
    ReceiptsRejected { count: i64 },
    /// No work is late.
    QueueFine,
    /// Work is late.
    QueueSlow { kind: String, count: i64, seconds: u64 },
    /// Work does not move.
    QueueStuck { kind: String, count: i64, seconds: u64 },
    /// No work was given up.
    NoDeadJobs,
    /// Work was given up; `is_more` when there is more than `count`.
    DeadJobs { count: u64, is_more: bool, kind: String, why: Option<String> },
    /// No inbox is connected.
    NoInbox,
    /// An inbox hears its customers.
    InboxFine {
        #[schema(value_type = String)]
        inbox: InboxId,
        name: String,
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
    /// The channel refuses the credential of an inbox; `error_code` is the channel's.
    InboxRefused {
        #[schema(value_type = String)]
        inbox: InboxId,
        name: String,
        error_code: Option<i64>,
        why: String,
    },
    /// Something of an inbox failed in the last day; `error_code` is the channel's.
    InboxFailed {
        #[schema(value_type = String)]
        inbox: InboxId,
        name: String,
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        error_code: Option<i64>,
        why: String,
    },
    /// Deliveries of an inbox had a wrong signature and none a right one.
    InboxForged {
        #[schema(value_type = String)]
        inbox: InboxId,
        name: String,
        count: i64,
    },
    /// Nothing has arrived in an inbox yet.
    InboxSilent {
        #[schema(value_type = String)]
        inbox: InboxId,
        name: String,
    },
}

impl Said {
    /// What was looked at.
    #[must_use]
    pub fn check(&self) -> &str {
        match self {
            Self::NotLookedAt { check, .. } => check,
            Self::DatabaseFine
            | Self::FileForgets { .. }
            | Self::ServerForgets { .. }
            | Self::DatabaseDamaged { .. } => "database",
            Self::SchemaFine { .. } | Self::SchemaOld { .. } | Self::SchemaNew { .. } => "schema",
            Self::DiskFine { .. } | Self::DiskLow { .. } | Self::DiskFull { .. } | Self::DiskUnknown => {
                "disk_space"
            }
            Self::ClockFine { .. } | Self::ClockJumps | Self::ClockDiffers { .. } => "clock",
            Self::ReceiptsFine { .. } | Self::ReceiptsLate { .. } | Self::ReceiptsRejected { .. } => {
                "receipts"
            }
            Self::QueueFine | Self::QueueSlow { .. } | Self::QueueStuck { .. } => "queue_age",
            Self::NoDeadJobs | Self::DeadJobs { .. } => "dead_jobs",
            Self::NoInbox
            | Self::InboxFine { .. }
            | Self::InboxRefused { .. }
            | Self::InboxFailed { .. }
            | Self::InboxForged { .. }
            | Self::InboxSilent { .. } => "inboxes",
        }
    }

    /// How it stands.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        match self {
            Self::DatabaseFine
            | Self::SchemaFine { .. }
            | Self::DiskFine { .. }
            | Self::ClockFine { .. }
            | Self::ReceiptsFine { .. }
            | Self::QueueFine
            | Self::NoDeadJobs
            | Self::InboxFine { .. } => Fine,
            Self::DiskLow { .. }
            | Self::DiskUnknown
            | Self::ClockJumps
            | Self::ClockDiffers { .. }
            | Self::ReceiptsRejected { .. }
            | Self::QueueSlow { .. }
            | Self::DeadJobs { .. }
            | Self::NoInbox
            | Self::InboxFailed { .. }
            | Self::InboxSilent { .. } => Warning,
            Self::NotLookedAt { .. }
            | Self::FileForgets { .. }
            | Self::ServerForgets { .. }
            | Self::DatabaseDamaged { .. }
            | Self::SchemaOld { .. }
            | Self::SchemaNew { .. }
            | Self::DiskFull { .. }
            | Self::ReceiptsLate { .. }
            | Self::QueueStuck { .. }
            | Self::InboxRefused { .. }
            | Self::InboxForged { .. } => Broken,
        }
    }

    /// What was seen, in English.
    #[must_use]
    pub fn seen(&self) -> String {
        match self {
            Self::NotLookedAt { why, .. } => format!("could not be looked at: {why}"),
            Self::DatabaseFine => "answers, and keeps what it is given".into(),
            Self::FileForgets { what } | Self::ServerForgets { what } => {
                format!("a power cut loses acknowledged messages: {what}")
            }
            Self::DatabaseDamaged { what } => what.clone(),
            Self::SchemaFine { schema } => format!("schema {schema}"),
            Self::SchemaOld { schema, needed } => {
                format!("the database has schema {schema}, this program needs {needed}")
            }
            Self::SchemaNew { schema, known } => {
                format!("the database has schema {schema}, this program knows {known}")
            }
            Self::DiskFine { free_bytes } | Self::DiskLow { free_bytes } | Self::DiskFull { free_bytes } => {
                format!("{} MB are free in the data folder", free_bytes / 1_000_000)
            }
            Self::DiskUnknown => "the data folder cannot be looked at".into(),
            Self::ClockFine { at } => at.to_string(),
            Self::ClockJumps => "the clock jumps".into(),
            Self::ClockDiffers { seconds } => {
                format!("the clock and the file system differ by {seconds} s")
            }
            Self::ReceiptsFine { waiting } => format!("{waiting} wait, none rejected"),
            Self::ReceiptsLate { count, seconds } => {
                format!("{count} deliveries wait, the oldest for {seconds} s")
            }
            Self::ReceiptsRejected { count } => {
                format!("of {count} deliveries something could not be understood")
            }
            Self::QueueFine => "nothing is late".into(),
            Self::QueueSlow { kind, count, seconds } | Self::QueueStuck { kind, count, seconds } => {
                format!("{count} {kind} jobs, the oldest late by {seconds} s")
            }
            Self::NoDeadJobs => "none".into(),
            Self::DeadJobs { count, is_more, kind, why } => {
                let more = if *is_more { "more than " } else { "" };
                let why = why.as_deref().unwrap_or("no reason was kept");
                format!("{more}{count} jobs were given up; the newest ({kind}): {why}")
            }
            Self::NoInbox => "no inbox is connected".into(),
            Self::InboxFine { name, at, .. } => format!("{name}: last heard of at {at}"),
            Self::InboxRefused { name, why, .. } => {
                format!("{name}: the channel refuses its credential: {why}")
            }
            Self::InboxFailed { name, why, .. } => format!("{name}: {why}"),
            Self::InboxForged { name, count, .. } => {
                format!("{name}: {count} deliveries had a wrong signature and none a right one")
            }
            Self::InboxSilent { name, .. } => format!("{name}: nothing has arrived yet"),
        }
    }

    /// What to do, in English; empty when nothing.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::DatabaseFine
            | Self::SchemaFine { .. }
            | Self::DiskFine { .. }
            | Self::ClockFine { .. }
            | Self::ReceiptsFine { .. }
            | Self::QueueFine
            | Self::NoDeadJobs
            | Self::InboxFine { .. } => "",
            Self::NotLookedAt { .. } => "Look at the database first: without it nothing else can be told.",
            Self::FileForgets { .. } => {
                "Move the data folder to a local disk: this file system does not keep what it is given."
            }
            Self::ServerForgets { .. } => "Set synchronous_commit to on in PostgreSQL.",
            Self::DatabaseDamaged { .. } => "Stop the server and restore the last backup.",
            Self::SchemaOld { .. } => "Run `centrala migrate`.",
            Self::SchemaNew { .. } => "Start a newer program.",
            Self::DiskLow { .. } | Self::DiskFull { .. } => {
                "Make room: without it messages are refused (Meta delivers them again for days)."
            }
            Self::DiskUnknown => "Check that it exists.",
            Self::ClockJumps | Self::ClockDiffers { .. } => {
                "Keep the clock with NTP: times of messages and the 24-hour window depend on it."
            }
            Self::ReceiptsLate { .. } => {
                "Nothing is lost. Check that a server or a worker runs on this database, and its log."
            }
            Self::ReceiptsRejected { .. } => {
                "They are kept: look at them under receipts, and replay them after an update."
            }
            Self::QueueSlow { .. } => "If it stays so, raise the number of workers of that kind.",
            Self::QueueStuck { .. } => {
                "Check that a server or a worker runs, its log, and the health of the inboxes."
            }
            Self::DeadJobs { .. } => "Look at the messages they belong to; an agent can try again there.",
            Self::NoInbox => "Connect one in the settings.",
            Self::InboxRefused { .. } => "Give it a new access token.",
            Self::InboxFailed { .. } => "If it comes again, verify the inbox in the settings.",
            Self::InboxForged { .. } => "Check its app secret.",
            Self::InboxSilent { .. } => "Subscribe it, then send a message to it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_a_name_with_values_and_the_same_in_english() {
        let inbox = InboxId(uuid::Uuid::nil());
        let said = Said::InboxForged { inbox, name: "Magazin".into(), count: 3 };
        let value = serde_json::to_value(&said).unwrap();
        assert_eq!(value["code"], "inbox_forged");
        let params = serde_json::json!({"inbox": inbox.to_string(), "name": "Magazin", "count": 3});
        assert_eq!(value["params"], params);
        assert_eq!(said.seen(), "Magazin: 3 deliveries had a wrong signature and none a right one");
        assert_eq!((said.condition(), said.check()), (Broken, "inboxes"));
        assert!(!said.remedy().is_empty());
        let fine = serde_json::to_value(Said::QueueFine).unwrap();
        assert_eq!(fine, serde_json::json!({"code": "queue_fine"}));
    }

    #[test]
    fn more_than_what_was_looked_at_is_said_to_be_more() {
        let dead = |is_more| Said::DeadJobs { count: 100, is_more, kind: "send_message".into(), why: None };
        assert!(dead(true).seen().starts_with("more than 100 jobs"));
        assert!(dead(false).seen().starts_with("100 jobs"));
        assert!(dead(false).seen().ends_with("no reason was kept"));
    }
}
