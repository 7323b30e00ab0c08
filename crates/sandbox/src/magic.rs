//! Recipients whose number says what happens to them, so that a test reads like its intention.
//!
//! | The number ends in | Then |
//! |---|---|
//! | `0131026`, `0131047`, `0131049`, `0131050`, `0131053`, `0130472` | accepted, then `failed` with that code |
//! | `0` and any other six-digit code of Meta's list, for example `0131056`, `0130429`, `0132015` | refused at once with that code |
//! | `0000001` | reports `read` without `delivered` |
//! | `0000002` | reports `sent` and never anything more |
//! | `0000003` | a customer with a username and no visible number |
//! | `0000004` | the phone is off |
//!
//! The last four are created as customers when they are first written to. None of them needs an open window.

use crate::graph::codes;

/// What a magic recipient does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Magic {
    /// Accepted, then failed with a code.
    Fails(i64),
    /// Refused with a code.
    Refused(i64),
    /// Read without delivered.
    ReadOnly,
    /// Sent and nothing more.
    NeverDelivered,
    /// No visible number.
    UsernameOnly,
    /// Not online.
    Offline,
}

/// Codes that Meta normally tells by webhook, after a 200.
const LATE: [i64; 6] = [131_026, 131_047, 131_049, 131_050, 131_053, 130_472];

/// Reads the meaning of a phone number's end.
pub(crate) fn of(phone_digits: &str) -> Option<Magic> {
    let tail = phone_digits.get(phone_digits.len().checked_sub(7)?..)?;
    match tail {
        "0000001" => return Some(Magic::ReadOnly),
        "0000002" => return Some(Magic::NeverDelivered),
        "0000003" => return Some(Magic::UsernameOnly),
        "0000004" => return Some(Magic::Offline),
        _ => {}
    }
    let code: i64 = tail.strip_prefix('0')?.parse().ok().filter(|code| *code >= 130_000)?;
    codes::is_known(code)
        .then(|| if LATE.contains(&code) { Magic::Fails(code) } else { Magic::Refused(code) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_number_chooses_the_outcome() {
        assert_eq!(of("40720131026"), Some(Magic::Fails(131_026)));
        assert_eq!(of("407 0131056".replace(' ', "").as_str()), Some(Magic::Refused(131_056)));
        assert_eq!(of("40720000001"), Some(Magic::ReadOnly));
        assert_eq!(of("40721555123"), None);
        assert_eq!(of("12"), None);
    }
}
