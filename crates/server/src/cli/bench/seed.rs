//! What a server needs before it can be measured or killed: a workspace, people with tokens, a WhatsApp inbox.
//!
//! Written into the database directly, so that a bench begins in milliseconds and needs no set-up link.

use std::sync::Arc;

use centrala_domain::agent::Agent;
use centrala_domain::inbox::{ChannelConfig, ChannelSecrets, Health, Inbox, WhatsappCloudConfig};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::Clock;
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_domain::{AgentId, InboxId, Private, WorkspaceId};
use centrala_store::api_tokens::ApiToken;
use centrala_store::write::Hooks;
use centrala_store::{
    Command, Ctx, Done, Engine, Error, Options, Origin, Store, Tx, Vault, agents, api_tokens, inboxes, migrate,
    workspaces,
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
    /// Tokens of the people; the first one owns the workspace, all are members of the inbox.
    pub tokens: Vec<String>,
}

/// What was put there.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The inbox.
    pub inbox: InboxId,
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
        let inbox = insert_inbox(ctx, tx, &scope, seed).await?;
        drop(inboxes::set_members(&scope, tx, inbox, &people).await?);
        Ok(Done::unchanged(Seeded { workspace: scope.workspace, inbox, agents: people }))
    }
}

async fn insert_inbox(ctx: &Ctx, tx: &mut Tx, scope: &Scope, seed: &Seed) -> Result<InboxId, Error> {
    let id: InboxId = ctx.new_id();
    let inbox = Inbox {
        id,
        name: "Bench".into(),
        config: ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
            base_url: seed.base_url.clone(),
            api_version: "v26.0".into(),
            app_id: seed.app_id.clone(),
            waba_id: seed.waba_id.clone(),
            phone_number_id: seed.phone_number_id.clone(),
            display_phone_number: None,
        }),
        endpoint: seed.phone_number_id.clone(),
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
