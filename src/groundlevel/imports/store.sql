-- How far imports have come.

-- name: find_import  reads
SELECT position FROM import_positions WHERE loc = $1 AND id = $2;

-- name: insert_import  writes
INSERT INTO import_positions (loc, id, position, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id;

-- name: update_import  writes
-- $3 the new position, $4 the time, $5 the position that it takes the place of.
UPDATE import_positions SET position = $3, updated_at = $4 WHERE loc = $1 AND id = $2 AND position = $5 RETURNING id;

-- name: delete_import  writes
DELETE FROM import_positions WHERE loc = $1 AND id = $2;

-- name: delete_abandoned_imports  writes
DELETE FROM import_positions WHERE loc = $1 AND updated_at < $2;

-- name: delete_import_positions_of_location  writes
DELETE FROM import_positions WHERE loc = $1;

-- Imports through the API. `$1` is the location's number.

-- name: insert_import_job  writes
INSERT INTO import_jobs (loc, id, object_key, name, bytes, step, state, choices, outcome, channel, source, source_id,
                     holder, leased_until, created_at, changed_at)
VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, $11, '', 0, $12, $12);

-- name: find_import_job  reads
SELECT id, object_key, name, bytes, step, state, choices, outcome, channel, source, source_id, created_at, changed_at
FROM import_jobs WHERE loc = $1 AND id = $2;

-- name: list_import_jobs  reads
SELECT id, object_key, name, bytes, step, state, choices, outcome, channel, source, source_id, created_at, changed_at
FROM import_jobs WHERE loc = $1 ORDER BY created_at DESC, id DESC LIMIT $2;

-- name: queue_import_job  writes
-- Asks for step $3, unless somebody is at work.
UPDATE import_jobs SET step = $3, state = $4, choices = $5, outcome = $6, bytes = $7, changed_at = $8
WHERE loc = $1 AND id = $2 AND state <> $9 RETURNING id;

-- name: list_due_import_jobs  reads
-- What waits, $1, and what nobody works at any more although it is running, $2, at $3; in every location.
SELECT l.id, i.id FROM import_jobs i JOIN locations l ON l.loc = i.loc
WHERE i.state = $1 OR (i.state = $2 AND i.leased_until < $3) ORDER BY i.changed_at, i.id;

-- name: take_import_job  writes
-- $3 what is held, $4 by whom, $5 until when, $6 now, $7 what waits.
UPDATE import_jobs SET state = $3, holder = $4, leased_until = $5
WHERE loc = $1 AND id = $2 AND (state = $7 OR (state = $3 AND leased_until < $6)) RETURNING id;

-- name: note_import_job  writes
-- $3 what is held, $4 by whom; it goes on until $5, with outcome $6.
UPDATE import_jobs SET leased_until = $5, outcome = $6, changed_at = $7
WHERE loc = $1 AND id = $2 AND state = $3 AND holder = $4 RETURNING id;

-- name: finish_import_job  writes
-- $3 what was held, $4 by whom; $5 what it is now.
UPDATE import_jobs SET state = $5, holder = '', outcome = $6, changed_at = $7
WHERE loc = $1 AND id = $2 AND state = $3 AND holder = $4 RETURNING id;

-- name: delete_import_job  writes
DELETE FROM import_jobs WHERE loc = $1 AND id = $2 RETURNING id;

-- name: list_old_import_jobs  reads
SELECT id FROM import_jobs WHERE loc = $1 AND changed_at < $2;

-- name: insert_import_part  writes
INSERT INTO import_parts (loc, id, kind, part, content) VALUES ($1, $2, $3, $4, $5);

-- name: find_import_part  reads
SELECT content FROM import_parts WHERE loc = $1 AND id = $2 AND kind = $3 AND part = $4;

-- name: delete_import_parts  writes
DELETE FROM import_parts WHERE loc = $1 AND id = $2 AND kind = $3;
