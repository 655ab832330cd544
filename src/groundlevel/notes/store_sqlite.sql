-- How notes are locked and searched on SQLite: lists are JSON texts, and a condition that is NULL holds for every note.

-- name: lock_note  reads
-- Nobody else writes meanwhile.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes WHERE loc = $1 AND id = $2;

-- name: lock_notes_of_contact  reads
SELECT id FROM notes WHERE loc = $1 AND contact_id = $2 ORDER BY id;

-- name: search_newest_notes  reads
-- The newest first: those with an id below $2, $3 the user, $4 folded text, $5 how many. Of a note without a
-- search text it is not known here what it holds.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id < $2
  AND ($3 IS NULL OR user_id = $3)
  AND ($4 IS NULL OR search_text IS NULL OR instr(search_text, $4) > 0)
ORDER BY id DESC LIMIT $5;

-- name: search_newest_notes_of_records  reads
-- The same among the notes of records $6, given in hex.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id < $2
  AND ($3 IS NULL OR user_id = $3)
  AND ($4 IS NULL OR search_text IS NULL OR instr(search_text, $4) > 0)
  AND id IN (SELECT id FROM notes WHERE loc = $1 AND contact_id IN (SELECT unhex(value) FROM json_each($6))
             UNION SELECT note_id FROM note_relations WHERE loc = $1 AND record_id IN (SELECT unhex(value) FROM json_each($6)))
ORDER BY id DESC LIMIT $5;

-- name: search_oldest_notes  reads
-- The same with the oldest first: those with an id above $2.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id > $2
  AND ($3 IS NULL OR user_id = $3)
  AND ($4 IS NULL OR search_text IS NULL OR instr(search_text, $4) > 0)
ORDER BY id ASC LIMIT $5;

-- name: search_oldest_notes_of_records  reads
-- The same among the notes of records $6, given in hex.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes
WHERE loc = $1 AND id > $2
  AND ($3 IS NULL OR user_id = $3)
  AND ($4 IS NULL OR search_text IS NULL OR instr(search_text, $4) > 0)
  AND id IN (SELECT id FROM notes WHERE loc = $1 AND contact_id IN (SELECT unhex(value) FROM json_each($6))
             UNION SELECT note_id FROM note_relations WHERE loc = $1 AND record_id IN (SELECT unhex(value) FROM json_each($6)))
ORDER BY id ASC LIMIT $5;

-- name: list_note_relations  reads
-- Of notes $2, given in hex, with the contact that each is kept with.
SELECT id, 'contact' AS object_key, contact_id AS record_id FROM notes
WHERE loc = $1 AND id IN (SELECT unhex(value) FROM json_each($2)) AND length(contact_id) > 0
UNION ALL
SELECT note_id, object_key, record_id FROM note_relations WHERE loc = $1 AND note_id IN (SELECT unhex(value) FROM json_each($2));
