-- Statements of the outbox, which a transaction that changes something writes to.

-- name: list_audiences
-- The webhooks that hear of events in the location number $1: events, and app and scopes for an app's.
SELECT w.id, w.events, w.app_id, i.scopes FROM locations l
JOIN webhooks w ON w.app_id IS NOT NULL OR w.location_id = l.id
     OR (w.location_id IS NULL AND w.company_id = l.company_id)
LEFT JOIN installs i ON i.app_id = w.app_id AND i.uninstalled_at IS NULL
     AND (i.location_id = l.id OR (i.location_id IS NULL AND i.company_id = l.company_id))
WHERE l.loc = $1 AND (w.app_id IS NULL OR i.id IS NOT NULL)
ORDER BY w.id;
