-- What a copy reads and writes on PostgreSQL.

-- name: read_records  reads
-- $1 location, $2 object
SELECT r.loc, r.obj, r.id, r.created_at, r.updated_at, r.version, r.owners, r.followers, r.created_by, r.updated_by,
       r.properties, (SELECT s.search_text FROM record_search s WHERE s.loc = $1 AND s.obj = $2 AND s.id = r.id)
FROM records r WHERE r.loc = $1 AND r.obj = $2 ORDER BY r.id;

-- name: list_counters  reads
-- The next number of each sequence.
SELECT 'object_numbers', last_value + is_called::integer FROM object_numbers
UNION ALL SELECT 'field_numbers', last_value + is_called::integer FROM field_numbers
UNION ALL SELECT 'association_numbers', last_value + is_called::integer FROM association_numbers
UNION ALL SELECT 'event_numbers', last_value + is_called::integer FROM event_numbers
UNION ALL SELECT 'locations_loc_seq', last_value + is_called::integer FROM locations_loc_seq;

-- name: set_counter  reads
-- $1 the sequence, $2 its next number. To the planner a sequence is no table, so this writes none.
SELECT setval($1::text::regclass, $2::bigint, false);
