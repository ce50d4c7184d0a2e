-- The ERP's staging tables on SQLite. Times are ISO 8601 texts in UTC, such as 2026-03-01T06:30:00.000Z.

-- Outbox: the ERP writes planned and released orders here.
CREATE TABLE IF NOT EXISTS production_orders (
    order_id    text    NOT NULL PRIMARY KEY CHECK (order_id <> ''),
    revision    integer NOT NULL DEFAULT 0,
    unit        text    NOT NULL,
    -- JSON object: parameter and its value.
    payload     text    NOT NULL,
    -- Higher first.
    priority    integer NOT NULL DEFAULT 0,
    status      text    NOT NULL DEFAULT 'planned'
                CHECK (status IN ('planned', 'released', 'claimed', 'confirmed', 'failed', 'needs_decision')),
    released_at text,
    claimed_by  text,
    claimed_at  text,
    -- The one attempt that may write to the unit.
    attempt     text,
    -- JSON object: what the handoff must remember.
    note        text,
    -- The last refusal or error, in words.
    reason      text,
    updated_at  text    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE INDEX IF NOT EXISTS production_orders_to_claim ON production_orders (status, priority, released_at);

-- Inbox: the ERP finds here what became of its orders. No foreign key, because a unit may hold an order of elsewhere.
CREATE TABLE IF NOT EXISTS production_results (
    order_id    text    NOT NULL PRIMARY KEY CHECK (order_id <> ''),
    revision    integer NOT NULL,
    unit        text    NOT NULL,
    outcome     text    NOT NULL CHECK (outcome IN ('successful', 'unsuccessful', 'aborted', 'refused')),
    -- JSON object: the whole result.
    result      text    NOT NULL,
    recorded_at text    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
