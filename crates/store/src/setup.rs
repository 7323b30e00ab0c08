//! The one-time link that opens an empty installation. It stands before every workspace, so nothing here takes a
//! scope. Not here: what setting up does (`engine`) and how the link's secret is made and shown (`server`).

use centrala_domain::Timestamp;

use crate::error::Result;
use crate::waist::Reader;
use crate::write::Tx;
use crate::{args, statements};

statements! {
    FORGET = "DELETE FROM setup_links";
    INSERT = "INSERT INTO setup_links (secret_hash, expires_at) VALUES ($1, $2)";
    TAKE = "DELETE FROM setup_links WHERE secret_hash = $1 AND expires_at > $2";
    FIND = "SELECT expires_at FROM setup_links WHERE secret_hash = $1 AND expires_at > $2";
}

/// Keeps the hash of a new link; older links stop working.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put(tx: &mut Tx, secret_hash: &[u8], expires_at: Timestamp) -> Result<()> {
    tx.run(FORGET, args![]).await?;
    tx.run(INSERT, args![secret_hash.to_vec(), expires_at]).await.map(drop)
}

/// Uses a link up; says whether it was good.
///
/// # Errors
/// See [`crate::Error`].
pub async fn take(tx: &mut Tx, secret_hash: &[u8], now: Timestamp) -> Result<bool> {
    Ok(tx.run(TAKE, args![secret_hash.to_vec(), now]).await? == 1)
}

/// Whether a link is good, without using it up.
///
/// # Errors
/// See [`crate::Error`].
pub async fn exists(reader: &mut Reader, secret_hash: &[u8], now: Timestamp) -> Result<bool> {
    Ok(reader.opt(FIND, args![secret_hash.to_vec(), now]).await?.is_some())
}
