//! Reading Meta's JSON piece by piece, so that one piece that cannot be read leaves its neighbours whole.
//!
//! Containers are cut without looking into their members; only a single item is read in full. Not here: what
//! the members mean.

use std::borrow::Cow;
use std::collections::BTreeMap;

use centrala_domain::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

/// An object whose members are not read yet. Of a member that stands twice the last one counts.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Last second of the year 9999, the end of RFC 3339.
const LAST_SECOND: i64 = 253_402_300_799;

/// Cuts an object.
pub(super) fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(raw.get()).ok()
}

/// Cuts an array.
pub(super) fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// Reads one item in full. The error is about the form only, never about what the item says.
pub(super) fn value(raw: &RawValue) -> Result<Value, String> {
    let text = raw.get();
    let mut value: Value = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&with_whole_surrogates(text)))
        .map_err(|error| error.to_string())?;
    if text.contains("\\u0000") {
        drop_nul(&mut value);
    }
    Ok(value)
}

/// Puts U+FFFD in place of halves of surrogate pairs: an emoji that was cut in two is no reason to lose the
/// message around it.
fn with_whole_surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (kept, length) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (&escape[..12], 12),
            (Some(0xD800..=0xDFFF), _) => ("\\ufffd", 6),
            (Some(_), _) => (&escape[..6], 6),
            // Any other escape: the backslash and the whole character after it.
            (None, _) => {
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..length], length)
            }
        };
        out.push_str(kept);
        rest = &escape[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The UTF-16 unit of a `\uXXXX` at the start of the text.
fn unit(text: &str) -> Option<u16> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    hex.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(hex, 16).ok())?
}

/// Takes NUL out of every text: PostgreSQL cannot keep it.
fn drop_nul(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(drop_nul),
        Value::Object(members) => {
            let mended = std::mem::take(members).into_iter().map(|(mut key, mut value)| {
                key.retain(|c| c != '\0');
                drop_nul(&mut value);
                (key, value)
            });
            *members = mended.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A member that is a text with something in it.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str().filter(|text| !text.is_empty())
}

/// The same, as a text of one's own.
pub(super) fn string(value: &Value, member: &str) -> Option<String> {
    text(value, member).map(str::to_owned)
}

/// A member that is a whole number, also when written as a text.
pub(super) fn number(value: &Value, member: &str) -> Option<i64> {
    let member = value.get(member)?;
    member.as_i64().or_else(|| member.as_str()?.trim().parse().ok())
}

/// A member that is a number of degrees, also when written as a text.
pub(super) fn degrees(value: &Value, member: &str, most: f64) -> Option<f64> {
    let member = value.get(member)?;
    let degrees = member.as_f64().or_else(|| member.as_str()?.trim().parse().ok())?;
    (degrees.abs() <= most).then_some(degrees)
}

/// An instant in Unix seconds, as text or number (`cloud-api.md` section 4).
pub(super) fn timestamp(value: &Value) -> Result<Timestamp, String> {
    let seconds = number(value, "timestamp").ok_or("`timestamp` is missing or not a number")?;
    if !(0..=LAST_SECOND).contains(&seconds) {
        return Err("`timestamp` is out of range".into());
    }
    Ok(Timestamp::from_unix_seconds(seconds))
}

/// Code of the first error in a member `errors`.
pub(super) fn first_error(value: &Value) -> Option<&Value> {
    value.get("errors")?.as_array()?.first()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, String> {
        value(&RawValue::from_string(text.into()).unwrap())
    }

    #[test]
    fn half_of_an_emoji_does_not_lose_the_text_around_it() {
        assert_eq!(
            read(r#"{"a":"x\ud83dy \\ \"é\n\ude00"}"#),
            Ok(json!({"a": "x\u{fffd}y \\ \"é\n\u{fffd}"}))
        );
        assert_eq!(read(r#"["\ud83d\ude00\ud83d"]"#), Ok(json!(["😀\u{fffd}"])));
        assert_eq!(read(r#""\ud83d\u0041""#), Ok(json!("\u{fffd}A")));
    }

    #[test]
    fn nul_is_dropped_everywhere() {
        assert_eq!(read(r#"{"a\u0000":["b\u0000",{"c":"\u0000d"}]}"#), Ok(json!({"a": ["b", {"c": "d"}]})));
    }

    #[test]
    fn number_beyond_all_range_is_an_error_of_its_item() {
        let whole = RawValue::from_string(r#"[1e999,"good"]"#.into()).unwrap();
        let items = elements(&whole).unwrap();
        assert!(value(items[0]).is_err());
        assert_eq!(value(items[1]), Ok(json!("good")));
    }

    #[test]
    fn timestamp_is_read_from_text_and_number() {
        let wanted = Ok(Timestamp::from_unix_seconds(1_790_000_000));
        assert_eq!(timestamp(&json!({"timestamp": "1790000000"})), wanted);
        assert_eq!(timestamp(&json!({"timestamp": 1_790_000_000})), wanted);
        for bad in
            [json!({}), json!({"timestamp": "soon"}), json!({"timestamp": -1}), json!({"timestamp": 1e300})]
        {
            assert!(timestamp(&bad).is_err(), "{bad}");
        }
    }
}
