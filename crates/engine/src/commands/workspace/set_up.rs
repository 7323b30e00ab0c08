//! The first set-up: a workspace and its first owner, in one step.

use centrala_domain::Private;
use centrala_domain::agent::Agent;
use centrala_domain::event::Event;
use centrala_domain::permission::Role;
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_store::{Command, Ctx, Done, Error, Tx, agents, setup, workspaces};

use crate::commands::text;

/// Makes the first workspace and its owner. Run it in the scope of the new workspace's id.
#[derive(Debug)]
pub struct SetUp {
    /// Why it may be done.
    pub proof: SetUpProof,
    /// Name of the workspace.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// Who owns it.
    pub owner: FirstOwner,
}

/// Why somebody may set the installation up.
#[derive(Debug)]
pub enum SetUpProof {
    /// He has a one-time link; this is the hash of its secret.
    Link(Vec<u8>),
    /// He runs the program itself.
    Operator,
}

/// The first person.
#[derive(Debug)]
pub struct FirstOwner {
    /// Shown to colleagues.
    pub name: String,
    /// Sign-in name.
    pub email: String,
    /// Hash of his password.
    pub password_hash: Private,
    /// Language of his screens.
    pub language: Language,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// There is a workspace already.
    #[error("this installation is already set up")]
    AlreadySetUp,
    /// The link was used, has expired, or never was.
    #[error("this set-up link does not work any more")]
    LinkRefused,
    /// The workspace's name is empty, too long, or has control characters.
    #[error("a workspace's name has 1 to 100 characters")]
    WorkspaceName,
    /// The owner's name is empty, too long, or has control characters.
    #[error("an owner's name has 1 to 100 characters")]
    OwnerName,
    /// Not an e-mail address.
    #[error("this is not an e-mail address")]
    Email,
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for SetUpError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("installation") { Self::AlreadySetUp } else { Self::Store(error) }
    }
}

impl Command for SetUp {
    type Out = (Workspace, Agent);
    type Error = SetUpError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<(Workspace, Agent)>, SetUpError> {
        if workspaces::is_set_up(tx).await? {
            return Err(SetUpError::AlreadySetUp);
        }
        if let SetUpProof::Link(secret_hash) = &self.proof
            && !setup::take(tx, secret_hash, ctx.now).await?
        {
            return Err(SetUpError::LinkRefused);
        }
        let workspace = Workspace {
            id: ctx.scope.workspace,
            name: text::name(&self.name).ok_or(SetUpError::WorkspaceName)?,
            settings: self.settings.clone(),
            created_at: ctx.now,
        };
        let owner = Agent {
            id: ctx.new_id(),
            name: text::name(&self.owner.name).ok_or(SetUpError::OwnerName)?,
            email: text::email(&self.owner.email).ok_or(SetUpError::Email)?,
            role: Role::Owner,
            language: self.owner.language,
            disabled_at: None,
            created_at: ctx.now,
        };
        // The check above is for a clear answer; of two at the same moment the database takes one.
        workspaces::insert_first(&ctx.scope, tx, &workspace).await?;
        agents::insert(&ctx.scope, tx, &owner, &self.owner.password_hash).await?;
        let events = [Event::WorkspaceCreated, Event::AgentAdded { agent: owner.id, role: owner.role }];
        Ok(Done::new((workspace, owner), events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::workspace::offer_set_up::OfferSetUp;
    use centrala_domain::Timestamp;
    use centrala_domain::permission::Scope;
    use centrala_store::Origin;
    use centrala_testkit::clock::START;
    use centrala_testkit::{TestStore, on_both_engines};

    fn set_up(proof: SetUpProof) -> SetUp {
        SetUp {
            proof,
            name: " Brutăria ".into(),
            settings: Settings::default(),
            owner: FirstOwner {
                name: "Ana".into(),
                email: "Ana@Shop.Example".into(),
                password_hash: Private::from("hash"),
                language: Language::Ro,
            },
        }
    }

    fn origin(store: &TestStore) -> Origin {
        Origin::system(store.new_id(), store.new_id())
    }

    #[tokio::test]
    async fn set_up_makes_a_workspace_with_an_owner_once() {
        let store = TestStore::sqlite().await;
        let (workspace, owner) = store.execute(origin(&store), set_up(SetUpProof::Operator)).await.unwrap();
        assert_eq!((workspace.name.as_str(), owner.email.as_str()), ("Brutăria", "ana@shop.example"));
        let added = Event::AgentAdded { agent: owner.id, role: Role::Owner };
        assert_eq!(store.events(), [Event::WorkspaceCreated, added]);
        let scope = Scope::system(workspace.id);
        let mut reader = store.read().await.unwrap();
        assert_eq!(agents::find(&scope, &mut reader, owner.id).await.unwrap(), Some(owner));
        assert_eq!(workspaces::find(&scope, &mut reader).await.unwrap(), Some(workspace));

        let again = store.execute(origin(&store), set_up(SetUpProof::Operator)).await;
        assert!(matches!(again, Err(SetUpError::AlreadySetUp)));
    }

    #[tokio::test]
    async fn of_many_set_ups_at_the_same_moment_one_succeeds() {
        on_both_engines(async |store| {
            let all = (0..12).map(|n| {
                let mut command = set_up(SetUpProof::Operator);
                command.owner.email = format!("ana{n}@shop.example");
                store.execute(origin(&store), command)
            });
            let outcomes = futures_util::future::join_all(all).await;
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
            let mut reader = store.read().await.unwrap();
            assert_eq!(workspaces::ids(&mut reader).await.unwrap().len(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn link_works_once_and_not_after_its_end() {
        let store = TestStore::sqlite().await;
        let expires_at = Timestamp(START.0 + 10);
        store.execute(origin(&store), OfferSetUp { secret_hash: vec![1], expires_at }).await.unwrap();

        for wrong in [vec![2], vec![]] {
            let refused = store.execute(origin(&store), set_up(SetUpProof::Link(wrong))).await;
            assert!(matches!(refused, Err(SetUpError::LinkRefused)));
        }
        store.clock().set(expires_at);
        let late = store.execute(origin(&store), set_up(SetUpProof::Link(vec![1]))).await;
        assert!(matches!(late, Err(SetUpError::LinkRefused)));
        store.clock().set(START);
        store.execute(origin(&store), set_up(SetUpProof::Link(vec![1]))).await.unwrap();
        let mut reader = store.read().await.unwrap();
        assert!(!setup::exists(&mut reader, &[1], START).await.unwrap());
    }

    #[tokio::test]
    async fn mistake_in_the_form_does_not_use_the_link_up() {
        let store = TestStore::sqlite().await;
        let expires_at = Timestamp(START.0 + 10);
        store.execute(origin(&store), OfferSetUp { secret_hash: vec![1], expires_at }).await.unwrap();
        let mut command = set_up(SetUpProof::Link(vec![1]));
        command.owner.email = "ana".into();
        assert!(matches!(store.execute(origin(&store), command).await, Err(SetUpError::Email)));
        store.execute(origin(&store), set_up(SetUpProof::Link(vec![1]))).await.unwrap();
    }
}
