-- Browsers that are woken by notices while no page is open.
CREATE TABLE push_subscriptions (
    id UUID PRIMARY KEY,
    workspace UUID NOT NULL REFERENCES workspaces (id),
    agent UUID NOT NULL REFERENCES agents (id),
    -- Whoever signs out, is disabled or loses the session otherwise is told of nothing any more.
    session UUID NOT NULL REFERENCES login_sessions (id) ON DELETE CASCADE,
    endpoint_hash BYTEA NOT NULL,
    sealed_address BYTEA NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
-- A browser belongs to whoever is signed in there now.
CREATE UNIQUE INDEX push_subscriptions_endpoint ON push_subscriptions (workspace, endpoint_hash);
-- For push::OF_AGENT and push::COUNT.
CREATE INDEX push_subscriptions_agent ON push_subscriptions (agent);
-- For the end of a session.
CREATE INDEX push_subscriptions_session ON push_subscriptions (session);

-- What the server proves itself with to push services (VAPID, RFC 8292). Browsers bind their subscriptions to it, so
-- that it is made once.
CREATE TABLE push_keys (
    workspace UUID PRIMARY KEY REFERENCES workspaces (id),
    public_key BYTEA NOT NULL,
    sealed_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
