//! Changes how an agent likes his screens.

use centrala_domain::preferences::{FirstMinutes, Keyboard, Notifications, Preferences, PreferencesError};
use centrala_store::{Command, Ctx, Done, Error, Tx, preferences};

use crate::commands::acting;

/// Changes the acting agent's preferences; what is absent stays.
#[derive(Debug, Default)]
pub struct ChangePreferences {
    /// New keys, whole.
    pub keyboard: Option<Keyboard>,
    /// New wishes of what he is told, whole.
    pub notifications: Option<Notifications>,
    /// How far he came now, whole.
    pub first_minutes: Option<FirstMinutes>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChangePreferencesError {
    /// The actor is no agent.
    #[error("preferences are an agent's")]
    NotAnAgent,
    /// They make no sense, or are too much.
    #[error(transparent)]
    Preferences(#[from] PreferencesError),
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for ChangePreferences {
    type Out = Preferences;
    type Error = ChangePreferencesError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Preferences>, ChangePreferencesError> {
        let agent = acting::agent(ctx).ok_or(ChangePreferencesError::NotAnAgent)?;
        let before = preferences::find(&ctx.scope, tx, agent).await?;
        let after = Preferences {
            keyboard: self.keyboard.clone().unwrap_or_else(|| before.keyboard.clone()),
            notifications: self.notifications.clone().unwrap_or_else(|| before.notifications.clone()),
            first_minutes: self.first_minutes.clone().unwrap_or_else(|| before.first_minutes.clone()),
        };
        after.check()?;
        if after != before {
            preferences::put(&ctx.scope, tx, agent, &after).await?;
        }
        Ok(Done::unchanged(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::permission::Role;
    use centrala_domain::preferences::{KeyPreset, NotifyAbout};
    use centrala_testkit::on_both_engines;

    #[tokio::test]
    async fn each_member_is_replaced_whole_and_the_others_stay() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
            let change = async |change| store.execute(shop.origin_of(&ana), change).await;
            let of = async |agent| {
                let mut reader = store.read().await.unwrap();
                preferences::find(&shop.scope(), &mut reader, agent).await.unwrap()
            };
            assert_eq!(of(ana.id).await, Preferences::default());
            assert_eq!(change(ChangePreferences::default()).await.unwrap(), Preferences::default());

            let keyboard = Keyboard { preset: KeyPreset::Gmail, ..Keyboard::default() };
            let keys = ChangePreferences { keyboard: Some(keyboard.clone()), ..Default::default() };
            change(keys).await.unwrap();
            let notifications = Notifications { about: NotifyAbout::Mine, ..Notifications::default() };
            let both = ChangePreferences { notifications: Some(notifications.clone()), ..Default::default() };
            let expected = Preferences { keyboard, notifications, first_minutes: FirstMinutes::default() };
            assert_eq!(change(both).await.unwrap(), expected);

            let steps = FirstMinutes { done: std::iter::once(String::new()).collect(), dismissed: true };
            let wrong = ChangePreferences { first_minutes: Some(steps), ..Default::default() };
            let refused = change(wrong).await;
            assert!(matches!(refused, Err(ChangePreferencesError::Preferences(PreferencesError::Steps))));
            assert_eq!(of(ana.id).await, expected);
            assert_eq!(of(ion.id).await, Preferences::default());
            let refused = store.execute(shop.origin(), ChangePreferences::default()).await;
            assert!(matches!(refused, Err(ChangePreferencesError::NotAnAgent)));
            assert!(store.events().is_empty());
        })
        .await;
    }
}
