//! Parts of a file: `Range` and `If-Range` (RFC 9110 sections 13.1.5 and 14). One range; more than one, or one
//! that cannot be read, is answered with the whole file, as the standard allows.

use axum::http::{HeaderMap, header};

/// What of a file to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// From the first to the last of these bytes.
    Bytes {
        /// Number of the first.
        first: u64,
        /// Number of the last.
        last: u64,
    },
    /// Nothing: the range begins behind the end.
    Outside,
}

/// What a request asks for of a file of that size and tag.
pub(super) fn wanted(headers: &HeaderMap, size: u64, tag: &str) -> Part {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(header::RANGE) else { return Part::Whole };
    // A date, or a weak tag, does not prove that the rest is of the same file.
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Part::Whole;
    }
    read(range, size).unwrap_or(Part::Whole)
}

fn read(range: &str, size: u64) -> Option<Part> {
    let (unit, range) = range.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let number = |text: &str| -> Option<u64> {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // A number that is too large to be kept is larger than every file.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = if first.is_empty() {
        match number(last)? {
            0 => return Some(Part::Outside),
            count => (size.saturating_sub(count), u64::MAX),
        }
    } else if last.is_empty() {
        (number(first)?, u64::MAX)
    } else {
        (number(first)?, number(last)?)
    };
    if last < first {
        return None;
    }
    if first >= size {
        return Some(Part::Outside);
    }
    Some(Part::Bytes { first, last: last.min(size - 1) })
}

/// Whether the client has this file already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let Some(known) = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == "*" || one == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn one_range_is_understood_and_everything_else_is_the_whole() {
        let bytes = |first, last| Part::Bytes { first, last };
        for (range, part) in [
            ("bytes=0-3", bytes(0, 3)),
            ("bytes=4-", bytes(4, 9)),
            ("bytes=-2", bytes(8, 9)),
            ("bytes=-99", bytes(0, 9)),
            ("bytes=5-99", bytes(5, 9)),
            ("bytes=0-99999999999999999999999", bytes(0, 9)),
            ("Bytes=9-9", bytes(9, 9)),
            ("bytes=10-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=3-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=-", Part::Whole),
            ("lines=0-1", Part::Whole),
        ] {
            assert_eq!(wanted(&asked(header::RANGE, range), 10, "\"x\""), part, "{range}");
        }
        assert_eq!(wanted(&asked(header::RANGE, "bytes=0-"), 0, "\"x\""), Part::Outside);
        assert_eq!(wanted(&HeaderMap::new(), 10, "\"x\""), Part::Whole);
    }

    #[test]
    fn range_of_another_file_is_not_continued() {
        let mut headers = asked(header::RANGE, "bytes=4-");
        headers.insert(header::IF_RANGE, "\"x\"".parse().unwrap());
        assert_eq!(wanted(&headers, 10, "\"x\""), Part::Bytes { first: 4, last: 9 });
        assert_eq!(wanted(&headers, 10, "\"y\""), Part::Whole);
    }

    #[test]
    fn known_tags_are_recognised() {
        for (known, is) in
            [("\"x\"", true), ("W/\"x\"", true), ("\"a\", \"x\"", true), ("*", true), ("\"y\"", false)]
        {
            assert_eq!(is_known(&asked(header::IF_NONE_MATCH, known), "\"x\""), is, "{known}");
        }
    }
}
