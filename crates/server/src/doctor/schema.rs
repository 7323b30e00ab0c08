//! Whether the database has the schema of this program.

use std::cmp::Ordering;

use centrala_store::migrate;

use super::{Patient, Said};

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    Ok(vec![judge(migrate::current(&patient.store).await?, migrate::newest())])
}

fn judge(schema: i64, newest: i64) -> Said {
    match schema.cmp(&newest) {
        Ordering::Equal => Said::SchemaFine { schema },
        Ordering::Less => Said::SchemaOld { schema, needed: newest },
        Ordering::Greater => Said::SchemaNew { schema, known: newest },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_is_the_programs_or_older_or_newer() {
        assert_eq!(judge(4, 4), Said::SchemaFine { schema: 4 });
        assert_eq!(judge(3, 4), Said::SchemaOld { schema: 3, needed: 4 });
        assert_eq!(judge(5, 4), Said::SchemaNew { schema: 5, known: 4 });
    }
}
