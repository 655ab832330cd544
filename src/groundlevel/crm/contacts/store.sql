-- Statements of what contacts have beside their records: the tags of a location, and memberships, which nothing acts on.

-- name: list_tags  reads
SELECT id, name FROM tags WHERE loc = $1 ORDER BY name;

-- name: find_tag  reads
SELECT id, name FROM tags WHERE loc = $1 AND id = $2;

-- name: find_tag_by_name  reads
SELECT id, name FROM tags WHERE loc = $1 AND name = $2;

-- name: insert_tag  writes
-- Does nothing where the location has the tag.
INSERT INTO tags (loc, id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: rename_tag  writes
UPDATE tags SET name = $3 WHERE loc = $1 AND id = $2;

-- name: delete_tag  writes
DELETE FROM tags WHERE loc = $1 AND id = $2;

-- name: delete_tags  writes
DELETE FROM tags WHERE loc = $1;

-- name: insert_membership  writes
-- $2 the contact, $3 of what kind $4 is, which it belongs to, $5 since when.
INSERT INTO memberships (loc, contact_id, kind, target_id, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING;

-- name: delete_membership  writes
DELETE FROM memberships WHERE loc = $1 AND contact_id = $2 AND kind = $3 AND target_id = $4;

-- name: delete_memberships_of_kind  writes
DELETE FROM memberships WHERE loc = $1 AND contact_id = $2 AND kind = $3;

-- name: delete_memberships_of_contact  writes
DELETE FROM memberships WHERE loc = $1 AND contact_id = $2;

-- name: delete_memberships  writes
DELETE FROM memberships WHERE loc = $1;
