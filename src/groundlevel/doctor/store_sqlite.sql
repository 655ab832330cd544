-- What the doctor reads on SQLite.

-- name: list_search_texts  reads
SELECT r.id, s.search_text FROM records r JOIN record_search s ON s.rid = r.rid
WHERE r.obj = $1 AND r.id > $2 AND r.id <= $3;

-- name: count_search  reads
-- $1 lowest rid, $2 one beyond the highest. Every document of a full-text table has a row of its size.
SELECT (SELECT count(*) FROM record_search WHERE rid >= $1 AND rid < $2),
       (SELECT count(*) FROM record_search s WHERE s.rid >= $1 AND s.rid < $2
           AND NOT EXISTS (SELECT 1 FROM record_fts_docsize d WHERE d.id = s.rid))
       + (SELECT count(*) FROM record_fts_docsize d WHERE d.id >= $1 AND d.id < $2
           AND NOT EXISTS (SELECT 1 FROM record_search s WHERE s.rid = d.id));

-- name: probe_fts  reads
SELECT f.rowid FROM record_fts f
WHERE record_fts MATCH $1 AND f.rowid = (SELECT rid FROM records WHERE obj = $2 AND id = $3);

-- name: count_unique  reads
SELECT count(*) FROM record_unique WHERE field = $1;

-- name: find_value  reads
SELECT rid FROM record_values WHERE field = $1 AND v = $2 AND rid = $3;

-- name: find_missing  reads
SELECT rid FROM record_missing WHERE field = $1 AND rid = $2;

-- name: count_values  reads
SELECT (SELECT count(*) FROM record_values WHERE field = $1) + (SELECT count(*) FROM record_missing WHERE field = $1);

-- name: count_misplaced  reads
-- $1 lowest rid, $2 one beyond the highest
SELECT count(*) FROM (
    SELECT id, obj, rid, lag(id) OVER (ORDER BY rid) AS before FROM records WHERE rid >= $1 AND rid < $2
) WHERE before >= id OR obj <> rid >> 36 OR length(id) <> 12;

-- name: count_orphans  reads
-- What belongs to a deleted object or association is being removed.
WITH removed_fields AS (
    SELECT json_extract(f.value, '$.number') AS field FROM deleted_objects d, json_each(d.definition, '$.fields') f
)
SELECT 'records', count(*) FROM records r
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.obj = r.rid >> 36)
  AND r.rid >> 36 NOT IN (SELECT obj FROM deleted_objects)
UNION ALL
SELECT 'record_search', count(*) FROM record_search s WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.rid = s.rid)
UNION ALL
SELECT 'record_fts', count(*) FROM record_fts_docsize d WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.rid = d.id)
UNION ALL
SELECT 'record_unique', count(*) FROM record_unique u
WHERE NOT EXISTS (SELECT 1 FROM fields f WHERE f.field = u.field)
  AND u.field NOT IN (SELECT field FROM removed_fields)
UNION ALL
SELECT 'record_values', count(*) FROM record_values v
WHERE NOT EXISTS (SELECT 1 FROM fields f WHERE f.field = v.field)
  AND v.field NOT IN (SELECT field FROM removed_fields)
UNION ALL
SELECT 'record_missing', count(*) FROM record_missing v
WHERE NOT EXISTS (SELECT 1 FROM fields f WHERE f.field = v.field)
  AND v.field NOT IN (SELECT field FROM removed_fields)
UNION ALL
SELECT 'object_counts', count(*) FROM object_counts c
WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.obj = c.obj) AND c.obj NOT IN (SELECT obj FROM deleted_objects)
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
WHERE NOT EXISTS (SELECT 1 FROM associations a WHERE a.assoc = r.assoc)
  AND r.assoc NOT IN (SELECT assoc FROM deleted_associations)
UNION ALL
SELECT 'relation_counts', count(*) FROM relation_counts c
WHERE NOT EXISTS (SELECT 1 FROM associations a WHERE a.assoc = c.assoc)
  AND c.assoc NOT IN (SELECT assoc FROM deleted_associations)
UNION ALL
SELECT 'notes', count(*) FROM notes t
WHERE NOT EXISTS (SELECT 1 FROM objects o JOIN records r ON r.obj = o.obj
                  WHERE o.loc = t.loc AND o.key = 'contact' AND r.id = t.contact_id)
  AND NOT (length(t.contact_id) = 0
           AND EXISTS (SELECT 1 FROM note_relations n WHERE n.loc = t.loc AND n.note_id = t.id))
UNION ALL
SELECT 'note_relations', count(*) FROM note_relations t
WHERE NOT EXISTS (SELECT 1 FROM notes n WHERE n.loc = t.loc AND n.id = t.note_id)
   OR (NOT EXISTS (SELECT 1 FROM objects o JOIN records r ON r.obj = o.obj
                   WHERE o.loc = t.loc AND o.key = t.object_key AND r.id = t.record_id)
       AND NOT EXISTS (SELECT 1 FROM deleted_objects d JOIN records r ON r.obj = d.obj
                       WHERE d.loc = t.loc AND r.id = t.record_id))
UNION ALL
SELECT 'tasks', count(*) FROM tasks t
WHERE NOT EXISTS (SELECT 1 FROM objects o JOIN records r ON r.obj = o.obj
                  WHERE o.loc = t.loc AND o.key = 'contact' AND r.id = t.contact_id)
UNION ALL
SELECT 'objects', count(*) FROM objects o WHERE NOT EXISTS (SELECT 1 FROM locations l WHERE l.loc = o.loc);

-- name: refresh_fts  reads
SELECT count(*) FROM record_fts WHERE rowid = 0;

-- name: find_corruption  reads
SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok';
