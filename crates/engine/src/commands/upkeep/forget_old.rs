//! Forgets what has served its time: applied deliveries, finished jobs, kept answers, ended sessions, statuses
//! that nobody claimed, drafts that nobody went on with. A little at a time, so that nobody waits for it.

use centrala_domain::Timestamp;
use centrala_store::{
    Command, Ctx, Done, Error, Tx, attempts, drafts, idempotency, jobs, login_sessions, receipts,
};

/// Forgets some of what is older than these instants. Says whether there may be more.
#[derive(Debug, Clone, Copy)]
pub struct ForgetOld {
    /// Deliveries that were applied before.
    pub receipts_before: Timestamp,
    /// Jobs that finished before, and statuses of unknown messages that came before.
    pub jobs_before: Timestamp,
    /// Answers of requests that were made before.
    pub answers_before: Timestamp,
    /// Drafts that were last changed before.
    pub drafts_before: Timestamp,
}

/// Rows of each kind in one go.
const AT_ONCE: i64 = 500;

impl Command for ForgetOld {
    type Out = bool;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<bool>, Error> {
        let scope = &ctx.scope;
        let forgotten = [
            receipts::forget_before(scope, tx, self.receipts_before, AT_ONCE).await?,
            jobs::forget_before(scope, tx, self.jobs_before, AT_ONCE).await?,
            attempts::forget_unmatched_before(scope, tx, self.jobs_before, AT_ONCE).await?,
            idempotency::forget_before(scope, tx, self.answers_before, AT_ONCE).await?,
            drafts::forget_before(scope, tx, self.drafts_before, AT_ONCE).await?,
        ];
        login_sessions::delete_expired(scope, tx, ctx.now).await?;
        Ok(Done::unchanged(forgotten.iter().any(|count| i64::try_from(*count) == Ok(AT_ONCE))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use centrala_domain::ports::Clock as _;
    use centrala_store::receipts::KeepReceipt;
    use centrala_testkit::on_both_engines;

    use super::*;

    #[tokio::test]
    async fn only_deliveries_that_were_applied_long_ago_are_forgotten() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let inbox = shop.inbox().await.id;
            let keep = async || {
                store.execute(shop.origin(), KeepReceipt { inbox, raw: b"{}".to_vec() }).await.unwrap()
            };
            let (applied, waiting) = (keep().await, keep().await);
            store
                .write(shop.scope(), applied, |id, ctx, tx| {
                    Box::pin(async move { receipts::mark_applied(&ctx.scope, tx, &[*id], ctx.now).await })
                })
                .await
                .unwrap();
            store.clock().advance(Duration::from_secs(3600));
            let recent = keep().await;
            let now = store.clock().now();
            let forget =
                ForgetOld { receipts_before: now, jobs_before: now, answers_before: now, drafts_before: now };
            assert!(!store.execute(shop.origin(), forget).await.unwrap());
            let mut reader = store.read().await.unwrap();
            assert_eq!(receipts::find(&shop.scope(), &mut reader, applied).await.unwrap(), None);
            for kept in [waiting, recent] {
                assert!(receipts::find(&shop.scope(), &mut reader, kept).await.unwrap().is_some());
            }
        })
        .await;
    }
}
