//! What PostgreSQL knows of its tables. A fresh database knows nothing for up to a minute, the nap of its autovacuum
//! (<https://www.postgresql.org/docs/15/runtime-config-autovacuum.html>), and plans as if a workspace were a handful of
//! rows: the first thousand customers would be looked for by reading all of them.

use crate::args;
use crate::dialect::UNCOUNTED;
use crate::error::Result;
use crate::open::{Engine, Store};
use crate::write::Tx;

/// Rows of a table before it is worth counting.
const WORTH_COUNTING: i64 = 500;

impl Store {
    /// Counts the tables that have grown and were never counted. Says whether there was one.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn count_new_tables(&self) -> Result<bool> {
        if matches!(self.inner.engine, Engine::Sqlite { .. }) {
            return Ok(false);
        }
        let mut reader = self.read().await?;
        let uncounted = reader.opt(UNCOUNTED, args![WORTH_COUNTING]).await?;
        drop(reader);
        if uncounted.is_none() {
            return Ok(false);
        }
        let mut tx = Tx::new(self.inner.pool.write().await?);
        tx.script("ANALYZE").await?;
        tx.commit().await?;
        Ok(true)
    }
}
