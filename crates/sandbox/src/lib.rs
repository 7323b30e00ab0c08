//! A simulated Meta platform with customers' phones.
//!
//! Lives here: the WhatsApp Cloud API as a client sees it, the phones of invented customers, signed webhooks with
//! retries, faults on demand, a ledger of everything that happened, and a clock that can be moved.
//! Does not live here: anything shared with the rest of Centrala. The sandbox is written from Meta's documents
//! alone, so that a misreading in the product cannot hide behind the same misreading in its test double.
//!
//! Where to look: `graph` answers Meta's paths, `phones` holds customers and messages, `webhooks` tells the business,
//! `control` answers `/sandbox/`, `town` is the script of the customers who write by themselves.

mod accounts;
mod clock;
mod control;
mod crypto;
mod faults;
mod graph;
mod http;
mod ledger;
mod limits;
mod magic;
mod media;
mod options;
mod phones;
mod random;
mod running;
mod samples;
mod settings;
mod town;
mod webhooks;
mod world;

pub use accounts::Number;
pub use ledger::{LedgerEntry, LedgerKind};
pub use options::Options;
pub use phones::CustomerInfo;
pub use running::{Running, start};
pub use settings::{Escape, Identity, LocaleStyle, Settings, WindowErrors};
