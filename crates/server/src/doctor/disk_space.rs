//! Whether there is room in the data folder.

use super::{Patient, Said};

const LOW_BYTES: u64 = 2_000_000_000;
const NONE_BYTES: u64 = 200_000_000;

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    let stat = nix::sys::statvfs::statvfs(&patient.data_dir);
    let free = stat.map(|stat| stat.blocks_available().saturating_mul(stat.fragment_size()));
    Ok(vec![free.map_or(Said::DiskUnknown, judge)])
}

const fn judge(free_bytes: u64) -> Said {
    match free_bytes {
        0..NONE_BYTES => Said::DiskFull { free_bytes },
        NONE_BYTES..LOW_BYTES => Said::DiskLow { free_bytes },
        LOW_BYTES.. => Said::DiskFine { free_bytes },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_judged_by_what_messages_need() {
        for (free_bytes, expected) in [
            (0, Said::DiskFull { free_bytes: 0 }),
            (NONE_BYTES, Said::DiskLow { free_bytes: NONE_BYTES }),
            (LOW_BYTES, Said::DiskFine { free_bytes: LOW_BYTES }),
        ] {
            assert_eq!(judge(free_bytes), expected);
        }
    }
}
