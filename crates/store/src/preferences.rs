//! How agents like their screens. Not here: what preferences are ([`centrala_domain::preferences`]).

use centrala_domain::AgentId;
use centrala_domain::permission::Scope;
use centrala_domain::preferences::Preferences;

use crate::error::Result;
use crate::waist::{Reader, Value};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    PUT = "INSERT INTO preferences (agent, workspace, preferences)
        SELECT a.id, a.workspace, $3 FROM agents a WHERE a.workspace = $1 AND a.id = $2
        ON CONFLICT (agent) DO UPDATE SET preferences = excluded.preferences";
    FIND = "SELECT preferences FROM preferences WHERE workspace = $1 AND agent = $2";
}

/// Keeps the preferences of an agent.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put(scope: &Scope, tx: &mut Tx, agent: AgentId, preferences: &Preferences) -> Result<()> {
    tx.run(PUT, args![scope.workspace, agent, Value::json(preferences)?]).await.map(drop)
}

/// The preferences of an agent; the defaults when he has changed nothing.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, agent: AgentId) -> Result<Preferences> {
    let row = reader.opt(FIND, args![scope.workspace, agent]).await?;
    row.map_or_else(|| Ok(Preferences::default()), |row| row.json("preferences"))
}
