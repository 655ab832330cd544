-- What a copy reads and writes on SQLite, where some rows are found without the number of their location.

-- name: read_records  reads
-- $1 location, $2 object
SELECT $1, r.obj, r.id, r.created_at, r.updated_at, r.version, r.owners, r.followers, r.created_by, r.updated_by,
       json(r.properties), s.search_text
FROM records r LEFT JOIN record_search s ON s.rid = r.rid WHERE r.obj = $2 ORDER BY r.id;

-- name: insert_record_copy  writes
-- $1 rid, then the columns of a record from its object on
INSERT INTO records (rid, obj, id, created_at, updated_at, version, owners, followers, created_by, updated_by, properties)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, jsonb($11));

-- name: list_deleted_subjects  reads
-- The ids of records of an object with the key $3 that were deleted, in order. The location's changes lie from $1 to $2.
SELECT subject FROM audit
WHERE id > $1 AND id < $2 AND operation = 'delete' AND kind = 'record' AND object_key = $3 GROUP BY subject ORDER BY subject;

-- name: update_place  writes
-- $3 the record, $4 the rid that it has when it comes back
UPDATE audit SET detail = json_set(detail, '$.place', $4)
WHERE subject = $3 AND id > $1 AND id < $2 AND operation = 'delete' AND kind = 'record' AND json_valid(detail);

-- name: insert_highest_rid  writes
INSERT INTO highest_rids (obj, rid) VALUES ($1, $2);

-- name: locate_audit  reads
SELECT id >> 36, id & ((1 << 36) - 1), at, operation, kind, subject, object_key, version, actor_kind, actor, source,
       trace_id, detail
FROM audit;

-- name: locate_object_counts  reads
SELECT o.loc, t.obj, t.slot, t.n, t.changes FROM object_counts t JOIN objects o ON o.obj = t.obj;

-- name: locate_record_unique  reads
SELECT f.loc, t.field, t.v, t.id FROM record_unique t JOIN fields f ON f.field = t.field;

-- name: locate_relations  reads
SELECT a.loc, t.assoc, t.first_id, t.second_id, t.id FROM relations t JOIN associations a ON a.assoc = t.assoc;

-- name: locate_relation_counts  reads
SELECT a.loc, t.record_id, t.assoc, t.side, t.n FROM relation_counts t JOIN associations a ON a.assoc = t.assoc;

-- name: list_counters  reads
-- The next number of each kind; locations have the one behind the highest.
SELECT 'object_numbers', 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'objects'), 0)
UNION ALL SELECT 'field_numbers', 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'fields'), 0)
UNION ALL SELECT 'association_numbers', 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'associations'), 0)
UNION ALL SELECT 'event_numbers', next FROM event_numbers
UNION ALL SELECT 'locations_loc_seq', 1 + (SELECT coalesce(max(loc), 0) FROM locations);

-- name: forget_sequence  writes
DELETE FROM sqlite_sequence WHERE name = $1;

-- name: set_sequence  writes
-- $2 the last number given
INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2);

-- name: set_event_number  writes
UPDATE event_numbers SET next = $1;
