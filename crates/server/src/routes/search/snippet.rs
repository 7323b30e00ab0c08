//! The part of a text around the word that was found.

use centrala_domain::contact::fold;

/// Characters before the word.
const BEFORE: usize = 40;
/// Characters of a snippet.
const LENGTH: usize = 160;

/// The words of a query, folded.
pub(super) fn words(query: &str) -> Vec<String> {
    let folded = fold(query);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The part of `text` around the first of its words that begins with one of `words`.
pub(super) fn around(text: &str, words: &[String]) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = place(&characters, words).unwrap_or(0).saturating_sub(BEFORE);
    let end = (start + LENGTH).min(characters.len());
    let mut snippet: String = characters[start..end].iter().collect();
    if start > 0 {
        snippet.insert(0, '…');
    }
    if end < characters.len() {
        snippet.push('…');
    }
    snippet
}

/// Number of the character where the word begins. Folding can change how many characters a text has, so words
/// are folded one by one.
fn place(characters: &[char], words: &[String]) -> Option<usize> {
    let mut from = 0;
    while from < characters.len() {
        let is_letter = |c: &char| c.is_alphanumeric() || fold(&c.to_string()).is_empty();
        let length = characters[from..].iter().take_while(|c| is_letter(c)).count();
        if length > 0 {
            let word: String = characters[from..from + length].iter().collect();
            let word = fold(&word);
            if words.iter().any(|wanted| word.starts_with(wanted.as_str())) {
                return Some(from);
            }
        }
        from += length.max(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippet_stands_around_the_word_without_regard_to_diacritics() {
        let text = format!("{}Știucă afumată{}", "a ".repeat(100), " b".repeat(100));
        let snippet = around(&text, &words("stiuca"));
        assert!(
            snippet.starts_with('…') && snippet.ends_with('…') && snippet.contains("Știucă"),
            "{snippet}"
        );
        assert_eq!(snippet.chars().count(), LENGTH + 2);
        assert_eq!(around("Bună ziua", &words("ZIUA")), "Bună ziua");
        assert_eq!(around("", &words("x")), "");
    }

    #[test]
    fn words_in_other_normal_forms_are_found() {
        let decomposed = format!("{}s\u{326}tiuca\u{306}", "x ".repeat(60));
        assert!(around(&decomposed, &words("știu")).starts_with('…'));
    }
}
