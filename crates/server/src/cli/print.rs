//! What commands say: answers on standard output, everything else on standard error.

use std::io::Write as _;

use serde::Serialize;

/// A line of the answer.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever closed the pipe does not want the rest.
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// A line of JSON.
pub(super) fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// Why it failed.
pub(super) fn error(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "centrala: {text}"));
}
