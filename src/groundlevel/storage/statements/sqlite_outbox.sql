-- Statements of the outbox on SQLite.

-- name: reserve_events
-- Takes $1 numbers of events for one process; the number behind them.
UPDATE event_numbers SET next = next + $1 RETURNING next;

-- name: add_event
INSERT INTO outbox (seq, loc, app_id, webhook_id, type, subject, payload, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
