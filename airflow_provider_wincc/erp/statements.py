"""The statements that read and change the staging tables; the pieces in braces are filled in by the database."""

from __future__ import annotations

PIECES = {
    "columns": "order_id, revision, unit, payload, priority, status, claimed_by, claimed_at, attempt, note, reason",
    "in_order": "ORDER BY priority DESC, released_at IS NULL, released_at, order_id",
    "own": "status = 'claimed' AND claimed_by = ? AND (CAST(? AS text) IS NULL OR unit = ?)",
}

SELECT_ORDER = "SELECT {columns} FROM {orders} WHERE order_id = ?"
LOCK_ORDER = "SELECT {columns} FROM {orders} WHERE order_id = ? {lock_rows}"
RENEW_OWN = "UPDATE {orders} SET claimed_at = {now}, updated_at = {now} WHERE {own}"
SELECT_OWN = "SELECT {columns} FROM {orders} WHERE {own} {in_order}"
LOCK_FREE = """
SELECT {columns} FROM {orders}
WHERE (
    status = 'released'
    OR (status = 'claimed' AND COALESCE(claimed_by, '') <> ? AND (claimed_at IS NULL OR claimed_at <= {ago}))
) AND (CAST(? AS text) IS NULL OR unit = ?)
{in_order} LIMIT ? {skip_locked}
"""
CLAIM = """
UPDATE {orders} SET status = 'claimed', claimed_by = ?, claimed_at = {now}, updated_at = {now} WHERE order_id = ?
"""
BEGIN = """
UPDATE {orders}
SET status = 'claimed', claimed_by = ?, claimed_at = {now}, attempt = ?, reason = NULL, updated_at = {now}
WHERE order_id = ?
"""
BEGIN_DONE = "UPDATE {orders} SET attempt = ?, updated_at = {now} WHERE order_id = ?"
FORGET_NOTE = "UPDATE {orders} SET note = NULL, updated_at = {now} WHERE order_id = ?"
SAVE_NOTE = "UPDATE {orders} SET note = {json}, updated_at = {now} WHERE order_id = ? AND attempt = ?"
SET_STATUS = "UPDATE {orders} SET status = ?, reason = ?, updated_at = {now} WHERE order_id = ?"
# What only tells must not take the place of the reason why an order has ended, or waits for a person.
REPORT = """
UPDATE {orders} SET reason = ?, updated_at = {now}
WHERE order_id = ? AND status NOT IN ('confirmed', 'failed', 'needs_decision')
"""
REPORT_STATUS = """
UPDATE {orders} SET reason = ?, status = ?, updated_at = {now} WHERE order_id = ? AND status <> 'confirmed'
"""
SELECT_RESULT = """
SELECT found.revision, found.unit, found.outcome, found.result
FROM {results} AS found LEFT JOIN {orders} AS listed ON listed.order_id = found.order_id
WHERE found.order_id = ? AND NOT (found.outcome = 'refused' AND COALESCE(listed.revision, 0) > found.revision)
"""
SELECT_STANDING = "SELECT revision, unit, outcome, result FROM {results} WHERE order_id = ?"
# A refusal says that the order never ran: what a unit reports of a run shows otherwise, whatever revision it names.
INSERT_RESULT = """
INSERT INTO {results} AS standing (order_id, revision, unit, outcome, result, recorded_at)
VALUES (?, ?, ?, ?, {json}, {now})
ON CONFLICT (order_id) DO UPDATE
SET revision = excluded.revision, unit = excluded.unit, outcome = excluded.outcome, result = excluded.result,
    recorded_at = excluded.recorded_at
WHERE standing.outcome = 'refused' AND (excluded.outcome <> 'refused' OR standing.revision < excluded.revision)
"""
