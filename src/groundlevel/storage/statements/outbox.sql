-- Statements of the outbox, which a transaction that changes something writes to.

-- name: list_audiences
-- $1 location, $2 its company. The webhooks that hear of events in the location: events, and scopes and app for an app's.
SELECT w.id, w.events, w.app_id, i.scopes FROM webhooks w
LEFT JOIN installs i ON i.app_id = w.app_id AND i.uninstalled_at IS NULL
     AND (i.location_id = $1 OR (i.location_id IS NULL AND i.company_id = $2))
WHERE (w.app_id IS NOT NULL AND i.id IS NOT NULL)
   OR (w.app_id IS NULL AND (w.location_id = $1 OR (w.location_id IS NULL AND w.company_id = $2)))
ORDER BY w.id;

-- name: add_event
INSERT INTO outbox (loc, app_id, type, subject, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6);
