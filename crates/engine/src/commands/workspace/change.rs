//! Changes the name or the settings of the workspace.

use centrala_domain::event::Event;
use centrala_domain::workspace::{Settings, Workspace};
use centrala_store::{Command, Ctx, Done, Error, Tx, workspaces};

use crate::commands::text;

/// Changes the name or the settings of the workspace; what is absent stays.
#[derive(Debug)]
pub struct ChangeWorkspace {
    /// New name.
    pub name: Option<String>,
    /// New settings.
    pub settings: Option<Settings>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChangeWorkspaceError {
    /// There is none in this scope.
    #[error("there is no such workspace")]
    NotFound,
    /// The name is empty, too long, or has control characters.
    #[error("a workspace's name has 1 to 100 characters")]
    Name,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for ChangeWorkspace {
    type Out = Workspace;
    type Error = ChangeWorkspaceError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Workspace>, ChangeWorkspaceError> {
        let before = workspaces::find(&ctx.scope, tx).await?.ok_or(ChangeWorkspaceError::NotFound)?;
        let mut workspace = before.clone();
        if let Some(name) = &self.name {
            workspace.name = text::name(name).ok_or(ChangeWorkspaceError::Name)?;
        }
        if let Some(settings) = &self.settings {
            workspace.settings = settings.clone();
        }
        if workspace == before {
            return Ok(Done::unchanged(workspace));
        }
        workspaces::update(&ctx.scope, tx, &workspace).await?;
        Ok(Done::new(workspace, [Event::WorkspaceChanged]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn what_is_absent_stays_and_no_change_is_no_fact() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let settings = Settings { time_zone: "Europe/Chisinau".into(), ..Settings::default() };
        let change = ChangeWorkspace { name: None, settings: Some(settings.clone()) };
        let changed = store.execute(shop.origin(), change).await.unwrap();
        assert_eq!((changed.name.as_str(), &changed.settings), ("Brutăria", &settings));
        assert_eq!(store.take_events(), [Event::WorkspaceChanged]);

        let same = ChangeWorkspace { name: Some("Brutăria".into()), settings: None };
        assert_eq!(store.execute(shop.origin(), same).await.unwrap(), changed);
        assert!(store.events().is_empty());

        let wrong = ChangeWorkspace { name: Some(" ".into()), settings: None };
        let refused = store.execute(shop.origin(), wrong).await;
        assert!(matches!(refused, Err(ChangeWorkspaceError::Name)));
    }
}
