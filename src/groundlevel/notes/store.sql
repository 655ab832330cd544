-- Statements of notes. One is kept with a contact, or with none: an empty contact_id. What else it is related to stands
-- in note_relations.

-- name: list_notes  reads
-- Of contact $2, the newest first.
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes WHERE loc = $1 AND contact_id = $2
UNION ALL
SELECT n.id, r.record_id, n.body, n.title, n.color, n.pinned, n.user_id
FROM note_relations r JOIN notes n ON n.loc = r.loc AND n.id = r.note_id
WHERE r.loc = $1 AND r.record_id = $2
ORDER BY id DESC;

-- name: find_note  reads
SELECT id, contact_id, body, title, color, pinned, user_id FROM notes WHERE loc = $1 AND id = $2;

-- name: is_note_related  reads
-- Whether note $2 is related to record $3.
SELECT 1 FROM notes WHERE loc = $1 AND id = $2 AND contact_id = $3
UNION ALL
SELECT 1 FROM note_relations WHERE loc = $1 AND note_id = $2 AND record_id = $3;

-- name: count_notes  reads
-- Of record $2.
SELECT (SELECT count(*) FROM notes WHERE loc = $1 AND contact_id = $2)
     + (SELECT count(*) FROM note_relations WHERE loc = $1 AND record_id = $2);

-- name: insert_note  writes
INSERT INTO notes (loc, id, contact_id, body, title, color, pinned, user_id, search_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: update_note  writes
-- All but the contact that it is kept with.
UPDATE notes SET body = $3, title = $4, color = $5, pinned = $6, user_id = $7, search_text = $8
WHERE loc = $1 AND id = $2;

-- name: move_note  writes
-- To contact $3.
UPDATE notes SET contact_id = $3 WHERE loc = $1 AND id = $2;

-- name: delete_note  writes
DELETE FROM notes WHERE loc = $1 AND id = $2;

-- name: delete_notes_of_contact  writes
DELETE FROM notes WHERE loc = $1 AND contact_id = $2;

-- name: delete_unrelated_note  writes
DELETE FROM notes WHERE loc = $1 AND id = $2 AND length(contact_id) = 0
AND NOT EXISTS (SELECT 1 FROM note_relations WHERE loc = $1 AND note_id = $2);

-- name: list_shared_notes  reads
-- Those kept with contact $2 that other records have too, each with another of its contacts.
SELECT n.id, (SELECT c.record_id FROM note_relations c
              WHERE c.loc = $1 AND c.note_id = n.id AND c.object_key = 'contact' ORDER BY c.record_id LIMIT 1)
FROM notes n
WHERE n.loc = $1 AND n.contact_id = $2
  AND EXISTS (SELECT 1 FROM note_relations r WHERE r.loc = $1 AND r.note_id = n.id);

-- name: insert_note_relation  writes
INSERT INTO note_relations (loc, note_id, record_id, object_key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: delete_note_relation  writes
DELETE FROM note_relations WHERE loc = $1 AND note_id = $2 AND record_id = $3;

-- name: delete_relations_of_note  writes
DELETE FROM note_relations WHERE loc = $1 AND note_id = $2;

-- name: delete_note_relations_of_record  writes
DELETE FROM note_relations WHERE loc = $1 AND record_id = $2 RETURNING note_id;
