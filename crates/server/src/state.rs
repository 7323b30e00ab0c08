//! What every handler holds: settings, the engine, and the small things that live in memory only.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use centrala_engine::Engine;
use centrala_engine::commands::sessions::note_use::NoteSessionUse;
use centrala_engine::commands::tokens::note_use::NoteApiTokenUse;
use centrala_store::login_sessions::LoginSession;
use centrala_store::{Store, Vault, workspaces};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::limits::SignInLimits;
use crate::auth::password::Passwords;
use crate::auth::{Caller, Via};
use crate::config::Config;
use crate::connections::Connections;
use crate::forged::Forged;
use crate::live::{Rooms, Sight, Tickets};
use crate::push::WebPush;
use crate::routes::idempotent::UnderWay;

/// The program while it runs. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What [`App`] points at.
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// Where others reach this server, without a slash at the end.
    pub public_base: String,
    /// Commands, jobs, channels.
    pub engine: Engine,
    /// The database.
    pub store: Store,
    /// Seals secrets.
    pub vault: Vault,
    /// Hashing of passwords.
    pub passwords: Passwords,
    /// Limits of signing in.
    pub sign_in_limits: SignInLimits,
    /// Requests with an `Idempotency-Key` that are under way.
    pub under_way: UnderWay,
    /// Inboxes with their secrets, for webhooks.
    pub connections: Connections,
    /// Forged webhooks that are not written down yet.
    pub forged: Forged,
    /// Who sees which conversation, for live sockets.
    pub sight: Sight,
    /// Which live sockets are woken by which facts.
    pub rooms: Rooms,
    /// One-time tickets of live sockets.
    pub tickets: Tickets,
    /// How browsers are woken.
    pub push: Arc<WebPush>,
    /// Live sockets that may still be opened.
    pub sockets: Arc<Semaphore>,
    /// Ends everything that waits.
    pub shutdown: CancellationToken,
    /// What runs beside the requests.
    pub tasks: TaskTracker,
    is_set_up: AtomicBool,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the program together and starts what runs beside the requests.
    ///
    /// # Errors
    /// The database's.
    pub async fn start(config: Config, public_base: String, engine: Engine) -> centrala_store::Result<Self> {
        let mut reader = engine.store.read().await?;
        let is_set_up = workspaces::is_set_up(&mut reader).await?;
        drop(reader);
        let push = WebPush::new(&config, engine.store.clock().clone())
            .map_err(|error| centrala_store::Error::Unavailable(error.to_string()))?;
        let app = Self(Arc::new(Parts {
            public_base,
            store: engine.store.clone(),
            vault: engine.vault.clone(),
            passwords: Passwords::default(),
            sign_in_limits: SignInLimits::default(),
            under_way: UnderWay::default(),
            connections: Connections::default(),
            forged: Forged::default(),
            sight: Sight::default(),
            rooms: Rooms::default(),
            tickets: Tickets::default(),
            push: Arc::new(push),
            sockets: Arc::new(Semaphore::new(
                usize::try_from(config.connections_max).unwrap_or(usize::MAX >> 3),
            )),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            is_set_up: AtomicBool::new(is_set_up),
            config,
            engine,
        }));
        app.connections.reload(&app).await?;
        crate::chores::start(&app);
        Ok(app)
    }

    /// Ends what runs beside the requests, and waits for it.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        crate::forged::flush(self).await;
    }

    /// Whether there is a workspace.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        self.is_set_up.load(Ordering::Acquire)
    }

    /// From now on there is one: the set-up routes are gone.
    pub fn mark_set_up(&self) {
        self.is_set_up.store(true, Ordering::Release);
    }

    /// The origin of our own pages, when it was configured.
    #[must_use]
    pub fn own_origin(&self) -> Option<&str> {
        self.config.public_url.as_ref().map(|_| self.public_base.as_str())
    }

    /// How long a login session may rest.
    #[must_use]
    pub fn session_idle(&self) -> Duration {
        self.config.session_idle()
    }

    /// How long a login session may last.
    #[must_use]
    pub fn session_lifetime(&self) -> Duration {
        self.config.session_lifetime()
    }

    /// Whether a session is within the time that the settings give it.
    #[must_use]
    pub fn is_session_standing(&self, session: &LoginSession) -> bool {
        let now = self.store.clock().now();
        now < session.expires_at.min(session.created_at.plus(self.session_lifetime()))
            && now.since(session.last_seen_at) <= self.session_idle()
    }

    /// Writes down that a session or token was used, beside the request.
    pub fn note_use(&self, caller: &Caller) {
        let (app, via) = (self.clone(), caller.via);
        let origin = caller.origin();
        self.beside(async move {
            let noted = match via {
                Via::Session(session) => app.store.execute(origin, NoteSessionUse { session }).await,
                Via::Token(token) => app.store.execute(origin, NoteApiTokenUse { token }).await,
            };
            if let Err(error) = noted {
                tracing::debug!(error = %error, "a use could not be written down");
            }
        });
    }

    /// Runs something beside the requests until it ends or the program does.
    pub fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.shutdown.clone();
        drop(self.tasks.spawn(async move {
            shutdown.run_until_cancelled(work).await;
        }));
    }

    /// Where Meta delivers the webhooks of an inbox.
    #[must_use]
    pub fn webhook_url(&self, inbox: centrala_domain::InboxId) -> String {
        format!("{}/webhooks/whatsapp_cloud/{inbox}", self.public_base)
    }
}
