-- What a copy reads alike on every engine.

-- name: list_all_objects  reads
-- Of all locations: each object with its key and the id of its location.
SELECT o.loc, o.obj, o.key, l.id FROM objects o JOIN locations l ON l.loc = o.loc ORDER BY o.loc, o.obj;

-- name: count_all_records  reads
SELECT count(*) FROM records;

-- name: count_deletions  reads
-- Deleted objects and associations of which something is still there.
SELECT (SELECT count(*) FROM deleted_objects) + (SELECT count(*) FROM deleted_associations);
