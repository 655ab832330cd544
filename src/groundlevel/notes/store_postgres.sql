-- How notes are locked and searched on PostgreSQL: lists are arrays, and a condition that is NULL holds for every note.

-- name: lock_note  reads
-- Held against other writers until the transaction ends.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes WHERE loc = $1 AND id = $2 FOR UPDATE;

-- name: lock_notes_of_contact  reads
SELECT id FROM notes WHERE loc = $1 AND contact_id = $2 ORDER BY id FOR UPDATE;

-- name: search_newest_notes  reads
-- The newest first: those with an id below $2, $3 the user, $4 folded text, $5 how many. Of a note without a
-- search text it is not known here what it holds.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id < $2
  AND ($3::text IS NULL OR user_id = $3)
  AND ($4::text IS NULL OR search_text IS NULL OR strpos(search_text, $4) > 0)
ORDER BY id DESC LIMIT $5;

-- name: search_newest_notes_of_records  reads
-- The same among the notes of records $6.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id < $2
  AND ($3::text IS NULL OR user_id = $3)
  AND ($4::text IS NULL OR search_text IS NULL OR strpos(search_text, $4) > 0)
  AND id IN (SELECT id FROM notes WHERE loc = $1 AND contact_id = ANY($6::bytea[])
             UNION SELECT note_id FROM note_relations WHERE loc = $1 AND record_id = ANY($6::bytea[]))
ORDER BY id DESC LIMIT $5;

-- name: search_oldest_notes  reads
-- The same with the oldest first: those with an id above $2.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id > $2
  AND ($3::text IS NULL OR user_id = $3)
  AND ($4::text IS NULL OR search_text IS NULL OR strpos(search_text, $4) > 0)
ORDER BY id ASC LIMIT $5;

-- name: search_oldest_notes_of_records  reads
-- The same among the notes of records $6.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id > $2
  AND ($3::text IS NULL OR user_id = $3)
  AND ($4::text IS NULL OR search_text IS NULL OR strpos(search_text, $4) > 0)
  AND id IN (SELECT id FROM notes WHERE loc = $1 AND contact_id = ANY($6::bytea[])
             UNION SELECT note_id FROM note_relations WHERE loc = $1 AND record_id = ANY($6::bytea[]))
ORDER BY id ASC LIMIT $5;

-- name: list_note_relations  reads
-- Of notes $2, with the contact that each is kept with.
SELECT id, 'contact' AS object_key, contact_id AS record_id FROM notes
WHERE loc = $1 AND id = ANY($2::bytea[]) AND length(contact_id) > 0
UNION ALL
SELECT note_id, object_key, record_id FROM note_relations WHERE loc = $1 AND note_id = ANY($2::bytea[]);
