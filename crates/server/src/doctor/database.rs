//! Whether the database is whole and keeps what it is given.

use centrala_store::{Engine, soundness};

use super::{Depth, Patient, Said};

pub(super) async fn check(patient: &Patient, depth: Depth) -> centrala_store::Result<Vec<Said>> {
    let mut reader = patient.store.read().await?;
    let mut said = Vec::new();
    if let Some(what) = soundness::weakness(&mut reader).await? {
        said.push(match patient.store.engine() {
            Engine::Sqlite { .. } => Said::FileForgets { what },
            Engine::Postgres { .. } => Said::ServerForgets { what },
        });
    }
    if depth == Depth::Deep {
        let damage = soundness::damage(&mut reader).await?;
        said.extend(damage.into_iter().map(|what| Said::DatabaseDamaged { what }));
    }
    if said.is_empty() {
        said.push(Said::DatabaseFine);
    }
    Ok(said)
}
