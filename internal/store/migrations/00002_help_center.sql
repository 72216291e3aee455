-- +goose Up

-- What is being written (article_text) and what is read (the version that its
-- live number names) are two things: a published article stays up while its
-- next version is in the works.

ALTER TABLE category ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

ALTER TABLE article ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE article ADD COLUMN owner_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE article ADD COLUMN review_days INTEGER NOT NULL DEFAULT 180;
ALTER TABLE article ADD COLUMN source_locale TEXT NOT NULL DEFAULT 'en';

-- updated_at is the last review, chosen by the editor. status is the stage of
-- the working text, newest the number of its version, live the one that readers
-- see and major the last one that was live and more than a minor change.
ALTER TABLE article_text ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE article_text ADD COLUMN newest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN live INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN major INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN publish_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN edited_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN edited_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN source_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article_text ADD COLUMN reminded_at BIGINT NOT NULL DEFAULT 0;

-- A minor version does not make translations outdated. matter is the front
-- matter exactly as it was imported, so that an export of what nobody has
-- changed gives the same bytes.
CREATE TABLE article_version (
    article_id  BIGINT NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    locale      TEXT NOT NULL,
    number      INTEGER NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL DEFAULT '',
    body        TEXT NOT NULL,
    tags        TEXT NOT NULL DEFAULT '[]',
    action      TEXT NOT NULL,
    note        TEXT NOT NULL DEFAULT '',
    minor       BOOLEAN NOT NULL DEFAULT FALSE,
    author_id   BIGINT NOT NULL DEFAULT 0,
    author_name TEXT NOT NULL DEFAULT '',
    matter      TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (article_id, locale, number)
);

INSERT INTO article_version (article_id, locale, number, title, summary, body, tags, action, created_at)
    SELECT article_id, locale, 1, title, summary, body, tags, 'import', updated_at FROM article_text;
UPDATE article_text SET edited_at = updated_at, newest = 1;
UPDATE article_text SET live = 1, major = 1, source_version = 1 WHERE status = 'published';

-- Old addresses lead to where the article or category is now.
CREATE TABLE help_redirect (
    kind      TEXT NOT NULL,
    slug      TEXT NOT NULL,
    entity    TEXT NOT NULL DEFAULT '',
    region    TEXT NOT NULL DEFAULT '',
    target_id BIGINT NOT NULL,
    PRIMARY KEY (kind, slug, entity, region)
);

-- Pictures in articles; the bytes are in the blob store under media/<name>.
CREATE TABLE media (
    name       TEXT PRIMARY KEY,
    type       TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    created_by BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- Pictures of imported articles keep the path in the folder that the text names.
CREATE TABLE media_path (
    path TEXT PRIMARY KEY,
    name TEXT NOT NULL
);

-- One vote of a reader per article and language; voter is a hash that changes
-- its salt every day and tells nobody who it was.
CREATE TABLE article_feedback (
    id         {{id}},
    article_id BIGINT NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    locale     TEXT NOT NULL,
    version    INTEGER NOT NULL DEFAULT 0,
    voter      TEXT NOT NULL,
    helpful    BOOLEAN NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    comment    TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    UNIQUE (article_id, locale, voter)
);
CREATE INDEX article_feedback_created ON article_feedback (created_at);

-- Days are UTC, as YYYY-MM-DD.
CREATE TABLE article_daily (
    day           TEXT NOT NULL,
    article_id    BIGINT NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    locale        TEXT NOT NULL,
    views         BIGINT NOT NULL DEFAULT 0,
    helpful       BIGINT NOT NULL DEFAULT 0,
    unhelpful     BIGINT NOT NULL DEFAULT 0,
    conversations BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (day, article_id, locale)
);

-- What people looked for, without what could name somebody.
CREATE TABLE search_daily (
    day           TEXT NOT NULL,
    locale        TEXT NOT NULL,
    query         TEXT NOT NULL,
    searches      BIGINT NOT NULL DEFAULT 0,
    fruitless     BIGINT NOT NULL DEFAULT 0,
    clicks        BIGINT NOT NULL DEFAULT 0,
    conversations BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (day, locale, query)
);

-- Where a conversation came from: the article that was read, what was searched.
CREATE TABLE conversation_origin (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
    page_url        TEXT NOT NULL DEFAULT '',
    article_id      BIGINT NOT NULL DEFAULT 0,
    locale          TEXT NOT NULL DEFAULT '',
    query           TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL
);
CREATE INDEX conversation_origin_created ON conversation_origin (created_at);

CREATE TABLE announcement (
    id         {{id}},
    level      TEXT NOT NULL,
    texts      TEXT NOT NULL,
    url        TEXT NOT NULL DEFAULT '',
    entity     TEXT NOT NULL DEFAULT '',
    region     TEXT NOT NULL DEFAULT '',
    published  BOOLEAN NOT NULL DEFAULT FALSE,
    starts_at  BIGINT NOT NULL DEFAULT 0,
    ends_at    BIGINT NOT NULL DEFAULT 0,
    revision   INTEGER NOT NULL DEFAULT 1,
    created_by BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The registry of contacts: official, known fake, or a reference that staff may
-- link to. Value is the normal form of its type.
CREATE TABLE official_contact (
    id         {{id}},
    type       TEXT NOT NULL,
    value      TEXT NOT NULL,
    status     TEXT NOT NULL,
    subdomains BOOLEAN NOT NULL DEFAULT FALSE,
    purpose    TEXT NOT NULL DEFAULT '{}',
    public     BOOLEAN NOT NULL DEFAULT FALSE,
    position   INTEGER NOT NULL DEFAULT 0,
    entity     TEXT NOT NULL DEFAULT '',
    region     TEXT NOT NULL DEFAULT '',
    revision   INTEGER NOT NULL DEFAULT 1,
    created_by BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (type, value, entity, region)
);

-- +goose Down
DROP TABLE official_contact;
DROP TABLE announcement;
DROP TABLE conversation_origin;
DROP TABLE search_daily;
DROP TABLE article_daily;
DROP TABLE article_feedback;
DROP TABLE media_path;
DROP TABLE media;
DROP TABLE help_redirect;
DROP TABLE article_version;
ALTER TABLE article_text DROP COLUMN reminded_at;
ALTER TABLE article_text DROP COLUMN source_version;
ALTER TABLE article_text DROP COLUMN edited_by;
ALTER TABLE article_text DROP COLUMN edited_at;
ALTER TABLE article_text DROP COLUMN publish_at;
ALTER TABLE article_text DROP COLUMN major;
ALTER TABLE article_text DROP COLUMN live;
ALTER TABLE article_text DROP COLUMN newest;
ALTER TABLE article_text DROP COLUMN revision;
ALTER TABLE article DROP COLUMN source_locale;
ALTER TABLE article DROP COLUMN review_days;
ALTER TABLE article DROP COLUMN owner_id;
ALTER TABLE article DROP COLUMN revision;
ALTER TABLE category DROP COLUMN revision;
