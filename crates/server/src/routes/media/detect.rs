//! The type of a file, from its first bytes: what a client declares is not believed.

/// How many first bytes are looked at.
pub(super) const HEAD_BYTES: usize = 8192;

/// The type of a file that begins like this.
pub(super) fn mime_type(head: &[u8]) -> &'static str {
    if let Some(brand) = head.get(4..11)
        && brand.starts_with(b"ftyp3g")
    {
        return "video/3gpp";
    }
    match infer::get(head).map(|kind| kind.mime_type()) {
        // Names that channels know these by.
        Some("audio/m4a") => "audio/mp4",
        Some("audio/opus") => "audio/ogg",
        Some("video/x-m4v") => "video/mp4",
        Some(known) => known,
        None if is_text(head) => "text/plain",
        None => "application/octet-stream",
    }
}

fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut in the middle.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_the_bytes() {
        for (head, kind) in [
            (&b"\xff\xd8\xff\xe0 JFIF"[..], "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"%PDF-1.7", "application/pdf"),
            (b"\0\0\0\x18ftypmp42", "video/mp4"),
            (b"\0\0\0\x18ftyp3gp4", "video/3gpp"),
            (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
            (b"OggS\0\x02", "audio/ogg"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead", "audio/ogg"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            ("Bună ziua".as_bytes(), "text/plain"),
            (b"<svg onload=alert(1)>", "text/plain"),
            (b"<!DOCTYPE html><script>", "text/html"),
            (b"\x00\x01\x02", "application/octet-stream"),
            (b"a\x00b", "application/octet-stream"),
        ] {
            assert_eq!(mime_type(head), kind, "{head:?}");
        }
    }

    #[test]
    fn text_cut_in_the_middle_of_a_letter_is_text() {
        assert_eq!(mime_type(&"ș".as_bytes()[1..]), "application/octet-stream");
        assert_eq!(mime_type(&"aș".as_bytes()[..2]), "text/plain");
    }
}
