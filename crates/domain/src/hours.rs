//! Times of the day and days of the week, where people have hours. Not here: the zone (the workspace's), and what
//! happens outside of hours.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Spans of one day at most.
pub const SPANS: usize = 4;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "everybody knows them")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The day before.
    #[must_use]
    pub const fn before(self) -> Self {
        match self {
            Self::Monday => Self::Sunday,
            Self::Tuesday => Self::Monday,
            Self::Wednesday => Self::Tuesday,
            Self::Thursday => Self::Wednesday,
            Self::Friday => Self::Thursday,
            Self::Saturday => Self::Friday,
            Self::Sunday => Self::Saturday,
        }
    }
}

/// A time of the day on the clock on the wall, to the minute: `00:00` to `24:00`, the end of the day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The end of the day.
    pub const END: Self = Self(24 * 60);

    /// A time; `None` when the clock shows no such thing.
    #[must_use]
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if minute < 60 && (hour < 24 || hour == 24 && minute == 0) {
            Some(Self(hour * 60 + minute))
        } else {
            None
        }
    }

    /// Reads `HH:MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let two = |digits: &str| {
            let is_two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
            is_two.then(|| digits.parse().ok()).flatten()
        };
        Self::new(two(hour)?, two(minute)?)
    }

    /// Minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a time of the day, HH:MM"))
    }
}

/// From one time of a day to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub from: TimeOfDay,
    /// When it ends.
    pub to: TimeOfDay,
}

/// The hours in which a team works: spans of each day in order, none of which touch. A day without any is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(BTreeMap<Weekday, Vec<Span>>);

/// Why hours are refused; which day, and which of its spans as they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// A span ends before it begins, or at once.
    #[error("a span ends after it begins")]
    Backwards {
        /// The day.
        day: Weekday,
        /// Which of its spans.
        span: usize,
    },
    /// A span begins before another one has ended.
    #[error("spans of a day do not overlap")]
    Overlap {
        /// The day.
        day: Weekday,
        /// Which of its spans.
        span: usize,
    },
    /// Too many spans.
    #[error("a day has at most 4 spans")]
    TooMany {
        /// The day.
        day: Weekday,
    },
}

impl Hours {
    /// Checks and orders hours. Spans that follow one another without a break become one.
    ///
    /// # Errors
    /// [`HoursError`].
    pub fn new(days: BTreeMap<Weekday, Vec<Span>>) -> Result<Self, HoursError> {
        let mut ordered = BTreeMap::new();
        for (day, spans) in days {
            if spans.len() > SPANS {
                return Err(HoursError::TooMany { day });
            }
            if let Some(span) = spans.iter().position(|span| span.from >= span.to) {
                return Err(HoursError::Backwards { day, span });
            }
            let mut numbered: Vec<(usize, Span)> = spans.into_iter().enumerate().collect();
            numbered.sort_by_key(|(_, span)| span.from);
            let mut tidy: Vec<Span> = Vec::new();
            for (n, span) in numbered {
                match tidy.last_mut() {
                    Some(last) if span.from < last.to => {
                        return Err(HoursError::Overlap { day, span: n });
                    }
                    Some(last) if span.from == last.to => last.to = span.to,
                    Some(_) | None => tidy.push(span),
                }
            }
            if !tidy.is_empty() {
                ordered.insert(day, tidy);
            }
        }
        Ok(Self(ordered))
    }

    /// The spans of a day.
    #[must_use]
    pub fn of(&self, day: Weekday) -> &[Span] {
        self.0.get(&day).map_or(&[], Vec::as_slice)
    }
}

impl Default for Hours {
    /// Monday to Friday, 09:00 to 18:00.
    fn default() -> Self {
        let day = Span { from: TimeOfDay(9 * 60), to: TimeOfDay(18 * 60) };
        Self(Weekday::ALL[..5].iter().map(|weekday| (*weekday, vec![day])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        Span { from: TimeOfDay::parse(from).unwrap(), to: TimeOfDay::parse(to).unwrap() }
    }

    fn monday(spans: &[(&str, &str)]) -> Result<Hours, HoursError> {
        let spans = spans.iter().map(|(from, to)| span(from, to)).collect();
        Hours::new(BTreeMap::from([(Weekday::Monday, spans)]))
    }

    #[test]
    fn times_are_read_and_written() {
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            assert_eq!(TimeOfDay::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["", "9:00", "09:0", "24:01", "12:60", "+9:00", "09-00", "09:00:00", "ab:cd"] {
            assert_eq!(TimeOfDay::parse(wrong), None, "{wrong}");
        }
        assert_eq!(TimeOfDay::parse("24:00"), Some(TimeOfDay::END));
        assert_eq!(TimeOfDay::parse("01:30").map(TimeOfDay::minutes), Some(90));
    }

    #[test]
    fn spans_are_put_in_order_and_joined() {
        let hours = monday(&[("14:00", "18:00"), ("08:00", "12:00"), ("12:00", "13:00")]).unwrap();
        assert_eq!(hours.of(Weekday::Monday), [span("08:00", "13:00"), span("14:00", "18:00")]);
        assert!(hours.of(Weekday::Sunday).is_empty());
        assert_eq!(monday(&[]).unwrap(), Hours::new(BTreeMap::new()).unwrap());
    }

    #[test]
    fn wrong_spans_are_named() {
        let day = Weekday::Monday;
        for (spans, error) in [
            (vec![("09:00", "09:00")], HoursError::Backwards { day, span: 0 }),
            (vec![("08:00", "09:00"), ("18:00", "10:00")], HoursError::Backwards { day, span: 1 }),
            (vec![("14:00", "18:00"), ("09:00", "15:00")], HoursError::Overlap { day, span: 0 }),
            (vec![("09:00", "10:00"); 5], HoursError::TooMany { day }),
        ] {
            assert_eq!(monday(&spans), Err(error));
        }
    }

    #[test]
    fn office_hours_are_the_default_and_survive_being_kept() {
        let hours = Hours::default();
        assert_eq!(hours.of(Weekday::Friday), [span("09:00", "18:00")]);
        assert!(hours.of(Weekday::Saturday).is_empty());
        let text = serde_json::to_string(&hours).unwrap();
        assert!(text.starts_with(r#"{"monday":[{"from":"09:00","to":"18:00"}],"#), "{text}");
        assert_eq!(serde_json::from_str::<Hours>(&text).unwrap(), hours);
    }

    #[test]
    fn names_of_days_are_those_of_the_api() {
        for day in Weekday::ALL {
            assert_eq!(serde_json::to_value(day).unwrap(), day.as_str());
        }
    }
}
