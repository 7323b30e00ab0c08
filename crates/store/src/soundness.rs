//! Whether the database is whole and keeps what it is given, in the engine's own words.

use crate::args;
use crate::dialect::{DAMAGE, DURABILITY};
use crate::error::Result;
use crate::waist::Reader;

/// `journal_mode/synchronous` of SQLite that survive a power cut: 2 is FULL, 3 is EXTRA
/// (sqlite.org/pragma.html#pragma_synchronous).
const DURABLE: [&str; 2] = ["wal/2", "wal/3"];

/// Why a commit may not survive a power cut; none when it does.
///
/// # Errors
/// See [`crate::Error`].
pub async fn weakness(reader: &mut Reader) -> Result<Option<String>> {
    let seen: Option<String> =
        reader.opt(DURABILITY, args![]).await?.map(|row| row.get("seen")).transpose()?;
    let seen = seen.unwrap_or_default();
    let (setting, is_durable) = if reader.is_postgres() {
        ("synchronous_commit", seen != "off")
    } else {
        ("journal_mode/synchronous", DURABLE.contains(&seen.as_str()))
    };
    Ok((!is_durable).then(|| format!("{setting} is {seen}")))
}

/// What is damaged in the database file. Reads all of it.
///
/// # Errors
/// See [`crate::Error`].
pub async fn damage(reader: &mut Reader) -> Result<Vec<String>> {
    let rows = reader.all(DAMAGE, args![]).await?;
    let seen = rows.iter().map(|row| row.get("seen")).collect::<Result<Vec<String>>>()?;
    Ok(seen.into_iter().filter(|seen| seen != "ok").collect())
}
