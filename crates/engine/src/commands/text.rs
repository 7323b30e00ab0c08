//! Checks of short texts that people write into forms.

/// Characters of a name at most.
pub(crate) const NAME_CHARACTERS: usize = 100;
/// Characters of an e-mail address at most (RFC 5321 section 4.5.3.1.3, without the angle brackets).
const EMAIL_CHARACTERS: usize = 254;

/// A name without spaces around it: 1 to [`NAME_CHARACTERS`] characters, no control characters.
pub(crate) fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=NAME_CHARACTERS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// An e-mail address in the form it is kept in. Only what would surely not work is refused.
pub(crate) fn email(text: &str) -> Option<String> {
    let text = centrala_store::agents::fold_email(text);
    let (local, host) = text.split_once('@')?;
    let fits = !local.is_empty()
        && !host.is_empty()
        && !host.contains('@')
        && text.len() <= EMAIL_CHARACTERS
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied_or_refused() {
        assert_eq!(name("  Brutăria Ana "), Some("Brutăria Ana".into()));
        for wrong in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert_eq!(name(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn emails_are_folded_or_refused() {
        assert_eq!(email(" Ana@Shop.Example "), Some("ana@shop.example".into()));
        for wrong in ["", "ana", "@shop.example", "ana@", "a@b@c", "ana maria@shop.example"] {
            assert_eq!(email(wrong), None, "{wrong:?}");
        }
    }
}
