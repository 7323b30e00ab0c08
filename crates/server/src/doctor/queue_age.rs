//! Work that should have been done by now.

use std::time::Duration;

use centrala_store::jobs;

use super::{Patient, Said};

const SLOW: Duration = Duration::from_secs(60);
const STUCK: Duration = Duration::from_secs(15 * 60);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    let mut reader = patient.store.read().await?;
    let now = patient.now();
    let backlogs = jobs::backlog(&mut reader).await?;
    let mut said: Vec<Said> = backlogs
        .into_iter()
        .filter_map(|backlog| judge(backlog.kind, backlog.count, now.since(backlog.oldest)))
        .collect();
    if said.is_empty() {
        said.push(Said::QueueFine);
    }
    Ok(said)
}

fn judge(kind: String, count: i64, late: Duration) -> Option<Said> {
    let seconds = late.as_secs();
    if late > STUCK {
        Some(Said::QueueStuck { kind, count, seconds })
    } else if late > SLOW {
        Some(Said::QueueSlow { kind, count, seconds })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_late_after_a_minute_and_stuck_after_a_quarter_of_an_hour() {
        let judged = |seconds| judge("send_message".into(), 2, Duration::from_secs(seconds));
        assert_eq!(judged(60), None);
        let kind = || "send_message".to_owned();
        assert_eq!(judged(61), Some(Said::QueueSlow { kind: kind(), count: 2, seconds: 61 }));
        assert_eq!(judged(901), Some(Said::QueueStuck { kind: kind(), count: 2, seconds: 901 }));
    }
}
