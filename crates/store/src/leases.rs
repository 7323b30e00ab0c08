//! Who does what only one process may do at a time, such as applying receipts in order.

use centrala_domain::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::open::Store;
use crate::write::Tx;
use crate::{args, statements};

statements! {
    TAKE = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE leases.holder = excluded.holder OR leases.until <= $4";
    CLEAR = "DELETE FROM leases";
    GIVE_BACK = "DELETE FROM leases WHERE name = $1 AND holder = $2";
}

impl Store {
    /// Takes or renews a lease. False when somebody else holds it.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn take_lease(&self, name: &str, holder: Uuid, until: Timestamp) -> Result<bool> {
        let mut tx = Tx::new(self.inner.pool.write().await?);
        let taken = tx.run(TAKE, args![name, holder, until, self.inner.clock.now()]).await? == 1;
        tx.commit().await?;
        Ok(taken)
    }

    /// Ends every lease: right after the start of the only process, nobody else can hold one.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn clear_leases(&self) -> Result<()> {
        let mut tx = Tx::new(self.inner.pool.write().await?);
        tx.run(CLEAR, args![]).await?;
        tx.commit().await
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn give_lease_back(&self, name: &str, holder: Uuid) -> Result<()> {
        let mut tx = Tx::new(self.inner.pool.write().await?);
        tx.run(GIVE_BACK, args![name, holder]).await?;
        tx.commit().await
    }
}
