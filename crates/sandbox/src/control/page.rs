//! The town on screen: its page, the files of the page, and the media that phones show. No secrets.

use std::fmt::Write as _;

use crate::http::{Answer, Call};
use crate::world::{World, lock};

/// Only the page's own files, and nobody may frame it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
     media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// What a customer or the business sent is shown, never run.
const MEDIA_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

const CALLS: &[(&str, &str)] = &[
    ("GET /sandbox/state", "numbers with credentials, customers, faults, settings, clock"),
    ("GET /sandbox/pulse?since=", "who changed after a version, faults, clock; without credentials"),
    ("GET, POST /sandbox/customers", "all customers; a new one, or {\"count\": n}"),
    ("GET, PATCH /sandbox/customers/{id}", "name, username, phone, phone_visible, online, reads, blocked"),
    (
        "POST /sandbox/customers/{id}/messages",
        "the customer sends: {\"type\":\"text\",\"text\":{\"body\":\"Bună\"}}",
    ),
    ("GET /sandbox/customers/{id}/messages", "what that phone shows"),
    ("POST /sandbox/customers/{id}/read", "the customer opens the chat"),
    ("GET /sandbox/media/{id}", "a file as phones show it"),
    ("GET, POST /sandbox/numbers", "all numbers; a new one"),
    ("GET, PATCH /sandbox/settings", "fidelity and delays"),
    ("GET, POST, DELETE /sandbox/faults", "what goes wrong: {\"kind\":\"latency\",\"ms\":200,\"rate\":0.5}"),
    ("DELETE /sandbox/faults/{id}", "one fault ends"),
    ("GET /sandbox/ledger?after=&limit=&kind=", "what really happened, in order"),
    ("POST /sandbox/ledger/reset", "forgets the entries"),
    ("GET, POST /sandbox/clock", "{\"advance_seconds\": n} or {\"set\": \"2026-10-01T00:00:00Z\"}"),
];

/// Answers what is not JSON: the page, its files, the index of calls, media.
pub(super) fn answer(world: &World, call: &Call) -> Option<Answer> {
    let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    match segments.as_slice() {
        // The page's addresses are absolute, so that the missing slash does no harm.
        [] => Some(file("text/html; charset=utf-8", include_str!("town/town.html"))),
        ["town.css"] => Some(file("text/css; charset=utf-8", include_str!("town/town.css"))),
        ["town.js"] => Some(file("text/javascript; charset=utf-8", include_str!("town/town.js"))),
        ["town.svg"] => Some(file("image/svg+xml", include_str!("town/town.svg"))),
        ["calls"] => Some(guarded(Answer::raw(200, "text/plain; charset=utf-8", calls(world)), PAGE_POLICY)),
        ["media", id] => media(world, id),
        _ => None,
    }
}

fn file(content_type: &str, text: &'static str) -> Answer {
    guarded(Answer::raw(200, content_type, text), PAGE_POLICY)
}

fn guarded(answer: Answer, policy: &str) -> Answer {
    answer
        .with_header("content-security-policy", policy.to_owned())
        .with_header("x-content-type-options", "nosniff".to_owned())
        .with_header("referrer-policy", "no-referrer".to_owned())
        .with_header("cache-control", "no-cache".to_owned())
}

/// A stored file. What browsers show is shown; everything else is only for saving.
fn media(world: &World, id: &str) -> Option<Answer> {
    let (mime_type, bytes) = {
        let shelf = lock(&world.media);
        let media = shelf.get(id, world.clock.now_ms())?;
        (media.mime_type.clone(), media.bytes.clone())
    };
    let answer = if is_shown(&mime_type) {
        Answer::raw(200, &mime_type, bytes)
    } else {
        Answer::raw(200, "application/octet-stream", bytes)
            .with_header("content-disposition", "attachment".to_owned())
    };
    Some(guarded(answer, MEDIA_POLICY))
}

fn is_shown(mime_type: &str) -> bool {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    matches!(essence, "image/png" | "image/jpeg" | "image/webp" | "image/gif")
        || essence.starts_with("audio/")
        || essence.starts_with("video/")
}

/// The index of calls, for whoever writes a program.
fn calls(world: &World) -> String {
    let mut text = format!("A simulated Meta platform. The Graph API is at {}/v26.0/.\n\n", world.base_url);
    for (call, meaning) in CALLS {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{call:<42} {meaning}");
    }
    text
}
