//! Who calls: tokens and their proofs. What a token may touch is checked where nodes are looked up.

use crate::crypto::{hmac_hex, same_secret};
use crate::http::Call;
use crate::world::{World, lock};

use super::error::GraphError;

/// What a token opens.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) app_id: String,
    /// None for an app token.
    pub(crate) waba_id: Option<String>,
}

/// Reads the caller from any of the three carriers.
pub(crate) fn authenticate(world: &World, call: &Call) -> Result<Access, GraphError> {
    let token = call.token.as_deref().ok_or_else(|| {
        GraphError::graph(
            0,
            None,
            "Authentication Error: an access token is required to request this resource.".to_owned(),
        )
    })?;
    let (access, app_secret) = {
        let accounts = lock(&world.accounts);
        if let Some(app) = accounts.app_of_token(token) {
            (Access { app_id: app.id.clone(), waba_id: None }, app.secret.clone())
        } else if let Some(waba) = accounts.waba_of_token(token) {
            let secret = accounts.apps.get(&waba.app_id).map(|app| app.secret.clone()).unwrap_or_default();
            (Access { app_id: waba.app_id.clone(), waba_id: Some(waba.id.clone()) }, secret)
        } else {
            return Err(GraphError::invalid_token(
                None,
                "Invalid OAuth access token - Cannot parse access token",
            ));
        }
    };
    check_proof(world, call, token, &app_secret)?;
    Ok(access)
}

fn check_proof(world: &World, call: &Call, token: &str, app_secret: &str) -> Result<(), GraphError> {
    match call.text("appsecret_proof") {
        Some(proof) if same_secret(proof, &hmac_hex(app_secret.as_bytes(), token.as_bytes())) => Ok(()),
        Some(_) => Err(GraphError::graph(
            100,
            None,
            "Invalid appsecret_proof provided in the API argument".to_owned(),
        )),
        None if world.settings().require_appsecret_proof => Err(GraphError::graph(
            100,
            None,
            "API calls from the server require an appsecret_proof argument".to_owned(),
        )),
        None => Ok(()),
    }
}
