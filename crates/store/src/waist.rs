//! The narrow waist over the SQL driver: seven kinds of values, rows, three ways to ask.
//!
//! Nothing else in the code base names a driver. One SQL text serves SQLite and PostgreSQL; where two texts
//! are needed they stand side by side in one [`Sql`].

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{
    AssertSqlSafe, Column as _, Executor as _, Postgres, Row as _, Sqlite, Statement as _, TypeInfo as _,
};
use uuid::Uuid;

use crate::error::{Error, Result};

/// A named statement. The name appears in errors and in the test that prepares every statement.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// Module and constant, such as `conversations::FIND`.
    pub name: &'static str,
    /// Text for SQLite.
    pub sqlite: &'static str,
    /// Text for PostgreSQL; the same one nearly everywhere.
    pub postgres: &'static str,
}

/// Declares the statements of a module as constants, and all of them together as `STATEMENTS`.
#[macro_export]
macro_rules! statements {
    ($($name:ident = $text:literal $(, postgres: $postgres:literal)? ;)+) => {
        $(pub(crate) const $name: $crate::waist::Sql = $crate::waist::Sql {
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: $text,
            postgres: $crate::statements!(@postgres $text $(, $postgres)?),
        };)+
        /// Every statement of this module, for the test that prepares them.
        pub(crate) const STATEMENTS: &[$crate::waist::Sql] = &[$($name),+];
    };
    (@postgres $text:literal) => { $text };
    (@postgres $text:literal, $postgres:literal) => { $postgres };
}

/// A bound value. Each kind has its typed null.
#[derive(Debug, Clone)]
pub enum Value {
    /// BOOLEAN.
    Bool(Option<bool>),
    /// BIGINT.
    Int(Option<i64>),
    /// DOUBLE PRECISION.
    Real(Option<f64>),
    /// TEXT.
    Text(Option<String>),
    /// BYTEA; a BLOB in SQLite.
    Bytes(Option<Vec<u8>>),
    /// UUID; a BLOB of 16 bytes in SQLite.
    Uuid(Option<Uuid>),
    /// JSONB; text in SQLite.
    Json(Option<Box<RawValue>>),
}

impl Value {
    /// JSON of anything serializable.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it cannot be written as JSON (a map with keys that are no text).
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        serde_json::value::to_raw_value(value).map(|raw| Self::Json(Some(raw))).map_err(Error::corrupt)
    }
}

/// A type that a value can be made of, and that can be read from a column.
macro_rules! column_types {
    ($($rust:ty, $variant:ident;)+) => {$(
        impl From<$rust> for Value {
            fn from(value: $rust) -> Self {
                Self::$variant(Some(value))
            }
        }
        impl From<Option<$rust>> for Value {
            fn from(value: Option<$rust>) -> Self {
                Self::$variant(value)
            }
        }
        impl FromColumn for $rust {
            fn from_column(row: &Row, column: &str) -> Result<Self> {
                Option::<$rust>::from_column(row, column)?.ok_or_else(|| null(column))
            }
        }
        impl FromColumn for Option<$rust> {
            fn from_column(row: &Row, column: &str) -> Result<Self> {
                match &row.0 {
                    Inner::Sqlite(row) => row.try_get(column),
                    Inner::Postgres(row) => row.try_get(column),
                }
                .map_err(driver_error)
            }
        }
    )+};
}

column_types! {
    bool, Bool;
    i64, Int;
    f64, Real;
    String, Text;
    Vec<u8>, Bytes;
    Uuid, Uuid;
}

/// Types that stand in a column as another one: ids as UUID, instants as BIGINT, names of enums as TEXT.
macro_rules! wrapped_types {
    ($($rust:ty, $raw:ty, $into:expr, $from:expr;)+) => {$(
        impl From<$rust> for Value {
            fn from(value: $rust) -> Self {
                let into: fn($rust) -> $raw = $into;
                Self::from(into(value))
            }
        }
        impl From<Option<$rust>> for Value {
            fn from(value: Option<$rust>) -> Self {
                let into: fn($rust) -> $raw = $into;
                Self::from(value.map(into))
            }
        }
        impl FromColumn for $rust {
            fn from_column(row: &Row, column: &str) -> Result<Self> {
                Option::<$rust>::from_column(row, column)?.ok_or_else(|| null(column))
            }
        }
        impl FromColumn for Option<$rust> {
            fn from_column(row: &Row, column: &str) -> Result<Self> {
                let from: fn($raw) -> Option<$rust> = $from;
                match Option::<$raw>::from_column(row, column)? {
                    None => Ok(None),
                    Some(raw) => from(raw)
                        .map(Some)
                        .ok_or_else(|| Error::Corrupt(format!("column {column} holds an unknown value"))),
                }
            }
        }
    )+};
}

macro_rules! id_types {
    ($($id:ident),+ $(,)?) => {
        wrapped_types! { $(centrala_domain::$id, Uuid, |id| id.0, |raw| Some(centrala_domain::$id(raw));)+ }
    };
}

id_types!(
    WorkspaceId,
    AgentId,
    InboxId,
    ContactId,
    IdentityId,
    ConversationId,
    MessageId,
    MediaId,
    NoteId,
    LabelId,
    ReceiptId,
    EventId,
    JobId,
    LoginSessionId,
    ApiTokenId,
    PushSubscriptionId,
    TraceId,
);

macro_rules! named_types {
    ($($name:ty),+ $(,)?) => {
        wrapped_types! { $($name, String, |value| value.as_str().to_owned(), |raw| <$name>::parse(&raw);)+ }
    };
}

named_types!(
    centrala_domain::ChannelKind,
    centrala_domain::contact::AddressKind,
    centrala_domain::conversation::Status,
    centrala_domain::draft::DraftMode,
    centrala_domain::media::MediaState,
    centrala_domain::message::DeliveryStatus,
    centrala_domain::message::Direction,
    centrala_domain::permission::Role,
);

wrapped_types! {
    centrala_domain::Timestamp, i64, |at| at.0, |raw| Some(centrala_domain::Timestamp(raw));
    centrala_domain::Private, String, centrala_domain::Private::into_exposed, |raw| Some(centrala_domain::Private::new(raw));
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

/// The arguments of a statement, in the order of `$1`, `$2`, ...
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::waist::Value::from($value)),*] };
}

/// Reads a value from a column of a row.
pub trait FromColumn: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the column is missing or holds another kind of value.
    fn from_column(row: &Row, column: &str) -> Result<Self>;
}

fn null(column: &str) -> Error {
    Error::Corrupt(format!("column {column} is empty"))
}

/// One row of an answer.
pub struct Row(Inner);

enum Inner {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(sqlx::postgres::PgRow),
}

impl Row {
    /// Reads a column.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the column is missing or holds another kind of value.
    pub fn get<T: FromColumn>(&self, column: &str) -> Result<T> {
        T::from_column(self, column)
    }

    /// Reads a JSON column.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the column is missing or its JSON does not fit.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        self.json_opt(column)?.ok_or_else(|| null(column))
    }

    /// Reads a JSON column that may be empty.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the column is missing or its JSON does not fit.
    pub fn json_opt<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>> {
        match &self.0 {
            Inner::Sqlite(row) => {
                let text: Option<&str> = row.try_get(column).map_err(driver_error)?;
                text.map(|text| {
                    serde_json::from_str(text).map_err(|e| Error::Corrupt(format!("{column}: {e}")))
                })
                .transpose()
            }
            Inner::Postgres(row) => {
                let raw: Option<Json<Box<RawValue>>> = row.try_get(column).map_err(driver_error)?;
                raw.map(|Json(raw)| {
                    serde_json::from_str(raw.get()).map_err(|e| Error::Corrupt(format!("{column}: {e}")))
                })
                .transpose()
            }
        }
    }
}

/// An open transaction that can only read. Writing needs a [`crate::write::Tx`].
pub struct Reader {
    pub(crate) conn: Conn,
    /// The first failure after which nothing in this transaction can go on, whatever became of the error.
    pub(crate) broken: Option<Error>,
}

pub(crate) enum Conn {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Reader {
    /// Every row of the answer.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn all(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>> {
        let result = self.fetch_all(Text::Static(sql), args).await;
        self.note(result)
    }

    /// The first row of the answer.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn opt(&mut self, sql: Sql, args: Vec<Value>) -> Result<Option<Row>> {
        let result = self.fetch_opt(sql, args).await;
        self.note(result)
    }

    async fn fetch_opt(&mut self, sql: Sql, args: Vec<Value>) -> Result<Option<Row>> {
        Ok(match &mut self.conn {
            Conn::Sqlite(conn) => {
                let query = sqlx::query_with(sql.sqlite, sqlite_args(args)?);
                conn.fetch_optional(query).await.map_err(driver_error)?.map(|row| Row(Inner::Sqlite(row)))
            }
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(sql.postgres, postgres_args(args)?);
                conn.fetch_optional(query).await.map_err(driver_error)?.map(|row| Row(Inner::Postgres(row)))
            }
        })
    }

    /// Whether the engine is PostgreSQL: only the dialect's callers need to know.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// Every row of a built statement (see [`crate::filter`]).
    pub(crate) async fn all_built(&mut self, text: String, args: Vec<Value>) -> Result<Vec<Row>> {
        let result = self.fetch_all(Text::Built(text), args).await;
        self.note(result)
    }

    async fn fetch_all(&mut self, text: Text, args: Vec<Value>) -> Result<Vec<Row>> {
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let args = sqlite_args(args)?;
                let rows = match text {
                    Text::Static(sql) => conn.fetch_all(sqlx::query_with(sql.sqlite, args)).await,
                    Text::Built(text) => conn.fetch_all(sqlx::query_with(AssertSqlSafe(text), args)).await,
                };
                Ok(rows.map_err(driver_error)?.into_iter().map(|row| Row(Inner::Sqlite(row))).collect())
            }
            Conn::Postgres(conn) => {
                let args = postgres_args(args)?;
                let rows = match text {
                    Text::Static(sql) => conn.fetch_all(sqlx::query_with(sql.postgres, args)).await,
                    Text::Built(text) => {
                        conn.fetch_all(sqlx::query_with(AssertSqlSafe(numbered(&text)), args)).await
                    }
                };
                Ok(rows.map_err(driver_error)?.into_iter().map(|row| Row(Inner::Postgres(row))).collect())
            }
        }
    }

    /// Runs a statement and says how many rows it touched. For [`crate::write::Tx`] only.
    pub(crate) async fn run(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        let result = self.execute_fixed(sql, args).await;
        self.note(result)
    }

    async fn execute_fixed(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let query = sqlx::query_with(sql.sqlite, sqlite_args(args)?);
                Ok(conn.execute(query).await.map_err(driver_error)?.rows_affected())
            }
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(sql.postgres, postgres_args(args)?);
                Ok(conn.execute(query).await.map_err(driver_error)?.rows_affected())
            }
        }
    }

    /// Runs a built statement and says how many rows it touched.
    pub(crate) async fn run_built(&mut self, text: String, args: Vec<Value>) -> Result<u64> {
        let result = self.execute_built(text, args).await;
        self.note(result)
    }

    async fn execute_built(&mut self, text: String, args: Vec<Value>) -> Result<u64> {
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(text), sqlite_args(args)?);
                Ok(conn.execute(query).await.map_err(driver_error)?.rows_affected())
            }
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(numbered(&text)), postgres_args(args)?);
                Ok(conn.execute(query).await.map_err(driver_error)?.rows_affected())
            }
        }
    }

    /// Runs several statements without arguments: migrations, savepoints, pragmas.
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        let result = match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute(sqlx::raw_sql(text)).await.map(drop),
            Conn::Postgres(conn) => conn.execute(sqlx::raw_sql(text)).await.map(drop),
        };
        self.note(result.map_err(driver_error))
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error @ (Error::Retry(_) | Error::Unavailable(_))) = &result {
            self.broken.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// Prepares a statement and gives the types of its columns, as the engine calls them.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the engine does not understand it.
    pub async fn prepare(&mut self, sql: Sql) -> Result<Vec<(String, String)>> {
        use sqlx::SqlSafeStr as _;
        let columns = match &mut self.conn {
            Conn::Sqlite(conn) => conn
                .prepare(sql.sqlite.into_sql_str())
                .await
                .map_err(driver_error)?
                .columns()
                .iter()
                .map(|c| (c.name().to_owned(), c.type_info().name().to_owned()))
                .collect(),
            Conn::Postgres(conn) => conn
                .prepare(sql.postgres.into_sql_str())
                .await
                .map_err(driver_error)?
                .columns()
                .iter()
                .map(|c| (c.name().to_owned(), c.type_info().name().to_owned()))
                .collect(),
        };
        Ok(columns)
    }
}

/// A built text with its placeholders as PostgreSQL wants them.
fn numbered(text: &str) -> String {
    use std::fmt::Write as _;
    let mut numbered = String::with_capacity(text.len() * 2);
    for (n, piece) in text.split('?').enumerate() {
        if n > 0 {
            // Writing to a `String` cannot fail.
            let _ = write!(numbered, "${n}");
        }
        numbered.push_str(piece);
    }
    numbered
}

enum Text {
    Static(Sql),
    Built(String),
}

fn sqlite_args(values: Vec<Value>) -> Result<sqlx::sqlite::SqliteArguments> {
    use sqlx::Arguments as _;
    let mut args = sqlx::sqlite::SqliteArguments::default();
    for value in values {
        match value {
            Value::Bool(v) => args.add(v),
            Value::Int(v) => args.add(v),
            Value::Real(v) => args.add(v),
            Value::Text(v) => args.add(v),
            Value::Bytes(v) => args.add(v),
            Value::Uuid(v) => args.add(v),
            Value::Json(v) => args.add(v.map(|raw| String::from(Box::<str>::from(raw)))),
        }
        .map_err(Error::corrupt)?;
    }
    Ok(args)
}

fn postgres_args(values: Vec<Value>) -> Result<sqlx::postgres::PgArguments> {
    use sqlx::Arguments as _;
    let mut args = sqlx::postgres::PgArguments::default();
    for value in values {
        match value {
            Value::Bool(v) => args.add(v),
            Value::Int(v) => args.add(v),
            Value::Real(v) => args.add(v),
            Value::Text(v) => args.add(v),
            Value::Bytes(v) => args.add(v),
            Value::Uuid(v) => args.add(v),
            Value::Json(v) => args.add(v.map(Json)),
        }
        .map_err(Error::corrupt)?;
    }
    Ok(args)
}

/// Sorts a driver's error into ours. PostgreSQL codes: 40001 serialization, 40P01 deadlock, 53xxx resources,
/// 57xxx operator, 58xxx system (PostgreSQL manual, appendix A). SQLite result codes: 5 busy, 6 locked, 10 I/O,
/// 13 full, 14 cannot open (sqlite.org/rescode.html).
pub(crate) fn driver_error(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(db)
            if db.is_unique_violation() || db.is_foreign_key_violation() || db.is_check_violation() =>
        {
            Error::Conflict(db.constraint().map_or_else(|| db.message().to_owned(), str::to_owned))
        }
        sqlx::Error::Database(db) => {
            let code = db.code().map(std::borrow::Cow::into_owned).unwrap_or_default();
            let is_postgres = code.len() == 5;
            let text = format!("{code}: {}", db.message());
            match code.as_str() {
                "40001" | "40P01" => Error::Retry(text),
                _ if is_postgres && ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
                    Error::Unavailable(text)
                }
                _ if !is_postgres
                    && code
                        .parse::<u32>()
                        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)) =>
                {
                    Error::Unavailable(text)
                }
                _ => Error::Corrupt(text),
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => Error::Unavailable(error.to_string()),
        other => Error::Corrupt(other.to_string()),
    }
}
