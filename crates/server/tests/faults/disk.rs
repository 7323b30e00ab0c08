//! The disk: nothing is acknowledged before it is durable, and a full one loses nothing.

use std::os::fd::AsRawFd as _;
use std::time::Duration;

use reqwest::StatusCode;

use crate::harness::{Database, Place, Town, settings};
use crate::intake::delivery;

/// The lines of a trace from the request on: system calls of all threads in their order.
fn after_request(trace: &str) -> Vec<&str> {
    trace.lines().skip_while(|line| !line.contains("POST /webhooks/")).collect()
}

/// The thread and the position at which a call of a line came back.
fn end_of(lines: &[&str], begin: usize) -> Option<usize> {
    let line = lines[begin];
    if !line.contains("<unfinished") {
        return Some(begin);
    }
    let thread = line.split_whitespace().next()?;
    (begin + 1..lines.len()).find(|at| lines[*at].starts_with(thread) && lines[*at].contains("resumed>"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_200_leaves_after_the_disk_has_the_delivery() {
    let town = Town::start(settings()).await;
    let place = Place::new(&town, town.sandbox.base_url(), Database::Sqlite).await;
    let file = place.data.join("trace");
    let file_name = file.display().to_string();
    let calls = "trace=read,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync";
    // With -D the program itself is our child, and the tracer its grandchild.
    let mut server =
        place.spawn(&["strace", "-D", "-f", "-y", "-s", "40", "-e", calls, "-o", &file_name], &[]);
    assert!(server.is_ready(&town.http).await, "{}", place.last_words());
    let body = delivery(&town, "wamid.FSYNC");
    let status = place.post_webhook(&town, &body, Some(&town.sign(&body))).await;
    assert_eq!(status, Some(StatusCode::OK));
    server.stop().await;
    let trace = std::fs::read_to_string(&file).unwrap();
    let lines = after_request(&trace);
    let answer =
        lines.iter().position(|line| line.contains("HTTP/1.1 200 OK")).expect("the answer is in the trace");
    let is_sync = |line: &str| {
        (line.contains(" fsync(") || line.contains(" fdatasync(")) && line.contains("centrala.db")
    };
    let synced = (0..answer)
        .filter(|at| is_sync(lines[*at]))
        .any(|at| end_of(&lines, at).is_some_and(|end| end < answer && lines[end].contains("= 0")));
    assert!(synced, "no sync between request and answer:\n{}", lines[..=answer].join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_is_answered_with_503_and_loses_nothing() {
    const SCRIPT: &str = r#"d=$1; shift; cp -a "$d" "$d.copy" && mount -t tmpfs -o size=12m none "$d" && cp -a "$d.copy/." "$d/" &&
        rm -r "$d.copy" && exec "$@""#;
    let town = Town::start(settings()).await;
    let place = Place::new(&town, town.sandbox.base_url(), Database::Sqlite).await;
    let data = place.data.display().to_string();
    let mut server = place.spawn(&["unshare", "-m", "sh", "-c", SCRIPT, "sh", &data], &[]);
    assert!(
        server.is_ready(&town.http).await,
        "a private mount namespace with a small disk is needed (run as root):\n{}",
        place.last_words()
    );
    // The small disk is seen through the server's own eyes.
    let seen = std::path::PathBuf::from(format!("/proc/{}/root{data}", server.pid()));
    let filler = seen.join("filler");
    let mut kept = Vec::new();
    let post = async |n: u32| {
        let id = format!("wamid.DISK{n}");
        let body = delivery(&town, &id);
        let answer = town
            .http
            .post(place.webhook_url())
            .header("content-type", "application/json")
            .header("x-hub-signature-256", town.sign(&body))
            .body(body)
            .send()
            .await
            .expect("the server answers also with a full disk");
        (id, answer)
    };
    for n in 0..20 {
        let (id, answer) = post(n).await;
        assert_eq!(answer.status(), StatusCode::OK);
        kept.push(id);
    }
    fill(&filler);
    let mut refused = 0;
    for n in 20..3000 {
        let (id, answer) = post(n).await;
        match answer.status() {
            StatusCode::OK => kept.push(id),
            StatusCode::SERVICE_UNAVAILABLE => {
                assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
                refused += 1;
                if refused == 10 {
                    break;
                }
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, 10, "the disk is full");
    let list = place.api(&town, "GET", "conversations").send().await.unwrap();
    assert_eq!(list.status(), StatusCode::OK, "reading goes on");
    std::fs::remove_file(&filler).unwrap();
    let (id, answer) = {
        let mut last = post(5000).await;
        for n in 5001..5050 {
            if last.1.status() == StatusCode::OK {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            last = post(n).await;
        }
        last
    };
    assert_eq!(answer.status(), StatusCode::OK, "it goes on once there is room");
    kept.push(id);
    // An open folder keeps the small disk alive when the server's namespace ends with it.
    let folder = std::fs::File::open(&seen).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(server.stop().await.success());
    let copy = tempfile::tempdir().unwrap();
    let after = std::path::PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    for name in ["centrala.db", "centrala.db-wal"] {
        if after.join(name).exists() {
            std::fs::copy(after.join(name), copy.path().join(name)).unwrap();
        }
    }
    let look = place.look_in(copy.path()).await;
    let verdict: String =
        look.rows("PRAGMA integrity_check", vec![]).await[0].get("integrity_check").unwrap();
    assert_eq!(verdict, "ok");
    let here: std::collections::HashSet<String> = look
        .rows("SELECT upstream_id FROM messages", vec![])
        .await
        .iter()
        .map(|row| row.get("upstream_id").unwrap())
        .collect();
    let lost: Vec<_> = kept.iter().filter(|id| !here.contains(*id)).collect();
    assert!(lost.is_empty(), "{} of {} are not here: {lost:?}", lost.len(), kept.len());
    look.close().await;
}

/// Writes until nothing more fits.
fn fill(path: &std::path::Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    for block in [vec![0u8; 64 * 1024], vec![0u8; 4096]] {
        while file.write_all(&block).is_ok() {}
    }
}
