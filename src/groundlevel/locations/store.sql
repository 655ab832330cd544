-- Statements of locations: what deletes a location, $1 its number or its id, and its custom values.

-- name: delete_pipelines  writes
DELETE FROM pipelines WHERE loc = $1;

-- name: delete_notes  writes
DELETE FROM notes WHERE loc = $1;

-- name: delete_note_relations  writes
DELETE FROM note_relations WHERE loc = $1;

-- name: delete_tasks  writes
DELETE FROM tasks WHERE loc = $1;

-- name: delete_lost_reasons  writes
DELETE FROM lost_reasons WHERE loc = $1;

-- name: delete_attempts_of_location  writes
DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE loc = $1);

-- name: delete_deliveries_of_location  writes
DELETE FROM deliveries WHERE loc = $1;

-- name: delete_events_of_location  writes
DELETE FROM outbox WHERE loc = $1;

-- name: delete_idempotency_keys  writes
DELETE FROM idempotency_keys WHERE loc = $1;

-- name: delete_import_jobs_of_location  writes
DELETE FROM import_jobs WHERE loc = $1;

-- name: delete_import_parts_of_location  writes
DELETE FROM import_parts WHERE loc = $1;

-- name: delete_archive_mark  writes
DELETE FROM archived_locations WHERE location_id = $1;

-- name: archive_location  writes
INSERT INTO archived_locations (location_id, archived_at) VALUES ($1, $2) ON CONFLICT (location_id) DO NOTHING;

-- name: list_archived_locations  reads
SELECT location_id FROM archived_locations ORDER BY location_id;

-- name: delete_webhooks_of_location  writes
DELETE FROM webhooks WHERE location_id = $1;

-- name: delete_grants_of_location  writes
DELETE FROM grants WHERE install_id IN (SELECT id FROM installs WHERE location_id = $1);

-- name: delete_installs_of_location  writes
DELETE FROM installs WHERE location_id = $1;

-- name: delete_tokens_of_location  writes
DELETE FROM tokens WHERE location_id = $1 RETURNING id;

-- name: delete_users_of_location  writes
DELETE FROM users WHERE location_id = $1;

-- name: delete_location  writes
DELETE FROM locations WHERE loc = $1;

-- name: delete_custom_values  writes
DELETE FROM custom_values WHERE loc = $1;

-- name: list_custom_values  reads
SELECT id, key, name, value, created_at FROM custom_values WHERE loc = $1 ORDER BY created_at, id;

-- name: find_custom_value  reads
SELECT id, key, name, value, created_at FROM custom_values WHERE loc = $1 AND id = $2;

-- name: insert_custom_value  writes
INSERT INTO custom_values (loc, id, key, name, value, created_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: update_custom_value  writes
UPDATE custom_values SET name = $3, value = $4 WHERE loc = $1 AND id = $2;

-- name: delete_custom_value  writes
DELETE FROM custom_values WHERE loc = $1 AND id = $2;
