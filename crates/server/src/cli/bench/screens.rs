//! B8 and B9: the screens, measured by a script of theirs, which knows their budgets and drives the browser.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tokio::process::Command;

use super::{Line, Verdict};

/// The benches that the script knows.
pub(super) const BENCHES: [&str; 2] = ["B8", "B9"];

/// A line as the script tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    bench: String,
    what: String,
    budget: String,
    stretch: String,
    measured: String,
    is_met: bool,
}

/// Runs the script of the screens in `folder` against this very program.
pub(super) async fn measure(folder: &Path, wanted: &[&str], quick: bool) -> anyhow::Result<Vec<Line>> {
    let script = folder.join("bench/screens.mjs");
    let mut command = Command::new("node");
    command.arg(&script).args(quick.then_some("--quick")).arg(std::env::current_exe()?).args(wanted);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("Node cannot be started")?;
    if !output.status.success() {
        bail!("{} did not end well", script.display());
    }
    read(&output.stdout)
}

fn read(said: &[u8]) -> anyhow::Result<Vec<Line>> {
    let told: Vec<Told> = serde_json::from_slice(said).context("the script did not say what it measured")?;
    told.into_iter()
        .map(|it| {
            let bench = BENCHES.into_iter().find(|known| *known == it.bench);
            let verdict = if it.is_met { Verdict::Met } else { Verdict::Missed };
            Ok(Line {
                bench: bench.with_context(|| format!("{} is no bench of the screens", it.bench))?,
                what: it.what,
                budget: it.budget,
                stretch: it.stretch,
                measured: it.measured,
                verdict,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_script_are_read_and_strange_ones_refused() {
        let line = |bench: &str, is_met: bool| {
            format!(
                r#"[{{"bench":"{bench}","what":"first load","budget":"< 130 kB","stretch":"100 kB","measured":"131 kB",
                    "is_met":{is_met}}}]"#
            )
        };
        let read_one = |text: String| read(text.as_bytes());
        let lines = read_one(line("B8", false)).unwrap();
        assert_eq!((lines[0].bench, lines[0].verdict), ("B8", Verdict::Missed));
        assert_eq!(read_one(line("B9", true)).unwrap()[0].verdict, Verdict::Met);
        assert!(read_one(line("B1", true)).is_err());
        assert!(read(b"").is_err());
    }
}
