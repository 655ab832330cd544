-- Statements of notes.

-- name: list_notes  reads
-- Of contact $2, the newest first.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND contact_id = $2 ORDER BY id DESC;

-- name: find_note  reads
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND contact_id = $2 AND id = $3;

-- name: count_notes  reads
SELECT count(*) FROM notes WHERE loc = $1 AND contact_id = $2;

-- name: insert_note  writes
INSERT INTO notes (loc, contact_id, id, body, title, color, pinned, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: update_note  writes
UPDATE notes SET body = $4, title = $5, color = $6, pinned = $7, user_id = $8
WHERE loc = $1 AND contact_id = $2 AND id = $3;

-- name: delete_note  writes
DELETE FROM notes WHERE loc = $1 AND contact_id = $2 AND id = $3;

-- name: delete_notes_of_contact  writes
DELETE FROM notes WHERE loc = $1 AND contact_id = $2;
