-- What the doctor reads on PostgreSQL.

-- name: list_search_texts  reads
SELECT id, search_text FROM record_search WHERE loc = $1 AND obj = $2 AND id > $3 AND id <= $4;

-- name: count_search  reads
SELECT count(*) FROM record_search WHERE loc = $1 AND obj = $2;

-- name: count_unique  reads
-- $2 field
SELECT count(*) FROM record_unique WHERE loc = $1 AND field = $2;

-- name: find_unindexed  reads
-- The records whose entries, given as for add_values, are not all there.
SELECT DISTINCT t.id
FROM unnest($2::integer[], $3::bytea[], $4::float8[], $5::text[], $6::boolean[]) AS t (field, id, n, t, cut)
WHERE NOT EXISTS (
        SELECT 1 FROM record_values v WHERE v.loc = $1 AND v.field = t.field AND v.n = t.n AND v.id = t.id)
  AND NOT EXISTS (
        SELECT 1 FROM record_values v
        WHERE v.loc = $1 AND v.field = t.field AND v.t = t.t COLLATE "C" AND v.id = t.id AND v.cut = t.cut)
  AND NOT EXISTS (
        SELECT 1 FROM record_values v
        WHERE v.loc = $1 AND v.field = t.field AND v.id = t.id AND v.n IS NULL AND v.t IS NULL
          AND t.n IS NULL AND t.t IS NULL);

-- name: count_values  reads
-- $2 field
SELECT count(*) FROM record_values WHERE loc = $1 AND field = $2;

-- name: count_misplaced  reads
-- The key is the order; an id only has to have the right length.
SELECT count(*) FROM records WHERE loc = $1 AND obj = $2 AND octet_length(id) <> 12;

-- name: count_orphans  reads
-- Of all locations: only the doctor asks. What belongs to a deleted object or association is being removed.
WITH removed_fields AS (
    SELECT d.loc, (f ->> 'number')::integer AS field
    FROM deleted_objects d, jsonb_array_elements(d.definition::jsonb -> 'fields') AS f
)
SELECT 'records', count(*) FROM records r
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.loc = r.loc AND o.obj = r.obj)
  AND NOT EXISTS (SELECT 1 FROM deleted_objects d WHERE d.loc = r.loc AND d.obj = r.obj)
UNION ALL
SELECT 'record_search', count(*) FROM record_search s
WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.loc = s.loc AND r.obj = s.obj AND r.id = s.id)
UNION ALL
SELECT 'record_unique', count(*) FROM record_unique u
WHERE NOT EXISTS (SELECT 1 FROM fields f WHERE f.loc = u.loc AND f.field = u.field)
  AND NOT EXISTS (SELECT 1 FROM removed_fields f WHERE f.loc = u.loc AND f.field = u.field)
UNION ALL
SELECT 'record_values', count(*) FROM record_values v
WHERE NOT EXISTS (SELECT 1 FROM fields f WHERE f.loc = v.loc AND f.field = v.field)
  AND NOT EXISTS (SELECT 1 FROM removed_fields f WHERE f.loc = v.loc AND f.field = v.field)
UNION ALL
SELECT 'object_counts', count(*) FROM object_counts c
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.loc = c.loc AND o.obj = c.obj)
  AND NOT EXISTS (SELECT 1 FROM deleted_objects d WHERE d.loc = c.loc AND d.obj = c.obj)
UNION ALL
SELECT 'fields', count(*) FROM fields f
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.loc = f.loc AND o.obj = f.obj)
UNION ALL
SELECT 'folders', count(*) FROM folders f
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.loc = f.loc AND o.obj = f.obj)
UNION ALL
SELECT 'associations', count(*) FROM associations a
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.loc = a.loc AND o.obj = a.first_obj)
   OR NOT EXISTS (SELECT 1 FROM objects o WHERE o.loc = a.loc AND o.obj = a.second_obj)
UNION ALL
SELECT 'relations', count(*) FROM relations r
WHERE NOT EXISTS (SELECT 1 FROM associations a WHERE a.loc = r.loc AND a.assoc = r.assoc)
  AND NOT EXISTS (SELECT 1 FROM deleted_associations d WHERE d.loc = r.loc AND d.assoc = r.assoc)
UNION ALL
SELECT 'relation_counts', count(*) FROM relation_counts c
WHERE NOT EXISTS (SELECT 1 FROM associations a WHERE a.loc = c.loc AND a.assoc = c.assoc)
  AND NOT EXISTS (SELECT 1 FROM deleted_associations d WHERE d.loc = c.loc AND d.assoc = c.assoc)
UNION ALL
SELECT 'notes', count(*) FROM notes t
WHERE NOT EXISTS (SELECT 1 FROM objects o JOIN records r ON r.loc = o.loc AND r.obj = o.obj
                  WHERE o.loc = t.loc AND o.key = 'contact' AND r.id = t.contact_id)
  AND NOT (length(t.contact_id) = 0
           AND EXISTS (SELECT 1 FROM note_relations n WHERE n.loc = t.loc AND n.note_id = t.id))
UNION ALL
SELECT 'note_relations', count(*) FROM note_relations t
WHERE NOT EXISTS (SELECT 1 FROM notes n WHERE n.loc = t.loc AND n.id = t.note_id)
   OR (NOT EXISTS (SELECT 1 FROM objects o JOIN records r ON r.loc = o.loc AND r.obj = o.obj
                   WHERE o.loc = t.loc AND o.key = t.object_key AND r.id = t.record_id)
       AND NOT EXISTS (SELECT 1 FROM deleted_objects d JOIN records r ON r.loc = d.loc AND r.obj = d.obj
                       WHERE d.loc = t.loc AND r.id = t.record_id))
UNION ALL
SELECT 'tasks', count(*) FROM tasks t
WHERE NOT EXISTS (SELECT 1 FROM objects o JOIN records r ON r.loc = o.loc AND r.obj = o.obj
                  WHERE o.loc = t.loc AND o.key = 'contact' AND r.id = t.contact_id)
UNION ALL
SELECT 'objects', count(*) FROM objects o WHERE NOT EXISTS (SELECT 1 FROM locations l WHERE l.loc = o.loc);

-- name: find_corruption  reads
SELECT indexrelid::regclass::text || ' is not valid: make it again with REINDEX' FROM pg_index WHERE NOT indisvalid;
