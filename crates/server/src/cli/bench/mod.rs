//! `centrala bench`: measures this machine against the budgets.
//!
//! The server is a child process, so that its CPU and memory are its own; the load comes from this process, at
//! fixed times, whatever the answers do. Here is which benches there are and how they are told.

mod child;
mod disk;
mod load;
mod measure;
mod postgres;
mod screens;
pub mod seed;
mod sockets;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Failure, print};

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Only these, such as B1,B3
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Shorter and smaller: for a first look
    #[arg(long)]
    quick: bool,
    /// An empty PostgreSQL database for B2; without it, a private server is started
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Measure the screens too (B8, B9): the folder of their sources, built; needs Node and Chromium
    #[arg(long, value_name = "FOLDER")]
    screens: Option<PathBuf>,
    /// Write the results as a page
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Print the results as one line of JSON
    #[arg(long)]
    json: bool,
}

/// How a measured value stands to its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Met,
    Missed,
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
struct Line {
    bench: &'static str,
    what: String,
    budget: String,
    stretch: String,
    measured: String,
    verdict: Verdict,
}

impl Line {
    fn new(bench: &'static str, what: &str, budget: &str, measured: String, is_met: bool) -> Self {
        let verdict = if is_met { Verdict::Met } else { Verdict::Missed };
        let (what, budget) = (what.to_owned(), budget.to_owned());
        Self { bench, what, budget, stretch: String::new(), measured, verdict }
    }

    fn stretch(mut self, stretch: &str) -> Self {
        stretch.clone_into(&mut self.stretch);
        self
    }
}

/// Everything that was found.
#[derive(Debug, Serialize)]
struct Report {
    commit: String,
    is_quick: bool,
    is_release: bool,
    cores: usize,
    fsyncs_per_second: u64,
    lines: Vec<Line>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let wants =
        |bench: &str| args.only.is_empty() || args.only.iter().any(|only| only.eq_ignore_ascii_case(bench));
    let known = ["B1", "B2", "B3", "B4", "B7", "B8", "B9", "B10"];
    if let Some(unknown) = args.only.iter().find(|only| !known.iter().any(|k| k.eq_ignore_ascii_case(only))) {
        return Err(Failure::Usage(format!("{unknown}: expected some of {}", known.join(", "))));
    }
    let of_screens: Vec<&str> = screens::BENCHES.into_iter().filter(|bench| wants(bench)).collect();
    if args.screens.is_none() && !args.only.is_empty() && !of_screens.is_empty() {
        return Err(Failure::Usage(format!(
            "{}: say where the screens are with --screens",
            of_screens.join(", ")
        )));
    }
    let mut report = Report {
        commit: commit(),
        is_quick: args.quick,
        is_release: !cfg!(debug_assertions),
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        fsyncs_per_second: disk::fsyncs_per_second().context("the disk cannot be measured")?,
        lines: Vec::new(),
    };
    if wants("B1") {
        report.lines.extend(measure::ingest("B1", None, args.quick).await?);
    }
    if wants("B2") {
        let private = match &args.database_url {
            Some(_) => None,
            None => Some(postgres::Private::start().await?),
        };
        let url = args.database_url.clone().or_else(|| private.as_ref().map(postgres::Private::url));
        report.lines.extend(measure::ingest("B2", url, args.quick).await?);
        if let Some(private) = private {
            private.stop().await?;
        }
    }
    if wants("B3") || wants("B4") {
        report.lines.extend(measure::live(args.quick).await?);
    }
    if wants("B4") {
        report.lines.extend(measure::idle_sockets(args.quick).await?);
    }
    if wants("B7") {
        report.lines.extend(measure::idle(args.quick).await?);
    }
    if let Some(folder) = args.screens.as_deref().filter(|_| !of_screens.is_empty()) {
        report.lines.extend(screens::measure(folder, &of_screens, args.quick).await?);
    }
    if wants("B10") {
        report.lines.push(measure::size()?);
    }
    if let Some(path) = &args.write {
        std::fs::write(path, page(&report))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if args.json {
        print::json(&report).context("the results could not be written")?;
    } else {
        print::line(&table(&report));
    }
    Ok(())
}

/// The commit that is measured, where a checkout is at hand.
fn commit() -> String {
    let output = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Ok(_) | Err(_) => format!("version {}", env!("CARGO_PKG_VERSION")),
    }
}

fn table(report: &Report) -> String {
    let mut text =
        String::from("| | What | Budget | Stretch | Measured | Verdict |\n|---|---|---|---|---|---|\n");
    for line in &report.lines {
        let verdict = match line.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "**missed**",
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {verdict} |",
            line.bench, line.what, line.budget, line.stretch, line.measured
        );
    }
    let build = if report.is_release { "release" } else { "debug" };
    let length = if report.is_quick { ", quick" } else { "" };
    let _ = write!(
        text,
        "\nCommit {}, {build} build{length}, {} cores shared with the load generator; the disk took {} synced \
         4 KiB writes a second in the same run.",
        report.commit, report.cores, report.fsyncs_per_second
    );
    text
}

fn page(report: &Report) -> String {
    format!(
        "# Benchmarks\n\n<!-- Written by `make bench`. -->\n\nDisks and cores differ and are shared: what counts is CPU for \
         each message, and ratios within one run.\nArrivals are at fixed times and latency counts from the intended \
         time, so a slow server cannot hide by slowing the load down.\n\n{}\n",
        table(report)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_budget_is_seen_in_the_table() {
        let lines = vec![
            Line::new("B1", "rate", "2,000/s", "2,000/s".into(), true).stretch("4,200/s"),
            Line::new("B1", "p99", "< 150 ms", "151 ms".into(), false),
        ];
        let report = Report {
            commit: "abc".into(),
            is_quick: true,
            is_release: true,
            cores: 2,
            fsyncs_per_second: 900,
            lines,
        };
        let text = table(&report);
        assert!(text.contains("| B1 | rate | 2,000/s | 4,200/s | 2,000/s | met |"), "{text}");
        assert!(text.contains("| B1 | p99 | < 150 ms |  | 151 ms | **missed** |"), "{text}");
        assert!(text.ends_with("the disk took 900 synced 4 KiB writes a second in the same run."), "{text}");
    }
}
