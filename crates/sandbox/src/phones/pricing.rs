//! What a message costs by the rules of its day, as status webhooks tell it. No amounts of money.

use serde_json::{Value, json};

use crate::clock::month_of;
use crate::crypto::sha256_hex;

/// Replies are charged since 2026-10-01T00:00:00Z.
const SERVICE_CHARGED_FROM_MS: i64 = 1_790_812_800_000;
/// Per-message pricing since 2025-07-01T00:00:00Z.
const PER_MESSAGE_FROM_MS: i64 = 1_751_328_000_000;

/// The price category of one message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Pricing {
    model: &'static str,
    kind: &'static str,
    category: String,
    /// Set inside a free entry point.
    pub(crate) free_until_seconds: Option<i64>,
}

/// What pricing looks at.
pub(crate) struct Circumstances<'a> {
    pub(crate) now_ms: i64,
    /// None for a free-form message.
    pub(crate) template_category: Option<&'a str>,
    pub(crate) is_window_open: bool,
    pub(crate) free_until_ms: Option<i64>,
    pub(crate) free_service_messages: u32,
}

impl Pricing {
    /// Prices one message and counts it if it is a service message.
    pub(crate) fn of(circumstances: &Circumstances<'_>, service_count: &mut ((i16, i8), u32)) -> Self {
        let now_ms = circumstances.now_ms;
        let category =
            circumstances.template_category.map_or_else(|| "service".to_owned(), str::to_ascii_lowercase);
        let is_charged_era = now_ms >= SERVICE_CHARGED_FROM_MS;
        let kind = if circumstances.free_until_ms.is_some() {
            "free_entry_point"
        } else if category == "service" {
            if !is_charged_era || count(service_count, now_ms) <= circumstances.free_service_messages {
                "free_customer_service"
            } else {
                "regular"
            }
        } else if category == "utility" && circumstances.is_window_open && !is_charged_era {
            "free_customer_service"
        } else {
            "regular"
        };
        Self {
            model: if now_ms >= PER_MESSAGE_FROM_MS { "PMP" } else { "CBP" },
            kind,
            category,
            free_until_seconds: circumstances.free_until_ms.map(|ms| ms.div_euclid(1000)),
        }
    }

    pub(crate) fn body(&self) -> Value {
        json!({
            "billable": self.kind == "regular",
            "pricing_model": self.model,
            "type": self.kind,
            "category": self.category,
        })
    }

    /// The conversation object of webhook versions before 24, and of free entry points.
    pub(crate) fn conversation(&self, wamid: &str, with_expiry: bool, at_seconds: i64) -> Value {
        let origin = if self.free_until_seconds.is_some() { "referral_conversion" } else { &self.category };
        let mut conversation = json!({
            "id": sha256_hex(wamid.as_bytes()).get(..32),
            "origin": {"type": origin},
        });
        if with_expiry {
            let expiry = self.free_until_seconds.unwrap_or(at_seconds + 86_400);
            conversation["expiration_timestamp"] = json!(expiry.to_string());
        }
        conversation
    }
}

/// Counts a service message in its month and gives the count so far.
fn count(service_count: &mut ((i16, i8), u32), now_ms: i64) -> u32 {
    let month = month_of(now_ms);
    if service_count.0 != month {
        *service_count = (month, 0);
    }
    service_count.1 = service_count.1.saturating_add(1);
    service_count.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(now_ms: i64, template_category: Option<&str>, free_until_ms: Option<i64>) -> Value {
        let circumstances = Circumstances {
            now_ms,
            template_category,
            is_window_open: true,
            free_until_ms,
            free_service_messages: 1,
        };
        let mut counter = (month_of(now_ms), 1);
        Pricing::of(&circumstances, &mut counter).body()
    }

    #[test]
    fn replies_are_charged_since_october() {
        assert_eq!(price(SERVICE_CHARGED_FROM_MS - 1, None, None)["type"], "free_customer_service");
        let charged = price(SERVICE_CHARGED_FROM_MS, None, None);
        assert_eq!(
            charged,
            json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "service"})
        );
    }

    #[test]
    fn utility_inside_the_window_was_free_before() {
        assert_eq!(price(SERVICE_CHARGED_FROM_MS - 1, Some("UTILITY"), None)["billable"], false);
        assert_eq!(price(SERVICE_CHARGED_FROM_MS, Some("UTILITY"), None)["billable"], true);
        assert_eq!(price(SERVICE_CHARGED_FROM_MS - 1, Some("MARKETING"), None)["billable"], true);
    }

    #[test]
    fn a_free_entry_point_frees_everything() {
        let free = price(SERVICE_CHARGED_FROM_MS, Some("MARKETING"), Some(SERVICE_CHARGED_FROM_MS + 1));
        assert_eq!(free["type"], "free_entry_point");
        assert_eq!(free["billable"], false);
    }
}
