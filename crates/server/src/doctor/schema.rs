//! Whether the database has the schema of this program.

use centrala_store::migrate;

use super::{Finding, Patient};

const NAME: &str = "schema";

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let (current, newest) = (migrate::current(&patient.store).await?, migrate::newest());
    Ok(vec![match current.cmp(&newest) {
        std::cmp::Ordering::Equal => Finding::fine(NAME, format!("schema {current}")),
        std::cmp::Ordering::Less => Finding::broken(
            NAME,
            format!("the database has schema {current}, this program needs {newest}"),
            "Run `centrala migrate`.",
        ),
        std::cmp::Ordering::Greater => Finding::broken(
            NAME,
            format!("the database has schema {current}, this program knows {newest}"),
            "Start a newer program.",
        ),
    }])
}
