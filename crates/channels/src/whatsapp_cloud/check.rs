//! What Meta says about an endpoint: one line of evidence for each question (`cloud-api.md` sections 1 and 12).
//!
//! Not here: what follows from it. A bad answer is shown; it never stops messages.

use centrala_domain::error_code::ErrorClass;
use centrala_domain::inbox::Connection;
use centrala_domain::ports::{CallError, Evidence, Found, Obstacle, Verdict};
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
            let Finding { verdict, found, code } = found.unwrap_or_else(Finding::from);
            Evidence { check: check.into(), verdict, found, code }
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
    found: Found,
    code: Option<i64>,
}

impl Finding {
    const fn new(verdict: Verdict, found: Found) -> Self {
        Self { verdict, found, code: None }
    }
}

impl From<CallError> for Finding {
    /// A passing fault says nothing about the endpoint.
    fn from(error: CallError) -> Self {
        let CallError { class, code, detail: why, is_gone: _, retry_after: _ } = error;
        let (verdict, found) = match class {
            ErrorClass::Retry | ErrorClass::Throttle => (Verdict::Unknown, Found::NotAsked { why }),
            ErrorClass::Window | ErrorClass::Permanent | ErrorClass::Credential | ErrorClass::Account => {
                (Verdict::Broken, Found::Refused { why })
            }
        };
        Self { verdict, found, code }
    }
}

type Answered = Result<Finding, CallError>;

async fn token(client: &Client, connection: &Connection) -> Answered {
    let secrets = &connection.secrets;
    let app = config(connection).app_id.as_str();
    let secret = secrets.app_secrets.first().map(Private::expose).map_or("", String::as_str);
    if app.is_empty() || secret.is_empty() {
        return Ok(Finding::new(Verdict::Unknown, Found::AppNotSet));
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
        return Finding { verdict, found: Found::TokenInvalid { why: detail(error) }, code };
    }
    let scopes: Vec<_> = data.get("scopes").and_then(Value::as_array).into_iter().flatten().collect();
    let lacks = |scope: &str| !scopes.iter().any(|known| known.as_str() == Some(scope));
    for (permission, verdict) in [(MESSAGING, Verdict::Broken), (MANAGEMENT, Verdict::Warning)] {
        if lacks(permission) {
            return Finding::new(verdict, Found::TokenLacks { permission: permission.into() });
        }
    }
    if text(data, "app_id").is_some_and(|owner| owner != app) {
        return Finding::new(Verdict::Warning, Found::TokenOfAnotherApp);
    }
    match number(data, "expires_at").filter(|seconds| *seconds > 0) {
        Some(seconds) => {
            let at = Timestamp::from_unix_seconds(seconds);
            Finding::new(Verdict::Warning, Found::TokenExpires { at })
        }
        None => Finding::new(Verdict::Fine, Found::TokenFine),
    }
}

async fn phone_number(client: &Client, connection: &Connection) -> Answered {
    let id = &config(connection).phone_number_id;
    let fields = "status,quality_rating,name_status,account_mode";
    let request = request(client, connection, Method::GET, &[id])?.query(&[("fields", fields)]);
    Ok(judge_number(&call(request).await?))
}

fn judge_number(number: &Value) -> Finding {
    let field = |name| text(number, name).map(str::to_owned);
    let (status, quality, name_status) = (field("status"), field("quality_rating"), field("name_status"));
    let verdict = match status.as_deref() {
        Some("BANNED" | "DISCONNECTED" | "DELETED" | "UNVERIFIED") => Verdict::Broken,
        // One of Meta's lists calls it LINKED (`cloud-api.md` section 19).
        Some("CONNECTED" | "LINKED")
            if quality.as_deref() != Some("RED")
                && !matches!(name_status.as_deref(), Some("DECLINED" | "EXPIRED")) =>
        {
            Verdict::Fine
        }
        _ => Verdict::Warning,
    };
    let is_test = text(number, "account_mode") == Some("SANDBOX");
    Finding::new(verdict, Found::Number { status, quality, name_status, is_test })
}

async fn webhook(client: &Client, connection: &Connection) -> Answered {
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
        None => Finding::new(Verdict::Broken, Found::NotSubscribed),
        Some(one) if text(one, "override_callback_uri").is_some() => {
            Finding::new(Verdict::Fine, Found::SubscribedHere)
        }
        Some(_) => Finding::new(Verdict::Fine, Found::SubscribedByApp),
    }
}

async fn sending(client: &Client, connection: &Connection) -> Answered {
    let id = &config(connection).phone_number_id;
    let request = request(client, connection, Method::GET, &[id])?.query(&[("fields", "health_status")]);
    Ok(judge_health(call(request).await?.get("health_status").unwrap_or(&Value::Null)))
}

fn judge_health(health: &Value) -> Finding {
    let state = text(health, "can_send_message");
    let verdict = match state {
        Some("AVAILABLE") => Verdict::Fine,
        Some("LIMITED") => Verdict::Warning,
        Some("BLOCKED") => Verdict::Broken,
        _ => Verdict::Unknown,
    };
    let members =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut obstacles = Vec::new();
    for entity in members(health, "entities") {
        for error in members(&entity, "errors") {
            let words = |name| without_numbers(text(&error, name).unwrap_or_default().trim());
            obstacles.push(Obstacle {
                part: text(&entity, "entity_type").map(str::to_owned),
                error_code: number(&error, "error_code"),
                description: words("error_description"),
                solution: words("possible_solution"),
            });
        }
    }
    let code = obstacles.iter().find_map(|obstacle| obstacle.error_code);
    let found = Found::Sending { state: state.map(str::to_owned), obstacles };
    Finding { verdict, found, code }
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
        assert_eq!(finding.found.to_string(), "sending is BLOCKED; WABA: No payment. Add one.");
        assert_eq!(judge_health(&json!({"can_send_message": "AVAILABLE"})).verdict, Verdict::Fine);
        assert_eq!(judge_health(&Value::Null).verdict, Verdict::Unknown);
    }

    #[test]
    fn what_was_found_has_a_name_and_values() {
        let both = json!([MESSAGING, MANAGEMENT]);
        let named = |finding: Finding| serde_json::to_value(finding.found).unwrap();
        let token = |data| named(judge_token(&data, "1"));
        for (data, found) in [
            (json!({"is_valid": true, "scopes": both, "app_id": "1"}), json!({"code": "token_fine"})),
            (
                json!({"is_valid": true, "scopes": both, "expires_at": 1_800_000_000}),
                json!({"code": "token_expires", "params": {"at": "2027-01-15T08:00:00Z"}}),
            ),
            (
                json!({"is_valid": true, "scopes": both, "app_id": "2"}),
                json!({"code": "token_of_another_app"}),
            ),
            (
                json!({"is_valid": true, "scopes": [MESSAGING]}),
                json!({"code": "token_lacks", "params": {"permission": MANAGEMENT}}),
            ),
        ] {
            assert_eq!(token(data), found);
        }
        let number = json!({"status": "CONNECTED", "account_mode": "SANDBOX"});
        let found = json!({"code": "number", "params":
            {"status": "CONNECTED", "quality": null, "name_status": null, "is_test": true}});
        let finding = judge_number(&number);
        assert_eq!(
            finding.found.to_string(),
            "status CONNECTED, quality not given, display name not given, test number"
        );
        assert_eq!(named(finding), found);
        let answer = json!({"data": [{"whatsapp_business_api_data": {"id": "1"}}]});
        assert_eq!(named(judge_webhook(&answer, "1")), json!({"code": "subscribed_by_app"}));
        assert_eq!(named(judge_webhook(&answer, "2")), json!({"code": "not_subscribed"}));
        assert_eq!(
            named(judge_health(&json!({"can_send_message": "BLOCKED", "entities": [
                {"entity_type": "WABA", "errors": [{"error_code": 7, "error_description": "No payment."}]}]}))),
            json!({"code": "sending", "params": {"state": "BLOCKED", "obstacles": [
                {"part": "WABA", "error_code": 7, "description": "No payment.", "solution": ""}]}})
        );
        let refused = named(Finding::from(permanent("no such object")));
        assert_eq!(refused, json!({"code": "refused", "params": {"why": "no such object"}}));
    }
}
