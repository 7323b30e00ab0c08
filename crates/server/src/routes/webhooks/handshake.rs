//! `GET /webhooks/whatsapp_cloud/{inbox}`: Meta asks whether the address is ours.

use axum::extract::State;
use centrala_domain::InboxId;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use utoipa::IntoParams;

use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Path, Query};
use crate::state::App;

/// What Meta asks. Only the dotted names count.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HandshakeIn {
    /// Always `subscribe`.
    #[serde(rename = "hub.mode")]
    #[param(example = "subscribe")]
    mode: Option<String>,
    /// Comes back as the whole answer.
    #[serde(rename = "hub.challenge")]
    #[param(example = "1158201444")]
    challenge: Option<String>,
    /// The token that was agreed on for the inbox.
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
}

/// Longest challenge that is sent back. Meta's are decimal numbers.
const CHALLENGE_CHARACTERS: usize = 128;

/// Answer the verification handshake of an inbox.
#[utoipa::path(get, path = "/webhooks/whatsapp_cloud/{inbox}", tag = "webhooks",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e"), HandshakeIn),
    responses((status = 200, description = "The challenge", content_type = "text/plain", body = String,
        example = "1158201444")),
    extensions(("x-problems" = json!(["handshake-refused", "invalid-id"]))))]
pub async fn verify_webhook(
    State(app): State<App>,
    Path(inbox): Path<InboxId>,
    Query(input): Query<HandshakeIn>,
) -> Answer<String> {
    let refused = || Problem::new(Slug::HandshakeRefused);
    let connected = app.connections.find(&app, inbox).await?.ok_or_else(refused)?;
    let wanted = connected.connection.secrets.verify_token.expose();
    let given = input.verify_token.unwrap_or_default();
    let is_right = !wanted.is_empty() && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()));
    let challenge = input.challenge.filter(|challenge| {
        challenge.len() <= CHALLENGE_CHARACTERS && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    });
    match (input.mode.as_deref(), challenge) {
        (Some("subscribe"), Some(challenge)) if is_right => Ok(challenge),
        _ => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn challenge_comes_back_for_the_right_token_and_the_dotted_names_alone() {
        let app = TestApp::start().await;
        let path = format!("/webhooks/whatsapp_cloud/{}", app.shop.inbox);
        let ask = async |query: &str| app.nobody().get(&format!("{path}?{query}")).await;
        let good = ask("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-token").await;
        assert_eq!(good.header("content-type").unwrap(), "text/plain; charset=utf-8");
        assert_eq!((good.status.as_u16(), good.body.as_slice()), (200, b"1158201444".as_slice()));
        for wrong in [
            "hub.mode=subscribe&hub.challenge=1&hub.verify_token=other",
            "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
            "hub.mode=subscribe&hub.challenge=1",
            "hub_mode=subscribe&hub_challenge=1&hub_verify_token=verify-token",
            "hub.mode=other&hub.challenge=1&hub.verify_token=verify-token",
            "hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=verify-token",
            "",
        ] {
            ask(wrong).await.problem(403, "handshake-refused");
        }
    }
}
