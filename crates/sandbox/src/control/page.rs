//! A small page that says what can be called. It shows no secrets.

use std::fmt::Write as _;

use crate::world::{World, lock};

const CALLS: &[(&str, &str)] = &[
    ("GET /sandbox/state", "numbers with credentials, customers, faults, settings, clock"),
    ("GET, POST /sandbox/customers", "all customers; a new one, or {\"count\": n}"),
    ("GET, PATCH /sandbox/customers/{id}", "name, username, phone, phone_visible, online, reads, blocked"),
    (
        "POST /sandbox/customers/{id}/messages",
        "the customer sends: {\"type\":\"text\",\"text\":{\"body\":\"Bună\"}}",
    ),
    ("GET /sandbox/customers/{id}/messages", "what that phone shows"),
    ("POST /sandbox/customers/{id}/read", "the customer opens the chat"),
    ("GET, POST /sandbox/numbers", "all numbers; a new one"),
    ("GET, PATCH /sandbox/settings", "fidelity and delays"),
    ("GET, POST, DELETE /sandbox/faults", "what goes wrong: {\"kind\":\"latency\",\"ms\":200,\"rate\":0.5}"),
    ("DELETE /sandbox/faults/{id}", "one fault ends"),
    ("GET /sandbox/ledger?after=&amp;limit=&amp;kind=", "what really happened, in order"),
    ("POST /sandbox/ledger/reset", "forgets the entries"),
    ("GET, POST /sandbox/clock", "{\"advance_seconds\": n} or {\"set\": \"2026-10-01T00:00:00Z\"}"),
];

/// The index of calls.
pub(super) fn html(world: &World) -> String {
    let mut rows = String::new();
    for (call, meaning) in CALLS {
        // Writing into a string cannot fail.
        let _ = write!(rows, "<tr><td><code>{call}</code></td><td>{meaning}</td></tr>");
    }
    let mut people = String::new();
    for customer in lock(&world.phones).customers().iter().take(100) {
        let (id, name) = (escape(&customer.id), escape(&customer.name));
        let _ = write!(
            people,
            "<li><a href=\"/sandbox/customers/{id}/messages\">{name}</a> +{}</li>",
            customer.digits
        );
    }
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sandbox</title>\
         <style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}\
         td{{padding:.2rem 1rem .2rem 0;vertical-align:top}}</style></head>\
         <body><h1>A simulated Meta platform</h1><p>The Graph API is at <code>{}/v26.0/</code>.</p>\
         <table>{rows}</table><h2>Customers</h2><ul>{people}</ul></body></html>",
        escape(&world.base_url)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
