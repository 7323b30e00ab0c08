//! Building statements: filters that are present or absent, lists of values, many rows at once.
//!
//! Optional filters are built, never written as `($2 IS NULL OR x = $2)`: that form loses partial indexes
//! (measured 4 to 8 times slower on both engines). Text comes from constants of the calling module only;
//! whatever a person can influence is a bound value.

use centrala_domain::permission::{InboxScope, Scope};

use crate::error::Result;
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;

/// A statement under construction. Its placeholders are `?`, one for each value in turn: SQLite binds those
/// without looking for their names, which takes longer the more of them a statement has. PostgreSQL's are numbered
/// when it runs.
#[derive(Debug, Default)]
pub struct Select {
    text: String,
    args: Vec<Value>,
    has_condition: bool,
}

impl Select {
    /// Begins with a constant text, up to and including the `FROM` part.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), args: Vec::new(), has_condition: false }
    }

    /// Adds constant text as it is.
    #[must_use]
    pub fn text(mut self, text: &'static str) -> Self {
        self.text.push(' ');
        self.text.push_str(text);
        self
    }

    /// Adds a condition; each `?` in it stands for the next of `values`.
    #[must_use]
    pub fn filter(mut self, condition: &'static str, values: Vec<Value>) -> Self {
        self.text.push_str(if self.has_condition { " AND " } else { " WHERE " });
        self.has_condition = true;
        self.fill(condition, values);
        self
    }

    /// Adds a condition if there is a value for it.
    #[must_use]
    pub fn filter_some<T: Into<Value>>(self, condition: &'static str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.filter(condition, vec![value.into()]),
            None => self,
        }
    }

    /// Adds `column IN (...)`. No values means that nothing matches. The last one is repeated up to a power of two,
    /// so that few different statements are prepared.
    #[must_use]
    pub fn filter_in<T: Into<Value>>(
        mut self,
        column: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let Some(last) = values.last().cloned() else { return self.filter("1 = 0", vec![]) };
        values.resize(values.len().next_power_of_two(), last);
        self.text.push_str(if self.has_condition { " AND " } else { " WHERE " });
        self.has_condition = true;
        self.text.push_str(column);
        self.text.push_str(" IN (");
        for (n, value) in values.into_iter().enumerate() {
            if n > 0 {
                self.text.push_str(", ");
            }
            self.bind(value);
        }
        self.text.push(')');
        self
    }

    /// Keeps to what the scope may see: its workspace, and its inboxes by `inbox_column`.
    #[must_use]
    pub fn visible(
        self,
        scope: &Scope,
        workspace_condition: &'static str,
        inbox_condition: &'static str,
    ) -> Self {
        let select = self.filter(workspace_condition, vec![scope.workspace.into()]);
        match scope.inboxes {
            InboxScope::All => select,
            InboxScope::MemberOf(agent) => select.filter(inbox_condition, vec![agent.into()]),
        }
    }

    /// Ends with constant text such as an order, in which each `?` stands for the next of `values`.
    #[must_use]
    pub fn end(mut self, text: &'static str, values: Vec<Value>) -> Self {
        self.text.push(' ');
        self.fill(text, values);
        self
    }

    /// Runs it.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn all(self, reader: &mut Reader) -> Result<Vec<Row>> {
        reader.all_built(self.text, self.args).await
    }

    /// Runs it as a change and says how many rows it touched.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn run(self, tx: &mut Tx) -> Result<u64> {
        tx.run_built(self.text, self.args).await
    }

    fn fill(&mut self, text: &'static str, values: Vec<Value>) {
        debug_assert_eq!(text.matches('?').count(), values.len(), "{text}");
        self.text.push_str(text);
        self.args.extend(values);
    }

    fn values(&mut self, rows: impl Iterator<Item = Vec<Value>>) {
        for (n, row) in rows.enumerate() {
            self.text.push_str(if n == 0 { " (" } else { ", (" });
            for (column, value) in row.into_iter().enumerate() {
                if column > 0 {
                    self.text.push_str(", ");
                }
                self.bind(value);
            }
            self.text.push(')');
        }
    }

    fn bind(&mut self, value: Value) {
        self.args.push(value);
        self.text.push('?');
    }
}

/// Rows of one statement: few different counts, so that few statements are prepared.
const CHUNKS: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// Inserts many rows with few statements. `text` is `INSERT INTO table (columns)`; every row has as many
/// values as there are columns.
pub(crate) async fn insert_many(tx: &mut Tx, text: &'static str, rows: Vec<Vec<Value>>) -> Result<()> {
    upsert_many(tx, text, rows, "").await
}

/// The same with an `ON CONFLICT` clause: changes many rows that are known to be there in one go, where an `UPDATE`
/// from a list would join, and leave it to the engine which side to walk through.
pub(crate) async fn upsert_many(
    tx: &mut Tx,
    text: &'static str,
    rows: Vec<Vec<Value>>,
    on_conflict: &'static str,
) -> Result<()> {
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let take = CHUNKS.into_iter().find(|size| *size <= rows.len()).unwrap_or(1);
        let mut insert = Select::new(text).text("VALUES");
        insert.values(rows.by_ref().take(take));
        insert.text(on_conflict).run(tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    #[test]
    fn absent_filters_leave_no_trace_and_placeholders_count_on() {
        let select = Select::new("SELECT id FROM t")
            .filter("workspace = ?", args![1i64])
            .filter_some("owner = ?", None::<i64>)
            .filter_some("state = ?", Some("open"))
            .filter_in("inbox", [7i64, 8, 9])
            .end("ORDER BY at LIMIT ?", args![50i64]);
        assert_eq!(
            select.text,
            "SELECT id FROM t WHERE workspace = ? AND state = ? AND inbox IN (?, ?, ?, ?) ORDER BY at LIMIT ?"
        );
        assert_eq!(select.args.len(), 7);
    }

    #[test]
    fn empty_list_matches_nothing_instead_of_everything() {
        let select = Select::new("SELECT id FROM t").filter_in("inbox", Vec::<i64>::new());
        assert_eq!(select.text, "SELECT id FROM t WHERE 1 = 0");
    }
}
