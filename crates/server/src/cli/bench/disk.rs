//! How many small writes the disk makes durable in a second: the yardstick for everything else.

use std::io::Write as _;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Appends 4 KiB and waits for the disk, again and again for a second.
pub(super) fn fsyncs_per_second() -> std::io::Result<u64> {
    let mut file = tempfile::tempfile()?;
    let block = [7u8; 4096];
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < WINDOW {
        file.write_all(&block)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(count)
}
