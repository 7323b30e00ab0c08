//! What most tests need to stand in a store: a workspace, people, an inbox, a conversation.
//!
//! Built with the store's functions, without facts. What a person does goes through the engine's commands.

use std::sync::atomic::{AtomicU32, Ordering};

use centrala_domain::agent::{Actor, Agent};
use centrala_domain::contact::Contact;
use centrala_domain::conversation::Conversation;
use centrala_domain::inbox::{ChannelConfig, ChannelSecrets, Health, Inbox, WhatsappCloudConfig};
use centrala_domain::label::Label;
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::{BoxFuture, Clock as _};
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_domain::{AgentId, ContactId, IdentityId, InboxId, Private, WorkspaceId};
use centrala_store::{Origin, Vault, agents, contacts, conversations, inboxes, labels, workspaces};

use crate::store::TestStore;

/// Stands where the hash of a password would; no password fits it.
pub const PASSWORD_HASH: &str = "no password fits";

/// The vault that seals the secrets of inboxes made here.
#[must_use]
pub fn vault() -> Vault {
    Vault::new(&[7; 32])
}

/// The secrets of inboxes made here.
#[must_use]
pub fn secrets() -> ChannelSecrets {
    ChannelSecrets {
        access_token: Private::from("access-token"),
        app_secrets: vec![Private::from("app-secret")],
        verify_token: Private::from("verify-token"),
    }
}

/// A workspace to build in.
pub struct TestWorkspace<'s> {
    store: &'s TestStore,
    scope: Scope,
    /// Tells the names of things apart.
    made: AtomicU32,
}

impl TestStore {
    /// A new workspace, empty.
    pub async fn workspace(&self) -> TestWorkspace<'_> {
        let id: WorkspaceId = self.new_id();
        let scope = Scope::system(id);
        self.write(scope, (), move |(), ctx, tx| {
            Box::pin(async move {
                let workspace = Workspace {
                    id,
                    name: "Brutăria".into(),
                    settings: Settings::default(),
                    created_at: ctx.now,
                };
                workspaces::insert(&ctx.scope, tx, &workspace).await
            })
        })
        .await
        .expect("a workspace can be made");
        TestWorkspace { store: self, scope, made: AtomicU32::new(0) }
    }
}

impl TestWorkspace<'_> {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> WorkspaceId {
        self.scope.workspace
    }

    /// What the product itself sees of it.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// What an agent sees of it.
    #[must_use]
    pub const fn scope_of(&self, agent: &Agent) -> Scope {
        Scope::of(self.scope.workspace, agent.id, agent.role)
    }

    /// On behalf of the product itself.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::system(self.id(), self.store.new_id())
    }

    /// On behalf of an agent.
    #[must_use]
    pub fn origin_of(&self, agent: &Agent) -> Origin {
        Origin { scope: self.scope_of(agent), actor: Actor::Agent { id: agent.id }, ..self.origin() }
    }

    /// A new owner.
    pub async fn owner(&self) -> Agent {
        self.agent(Role::Owner).await
    }

    /// A new agent. Nobody can sign in as him: see [`PASSWORD_HASH`].
    pub async fn agent(&self, role: Role) -> Agent {
        let id: AgentId = self.store.new_id();
        let agent = Agent {
            id,
            name: format!("Ana {}", self.number()),
            email: format!("{id}@shop.example"),
            role,
            language: Language::Ro,
            disabled_at: None,
            created_at: self.store.clock().now(),
        };
        self.keep(agent, |agent, scope, tx| {
            Box::pin(async move { agents::insert(scope, tx, agent, &Private::from(PASSWORD_HASH)).await })
        })
        .await
    }

    /// A new inbox: a WhatsApp number without members.
    pub async fn inbox(&self) -> Inbox {
        let id: InboxId = self.store.new_id();
        let number = self.number();
        let endpoint = format!("1000000000{number:05}");
        let inbox = Inbox {
            id,
            name: format!("Magazin {number}"),
            config: ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
                base_url: "http://127.0.0.1:9".into(),
                api_version: "v26.0".into(),
                app_id: "200000000000001".into(),
                waba_id: "300000000000001".into(),
                phone_number_id: endpoint.clone(),
                display_phone_number: Some(Private::new(format!("+407210{number:05}"))),
            }),
            endpoint,
            health: Health::default(),
            created_at: self.store.clock().now(),
        };
        let sealed = inboxes::seal(&vault(), id, &secrets()).expect("secrets can be sealed");
        let (inbox, _) = self
            .keep((inbox, sealed), |(inbox, sealed), scope, tx| {
                Box::pin(async move { inboxes::insert(scope, tx, inbox, sealed).await })
            })
            .await;
        inbox
    }

    /// Makes agents the members of an inbox.
    pub async fn join(&self, inbox: &Inbox, members: &[&Agent]) {
        let members: Vec<AgentId> = members.iter().map(|agent| agent.id).collect();
        self.keep((inbox.id, members), |(inbox, members), scope, tx| {
            Box::pin(async move {
                let joined = inboxes::set_members(scope, tx, *inbox, members).await?;
                joined.map_err(|agent| centrala_store::Error::Conflict(agent.to_string()))
            })
        })
        .await;
    }

    /// A new label.
    pub async fn label(&self, name: &str) -> Label {
        let label = Label {
            id: self.store.new_id(),
            name: name.into(),
            color: "#00aa55".into(),
            created_at: self.store.clock().now(),
        };
        self.keep(label, |label, scope, tx| Box::pin(async move { labels::insert(scope, tx, label).await }))
            .await
    }

    /// A new open conversation of a new customer, without messages.
    pub async fn conversation(&self, inbox: &Inbox) -> Conversation {
        let now = self.store.clock().now();
        let (contact, identity): (ContactId, IdentityId) = (self.store.new_id(), self.store.new_id());
        let contact = Contact {
            id: contact,
            name: Some(Private::new(format!("Client {}", self.number()))),
            is_name_set_by_agent: false,
            created_at: now,
            updated_at: now,
        };
        let conversation = Conversation::open(self.store.new_id(), inbox.id, contact.id, identity, now);
        let family = inbox.channel().family();
        let (_, conversation) = self
            .keep((contact, conversation), move |(contact, conversation), scope, tx| {
                Box::pin(async move {
                    let (identity, at) = (conversation.identity, contact.created_at);
                    contacts::insert(scope, tx, contact, at).await?;
                    contacts::insert_identity(scope, tx, identity, contact.id, family, at).await?;
                    conversations::insert(scope, tx, conversation).await
                })
            })
            .await;
        conversation
    }

    /// Keeps a thing and gives it back.
    async fn keep<S, F>(&self, thing: S, insert: F) -> S
    where
        S: Clone + Send + Sync + 'static,
        F: for<'a> Fn(
                &'a S,
                &'a Scope,
                &'a mut centrala_store::Tx,
            ) -> BoxFuture<'a, centrala_store::Result<()>>
            + Send
            + Sync
            + 'static,
    {
        self.store
            .write(self.scope, (thing.clone(), insert), |(thing, insert), ctx, tx| {
                insert(thing, &ctx.scope, tx)
            })
            .await
            .expect("what a test builds can be kept");
        thing
    }

    fn number(&self) -> u32 {
        self.made.fetch_add(1, Ordering::Relaxed) + 1
    }
}
