//! The store on both engines: one file per aggregate.

#![expect(clippy::unwrap_used, reason = "what a helper of a test meets fails the test")]

mod jobs;
