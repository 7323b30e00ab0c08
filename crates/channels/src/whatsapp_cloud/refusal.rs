//! What Meta's error answer says (`cloud-api.md` section 2): the code is the truth, the HTTP status a hint.
//!
//! Not here: what a code means ([`super::errors`]).

use std::time::Duration;

use centrala_domain::error_code::ErrorClass;
use centrala_domain::inbound::UpstreamError;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::errors;
use super::json::{number, text};
use super::statuses::detail;
use crate::http::Answer;

/// A refusal by Meta itself.
pub(super) struct Refusal {
    /// Code and text.
    pub(super) error: UpstreamError,
    /// What to do.
    pub(super) class: ErrorClass,
    /// How long to wait.
    pub(super) retry_after: Option<Duration>,
}

/// Reads the refusal in an answer; none when Meta refused nothing or did not write the answer.
pub(super) fn read(answer: &Answer) -> Option<Refusal> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let error = body.get("error")?;
    let code = number(error, "code")?;
    let is_transient = error.get("is_transient").and_then(Value::as_bool).unwrap_or(false);
    let class = match errors::explain(code) {
        Some(entry) => entry.class,
        None if is_transient => ErrorClass::Retry,
        None => errors::class_of_status(answer.status.as_u16()),
    };
    if let Some(trace) = text(error, "fbtrace_id") {
        tracing::info!(code, status = answer.status.as_u16(), fbtrace = trace, "Meta refused a call");
    }
    Some(Refusal {
        error: UpstreamError { code, detail: detail(error) },
        class,
        retry_after: retry_after(&answer.headers),
    })
}

/// How long an answer asks to wait: `Retry-After` in seconds, else the usage header in minutes.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    seconds.map(Duration::from_secs).or_else(|| regain_access(headers))
}

/// The longest wait in `X-Business-Use-Case-Usage`: `{object: [{estimated_time_to_regain_access: minutes}]}`.
fn regain_access(headers: &HeaderMap) -> Option<Duration> {
    let usage: Value = serde_json::from_str(headers.get("x-business-use-case-usage")?.to_str().ok()?).ok()?;
    let uses = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = uses.filter_map(|one| number(one, "estimated_time_to_regain_access")).max()?;
    let minutes = u64::try_from(minutes).ok().filter(|minutes| *minutes > 0)?;
    Some(Duration::from_secs(minutes.saturating_mul(60)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use serde_json::json;

    fn refusal(status: u16, body: &Value) -> Option<Refusal> {
        let status = StatusCode::from_u16(status).unwrap();
        read(&Answer { status, headers: HeaderMap::new(), body: body.to_string().into_bytes() })
    }

    fn class(status: u16, error: &Value) -> ErrorClass {
        refusal(status, &json!({ "error": error })).unwrap().class
    }

    #[test]
    fn code_decides_and_the_status_only_helps_with_unknown_codes() {
        for (status, error, wanted) in [
            (400, json!({"code": 131_047}), ErrorClass::Window),
            (500, json!({"code": 100}), ErrorClass::Permanent),
            (400, json!({"code": 190}), ErrorClass::Credential),
            (400, json!({"code": 130_429}), ErrorClass::Throttle),
            (500, json!({"code": 131_000}), ErrorClass::Retry),
            (200, json!({"code": 2}), ErrorClass::Retry),
            (400, json!({"code": 987_654}), ErrorClass::Permanent),
            (401, json!({"code": 987_654}), ErrorClass::Credential),
            (429, json!({"code": 987_654}), ErrorClass::Throttle),
            (503, json!({"code": 987_654}), ErrorClass::Retry),
            (400, json!({"code": 987_654, "is_transient": true}), ErrorClass::Retry),
        ] {
            assert_eq!(class(status, &error), wanted, "{status} {error}");
        }
    }

    #[test]
    fn most_detailed_text_is_kept_without_phone_numbers() {
        for (error, wanted) in [
            (json!({"code": 1, "message": "m", "error_data": {"details": "no +40700000001"}}), "no +***"),
            (json!({"code": 1, "message": "m", "error_data": "plain"}), "plain"),
            (json!({"code": 1, "message": "m", "error_user_msg": "u"}), "u"),
            (json!({"code": 1, "message": "m"}), "m"),
            (json!({"code": 1}), ""),
        ] {
            assert_eq!(refusal(400, &json!({ "error": error })).unwrap().error.detail, wanted);
        }
    }

    #[test]
    fn answer_without_a_graph_error_is_no_refusal() {
        for body in [json!({"messages": []}), json!({"error": "text"}), json!({"error": {}}), json!([])] {
            assert!(refusal(500, &body).is_none(), "{body}");
        }
    }

    #[test]
    fn wait_is_read_from_either_header() {
        let mut headers = HeaderMap::new();
        let usage = r#"{"1":[{"estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":7}]}"#;
        headers.insert("x-business-use-case-usage", usage.parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(420)));
        headers.insert(RETRY_AFTER, "12".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(12)));
        headers.insert(RETRY_AFTER, "Wed, 21 Oct 2026 07:28:00 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(420)));
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
