//! What Meta says about an endpoint: one line of evidence for each question (`cloud-api.md` sections 1 and 12).
//!
//! Not here: what follows from it. A bad answer is shown; it never stops messages.

use centrala_domain::error_code::ErrorClass;
use centrala_domain::inbox::Connection;
use centrala_domain::ports::{CallError, Evidence, Verdict};
use centrala_domain::{Private, Timestamp};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::client::{call, config, done, permanent, request, request_as};
use super::json::{number, text};
use super::limits::CALLBACK_URL_CHARACTERS;
use super::statuses::detail;
use crate::http::without_numbers;

/// Permission without which nothing is sent or received.
const MESSAGING: &str = "whatsapp_business_messaging";
/// Permission without which account news and webhooks cannot be set up.
const MANAGEMENT: &str = "whatsapp_business_management";

/// Asks every question.
pub(super) async fn check(client: &Client, connection: &Connection) -> Vec<Evidence> {
    let (token, phone, webhook, sending) = tokio::join!(
        token(client, connection),
        phone_number(client, connection),
        webhook(client, connection),
        sending(client, connection),
    );
    [("token", token), ("phone_number", phone), ("webhook", webhook), ("sending", sending)]
        .into_iter()
        .map(|(check, found)| {
            let Finding { verdict, detail, code } = found.unwrap_or_else(Finding::from);
            Evidence { check: check.into(), verdict, detail, code }
        })
        .collect()
}

/// Asks Meta to deliver the account's messages to an address of ours.
pub(super) async fn subscribe(
    client: &Client,
    connection: &Connection,
    callback_url: &str,
) -> Result<(), CallError> {
    if callback_url.chars().count() > CALLBACK_URL_CHARACTERS {
        return Err(permanent("the webhook address is longer than 200 characters"));
    }
    let body = json!({
        "override_callback_uri": callback_url,
        "verify_token": connection.secrets.verify_token.expose(),
    });
    let waba = &config(connection).waba_id;
    done(request(client, connection, Method::POST, &[waba, "subscribed_apps"])?.json(&body)).await
}

/// What one question found.
struct Finding {
    verdict: Verdict,
    detail: String,
    code: Option<i64>,
}

impl Finding {
    fn new(verdict: Verdict, detail: impl Into<String>) -> Self {
        Self { verdict, detail: detail.into(), code: None }
    }
}

impl From<CallError> for Finding {
    /// A passing fault says nothing about the endpoint.
    fn from(error: CallError) -> Self {
        let verdict = match error.class {
            ErrorClass::Retry | ErrorClass::Throttle => Verdict::Unknown,
            ErrorClass::Window | ErrorClass::Permanent | ErrorClass::Credential | ErrorClass::Account => {
                Verdict::Broken
            }
        };
        Self { verdict, detail: error.detail, code: error.code }
    }
}

type Found = Result<Finding, CallError>;

async fn token(client: &Client, connection: &Connection) -> Found {
    let secrets = &connection.secrets;
    let app = config(connection).app_id.as_str();
    let secret = secrets.app_secrets.first().map(Private::expose).map_or("", String::as_str);
    if app.is_empty() || secret.is_empty() {
        return Ok(Finding::new(Verdict::Unknown, "the app id or the app secret is not set"));
    }
    // The app vouches for itself with its secret, so this checks the secret as well.
    let request = request_as(&format!("{app}|{secret}"), client, connection, Method::GET, &["debug_token"])?;
    let answer = call(request.query(&[("input_token", secrets.access_token.expose())])).await?;
    Ok(judge_token(answer.get("data").unwrap_or(&Value::Null), app))
}

fn judge_token(data: &Value, app: &str) -> Finding {
    let is_valid = data.get("is_valid").and_then(Value::as_bool);
    if is_valid != Some(true) {
        let error = data.get("error").unwrap_or(&Value::Null);
        let verdict = if is_valid.is_none() { Verdict::Unknown } else { Verdict::Broken };
        let code = number(error, "code").or(is_valid.map(|_| 190));
        return Finding {
            verdict,
            detail: format!("the access token is not valid: {}", detail(error)),
            code,
        };
    }
    let scopes: Vec<_> = data.get("scopes").and_then(Value::as_array).into_iter().flatten().collect();
    let lacks = |scope: &str| !scopes.iter().any(|known| known.as_str() == Some(scope));
    if lacks(MESSAGING) {
        return Finding::new(Verdict::Broken, format!("the access token lacks the permission {MESSAGING}"));
    }
    if lacks(MANAGEMENT) {
        return Finding::new(Verdict::Warning, format!("the access token lacks the permission {MANAGEMENT}"));
    }
    if text(data, "app_id").is_some_and(|owner| owner != app) {
        return Finding::new(Verdict::Warning, "the access token belongs to another app");
    }
    match number(data, "expires_at").filter(|seconds| *seconds > 0) {
        Some(seconds) => {
            let end = Timestamp::from_unix_seconds(seconds).to_rfc3339();
            Finding::new(Verdict::Warning, format!("the access token is valid until {end}"))
        }
        None => Finding::new(Verdict::Fine, "the access token is valid and does not expire"),
    }
}

async fn phone_number(client: &Client, connection: &Connection) -> Found {
    let id = &config(connection).phone_number_id;
    let fields = "status,quality_rating,name_status,account_mode";
    let request = request(client, connection, Method::GET, &[id])?.query(&[("fields", fields)]);
    Ok(judge_number(&call(request).await?))
}

fn judge_number(number: &Value) -> Finding {
    let field = |name| text(number, name).unwrap_or("not given");
    let (status, quality, name) = (field("status"), field("quality_rating"), field("name_status"));
    let verdict = match status {
        "BANNED" | "DISCONNECTED" | "DELETED" | "UNVERIFIED" => Verdict::Broken,
        // One of Meta's lists calls it LINKED (`cloud-api.md` section 19).
        "CONNECTED" | "LINKED" if quality != "RED" && !matches!(name, "DECLINED" | "EXPIRED") => {
            Verdict::Fine
        }
        _ => Verdict::Warning,
    };
    let mode = if text(number, "account_mode") == Some("SANDBOX") { ", test number" } else { "" };
    Finding::new(verdict, format!("status {status}, quality {quality}, display name {name}{mode}"))
}

async fn webhook(client: &Client, connection: &Connection) -> Found {
    let config = config(connection);
    let request = request(client, connection, Method::GET, &[&config.waba_id, "subscribed_apps"])?;
    Ok(judge_webhook(&call(request).await?, &config.app_id))
}

fn judge_webhook(answer: &Value, app: &str) -> Finding {
    let apps = answer.get("data").and_then(Value::as_array).into_iter().flatten();
    let mut ours = apps.filter(|one| {
        let data = one.get("whatsapp_business_api_data").unwrap_or(&Value::Null);
        text(data, "id") == Some(app)
    });
    match ours.next() {
        None => Finding::new(Verdict::Broken, "the app is not subscribed to the account's webhooks"),
        Some(one) if text(one, "override_callback_uri").is_some() => {
            Finding::new(Verdict::Fine, "the app is subscribed, with an address of its own for this account")
        }
        Some(_) => Finding::new(Verdict::Fine, "the app is subscribed, with the app's own webhook address"),
    }
}

async fn sending(client: &Client, connection: &Connection) -> Found {
    let id = &config(connection).phone_number_id;
    let request = request(client, connection, Method::GET, &[id])?.query(&[("fields", "health_status")]);
    Ok(judge_health(call(request).await?.get("health_status").unwrap_or(&Value::Null)))
}

fn judge_health(health: &Value) -> Finding {
    let can_send = text(health, "can_send_message").unwrap_or("not given");
    let verdict = match can_send {
        "AVAILABLE" => Verdict::Fine,
        "LIMITED" => Verdict::Warning,
        "BLOCKED" => Verdict::Broken,
        _ => Verdict::Unknown,
    };
    let mut code = None;
    let mut lines = vec![format!("sending is {can_send}")];
    let members =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    for entity in members(health, "entities") {
        for error in members(&entity, "errors") {
            code = code.or_else(|| number(&error, "error_code"));
            let part = |name| text(&error, name).unwrap_or_default();
            let kind = text(&entity, "entity_type").unwrap_or("part");
            let line = format!("{kind}: {} {}", part("error_description"), part("possible_solution"));
            lines.push(without_numbers(line.trim_end()));
        }
    }
    Finding { verdict, detail: lines.join("; "), code }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(finding: &Finding) -> (Verdict, Option<i64>) {
        (finding.verdict, finding.code)
    }

    #[test]
    fn token_is_fine_only_when_valid_lasting_and_permitted() {
        let both = json!([MESSAGING, MANAGEMENT]);
        for (data, wanted) in [
            (json!({"is_valid": true, "scopes": both, "app_id": "1", "expires_at": 0}), Verdict::Fine),
            (
                json!({"is_valid": true, "scopes": both, "app_id": "1", "expires_at": 1_800_000_000}),
                Verdict::Warning,
            ),
            (json!({"is_valid": true, "scopes": both, "app_id": "2"}), Verdict::Warning),
            (json!({"is_valid": true, "scopes": [MESSAGING]}), Verdict::Warning),
            (json!({"is_valid": true, "scopes": [MANAGEMENT]}), Verdict::Broken),
            (json!({"is_valid": false, "error": {"code": 190}}), Verdict::Broken),
            (json!({}), Verdict::Unknown),
        ] {
            assert_eq!(judge_token(&data, "1").verdict, wanted, "{data}");
        }
    }

    #[test]
    fn number_is_judged_by_status_quality_and_name() {
        for (number, wanted) in [
            (
                json!({"status": "CONNECTED", "quality_rating": "GREEN", "name_status": "APPROVED"}),
                Verdict::Fine,
            ),
            (json!({"status": "LINKED"}), Verdict::Fine),
            (json!({"status": "CONNECTED", "quality_rating": "RED"}), Verdict::Warning),
            (json!({"status": "CONNECTED", "name_status": "DECLINED"}), Verdict::Warning),
            (json!({"status": "FLAGGED"}), Verdict::Warning),
            (json!({"status": "BANNED"}), Verdict::Broken),
            (json!({}), Verdict::Warning),
        ] {
            assert_eq!(judge_number(&number).verdict, wanted, "{number}");
        }
    }

    #[test]
    fn webhook_is_there_when_our_app_is_among_the_subscribed() {
        let answer = json!({"data": [{"whatsapp_business_api_data": {"id": "1"}}]});
        assert_eq!(judge_webhook(&answer, "1").verdict, Verdict::Fine);
        assert_eq!(judge_webhook(&answer, "2").verdict, Verdict::Broken);
        assert_eq!(judge_webhook(&json!({}), "1").verdict, Verdict::Broken);
    }

    #[test]
    fn health_carries_the_code_and_the_advice_of_meta() {
        let health = json!({"can_send_message": "BLOCKED", "entities": [
            {"entity_type": "PHONE_NUMBER", "can_send_message": "AVAILABLE"},
            {"entity_type": "WABA", "errors": [
                {"error_code": 141_006, "error_description": "No payment.", "possible_solution": "Add one."}]},
        ]});
        let finding = judge_health(&health);
        assert_eq!(verdict(&finding), (Verdict::Broken, Some(141_006)));
        assert_eq!(finding.detail, "sending is BLOCKED; WABA: No payment. Add one.");
        assert_eq!(judge_health(&json!({"can_send_message": "AVAILABLE"})).verdict, Verdict::Fine);
        assert_eq!(judge_health(&Value::Null).verdict, Verdict::Unknown);
    }
}
