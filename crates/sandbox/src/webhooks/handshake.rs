//! The verification of a callback address: a challenge that must come back. Nothing is stored here.

use reqwest::Url;

use crate::graph::error::GraphError;
use crate::ledger::{LedgerEntry, LedgerKind};
use crate::world::World;

/// Asks the receiver whether it wants the webhooks.
pub(crate) async fn verify(world: &World, callback: &str, verify_token: &str) -> Result<(), GraphError> {
    let url = Url::parse(callback).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url =
        url.ok_or_else(|| GraphError::parameter(format!("The callback URL {callback} is not a valid URL.")))?;
    let challenge = world.ids.text(b"123456789", 10);
    let query =
        [("hub.mode", "subscribe"), ("hub.challenge", &challenge), ("hub.verify_token", verify_token)];
    let answer = world.sender.client().get(url).query(&query).send().await;
    let (http_status, problem) = match answer {
        Ok(answer) => {
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            let problem = if status.as_u16() != 200 {
                let message = status.canonical_reason().unwrap_or_default();
                Some(format!("HTTP Status Code = {}; HTTP Message = {message}", status.as_u16()))
            } else if body.trim_end() != challenge {
                Some(
                    "Response does not match challenge, expected value = the challenge, received another"
                        .to_owned(),
                )
            } else {
                None
            };
            (Some(status.as_u16()), problem)
        }
        Err(error) if error.is_timeout() => (None, Some("the receiver did not answer in time".to_owned())),
        Err(_) => (None, Some("the receiver could not be reached".to_owned())),
    };
    let mut entry =
        LedgerEntry::new(LedgerKind::Handshake, if problem.is_none() { "accepted" } else { "refused" });
    entry.method = Some("GET".to_owned());
    entry.path = Some(callback.to_owned());
    entry.http_status = http_status;
    entry.note.clone_from(&problem);
    world.record(entry);
    problem.map_or(Ok(()), |problem| {
        let message = format!("(#2200) Callback verification failed with the following errors: {problem}");
        Err(GraphError::graph(2200, None, message))
    })
}
