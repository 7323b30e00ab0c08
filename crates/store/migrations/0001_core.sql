-- One text for SQLite and PostgreSQL. Instants are microseconds since the epoch; ids are UUIDv7 made in Rust.

CREATE TABLE workspaces (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    settings JSONB NOT NULL,
    created_at BIGINT NOT NULL
);

-- The number of the last fact of each workspace. Apart, because it changes with every commit.
CREATE TABLE counters (
    workspace UUID PRIMARY KEY REFERENCES workspaces (id),
    seq BIGINT NOT NULL
);

CREATE TABLE agents (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX agents_email ON agents (email);
CREATE INDEX agents_workspace ON agents (workspace, id);

CREATE TABLE login_sessions (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    agent UUID NOT NULL REFERENCES agents (id),
    secret_hash BYTEA NOT NULL,
    user_agent TEXT,
    address TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX login_sessions_secret ON login_sessions (secret_hash);
CREATE INDEX login_sessions_agent ON login_sessions (agent);

CREATE TABLE api_tokens (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    agent UUID NOT NULL REFERENCES agents (id),
    name TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_tokens_secret ON api_tokens (secret_hash);
CREATE INDEX api_tokens_agent ON api_tokens (agent);

-- One row once the installation is set up: of two set-ups at the same moment one meets it.
CREATE TABLE installation (
    id BIGINT PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id)
);

-- One-time links for the first set-up.
CREATE TABLE setup_links (
    secret_hash BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE inboxes (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    config JSONB NOT NULL,
    sealed_secrets BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX inboxes_endpoint ON inboxes (workspace, channel, endpoint);

-- Evidence of health. Apart from the inbox, because it changes with the traffic.
CREATE TABLE inbox_health (
    inbox UUID PRIMARY KEY REFERENCES inboxes (id),
    last_inbound_at BIGINT,
    last_accepted_at BIGINT,
    last_authenticated_at BIGINT,
    credential_problem JSONB,
    last_problem JSONB,
    forged_webhooks BIGINT NOT NULL
);

CREATE TABLE inbox_members (
    inbox UUID NOT NULL REFERENCES inboxes (id),
    agent UUID NOT NULL REFERENCES agents (id),
    PRIMARY KEY (inbox, agent)
);
CREATE INDEX inbox_members_agent ON inbox_members (agent, inbox);

CREATE TABLE contacts (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    name TEXT,
    name_at BIGINT,
    is_name_set_by_agent BOOLEAN NOT NULL,
    folded_name TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX contacts_list ON contacts (workspace, updated_at, id);
CREATE INDEX contacts_name ON contacts (workspace, folded_name);

CREATE TABLE identities (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    contact UUID NOT NULL REFERENCES contacts (id),
    family TEXT NOT NULL,
    merged_into UUID REFERENCES identities (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX identities_contact ON identities (contact);

-- How an identity is known. The receipt is the evidence for the link.
CREATE TABLE addresses (
    workspace UUID NOT NULL REFERENCES workspaces (id),
    family TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    identity UUID NOT NULL REFERENCES identities (id),
    is_current BOOLEAN NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    receipt UUID,
    PRIMARY KEY (workspace, family, kind, value)
);
CREATE INDEX addresses_identity ON addresses (identity);

CREATE TABLE conversations (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    inbox UUID NOT NULL REFERENCES inboxes (id),
    contact UUID NOT NULL REFERENCES contacts (id),
    identity UUID NOT NULL REFERENCES identities (id),
    status TEXT NOT NULL,
    assignee UUID REFERENCES agents (id),
    snoozed_until BIGINT,
    unread BIGINT NOT NULL,
    last_message UUID,
    last_message_at BIGINT NOT NULL,
    last_inbound_at BIGINT,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    merged_into UUID REFERENCES conversations (id)
);
-- The rule "one open conversation per inbox and identity" is kept by the database, not by a check.
CREATE UNIQUE INDEX conversations_one_open ON conversations (inbox, identity) WHERE status <> 'resolved';
CREATE INDEX conversations_identity ON conversations (identity, inbox, last_message_at);
CREATE INDEX conversations_contact ON conversations (contact, last_message_at);
CREATE INDEX conversations_list ON conversations (workspace, last_message_at, id);
CREATE INDEX conversations_status ON conversations (workspace, status, last_message_at, id);
CREATE INDEX conversations_assignee ON conversations (workspace, assignee, status, last_message_at, id);

CREATE TABLE messages (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    conversation UUID NOT NULL REFERENCES conversations (id),
    inbox UUID NOT NULL REFERENCES inboxes (id),
    direction TEXT NOT NULL,
    author JSONB NOT NULL,
    kind TEXT NOT NULL,
    content JSONB NOT NULL,
    is_listed BOOLEAN NOT NULL,
    search_text TEXT,
    reply_to UUID,
    reply_to_upstream_id TEXT,
    status TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    error_code BIGINT,
    needs_decision BOOLEAN NOT NULL,
    client_id TEXT,
    client_digest BYTEA,
    upstream_id TEXT,
    sent_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    position BIGINT NOT NULL,
    is_forwarded BOOLEAN NOT NULL,
    referral JSONB,
    edited_at BIGINT,
    revoked_at BIGINT,
    receipt UUID,
    trace UUID NOT NULL
);
-- Each message of a channel is applied once.
CREATE UNIQUE INDEX messages_upstream ON messages (inbox, upstream_id);
-- Each client id makes at most one message.
CREATE UNIQUE INDEX messages_client ON messages (workspace, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_thread ON messages (conversation, position, id);

CREATE TABLE reactions (
    message UUID NOT NULL REFERENCES messages (id),
    direction TEXT NOT NULL,
    emoji TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (message, direction)
);

-- Reactions, edits and revokes whose message is not here yet.
CREATE TABLE waiting_changes (
    inbox UUID NOT NULL REFERENCES inboxes (id),
    target_upstream_id TEXT NOT NULL,
    message UUID NOT NULL REFERENCES messages (id),
    PRIMARY KEY (inbox, target_upstream_id, message)
);

CREATE TABLE attempts (
    message UUID NOT NULL REFERENCES messages (id),
    n BIGINT NOT NULL,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    inbox UUID NOT NULL REFERENCES inboxes (id),
    state TEXT NOT NULL,
    upstream_id TEXT,
    code BIGINT,
    detail TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (message, n)
);
CREATE UNIQUE INDEX attempts_upstream ON attempts (inbox, upstream_id) WHERE upstream_id IS NOT NULL;

-- What the channel said of an attempt, each state once.
CREATE TABLE statuses (
    message UUID NOT NULL REFERENCES messages (id),
    attempt BIGINT NOT NULL,
    status TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    code BIGINT,
    detail TEXT,
    pricing JSONB,
    receipt UUID,
    PRIMARY KEY (message, attempt, status)
);

-- Statuses whose message is not known (yet): sent by another system, or faster than our own bookkeeping.
CREATE TABLE unmatched_statuses (
    inbox UUID NOT NULL REFERENCES inboxes (id),
    upstream_id TEXT NOT NULL,
    status TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    code BIGINT,
    detail TEXT,
    pricing JSONB,
    receipt UUID,
    PRIMARY KEY (inbox, upstream_id, status)
);

CREATE TABLE media (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    inbox UUID REFERENCES inboxes (id),
    message UUID,
    conversation UUID,
    state TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    size_bytes BIGINT,
    sha256 TEXT,
    filename TEXT,
    upstream_id TEXT,
    upstream_expires_at BIGINT,
    tries BIGINT NOT NULL,
    problem TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX media_message ON media (message);
CREATE INDEX media_blob ON media (sha256);

-- Files that a channel already has of ours, so that each is handed over once.
CREATE TABLE media_uploads (
    media UUID NOT NULL REFERENCES media (id),
    inbox UUID NOT NULL REFERENCES inboxes (id),
    upstream_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (media, inbox)
);

CREATE TABLE notes (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    conversation UUID NOT NULL REFERENCES conversations (id),
    author UUID NOT NULL REFERENCES agents (id),
    body TEXT NOT NULL,
    client_id TEXT,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX notes_thread ON notes (conversation, created_at, id);
CREATE UNIQUE INDEX notes_client ON notes (workspace, client_id) WHERE client_id IS NOT NULL;

CREATE TABLE labels (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    color TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX labels_name ON labels (workspace, folded_name);

CREATE TABLE conversation_labels (
    conversation UUID NOT NULL REFERENCES conversations (id),
    label UUID NOT NULL REFERENCES labels (id),
    PRIMARY KEY (conversation, label)
);
CREATE INDEX conversation_labels_label ON conversation_labels (label, conversation);

-- Raw inbound deliveries, durable before they are acknowledged.
CREATE TABLE receipts (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    inbox UUID NOT NULL REFERENCES inboxes (id),
    received_at BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    raw BYTEA NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    problems JSONB,
    applied_at BIGINT,
    trace UUID NOT NULL
);
CREATE INDEX receipts_waiting ON receipts (id) WHERE state = 'received';
CREATE INDEX receipts_rejected ON receipts (workspace, id) WHERE state = 'rejected';
CREATE INDEX receipts_list ON receipts (workspace, received_at, id);

-- Facts: append-only, numbered without gaps in each workspace.
CREATE TABLE events (
    workspace UUID NOT NULL REFERENCES workspaces (id),
    seq BIGINT NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation UUID,
    message UUID,
    actor JSONB NOT NULL,
    cause UUID,
    depth BIGINT NOT NULL,
    trace UUID NOT NULL,
    payload JSONB NOT NULL,
    PRIMARY KEY (workspace, seq)
);
CREATE INDEX events_conversation ON events (conversation, seq) WHERE conversation IS NOT NULL;
CREATE INDEX events_message ON events (message, seq) WHERE message IS NOT NULL;

-- Work that is due: the outbox. Claimed by state, never by cursor. A wait knows when it began, so that it is as long
-- when the clock is set back; an appointment (a time that a person chose) has no beginning.
CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    key TEXT,
    order_key TEXT,
    run_at BIGINT NOT NULL,
    waits_since BIGINT,
    attempt BIGINT NOT NULL,
    state TEXT NOT NULL,
    lease_until BIGINT,
    lease_token UUID,
    payload JSONB NOT NULL,
    subject UUID,
    cause UUID,
    depth BIGINT NOT NULL,
    trace UUID NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL AND state IN ('ready', 'claimed');
CREATE INDEX jobs_due ON jobs (lane, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'claimed';
CREATE INDEX jobs_order ON jobs (order_key, id) WHERE order_key IS NOT NULL AND state IN ('ready', 'claimed');
CREATE INDEX jobs_subject ON jobs (subject) WHERE subject IS NOT NULL;
CREATE INDEX jobs_ended ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (workspace, id) WHERE state = 'dead';

-- Who does what only one process may do at a time.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    until BIGINT NOT NULL
);

-- Answers of requests that carried an Idempotency-Key.
CREATE TABLE idempotent_answers (
    workspace UUID NOT NULL REFERENCES workspaces (id),
    agent UUID NOT NULL REFERENCES agents (id),
    key TEXT NOT NULL,
    request_digest BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace, agent, key)
);
CREATE INDEX idempotent_answers_age ON idempotent_answers (created_at);
