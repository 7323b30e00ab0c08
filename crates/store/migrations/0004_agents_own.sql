-- What belongs to an agent alone: no fact tells of it, and nobody else sees it.

-- What he has begun to write, one for each conversation.
CREATE TABLE drafts (
    agent UUID NOT NULL REFERENCES agents (id),
    conversation UUID NOT NULL REFERENCES conversations (id),
    workspace UUID NOT NULL REFERENCES workspaces (id),
    mode TEXT NOT NULL,
    body TEXT NOT NULL,
    reply_to UUID,
    media JSONB NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (agent, conversation)
);
-- For drafts::MOVE, when two conversations become one.
CREATE INDEX drafts_conversation ON drafts (conversation, agent);
-- For drafts::FORGET, by the hour.
CREATE INDEX drafts_age ON drafts (updated_at);

-- How he likes his screens. No row means that he has changed nothing.
CREATE TABLE preferences (
    agent UUID PRIMARY KEY REFERENCES agents (id),
    workspace UUID NOT NULL REFERENCES workspaces (id),
    preferences JSONB NOT NULL
);
