//! Hours of the team, as the API shows and takes them.

use std::collections::BTreeMap;

use centrala_domain::hours::{Hours, HoursError, SPANS, Span, TimeOfDay, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{Answer, Problem};

/// From one time of a day to a later one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpanOfDay {
    /// When it begins, `HH:MM`.
    #[schema(value_type = String, example = "09:00")]
    from: TimeOfDay,
    /// When it ends, `HH:MM`; `24:00` is the end of the day.
    #[schema(value_type = String, example = "18:00")]
    to: TimeOfDay,
}

/// When the team works, by the clock of the workspace's zone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HoursOut {
    /// The spans of each day, in order; a day without any is closed.
    days: DaysOut,
}

/// The hours that take the place of the old ones, whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursIn {
    /// The spans of each day, at most 4, which do not overlap; a day that is absent is closed.
    days: DaysIn,
}

macro_rules! days {
    ($($name:ident = $day:ident),+ $(,)?) => {
        /// The spans of each day, in order.
        #[derive(Debug, Clone, Serialize, ToSchema)]
        pub struct DaysOut {
            $($name: Vec<SpanOfDay>,)+
        }

        /// The spans of each day.
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct DaysIn {
            $(#[serde(default)] #[schema(max_items = 4)] $name: Vec<SpanOfDay>,)+
        }

        impl From<Hours> for HoursOut {
            fn from(hours: Hours) -> Self {
                let of = |day| hours.of(day).iter().map(|Span { from, to }| SpanOfDay { from: *from, to: *to });
                Self { days: DaysOut { $($name: of(Weekday::$day).collect(),)+ } }
            }
        }

        impl HoursIn {
            /// As the domain knows them.
            ///
            /// # Errors
            /// [`crate::problem::Slug::InvalidInput`], which points at the day or the span.
            pub fn into_domain(self) -> Answer<Hours> {
                let spans = |of: Vec<SpanOfDay>| of.into_iter().map(|SpanOfDay { from, to }| Span { from, to });
                let days = BTreeMap::from([$((Weekday::$day, spans(self.days.$name).collect()),)+]);
                Hours::new(days).map_err(refused)
            }
        }
    };
}

days! {
    monday = Monday,
    tuesday = Tuesday,
    wednesday = Wednesday,
    thursday = Thursday,
    friday = Friday,
    saturday = Saturday,
    sunday = Sunday,
}

fn refused(error: HoursError) -> Problem {
    let (day, span, code) = match error {
        HoursError::Backwards { day, span } => (day, Some(span), "backwards"),
        HoursError::Overlap { day, span } => (day, Some(span), "overlap"),
        HoursError::TooMany { day } => (day, None, "too-many"),
    };
    let span = span.map_or_else(String::new, |span| format!("/{span}"));
    let problem = Problem::wrong(&format!("/hours/days/{}{span}", day.as_str()), code, error);
    if matches!(error, HoursError::TooMany { .. }) { problem.with("max", SPANS) } else { problem }
}
