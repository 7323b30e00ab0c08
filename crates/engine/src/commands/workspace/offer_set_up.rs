//! A one-time link that opens an empty installation.

use centrala_domain::Timestamp;
use centrala_store::{Command, Ctx, Done, Error, Tx, setup, workspaces};

/// Makes a set-up link good until an instant; older links stop working. There is no workspace yet: run it in the
/// scope of a new id.
#[derive(Debug)]
pub struct OfferSetUp {
    /// Hash of the link's secret.
    pub secret_hash: Vec<u8>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum OfferSetUpError {
    /// There is a workspace already.
    #[error("this installation is already set up")]
    AlreadySetUp,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for OfferSetUp {
    type Out = ();
    type Error = OfferSetUpError;

    async fn run(&self, _: &Ctx, tx: &mut Tx) -> Result<Done<()>, OfferSetUpError> {
        if workspaces::is_set_up(tx).await? {
            return Err(OfferSetUpError::AlreadySetUp);
        }
        setup::put(tx, &self.secret_hash, self.expires_at).await?;
        Ok(Done::unchanged(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_store::Origin;
    use centrala_testkit::TestStore;
    use centrala_testkit::clock::START;

    #[tokio::test]
    async fn newest_link_is_the_only_good_one_until_the_installation_is_set_up() {
        let store = TestStore::sqlite().await;
        let offer =
            |hash: &[u8]| OfferSetUp { secret_hash: hash.to_vec(), expires_at: Timestamp(START.0 + 1) };
        let origin = || Origin::system(store.new_id(), store.new_id());
        store.execute(origin(), offer(b"old")).await.unwrap();
        store.execute(origin(), offer(b"new")).await.unwrap();
        let mut reader = store.read().await.unwrap();
        assert!(!setup::exists(&mut reader, b"old", START).await.unwrap());
        assert!(setup::exists(&mut reader, b"new", START).await.unwrap());

        store.workspace().await;
        let refused = store.execute(origin(), offer(b"late")).await;
        assert!(matches!(refused, Err(OfferSetUpError::AlreadySetUp)));
    }
}
