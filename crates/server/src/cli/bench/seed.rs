//! What a server needs before it can be measured or killed: a workspace, people with tokens, a WhatsApp inbox.
//!
//! Written into the database directly, so that a bench begins in milliseconds and needs no set-up link.

use std::sync::Arc;

use centrala_domain::agent::Agent;
use centrala_domain::contact::Contact;
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::inbox::{ChannelConfig, ChannelSecrets, Health, Inbox, WhatsappCloudConfig};
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::Clock;
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_domain::{AgentId, ChannelKind, InboxId, Private, WorkspaceId};
use centrala_store::api_tokens::ApiToken;
use centrala_store::messages::NewMessage;
use centrala_store::write::Hooks;
use centrala_store::{
    Command, Ctx, Done, Engine, Error, Options, Origin, Store, Tx, Vault, agents, api_tokens, contacts,
    conversations, inboxes, messages, migrate, workspaces,
};

/// What to put into an empty database.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The key that seals secrets: give the server the same one.
    pub master_key: [u8; 32],
    /// Where the channel's API is.
    pub base_url: String,
    /// Id of the app.
    pub app_id: String,
    /// Signs webhooks.
    pub app_secret: String,
    /// Checks the handshake.
    pub verify_token: String,
    /// Opens the API.
    pub access_token: String,
    /// The business account.
    pub waba_id: String,
    /// The number.
    pub phone_number_id: String,
    /// Tokens of the people; the first one owns the workspace.
    pub tokens: Vec<String>,
    /// How many inboxes there are. People are spread over them: the n-th is a member of one alone.
    pub inboxes: usize,
}

/// What was put there.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The first inbox.
    pub inbox: InboxId,
    /// All inboxes, with the ids of their numbers.
    pub inboxes: Vec<(InboxId, String)>,
    /// The people, in the order of their tokens.
    pub agents: Vec<AgentId>,
}

/// Migrates an empty database and puts the seed into it.
///
/// # Errors
/// The database's.
pub async fn plant(engine: Engine, clock: Arc<dyn Clock>, seed: &Seed) -> Result<Seeded, Error> {
    let store = Store::open(Options::new(engine), clock, Hooks::none()).await?;
    migrate::run(&store).await?;
    let workspace: WorkspaceId = store.new_id();
    let origin = Origin::system(workspace, store.new_id());
    let planted = store.execute(origin, Plant(seed.clone())).await;
    store.close().await;
    planted
}

struct Plant(Seed);

impl Command for Plant {
    type Out = Seeded;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Seeded>, Error> {
        let seed = &self.0;
        let scope = Scope::system(ctx.scope.workspace);
        let workspace = Workspace {
            id: scope.workspace,
            name: "Bench".into(),
            settings: Settings::default(),
            created_at: ctx.now,
        };
        workspaces::insert_first(&scope, tx, &workspace).await?;
        let mut people = Vec::with_capacity(seed.tokens.len());
        for (n, token) in seed.tokens.iter().enumerate() {
            let agent = Agent {
                id: ctx.new_id(),
                name: format!("Agent {n}"),
                email: format!("agent{n}@bench.example"),
                role: if n == 0 { Role::Owner } else { Role::Agent },
                language: Language::En,
                disabled_at: None,
                created_at: ctx.now,
            };
            agents::insert(&scope, tx, &agent, &Private::from("no password fits")).await?;
            let kept = ApiToken {
                id: ctx.new_id(),
                agent: agent.id,
                name: "bench".into(),
                created_at: ctx.now,
                last_used_at: None,
                revoked_at: None,
            };
            let hash = centrala_store::login_sessions::hash_secret(token);
            api_tokens::insert(&scope, tx, &kept, &hash).await?;
            people.push(agent.id);
        }
        let mut inboxes = Vec::with_capacity(seed.inboxes);
        for n in 0..seed.inboxes.max(1) {
            let endpoint =
                if n == 0 { seed.phone_number_id.clone() } else { format!("{}{n:03}", seed.phone_number_id) };
            let inbox = insert_inbox(ctx, tx, &scope, seed, &endpoint).await?;
            let members: Vec<AgentId> = people.iter().copied().skip(n).step_by(seed.inboxes.max(1)).collect();
            let joined = inboxes::set_members(&scope, tx, inbox, &members).await?;
            joined.map_err(|agent| Error::Conflict(format!("{agent} is no agent")))?;
            inboxes.push((inbox, endpoint));
        }
        let inbox = inboxes.first().map_or_else(|| ctx.new_id(), |(inbox, _)| *inbox);
        Ok(Done::unchanged(Seeded { workspace: scope.workspace, inbox, inboxes, agents: people }))
    }
}

async fn insert_inbox(
    ctx: &Ctx,
    tx: &mut Tx,
    scope: &Scope,
    seed: &Seed,
    endpoint: &str,
) -> Result<InboxId, Error> {
    let id: InboxId = ctx.new_id();
    let inbox = Inbox {
        id,
        name: "Bench".into(),
        config: ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
            base_url: seed.base_url.clone(),
            api_version: "v26.0".into(),
            app_id: seed.app_id.clone(),
            waba_id: seed.waba_id.clone(),
            phone_number_id: endpoint.to_owned(),
            display_phone_number: None,
        }),
        endpoint: endpoint.to_owned(),
        health: Health::default(),
        created_at: ctx.now,
    };
    let secrets = ChannelSecrets {
        access_token: Private::from(seed.access_token.as_str()),
        app_secrets: vec![Private::from(seed.app_secret.as_str())],
        verify_token: Private::from(seed.verify_token.as_str()),
    };
    let sealed = inboxes::seal(&Vault::new(&seed.master_key), id, &secrets)?;
    inboxes::insert(scope, tx, &inbox, &sealed).await?;
    Ok(id)
}

/// Messages in one transaction of [`fill`].
const CHUNK: usize = 5000;
/// Messages of one conversation of [`fill`].
const THREAD: usize = 50;

/// Fills a planted database with history: so many messages in conversations of fifty.
///
/// # Errors
/// The database's.
pub async fn fill(engine: Engine, clock: Arc<dyn Clock>, seeded: &Seeded, count: usize) -> Result<(), Error> {
    let store = Store::open(Options::new(engine), clock, Hooks::none()).await?;
    let mut first = 0;
    while first < count {
        let origin = Origin::system(seeded.workspace, store.new_id());
        let chunk = Fill { inbox: seeded.inbox, first, count: CHUNK.min(count - first) };
        store.execute(origin, chunk).await?;
        first += CHUNK;
    }
    store.close().await;
    Ok(())
}

struct Fill {
    inbox: InboxId,
    first: usize,
    count: usize,
}

impl Command for Fill {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let mut open: Option<Conversation> = None;
        for n in self.first..self.first + self.count {
            if n % THREAD == 0 || open.is_none() {
                open = Some(self.begin(ctx, tx, n).await?);
            }
            let Some(conversation) = &open else { continue };
            messages::insert(&ctx.scope, tx, &self.message(ctx, conversation, n)).await?;
        }
        Ok(Done::unchanged(()))
    }
}

impl Fill {
    async fn begin(&self, ctx: &Ctx, tx: &mut Tx, n: usize) -> Result<Conversation, Error> {
        let contact = Contact {
            id: ctx.new_id(),
            name: Some(Private::new(format!("Client {n}"))),
            is_name_set_by_agent: false,
            created_at: ctx.now,
            updated_at: ctx.now,
        };
        contacts::insert(&ctx.scope, tx, &contact, ctx.now).await?;
        let identity = ctx.new_id();
        let family = ChannelKind::WhatsappCloud.family();
        contacts::insert_identity(&ctx.scope, tx, identity, contact.id, family, ctx.now).await?;
        let conversation = Conversation::open(ctx.new_id(), self.inbox, contact.id, identity, ctx.now);
        conversations::insert(&ctx.scope, tx, &conversation).await?;
        Ok(conversation)
    }

    fn message(&self, ctx: &Ctx, conversation: &Conversation, n: usize) -> NewMessage {
        let body = Private::new(format!("Bună ziua, comanda numărul {n} vă rog"));
        NewMessage {
            message: Message {
                id: ctx.new_id(),
                conversation: conversation.id,
                inbox: self.inbox,
                direction: Direction::In,
                author: Author::Contact { id: conversation.contact },
                content: Content::Text { body, preview_url: false },
                reply_to: None,
                reply_to_upstream_id: None,
                status: DeliveryStatus::Received,
                error_code: None,
                client_id: None,
                upstream_id: Some(format!("wamid.FILL{n}")),
                sent_at: ctx.now,
                received_at: ctx.now,
                position: ctx.now,
                is_forwarded: false,
                edited_at: None,
                revoked_at: None,
                reactions: Vec::new(),
            },
            client_digest: None,
            referral: None,
            receipt: None,
            trace: ctx.trace,
        }
    }
}
