//! Keeps the key that the server proves itself with to push services.

use centrala_store::{Command, Ctx, Done, Error, Tx, push};

/// Keeps a key for the workspace, unless it has one: browsers bind their subscriptions to the first. Gives the public
/// half of the one that is kept.
#[derive(Debug)]
pub struct KeepPushKey {
    /// Its public half.
    pub public_key: Vec<u8>,
    /// From [`push::seal_key`].
    pub sealed_key: Vec<u8>,
}

impl Command for KeepPushKey {
    type Out = Vec<u8>;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Vec<u8>>, Error> {
        push::put_key(&ctx.scope, tx, &self.public_key, &self.sealed_key, ctx.now).await?;
        let kept = push::public_key(&ctx.scope, tx).await?;
        Ok(Done::unchanged(kept.unwrap_or_else(|| self.public_key.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::builders::vault;
    use centrala_testkit::on_both_engines;

    #[tokio::test]
    async fn first_key_stays_and_opens_for_its_workspace_alone() {
        on_both_engines(async |store| {
            let (shop, other) = (store.workspace().await, store.workspace().await);
            for n in [1, 2] {
                let sealed_key = push::seal_key(&shop.scope(), &vault(), &vec![n; 3].into()).unwrap();
                let keep = KeepPushKey { public_key: vec![n], sealed_key };
                assert_eq!(store.execute(shop.origin(), keep).await.unwrap(), vec![1]);
            }
            let mut reader = store.read().await.unwrap();
            assert_eq!(push::public_key(&shop.scope(), &mut reader).await.unwrap(), Some(vec![1]));
            let key = push::key(&shop.scope(), &mut reader, &vault()).await.unwrap().unwrap();
            assert_eq!(key.expose(), &vec![1; 3]);
            assert_eq!(push::public_key(&other.scope(), &mut reader).await.unwrap(), None);
            drop(reader);
            let moved = push::seal_key(&shop.scope(), &vault(), &vec![3].into()).unwrap();
            let keep = KeepPushKey { public_key: vec![3], sealed_key: moved };
            store.execute(other.origin(), keep).await.unwrap();
            let mut reader = store.read().await.unwrap();
            assert!(push::key(&other.scope(), &mut reader, &vault()).await.is_err());
        })
        .await;
    }
}
