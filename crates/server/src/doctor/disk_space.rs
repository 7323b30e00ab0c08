//! Whether there is room in the data folder.

use super::{Finding, Patient};

const NAME: &str = "disk_space";
const LOW_BYTES: u64 = 2_000_000_000;
const NONE_BYTES: u64 = 200_000_000;
const REMEDY: &str = "Make room: without it messages are refused (Meta delivers them again for days).";

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let Ok(stat) = nix::sys::statvfs::statvfs(&patient.data_dir) else {
        return Ok(vec![Finding::warning(
            NAME,
            "the data folder cannot be looked at",
            "Check that it exists.",
        )]);
    };
    let free = stat.blocks_available().saturating_mul(stat.fragment_size());
    let seen = format!("{} MB are free in the data folder", free / 1_000_000);
    Ok(vec![match free {
        0..NONE_BYTES => Finding::broken(NAME, seen, REMEDY),
        NONE_BYTES..LOW_BYTES => Finding::warning(NAME, seen, REMEDY),
        LOW_BYTES.. => Finding::fine(NAME, seen),
    }])
}
