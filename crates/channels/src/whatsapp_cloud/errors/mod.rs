//! The catalogue of Meta's error codes (`cloud-api.md` section 14): what each means, and what a person should
//! do, in English and Romanian.
//!
//! The class follows the table's retry column: **B** is `Retry`, or `Throttle` where a limit was met; **A** is
//! `Credential` where a new token helps and `Account` where it does not; **N** is `Permanent`. **W** is `Throttle` where minutes help. Where only a day or a decision
//! helps (131049, 131064, 132015, 133016) it is `Permanent`, because trying again by itself would do harm.

mod graph;
mod messages;
mod numbers;
mod remedies;
mod templates;

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use centrala_domain::error_code::{ErrorClass, ErrorEntry, Text};

/// All of these say that a permission is missing; the first one stands for them in the catalogue.
const PERMISSION_CODES: RangeInclusive<i64> = 200..=299;

/// All entries, by code.
static CATALOGUE: LazyLock<Vec<ErrorEntry>> = LazyLock::new(|| {
    let parts = [graph::GRAPH, messages::MESSAGES, templates::TEMPLATES, numbers::NUMBERS];
    let mut all = parts.concat();
    all.sort_by_key(|entry| entry.code);
    all
});

/// The whole catalogue, by code.
pub(super) fn catalogue() -> &'static [ErrorEntry] {
    &CATALOGUE
}

/// The entry of a code.
pub(super) fn explain(code: i64) -> Option<&'static ErrorEntry> {
    let code = if PERMISSION_CODES.contains(&code) { *PERMISSION_CODES.start() } else { code };
    let index = CATALOGUE.binary_search_by_key(&code, |entry| entry.code).ok()?;
    CATALOGUE.get(index)
}

/// What an error of Meta with an unknown code means, going by the HTTP status.
pub(super) fn class_of_status(status: u16) -> ErrorClass {
    match status {
        401 | 403 => ErrorClass::Credential,
        429 => ErrorClass::Throttle,
        500..=599 => ErrorClass::Retry,
        _ => ErrorClass::Permanent,
    }
}

const fn entry(code: i64, class: ErrorClass, cause: Text, remedy: Text) -> ErrorEntry {
    ErrorEntry { code, class, cause, remedy }
}

const fn text(en: &'static str, ro: &'static str) -> Text {
    Text { en, ro }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of the table in `cloud-api.md` section 14, ranges written out.
    fn codes_of_the_table() -> Vec<i64> {
        let mut codes = vec![
            0, 1, 2, 3, 4, 10, 17, 32, 33, 100, 190, 200, 341, 368, 506, 551, 613, 803, 80_007, 130_429,
            130_472, 130_497, 131_000, 131_005, 131_008, 131_009, 131_016, 131_020, 131_021, 131_026,
            131_030, 131_031, 131_037, 131_041, 131_042, 131_044, 131_045, 131_047, 131_048, 131_049,
            131_050, 131_051, 131_052, 131_053, 131_055, 131_056, 131_057, 131_059, 131_062, 131_063,
            131_064, 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_015, 132_016, 132_068,
            132_069, 133_000, 133_004, 133_005, 133_006, 133_008, 133_009, 133_010, 133_015, 133_016,
            134_011, 134_100, 134_101, 134_102, 135_000, 137_000, 139_100, 139_101, 139_102, 139_103,
            1_545_041, 2_018_278, 2_388_012, 2_388_019, 2_388_040, 2_388_047, 2_388_072, 2_388_073,
            2_388_091, 2_388_093, 2_388_103, 2_388_293, 2_388_299, 2_494_100, 2_593_107, 2_593_108,
            2_593_109,
        ];
        let ranges =
            [131_201..=131_215, 138_000..=138_018, 139_000..=139_004, 147_001..=147_005, 200_005..=200_007];
        codes.extend(ranges.into_iter().flatten());
        codes.sort_unstable();
        codes
    }

    #[test]
    fn every_code_of_the_table_stands_once() {
        let known: Vec<i64> = catalogue().iter().map(|entry| entry.code).collect();
        assert_eq!(known, codes_of_the_table());
    }

    #[test]
    fn every_entry_speaks_both_languages() {
        for entry in catalogue() {
            for text in [entry.cause, entry.remedy] {
                assert!(text.en.ends_with('.') && text.ro.ends_with('.'), "{}", entry.code);
                assert_ne!(text.en, text.ro, "{}", entry.code);
                // Cedillas are not Romanian letters.
                assert!(!text.ro.contains(['ş', 'ţ', 'Ş', 'Ţ']), "{}", entry.code);
            }
        }
    }

    #[test]
    fn every_permission_code_has_the_same_entry() {
        assert_eq!(explain(299).map(|entry| (entry.code, entry.class)), Some((200, ErrorClass::Credential)));
        assert!(explain(199).is_none());
        assert!(explain(300).is_none());
    }

    #[test]
    fn codes_are_classed_by_what_helps() {
        for (code, class) in [
            (131_047, ErrorClass::Window),
            (131_026, ErrorClass::Permanent),
            (131_049, ErrorClass::Permanent),
            (131_056, ErrorClass::Throttle),
            (131_208, ErrorClass::Throttle),
            (131_016, ErrorClass::Retry),
            (190, ErrorClass::Credential),
        ] {
            assert_eq!(explain(code).map(|entry| entry.class), Some(class), "{code}");
        }
    }
}
