-- The ERP's staging tables on PostgreSQL.

-- Outbox: the ERP writes planned and released orders here.
CREATE TABLE IF NOT EXISTS production_orders (
    order_id    text        NOT NULL PRIMARY KEY CHECK (order_id <> ''),
    revision    integer     NOT NULL DEFAULT 0,
    unit        text        NOT NULL,
    -- JSON object: parameter and its value.
    payload     jsonb       NOT NULL,
    -- Higher first.
    priority    integer     NOT NULL DEFAULT 0,
    status      text        NOT NULL DEFAULT 'planned'
                    CHECK (status IN ('planned', 'released', 'claimed', 'confirmed', 'failed', 'needs_decision')),
    released_at timestamptz,
    claimed_by  text,
    claimed_at  timestamptz,
    -- The one attempt that may write to the unit.
    attempt     text,
    -- JSON object: what the handoff must remember.
    note        jsonb,
    -- The last refusal or error, in words.
    reason      text,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS production_orders_to_claim ON production_orders (status, priority, released_at);

-- Inbox: the ERP finds here what became of its orders. No foreign key, because a unit may hold an order of elsewhere.
CREATE TABLE IF NOT EXISTS production_results (
    order_id    text        NOT NULL PRIMARY KEY CHECK (order_id <> ''),
    revision    integer     NOT NULL,
    unit        text        NOT NULL,
    outcome     text        NOT NULL CHECK (outcome IN ('successful', 'unsuccessful', 'aborted', 'refused')),
    -- JSON object: the whole result.
    result      jsonb       NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
