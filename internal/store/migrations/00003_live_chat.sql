-- +goose Up

-- Hours and what a team asks of its queue are JSON: read whole, never searched.
ALTER TABLE team ADD COLUMN hours TEXT NOT NULL DEFAULT '';
ALTER TABLE team ADD COLUMN queue TEXT NOT NULL DEFAULT '';

-- capacity is in units of work, of which each channel weighs some; [] is every
-- language and every scenario.
ALTER TABLE agent ADD COLUMN capacity INTEGER NOT NULL DEFAULT 6;
ALTER TABLE agent ADD COLUMN locales TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agent ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';

-- What an agent has chosen, and when a node last saw a live connection of
-- theirs. A row appears with the first connection. gone_at: when it was noticed
-- that nobody sees them any more, 0 = they are there. given_at: when work was last
-- given to them.
CREATE TABLE agent_presence (
    agent_id BIGINT PRIMARY KEY REFERENCES agent (id) ON DELETE CASCADE,
    state    TEXT NOT NULL,
    since    BIGINT NOT NULL,
    until_at BIGINT NOT NULL DEFAULT 0,
    seen_at  BIGINT NOT NULL DEFAULT 0,
    gone_at  BIGINT NOT NULL DEFAULT 0,
    given_at BIGINT NOT NULL DEFAULT 0
);

-- A contact that has signed in has an identity; a visitor that became one of
-- them points at it and has nothing of its own any more.
ALTER TABLE contact ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;

CREATE TABLE contact_identity (
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX contact_identity_contact ON contact_identity (contact_id);

-- Tokens that were given back before their time. Every node reads what is new
-- once a second: see ended_session_ended.
CREATE TABLE ended_session (
    token_hash TEXT PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX ended_session_ended ON ended_session (ended_at);
CREATE INDEX ended_session_expires ON ended_session (expires_at);

-- waiting_since: since when the contact waits for an answer, 0 = not at all.
-- mode: live, or message when nobody was there and an answer by mail was asked
-- for. prepared: what the contact had ready, JSON by field. reply_email: where
-- answers go when the contact is away; a claim, never an identity. mailed_seq: up
-- to which message answers were mailed there.
ALTER TABLE conversation ADD COLUMN waiting_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN assigned_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN previous_agent_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';
ALTER TABLE conversation ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN prepared TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN reply_email TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN mailed_seq BIGINT NOT NULL DEFAULT 0;

ALTER TABLE message ADD COLUMN attachments TEXT NOT NULL DEFAULT '';

-- What agents have in hand: few rows of a table that only grows.
CREATE INDEX conversation_in_hand ON conversation (assignee_id) WHERE assignee_id <> 0 AND status <> 'resolved';

-- Who waits for an agent. rank is the moment of entering less what the priority
-- is worth: the lowest is next, and everybody is lowest some day.
CREATE TABLE queue_entry (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
    team_id         BIGINT NOT NULL,
    rank            BIGINT NOT NULL,
    entered_at      BIGINT NOT NULL,
    channel         TEXT NOT NULL,
    scenario        TEXT NOT NULL DEFAULT '',
    locale          TEXT NOT NULL DEFAULT '',
    entity          TEXT NOT NULL DEFAULT '',
    live            BOOLEAN NOT NULL DEFAULT TRUE,
    sticky_id       BIGINT NOT NULL DEFAULT 0,
    declined        TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX queue_entry_rank ON queue_entry (rank, conversation_id);
CREATE INDEX queue_entry_team ON queue_entry (team_id, rank, conversation_id);

-- How long people waited, for the honest estimate and for reports.
CREATE TABLE queue_service (
    id              {{id}},
    conversation_id BIGINT NOT NULL,
    team_id         BIGINT NOT NULL,
    agent_id        BIGINT NOT NULL,
    channel         TEXT NOT NULL,
    entered_at      BIGINT NOT NULL,
    left_at         BIGINT NOT NULL,
    outcome         TEXT NOT NULL
);
CREATE INDEX queue_service_team ON queue_service (team_id, left_at);
CREATE INDEX queue_service_left ON queue_service (left_at);
CREATE INDEX queue_service_conversation ON queue_service (conversation_id);

-- A file from its first byte on. owner_kind is contact or agent. size is what
-- was announced, stored what is kept: a picture is made anew. Until it is ready
-- its pieces lie in staging; message_id is 0 until it was sent.
CREATE TABLE attachment (
    id              {{id}},
    owner_kind      TEXT NOT NULL,
    owner_id        BIGINT NOT NULL,
    client_id       TEXT NOT NULL,
    conversation_id BIGINT NOT NULL DEFAULT 0,
    message_id      BIGINT NOT NULL DEFAULT 0,
    name            TEXT NOT NULL,
    size            BIGINT NOT NULL,
    received        BIGINT NOT NULL DEFAULT 0,
    stored          BIGINT NOT NULL DEFAULT 0,
    state           TEXT NOT NULL,
    problem         TEXT NOT NULL DEFAULT '',
    mime            TEXT NOT NULL DEFAULT '',
    active          BOOLEAN NOT NULL DEFAULT FALSE,
    width           INTEGER NOT NULL DEFAULT 0,
    height          INTEGER NOT NULL DEFAULT 0,
    blob_key        TEXT NOT NULL DEFAULT '',
    preview_key     TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (owner_kind, owner_id, client_id)
);
CREATE INDEX attachment_conversation ON attachment (conversation_id);
CREATE INDEX attachment_unsent ON attachment (message_id, updated_at);

-- What has arrived of a file that is not finished, by its place in it.
CREATE TABLE attachment_piece (
    attachment_id BIGINT NOT NULL REFERENCES attachment (id) ON DELETE CASCADE,
    start         BIGINT NOT NULL,
    size          BIGINT NOT NULL,
    sha256        TEXT NOT NULL,
    blob_key      TEXT NOT NULL,
    PRIMARY KEY (attachment_id, start)
);

CREATE TABLE rating (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
    contact_id      BIGINT NOT NULL,
    agent_id        BIGINT NOT NULL,
    team_id         BIGINT NOT NULL,
    score           INTEGER NOT NULL,
    comment         TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX rating_created ON rating (created_at);

-- Where a browser may be woken. The keys are wrapped.
CREATE TABLE push_subscription (
    id            {{id}},
    contact_id    BIGINT NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
    endpoint_hash TEXT NOT NULL UNIQUE,
    subscription  {{bytes}} NOT NULL,
    locale        TEXT NOT NULL DEFAULT 'en',
    created_at    BIGINT NOT NULL,
    last_sent_at  BIGINT NOT NULL DEFAULT 0,
    failures      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX push_subscription_contact ON push_subscription (contact_id);

-- +goose Down
DROP TABLE push_subscription;
DROP TABLE rating;
DROP TABLE attachment_piece;
DROP TABLE attachment;
DROP TABLE queue_service;
DROP TABLE queue_entry;
DROP INDEX conversation_in_hand;
ALTER TABLE message DROP COLUMN attachments;
ALTER TABLE conversation DROP COLUMN mailed_seq;
ALTER TABLE conversation DROP COLUMN rating;
ALTER TABLE conversation DROP COLUMN reply_email;
ALTER TABLE conversation DROP COLUMN prepared;
ALTER TABLE conversation DROP COLUMN ended_by;
ALTER TABLE conversation DROP COLUMN mode;
ALTER TABLE conversation DROP COLUMN previous_agent_id;
ALTER TABLE conversation DROP COLUMN assigned_at;
ALTER TABLE conversation DROP COLUMN waiting_since;
DROP TABLE ended_session;
DROP TABLE contact_identity;
ALTER TABLE contact DROP COLUMN merged_into;
ALTER TABLE contact DROP COLUMN tier;
DROP TABLE agent_presence;
ALTER TABLE agent DROP COLUMN skills;
ALTER TABLE agent DROP COLUMN locales;
ALTER TABLE agent DROP COLUMN capacity;
ALTER TABLE team DROP COLUMN queue;
ALTER TABLE team DROP COLUMN hours;
