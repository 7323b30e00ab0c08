//! Which conversations a list shows, from the query to the store's closed set of conditions.

use axum::http::Uri;
use centrala_domain::conversation::Status;
use centrala_domain::{AgentId, ContactId, ConversationId, InboxId, LabelId, Timestamp};
use centrala_store::conversations::{AssigneeFilter, ConversationFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::out::StatusSchema;
use crate::problem::{Answer, Problem, Slug};
use crate::routes::page::{limit, read_cursor};

/// Which conversations. `status`, `inbox` and `ids` may be repeated, or hold a list with commas.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversationsIn {
    /// Only in these states: `open`, `waiting`, `snoozed`, `resolved`.
    #[param(value_type = Vec<StatusSchema>, required = false, example = "open,waiting")]
    status: Option<String>,
    /// Only of this owner: `me`, `none`, or an agent's id.
    #[param(example = "me")]
    assignee: Option<String>,
    /// Only of these inboxes.
    #[param(value_type = Vec<String>, required = false, example = "inb_0000000000000000000000000e")]
    inbox: Option<String>,
    /// Only of this contact.
    #[param(value_type = Option<String>, example = "con_0000000000000000000000000e")]
    contact: Option<ContactId>,
    /// Only with this label.
    #[param(value_type = Option<String>, example = "lbl_0000000000000000000000000e")]
    label: Option<LabelId>,
    /// Only these, up to 100, as far as they exist and may be seen; then a part holds 100 by default.
    #[param(value_type = Vec<String>, required = false, example = "conv_0000000000000000000000000e")]
    ids: Option<String>,
    /// `true` for only those with unread messages.
    unread: Option<bool>,
    /// Where the last part ended: its `next`.
    after: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    pub(super) limit: Option<usize>,
}

/// Parameters that may come more than once; every other one is refused then.
const REPEATABLE: [&str; 3] = ["status", "inbox", "ids"];
/// More inboxes than this in one question are a mistake.
const INBOXES: usize = 200;
/// More rows than this are not in sight at once.
const IDS: usize = 100;

impl ConversationsIn {
    /// Reads the query.
    ///
    /// # Errors
    /// [`Slug::MalformedRequest`].
    pub(super) fn read(query: &str) -> Answer<Self> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let earlier = pairs.iter_mut().find(|(earlier, _)| *earlier == name);
            match earlier {
                Some((_, values)) if REPEATABLE.contains(&&*name) => {
                    values.push(',');
                    values.push_str(&value);
                }
                Some(_) | None => pairs.push((name.into_owned(), value.into_owned())),
            }
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let uri: Uri = format!("/?{query}").parse().map_err(|_| Slug::MalformedRequest)?;
        axum::extract::Query::<Self>::try_from_uri(&uri)
            .map(|axum::extract::Query(input)| input)
            .map_err(|rejection| Problem::new(Slug::MalformedRequest).detail(rejection.body_text()))
    }

    /// How many of a list of rows.
    ///
    /// # Errors
    /// [`Slug::InvalidInput`].
    pub(super) fn limit(&self) -> Answer<usize> {
        limit(self.limit.or(self.ids.is_some().then_some(IDS)))
    }

    /// The conditions, for somebody who is `me`.
    ///
    /// # Errors
    /// [`Slug::InvalidInput`], [`Slug::InvalidId`], [`Slug::InvalidCursor`].
    pub(super) fn filter(&self, me: AgentId) -> Answer<ConversationFilter> {
        let statuses = list(self.status.as_deref()).map(|name| {
            Status::parse(name)
                .ok_or_else(|| Problem::invalid("status", "a status is open, waiting, snoozed or resolved"))
        });
        let inboxes =
            list(self.inbox.as_deref()).map(|id| id.parse().map_err(|error| wrong_id("inbox", &error)));
        let inboxes: Vec<InboxId> = inboxes.collect::<Answer<_>>()?;
        if inboxes.len() > INBOXES {
            return Err(Problem::wrong("inbox", "too-many", format!("at most {INBOXES} inboxes")).with("max", INBOXES));
        }
        let ids = self.ids.as_deref().map(|ids| list(Some(ids)).map(str::parse).collect());
        let ids: Option<Vec<ConversationId>> = ids.transpose().map_err(|error| wrong_id("ids", &error))?;
        if ids.as_ref().is_some_and(|ids| ids.len() > IDS) {
            return Err(Problem::wrong("ids", "too-many", format!("at most {IDS} conversations")).with("max", IDS));
        }
        let after: Option<(i64, ConversationId)> = self.after.as_deref().map(read_cursor).transpose()?;
        Ok(ConversationFilter {
            statuses: statuses.collect::<Answer<_>>()?,
            assignee: self.assignee.as_deref().map(|name| assignee(name, me)).transpose()?,
            inboxes,
            ids,
            contact: self.contact,
            label: self.label,
            is_unread: self.unread.unwrap_or(false),
            after: after.map(|(at, id)| (Timestamp(at), id)),
        })
    }
}

fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|one| !one.is_empty())
}

fn assignee(name: &str, me: AgentId) -> Answer<AssigneeFilter> {
    match name {
        "me" => Ok(AssigneeFilter::Agent(me)),
        "none" => Ok(AssigneeFilter::Nobody),
        id => Ok(AssigneeFilter::Agent(id.parse().map_err(|error| wrong_id("assignee", &error))?)),
    }
}

fn wrong_id(parameter: &str, error: &centrala_domain::ids::IdError) -> Problem {
    Problem::new(Slug::InvalidId).at(parameter, "invalid", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> AgentId {
        AgentId(uuid::Uuid::nil())
    }

    fn read(query: &str) -> Answer<ConversationFilter> {
        ConversationsIn::read(query)?.filter(me())
    }

    #[test]
    fn states_come_repeated_or_as_a_list() {
        for query in ["status=open&status=waiting", "status=open,waiting", "status=open%2Cwaiting"] {
            assert_eq!(read(query).unwrap().statuses, [Status::Open, Status::Waiting], "{query}");
        }
        assert!(read("").unwrap().statuses.is_empty());
    }

    #[test]
    fn owners_are_me_nobody_or_an_id() {
        assert_eq!(read("assignee=me").unwrap().assignee, Some(AssigneeFilter::Agent(me())));
        assert_eq!(read("assignee=none").unwrap().assignee, Some(AssigneeFilter::Nobody));
        assert_eq!(read(&format!("assignee={}", me())).unwrap().assignee, Some(AssigneeFilter::Agent(me())));
    }

    #[test]
    fn mistakes_are_refused() {
        for (query, slug) in [
            ("status=lost", Slug::InvalidInput),
            ("assignee=everyone", Slug::InvalidId),
            ("inbox=con_00000000000000000000000000", Slug::InvalidId),
            ("contact=x", Slug::MalformedRequest),
            ("contact=&unread=maybe", Slug::MalformedRequest),
            ("limit=1&limit=2", Slug::MalformedRequest),
            ("ids=inb_00000000000000000000000000", Slug::InvalidId),
            (&format!("ids={}", vec!["conv_00000000000000000000000000"; 101].join(",")), Slug::InvalidInput),
            ("workspace=ws_00000000000000000000000000", Slug::MalformedRequest),
            ("after=x", Slug::InvalidCursor),
        ] {
            assert_eq!(read(query).unwrap_err().slug(), slug, "{query}");
        }
    }
}
