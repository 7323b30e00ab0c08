//! `Content-Disposition` (RFC 6266): how a file is shown and what it is called.

use axum::http::HeaderValue;

/// Longest name that is kept, in characters.
const NAME_CHARACTERS: usize = 200;

/// The header of a file that is saved, never shown.
pub(in crate::routes) fn attachment(filename: &str) -> HeaderValue {
    header("attachment", filename)
}

/// The header of a file: shown in place only where a browser shows it without running anything.
pub(super) fn of_type(mime_type: &str, filename: &str) -> HeaderValue {
    header(if is_shown_in_place(mime_type) { "inline" } else { "attachment" }, filename)
}

fn is_shown_in_place(mime_type: &str) -> bool {
    let mime_type = essence(mime_type).to_ascii_lowercase();
    let is_picture = mime_type.starts_with("image/") && !mime_type.starts_with("image/svg");
    is_picture
        || mime_type.starts_with("audio/")
        || mime_type.starts_with("video/")
        || mime_type == "application/pdf"
}

/// A type without its parameters.
pub(super) fn essence(mime_type: &str) -> &str {
    mime_type.split(';').next().unwrap_or_default().trim()
}

fn header(kind: &str, filename: &str) -> HeaderValue {
    let plain: String = filename
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_') { c } else { '_' })
        .collect();
    let value = format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(filename));
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// `ext-value` of RFC 8187.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The last part of a name, without what could steer a path, a header or the reading direction. None when
/// nothing is left.
pub(super) fn clean_name(name: &str) -> Option<String> {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_odd(*c)).collect();
    let kept: String = kept.trim().trim_start_matches('.').chars().take(NAME_CHARACTERS).collect();
    (!kept.is_empty()).then_some(kept)
}

/// The name in a `Content-Disposition` of a request: `filename*` before `filename`.
pub(super) fn name_in(value: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        value.split(';').skip(1).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|value| {
        let (charset, rest) = value.split_once('\'')?;
        let (_language, encoded) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| decoded(encoded)).flatten()
    });
    extended.or_else(|| parameter("filename"))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_nothing_is_shown_in_place() {
        for shown in ["image/png", "audio/ogg; codecs=opus", "video/mp4", "application/pdf"] {
            assert!(of_type(shown, "a").to_str().unwrap().starts_with("inline"), "{shown}");
        }
        for saved in ["image/svg+xml", "IMAGE/SVG+XML", "text/html", "text/plain", "application/zip", ""] {
            assert!(of_type(saved, "a").to_str().unwrap().starts_with("attachment"), "{saved}");
        }
    }

    #[test]
    fn names_are_encoded_so_that_no_header_is_broken() {
        let value = attachment("fișă \"1\"\r\nX: y.pdf");
        assert_eq!(
            value,
            "attachment; filename=\"fi__ _1___X_ y.pdf\"; \
             filename*=UTF-8''fi%C8%99%C4%83%20%221%22%0D%0AX%3A%20y.pdf"
        );
    }

    #[test]
    fn names_are_cleaned_of_paths_and_tricks() {
        for (name, clean) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\temp\\poză.jpg", Some("poză.jpg")),
            ("\u{200b}.htaccess", Some("htaccess")),
            ("fdp\u{202e}exe.pdf", Some("fdpexe.pdf")),
            ("a\u{0}b\n", Some("ab")),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(clean_name(name).as_deref(), clean, "{name:?}");
        }
    }

    #[test]
    fn names_of_uploads_are_read_in_both_spellings() {
        assert_eq!(name_in("attachment; filename=\"a.pdf\""), Some("a.pdf".into()));
        assert_eq!(name_in("attachment; filename=a.pdf; filename*=UTF-8''%C8%99.pdf"), Some("ș.pdf".into()));
        assert_eq!(name_in("attachment; filename*=UTF-8''%C8"), None);
        assert_eq!(name_in("attachment"), None);
    }
}
