//! The bytes of a webhook: Meta escapes everything beyond ASCII, and slashes. What is signed is what is sent.

use std::io::{self, Write};

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::settings::Escape;

/// Writes a body in the chosen spelling.
pub(crate) fn spell(body: &Value, escape: Escape) -> Vec<u8> {
    match escape {
        Escape::Plain => body.to_string().into_bytes(),
        Escape::Meta => {
            let mut bytes = Vec::with_capacity(1024);
            // Writing a value into memory cannot fail.
            let _ = body.serialize(&mut Serializer::with_formatter(&mut bytes, AsciiFormatter));
            bytes
        }
    }
}

struct AsciiFormatter;

impl Formatter for AsciiFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(index) = rest.find(|c: char| !c.is_ascii() || c == '/') {
            writer.write_all(&rest.as_bytes()[..index])?;
            let mut following = rest[index..].chars();
            match following.next() {
                Some('/') => writer.write_all(b"\\/")?,
                Some(other) => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
                None => {}
            }
            rest = following.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metas_spelling_is_ascii_with_escaped_slashes() {
        let body = json!({"t": "Bună / 🍞 \"x\""});
        let bytes = spell(&body, Escape::Meta);
        assert_eq!(bytes, br#"{"t":"Bun\u0103 \/ \ud83c\udf5e \"x\""}"#);
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), body);
    }

    #[test]
    fn the_plain_spelling_is_utf8() {
        assert_eq!(spell(&json!("ă/"), Escape::Plain), "\"ă/\"".as_bytes());
    }
}
