-- One text for both engines. {{id}} is INTEGER PRIMARY KEY on SQLite (the row id
-- itself, so no second index) and BIGINT PRIMARY KEY on PostgreSQL; {{bytes}} is
-- BLOB or BYTEA. Times are BIGINT microseconds, 0 = never; '' = all entities or
-- regions. Columns that hold JSON are TEXT and never queried by content.

-- +goose Up
CREATE TABLE meta (
    key        TEXT PRIMARY KEY,
    value      {{bytes}} NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE node (
    slot       INTEGER PRIMARY KEY,
    holder     TEXT NOT NULL,
    lease_until BIGINT NOT NULL
);

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE entity (
    code       TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE team (
    id         {{id}},
    name       TEXT NOT NULL,
    entity     TEXT NOT NULL DEFAULT '',
    region     TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    UNIQUE (name, entity, region)
);

CREATE TABLE agent (
    id            {{id}},
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    status        TEXT NOT NULL DEFAULT 'active',
    locale        TEXT NOT NULL DEFAULT 'en',
    theme         TEXT NOT NULL DEFAULT 'system',
    password_hash TEXT NOT NULL DEFAULT '',
    totp_secret   {{bytes}},
    totp_enabled  BOOLEAN NOT NULL DEFAULT FALSE,
    totp_last_step BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE team_member (
    team_id  BIGINT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    agent_id BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_member_agent ON team_member (agent_id);

CREATE TABLE recovery_code (
    agent_id  BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,
    used_at   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (agent_id, code_hash)
);

CREATE TABLE passkey (
    id            {{id}},
    agent_id      BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    credential_id TEXT NOT NULL UNIQUE,
    credential    TEXT NOT NULL,
    name          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkey_agent ON passkey (agent_id);

CREATE TABLE session (
    id           {{id}},
    token_hash   TEXT NOT NULL UNIQUE,
    agent_id     BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    level        TEXT NOT NULL,
    ip           TEXT NOT NULL DEFAULT '',
    user_agent   TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX session_agent ON session (agent_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE ceremony (
    id_hash    TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    data       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE invitation (
    id          {{id}},
    token_hash  TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    email       TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL,
    teams       TEXT NOT NULL DEFAULT '[]',
    locale      TEXT NOT NULL DEFAULT 'en',
    created_by  BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL DEFAULT 0,
    revoked_at  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE throttle (
    key          TEXT PRIMARY KEY,
    window_start BIGINT NOT NULL,
    count        BIGINT NOT NULL
);

CREATE TABLE audit (
    id          {{id}},
    at          BIGINT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    BIGINT NOT NULL,
    actor_name  TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    detail      TEXT NOT NULL DEFAULT '{}',
    ip          TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_at ON audit (at, id);

CREATE TABLE contact (
    id           {{id}},
    kind         TEXT NOT NULL DEFAULT 'visitor',
    name         TEXT NOT NULL DEFAULT '',
    email        TEXT NOT NULL DEFAULT '',
    uid          TEXT NOT NULL DEFAULT '',
    locale       TEXT NOT NULL DEFAULT 'en',
    entity       TEXT NOT NULL DEFAULT '',
    region       TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

-- Only conversation_status carries a column that every message changes: each
-- further such index costs a delete and an insert per message.
CREATE TABLE conversation (
    id               {{id}},
    number           BIGINT NOT NULL UNIQUE,
    contact_id       BIGINT NOT NULL REFERENCES contact (id),
    channel          TEXT NOT NULL,
    status           TEXT NOT NULL,
    scenario         TEXT NOT NULL DEFAULT '',
    subject          TEXT NOT NULL DEFAULT '',
    team_id          BIGINT NOT NULL DEFAULT 0,
    assignee_id      BIGINT NOT NULL DEFAULT 0,
    priority         TEXT NOT NULL DEFAULT 'normal',
    entity           TEXT NOT NULL DEFAULT '',
    region           TEXT NOT NULL DEFAULT '',
    locale           TEXT NOT NULL DEFAULT 'en',
    page_url         TEXT NOT NULL DEFAULT '',
    dedupe_key       TEXT NOT NULL UNIQUE,
    seq              BIGINT NOT NULL DEFAULT 0,
    public_seq       BIGINT NOT NULL DEFAULT 0,
    prev_public_seq  BIGINT NOT NULL DEFAULT 0,
    contact_seq      BIGINT NOT NULL DEFAULT 0,
    contact_read_seq BIGINT NOT NULL DEFAULT 0,
    agent_read_seq   BIGINT NOT NULL DEFAULT 0,
    last_seq         BIGINT NOT NULL DEFAULT 0,
    last_author      TEXT NOT NULL DEFAULT '',
    last_preview     TEXT NOT NULL DEFAULT '',
    last_at          BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    resolved_at      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX conversation_status ON conversation (status, last_at, id);
CREATE INDEX conversation_contact ON conversation (contact_id);
CREATE INDEX conversation_assignee ON conversation (assignee_id, status);

-- No foreign key to conversation: the insert always follows the update of the
-- conversation's row in the same transaction, which is the proof and the lock.
CREATE TABLE message (
    id              {{id}},
    conversation_id BIGINT NOT NULL,
    seq             BIGINT NOT NULL,
    prev            BIGINT NOT NULL,
    client_id       TEXT NOT NULL DEFAULT '',
    dedupe_key      TEXT NOT NULL UNIQUE,
    author_kind     TEXT NOT NULL,
    author_id       BIGINT NOT NULL,
    author_name     TEXT NOT NULL DEFAULT '',
    visibility      TEXT NOT NULL,
    body            TEXT NOT NULL,
    findings        TEXT NOT NULL DEFAULT '',
    event           TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    UNIQUE (conversation_id, seq)
);

CREATE TABLE category (
    id         {{id}},
    slug       TEXT NOT NULL,
    entity     TEXT NOT NULL DEFAULT '',
    region     TEXT NOT NULL DEFAULT '',
    icon       TEXT NOT NULL DEFAULT '',
    position   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (slug, entity, region)
);

CREATE TABLE category_text (
    category_id BIGINT NOT NULL REFERENCES category (id) ON DELETE CASCADE,
    locale      TEXT NOT NULL,
    title       TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (category_id, locale)
);

CREATE TABLE article (
    id          {{id}},
    category_id BIGINT NOT NULL REFERENCES category (id),
    slug        TEXT NOT NULL,
    entity      TEXT NOT NULL DEFAULT '',
    region      TEXT NOT NULL DEFAULT '',
    position    INTEGER NOT NULL DEFAULT 0,
    scenarios   TEXT NOT NULL DEFAULT '[]',
    created_at  BIGINT NOT NULL,
    UNIQUE (slug, entity, region)
);
CREATE INDEX article_category ON article (category_id);

CREATE TABLE article_text (
    article_id BIGINT NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    locale     TEXT NOT NULL,
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL DEFAULT '',
    body       TEXT NOT NULL,
    tags       TEXT NOT NULL DEFAULT '[]',
    status     TEXT NOT NULL DEFAULT 'published',
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (article_id, locale)
);

-- unique_key is unique among living jobs: it is set to NULL when a job ends, and
-- NULLs never collide on either engine.
CREATE TABLE job (
    id           {{id}},
    kind         TEXT NOT NULL,
    payload      TEXT NOT NULL,
    unique_key   TEXT UNIQUE,
    state        TEXT NOT NULL,
    priority     INTEGER NOT NULL DEFAULT 0,
    run_at       BIGINT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    lease_token  BIGINT NOT NULL DEFAULT 0,
    lease_until  BIGINT NOT NULL DEFAULT 0,
    last_error   TEXT NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX job_due ON job (state, priority, run_at, id);

CREATE TABLE job_schedule (
    name        TEXT PRIMARY KEY,
    every       BIGINT NOT NULL,
    next_run_at BIGINT NOT NULL
);

-- What the demo shows instead of sending: the outgoing mail of a desk without
-- an SMTP server.
CREATE TABLE mail_preview (
    id         {{id}},
    recipient  TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE mail_preview;
DROP TABLE job_schedule;
DROP TABLE job;
DROP TABLE article_text;
DROP TABLE article;
DROP TABLE category_text;
DROP TABLE category;
DROP TABLE message;
DROP TABLE conversation;
DROP TABLE contact;
DROP TABLE audit;
DROP TABLE throttle;
DROP TABLE invitation;
DROP TABLE ceremony;
DROP TABLE session;
DROP TABLE passkey;
DROP TABLE recovery_code;
DROP TABLE team_member;
DROP TABLE agent;
DROP TABLE team;
DROP TABLE entity;
DROP TABLE counter;
DROP TABLE node;
DROP TABLE meta;
