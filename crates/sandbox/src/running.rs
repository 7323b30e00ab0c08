//! Starting a sandbox, and the handle to a running one.

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::accounts::{Accounts, NewLine, Number};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::http::server;
use crate::ledger::{Ledger, LedgerEntry};
use crate::media::Shelf;
use crate::options::Options;
use crate::phones::{Customer, CustomerInfo, NewCustomer, Phones};
use crate::random::Stream;
use crate::town::people::PEOPLE;
use crate::town::script;
use crate::webhooks::Sender;
use crate::world::{World, lock};

/// A sandbox that serves. Dropping it stops it without waiting.
pub struct Running {
    world: Arc<World>,
    _stop_when_dropped: DropGuard,
}

/// Binds, populates the town and serves in the background. Ready when it returns.
///
/// # Errors
/// If the address cannot be bound, or the machine has no usable TLS roots.
pub async fn start(options: Options) -> io::Result<Running> {
    let listener = TcpListener::bind(options.listen).await?;
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let base_url = format!("http://{address}");
    let (arrivals, arrived) = mpsc::unbounded_channel();
    let seed = options.seed;
    let ids = Stream::new(seed, "ids");
    let clock = Clock::new();
    let accounts = business(&ids, options.second_number, clock.now_ms());
    let phones = town(&ids).map_err(io::Error::other)?;
    let stop = CancellationToken::new();
    let world = Arc::new(World {
        public_url: options
            .public_url
            .map_or_else(|| base_url.clone(), |url| url.trim_end_matches('/').to_owned()),
        base_url,
        speed: if options.speed > 0.0 { options.speed } else { 1.0 },
        clock,
        media: Mutex::new(Shelf::new(ids.hex_secret())),
        ids,
        traces: Stream::new(seed, "traces"),
        faults: Faults::new(Stream::new(seed, "faults")),
        sender: Sender::new()?,
        management_calls: AtomicU64::new(0),
        accounts: Mutex::new(accounts),
        phones: Mutex::new(phones),
        ledger: Mutex::new(Ledger::new(options.ledger_capacity)),
        settings: RwLock::new(Arc::new(options.settings)),
        arrivals: (!options.quiet_town).then_some(arrivals),
        tasks: TaskTracker::new(),
        stop: stop.clone(),
    });
    world.spawn(server::serve(world.clone(), listener));
    if !options.quiet_town {
        world.spawn(script::play(world.clone(), arrived, seed));
    }
    Ok(Running { world, _stop_when_dropped: stop.drop_guard() })
}

/// The bakery's app, account and numbers.
fn business(ids: &Stream, with_second: bool, now_ms: i64) -> Accounts {
    let mut accounts = Accounts::default();
    let new = |name: &str, display: &str, waba_id| NewLine {
        verified_name: name.to_owned(),
        display: Some(display.to_owned()),
        waba_id,
        own_app: false,
    };
    let first = accounts.add(ids, new("Brutăria Spicul", "+40 364 555 100", None), now_ms);
    if with_second {
        let waba_id = first.map(|number| number.waba_id);
        accounts.add(ids, new("Brutăria Spicul Comenzi", "+40 364 555 200", waba_id), now_ms);
    }
    accounts
}

fn town(ids: &Stream) -> Result<Phones, String> {
    let mut phones = Phones::default();
    for person in PEOPLE {
        let new = NewCustomer {
            id: Some(person.id.to_owned()),
            name: Some(person.name.to_owned()),
            phone: Some(person.phone.to_owned()),
            username: person.username.map(str::to_owned),
            ..NewCustomer::default()
        };
        phones.add(ids, new)?;
    }
    Ok(phones)
}

impl Running {
    /// Where the Graph API and the `/sandbox/` calls are, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.world.base_url
    }

    /// Every number with its credentials, oldest first.
    #[must_use]
    pub fn numbers(&self) -> Vec<Number> {
        lock(&self.world.accounts).numbers()
    }

    /// Everyone in the town.
    #[must_use]
    pub fn customers(&self) -> Vec<CustomerInfo> {
        lock(&self.world.phones).customers().iter().map(Customer::info).collect()
    }

    /// What really happened so far, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        lock(&self.world.ledger).all()
    }

    /// Stops serving and all background work, and waits for it.
    pub async fn stop(self) {
        self.world.stop.cancel();
        self.world.tasks.close();
        self.world.tasks.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_send<T: Send>(_: &T) {}

    #[tokio::test]
    async fn starting_and_running_can_move_between_threads() {
        let starting = start(Options::default());
        assert_send(&starting);
        let running = starting.await.unwrap();
        assert_send(&running);
        let stopping = running.stop();
        assert_send(&stopping);
        stopping.await;
    }
}
