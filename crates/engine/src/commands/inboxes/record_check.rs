//! Keeps what a check of an endpoint found.

use centrala_domain::InboxId;
use centrala_domain::event::Event;
use centrala_domain::inbox::HealthProblem;
use centrala_domain::ports::{Evidence, Verdict};
use centrala_store::{Command, Ctx, Done, Error, Tx, inboxes};

/// The question about the credential itself. Only its answer asks for a new one.
const CREDENTIAL: &str = "token";

/// Keeps what a check of an endpoint found. What could not be found out changes nothing.
#[derive(Debug)]
pub struct RecordCheck {
    /// Which.
    pub inbox: InboxId,
    /// One line for each question.
    pub evidence: Vec<Evidence>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum RecordCheckError {
    /// There is none in this workspace.
    #[error("there is no such inbox")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for RecordCheck {
    type Out = ();
    type Error = RecordCheckError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, RecordCheckError> {
        let (scope, inbox) = (&ctx.scope, self.inbox);
        inboxes::find(scope, tx, inbox).await?.ok_or(RecordCheckError::NotFound)?;
        let mut events = Vec::new();
        for found in &self.evidence {
            let detail = found.found.to_string();
            let problem = HealthProblem { at: ctx.now, code: found.code, detail };
            match (found.check.as_str(), found.verdict) {
                (CREDENTIAL, Verdict::Fine | Verdict::Warning) => {
                    inboxes::note_authenticated(scope, tx, inbox, ctx.now).await?;
                    if inboxes::clear_credential_problem(scope, tx, inbox).await? {
                        events.push(Event::InboxCredentialChanged { inbox, is_broken: false });
                    }
                }
                (CREDENTIAL, Verdict::Broken) => {
                    if inboxes::set_credential_problem(scope, tx, inbox, &problem).await? {
                        events.push(Event::InboxCredentialChanged { inbox, is_broken: true });
                    }
                }
                (_, Verdict::Broken) => inboxes::note_problem(scope, tx, inbox, &problem).await?,
                (_, Verdict::Fine | Verdict::Warning | Verdict::Unknown) => {}
            }
        }
        Ok(Done::new((), events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::ports::Found;
    use centrala_testkit::TestStore;
    use centrala_testkit::clock::START;

    #[tokio::test]
    async fn credential_breaks_and_heals_once_and_other_failures_do_not_touch_it() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await.id;
        let found = |check: &str, verdict: Verdict| RecordCheck {
            inbox,
            evidence: vec![Evidence {
                check: check.into(),
                verdict,
                found: Found::Refused { why: "said so".into() },
                code: Some(190),
            }],
        };
        let problem = HealthProblem { at: START, code: Some(190), detail: "said so".into() };
        let health = async || {
            let mut reader = store.read().await.unwrap();
            inboxes::find(&shop.scope(), &mut reader, inbox).await.unwrap().unwrap().health
        };

        store.execute(shop.origin(), found("token", Verdict::Unknown)).await.unwrap();
        store.execute(shop.origin(), found("phone_number", Verdict::Broken)).await.unwrap();
        assert!(store.events().is_empty());
        assert_eq!(
            (health().await.credential_problem, health().await.last_problem.as_ref()),
            (None, Some(&problem))
        );

        store.execute(shop.origin(), found("token", Verdict::Broken)).await.unwrap();
        store.execute(shop.origin(), found("token", Verdict::Broken)).await.unwrap();
        assert_eq!(store.take_events(), [Event::InboxCredentialChanged { inbox, is_broken: true }]);
        assert_eq!(health().await.credential_problem, Some(problem));

        store.execute(shop.origin(), found("token", Verdict::Warning)).await.unwrap();
        store.execute(shop.origin(), found("token", Verdict::Fine)).await.unwrap();
        assert_eq!(store.events(), [Event::InboxCredentialChanged { inbox, is_broken: false }]);
        let healed = health().await;
        assert_eq!((healed.credential_problem, healed.last_authenticated_at), (None, Some(START)));
    }
}
